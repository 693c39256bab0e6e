"""Pipeline definitions: what is in them, and that they are stable."""

from __future__ import annotations

import json
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from nvx.kinds.evaluation.definition import (
    BASE_STEP,
    TUNED_STEP,
    alias_of,
    definition_of,
    definition_text,
)
from nvx.kinds.evaluation.lineage_steps import ASSOCIATE_STEP, CREATE_STEP
from nvx.kinds.evaluation.terms import Lineage, Package, Terms

ARN = "arn:aws:sagemaker:us-west-2:111122223333"
BASE = Terms(
    evaluation_type="BenchmarkEvaluation",
    role="arn:aws:iam::111122223333:role/eval",
    base_model_arn="arn:aws:sagemaker:us-west-2:aws:hub-content/SageMakerPublicHub/Model/m/1.25.0",
    hyperparameters={"task": "gpqa"},
    output="s3://bucket/eval",
)
TUNED = replace(
    BASE, package=Package(f"{ARN}:model-package/g/1", f"{ARN}:model-package-group/g")
)


def steps(terms: Terms) -> list[str]:
    return [step["Name"] for step in definition_of(terms)["Steps"]]


def test_which_steps_there_are() -> None:
    lineage = Lineage("shop-exam", f"{ARN}:artifact/abc", f"{ARN}:action")
    assert steps(BASE) == [BASE_STEP]
    assert steps(replace(BASE, compare_base=True, lineage=lineage)) == [BASE_STEP]
    assert steps(TUNED) == [TUNED_STEP]
    both = replace(TUNED, compare_base=True)
    assert steps(both) == [BASE_STEP, TUNED_STEP]
    assert steps(replace(both, lineage=lineage)) == [
        CREATE_STEP,
        BASE_STEP,
        TUNED_STEP,
        ASSOCIATE_STEP,
    ]


def test_only_the_tuned_step_has_the_package() -> None:
    base, tuned = definition_of(replace(TUNED, compare_base=True))["Steps"]
    assert "ModelPackageConfig" not in base["Arguments"]
    assert tuned["Arguments"]["ModelPackageConfig"]["SourceModelPackageArn"].endswith("g/1")


def test_without_an_app_there_is_no_mlflow_block() -> None:
    assert "MlflowConfig" not in definition_of(BASE)


def test_lineage_ties_each_report_to_the_action_of_the_execution() -> None:
    lineage = Lineage("shop-exam", f"{ARN}:artifact/abc", f"{ARN}:action")
    found = definition_of(replace(TUNED, compare_base=True, lineage=lineage))["Steps"]
    create, associate = found[0]["Arguments"], found[-1]["Arguments"]
    action = {
        "Std:Join": {
            "On": "/",
            "Values": [f"{ARN}:action", {"Get": "Execution.PipelineExecutionId"}],
        }
    }
    assert create["Associations"][1]["Destination"]["Arn"] == action
    assert [a["Source"]["SourceUri"]["Get"] for a in associate["Artifacts"]] == [
        f"Steps.{BASE_STEP}.OutputDataConfig.S3OutputPath",
        f"Steps.{TUNED_STEP}.OutputDataConfig.S3OutputPath",
    ]
    assert len(associate["Associations"]) == 2


@given(st.dictionaries(st.text(max_size=5), st.text(max_size=9), max_size=4), st.randoms())
def test_property_the_order_of_hyperparameters_does_not_change_the_alias(
    values: dict[str, str], random: object
) -> None:
    items = list(values.items())
    random.shuffle(items)  # type: ignore[attr-defined]  # hypothesis types it as object
    one = definition_text(replace(BASE, hyperparameters=values))
    two = definition_text(replace(BASE, hyperparameters=dict(items)))
    assert alias_of(one) == alias_of(two)


@given(st.text(max_size=40))
def test_property_any_text_survives_in_the_definition(text: str) -> None:
    terms = replace(BASE, hyperparameters={"prompt": text})
    (step,) = json.loads(definition_text(terms))["Steps"]
    assert step["Arguments"]["HyperParameters"]["prompt"] == text
