"""The rules of fine-tunes by Autopilot: each with a block that breaks it and one that keeps it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nvx.aws.automl import RoleAccess
from nvx.core.address import Address
from nvx.core.cloud import Rejected
from nvx.core.diagnostics import Diagnostic, Severity
from nvx.core.values import Reference
from nvx.data.autopilot import tunable_models
from nvx.kinds.fine_tune.autopilot import Autopilot
from nvx.kinds.fine_tune.autopilot_checks import hyperparameter_problem
from nvx.kinds.fine_tune.autopilot_data import role_findings
from nvx.kinds.fine_tune.autopilot_fields import AutopilotFields, wire_value
from nvx.kinds.fine_tune.autopilot_results import metrics_of
from nvx.kinds.fine_tune.autopilot_rules import RULES
from support.fake_calls import FakeCalls
from support.runs import STACK, checked, declared, problems

DATA = "s3://bucket/train.csv"
GOOD: dict[str, Any] = {"base_model": "Falcon7BInstruct", "dataset": DATA}
FIXED: dict[str, Any] = {"deploy": True, "endpoint_name": "mine", "rerun": "manual"}
ELSEWHERE = {"A-01", "A-17", "A-19"}
"""Rules that only a name, rows or IAM can break."""


def found(**fields: Any) -> list[Diagnostic]:
    return problems(Autopilot, **{**GOOD, **fields})


def codes(**fields: Any) -> set[str]:
    return {problem.code for problem in found(**fields)}


CASES: list[tuple[str, Severity, dict[str, Any], dict[str, Any]]] = [
    ("A-02", Severity.ERROR, {"dataset": None}, {}),
    ("A-03", Severity.ERROR, {"dataset": None, "validation_dataset": DATA}, {}),
    (
        "A-04",
        Severity.ERROR,
        {"validation_dataset": DATA},
        {"validation_dataset": "s3://bucket/valid.csv"},
    ),
    (
        "A-05",
        Severity.ERROR,
        {"validation_dataset": "s3://bucket/valid.parquet"},
        {"validation_dataset": "s3://bucket/valid.csv"},
    ),
    (
        "A-06",
        Severity.ERROR,
        {"validation_dataset": "s3://bucket/valid.csv", "validation_fraction": 0.2},
        {"validation_fraction": 0.2},
    ),
    ("A-07", Severity.ERROR, {"validation_fraction": 1.0}, {"validation_fraction": 0.4}),
    ("A-07", Severity.WARNING, {"validation_fraction": 0.5}, {"validation_fraction": 0.49}),
    ("A-08", Severity.INFO, {}, {"validation_fraction": 0.2}),
    (
        "A-09",
        Severity.ERROR,
        {"dataset": "s3://bucket/train.jsonl"},
        {"dataset": "s3://bucket/a/"},
    ),
    ("A-09", Severity.ERROR, {"content_type": "text/plain"}, {"content_type": "text/csv"}),
    ("A-09", Severity.ERROR, {"dataset": "train.csv"}, {"dataset": "s3://bucket/a.parquet"}),
    (
        "A-10",
        Severity.ERROR,
        {"hyperparameters": {"epochCount": 11}},
        {"hyperparameters": {"epochCount": 10}},
    ),
    (
        "A-11",
        Severity.ERROR,
        {"base_model": "Llama2-7B"},
        {"base_model": "Llama2-7B", "accept_eula": True},
    ),
    ("A-12", Severity.ERROR, {"objective": "F1"}, {}),
    ("A-13", Severity.ERROR, {"endpoint_name": "mine"}, FIXED),
    ("A-13", Severity.ERROR, {**FIXED, "endpoint_name": "a--"}, {"deploy": True}),
    ("A-14", Severity.ERROR, {"max_candidates": 2}, {"max_candidates": 1}),
    (
        "A-15",
        Severity.ERROR,
        {"output": f"s3://bucket/{'x' * 501}"},
        {"output": f"s3://bucket/{'x' * 500}"},
    ),
    ("A-15", Severity.ERROR, {"output": "bucket/x"}, {"output": "s3://bucket"}),
    ("A-16", Severity.WARNING, {"base_model": "Falcon7bInstruct"}, {}),
    ("A-20", Severity.ERROR, {**FIXED, "rerun": "auto"}, FIXED),
    ("A-20", Severity.ERROR, {**FIXED, "keep_endpoint": True}, {"deploy": True}),
    ("A-21", Severity.ERROR, {"tags": {"nvx:stack": "a"}}, {"tags": {"team": "a"}}),
]


@pytest.mark.parametrize(
    ("code", "severity", "broken", "kept"), CASES, ids=lambda value: str(value)[:60]
)
def test_a_rule_is_broken_and_kept(
    code: str, severity: Severity, broken: dict[str, Any], kept: dict[str, Any]
) -> None:
    assert (code, severity) in {(p.code, p.severity) for p in found(**broken)}
    assert (code, severity) not in {(p.code, p.severity) for p in found(**kept)}


def test_a_region_without_canvas_is_a_warning() -> None:
    away = replace(STACK, region="af-south-1")
    assert "A-18" in {p.code for p in problems(Autopilot, away, **GOOD)}
    assert "A-18" not in codes()


def test_a_role_and_a_place_are_needed() -> None:
    bare = replace(STACK, role="", bucket="")
    assert [p.code for p in problems(Autopilot, bare, **GOOD)].count("A-21") == 2


def test_every_rule_has_a_case() -> None:
    covered = {code for code, *_ in CASES} | ELSEWHERE | {"A-18"}
    assert covered == {rule.id for rule in RULES}


def test_a_sound_block_is_only_told_what_the_service_does() -> None:
    assert codes() == {"A-08"}
    reference = Reference(Address("dataset", "tickets"), "uri")
    assert codes(dataset=reference) == {"A-08"}


def test_removal_cannot_delete_what_the_service_cannot() -> None:
    with pytest.raises(ValueError, match="forget"):
        AutopilotFields.model_validate({**GOOD, "on_remove": "delete"})


@pytest.mark.parametrize("decision", ["implicitDeny", "explicitDeny"])
def test_a_role_without_the_models_bucket_is_shown_the_policy(decision: str) -> None:
    one = declared(Autopilot, **GOOD)
    results = [
        {"EvalActionName": "s3:GetObject", "EvalDecision": decision},
        {"EvalActionName": "s3:ListBucket", "EvalDecision": "allowed"},
    ]
    calls = FakeCalls({"iam.SimulatePrincipalPolicy": [{"EvaluationResults": results}]})
    config = AutopilotFields.model_validate(GOOD)
    (problem,) = role_findings(RoleAccess(calls), STACK, config, one)
    assert (problem.code, problem.severity) == ("A-19", Severity.WARNING)
    assert "arn:aws:s3:::jumpstart-cache-prod-us-west-2/*" in problem.hint
    allowed = [{**result, "EvalDecision": "allowed"} for result in results]
    calls = FakeCalls({"iam.SimulatePrincipalPolicy": [{"EvaluationResults": allowed}]})
    assert list(role_findings(RoleAccess(calls), STACK, config, one)) == []
    silent = FakeCalls({"iam.SimulatePrincipalPolicy": [Rejected("no")]})
    assert list(role_findings(RoleAccess(silent), STACK, config, one)) == []


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("epochCount", [1, 10, "5", 3.0], [0, 11, 1.5, "1.5", True, "", "x"]),
        ("batchSize", [1, 64], [0, 65]),
        ("learningRate", [0, 1, 1e-6, "0.5", 1e-20], [-0.1, 1.1, "nan", True, "1_0"]),
        ("learningRateWarmupSteps", [0, 250], [-1, 251]),
        ("epochs", [], [1]),
    ],
)
def test_hyperparameters_keep_to_their_ranges(
    name: str, good: list[Any], bad: list[Any]
) -> None:
    for value in good:
        assert hyperparameter_problem(name, value) == "", value
    for value in bad:
        assert hyperparameter_problem(name, value), value


@given(st.floats(min_value=0, max_value=1))
def test_a_number_that_is_let_through_reads_back_as_itself(value: float) -> None:
    text = wire_value(value)
    assert "+" not in text
    assert float(text) == value


def test_the_digest_takes_numbers_as_they_are_sent() -> None:
    digest = declared(Autopilot, **GOOD, hyperparameters={"epochCount": 5}).digest
    for same in ("5", 5.0):
        assert (
            declared(Autopilot, **GOOD, hyperparameters={"epochCount": same}).digest == digest
        )
    assert declared(Autopilot, **GOOD).digest != digest
    for circumstance in ({"deploy": True}, {"keep_endpoint": True}, {"max_runtime": 60}):
        assert (
            declared(Autopilot, **GOOD, **circumstance).digest
            == declared(Autopilot, **GOOD).digest
        )


def test_the_catalogue_knows_who_has_a_licence() -> None:
    gated = {name for name, model in tunable_models().items() if model.eula}
    assert len(tunable_models()) == 18
    assert gated == {"Llama2-7B", "Llama2-7BChat", "Llama2-13B", "Llama2-13BChat"}


def test_metrics_of_several_sets_are_told_apart() -> None:
    rows: list[dict[str, Any]] = [
        {"StandardMetricName": "Rouge1", "Value": 0.4, "Set": "Test"},
        {"StandardMetricName": "Rouge1", "Value": 0.5, "Set": "Validation"},
        {"StandardMetricName": "RougeLSum", "Value": 0.3, "Set": "Validation"},
        {"StandardMetricName": "TrainingLoss", "Value": 1.5, "Set": "Train"},
        {"StandardMetricName": "Perplexity", "Value": float("nan"), "Set": "Train"},
        {"Value": 1.0},
    ]
    assert metrics_of(rows) == {
        "rouge1": 0.5,
        "rouge1_test": 0.4,
        "rouge_l_sum": 0.3,
        "training_loss": 1.5,
    }


def test_a_checked_block_keeps_its_model() -> None:
    assert isinstance(checked(Autopilot, **GOOD).config, AutopilotFields)
