"""Custom scorers and judges against the local AWS, from the start to the scores."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from statistics import fmean
from typing import Any

import pytest

from nvx.aws.models import Models
from nvx.aws.session import Aws
from nvx.core.cloud import SourceChanged
from nvx.core.resource import Declared
from nvx.core.state import Record, Status
from nvx.core.values import Reference
from nvx.kinds.evaluation.custom_scorer import CustomScorers
from nvx.kinds.evaluation.judge_metrics import wire_text
from nvx.kinds.evaluation.llm_judge import LlmJudges
from support.clock import FakeClock
from support.local_aws import running
from support.runs import declared, intent_of, record_of, wish_of
from support.serverless import (
    BUCKET,
    LONG,
    QWEN,
    SCOPE_MLFLOW,
    STACK_MLFLOW,
    TUNED,
    World,
    opened,
)

ROWS = [
    {"query": f"How many letters has {word}?", "response": word}
    for word in ("one", "three", "eleven", "fail", "x")
]
SCORER = """
def lambda_handler(event, context):
    (sample,) = event
    answer = sample["model_response"]
    if answer == "fail":
        return {"statusCode": 500, "body": "no"}
    share = len(answer) / 10
    metrics = [{"name": "long", "value": float(share > 0.4), "type": "Metric"}]
    return [{"id": sample["id"], "aggregate_reward_score": share, "metrics_list": metrics}]
"""
LENGTHS = [0.3, 0.5, 0.6, 0.1]
FUNCTION = "SageMaker-letters"


class Exam(World):
    """A world with rows to ask, and kinds that ask them."""

    def __init__(self, cloud: Any, aws: Aws) -> None:
        super().__init__(cloud, aws)
        self.scorers = CustomScorers(aws, Models(aws))
        self.judges = LlmJudges(aws, Models(aws), FakeClock())
        self.put("exam.jsonl", "".join(f"{json.dumps(row)}\n" for row in ROWS).encode())

    def put(self, name: str, body: bytes) -> str:
        self.s3.put_object(Bucket=BUCKET, Key=f"data/{name}", Body=body)
        return f"s3://{BUCKET}/data/{name}"

    def evaluator(self, source: str) -> str:
        zipped = io.BytesIO()
        with zipfile.ZipFile(zipped, "w") as archive:
            archive.writestr("lambda_function.py", source)
        client = self.cloud.client("lambda", region="us-west-2")
        arn = client.create_function(
            FunctionName=FUNCTION,
            Runtime="python3.12",
            Role=STACK_MLFLOW.role,
            Handler="lambda_function.lambda_handler",
            Code={"ZipFile": zipped.getvalue()},
        )["FunctionArn"]
        self.cloud.server.advance(LONG)
        self.sagemaker.create_hub(HubName="registry", HubDescription="x")
        self.cloud.server.advance(LONG)
        inner = json.dumps({"Reference": arn, "EvaluatorType": "RewardFunction"})
        found = self.sagemaker.import_hub_content(
            HubName="registry",
            HubContentType="JsonDoc",
            HubContentName="letters",
            HubContentVersion="1.0.0",
            DocumentSchemaVersion="2.0.0",
            HubContentDocument=json.dumps({"SubType": "AWS/Evaluator", "JsonContent": inner}),
        )["HubContentArn"]
        self.cloud.server.advance(LONG)
        return str(found)

    def ended(self, kind: Any, one: Declared, model: str = "") -> tuple[Record, Any]:
        wish = wish_of(one, {TUNED: {"model_arn": model}}, SCOPE_MLFLOW)
        seen = kind.create(wish, intent_of(one))
        record = replace(record_of(one, seen.id, seen.outputs), name=seen.name)
        self.cloud.server.advance(LONG)
        last = self.look(kind, record)
        return replace(record, outputs={**record.outputs, **last.outputs}), last

    def results(self, kind: Any, one: Declared, model: str = "") -> Any:
        record, last = self.ended(kind, one, model)
        assert last.status is Status.READY, last
        return kind.results(SCOPE_MLFLOW, record)


@pytest.fixture
def exam() -> Iterator[Exam]:
    with running() as cloud, opened(cloud) as aws:
        yield Exam(cloud, aws)


def scored(**fields: Any) -> Declared:
    given = {"model": QWEN, "dataset": f"s3://{BUCKET}/data/exam.jsonl", **fields}
    return declared(CustomScorers, "exam", STACK_MLFLOW, **given)


def judged(**fields: Any) -> Declared:
    given = {
        "model": QWEN,
        "dataset": f"s3://{BUCKET}/data/exam.jsonl",
        "judge": "amazon.nova-pro-v1:0",
        **fields,
    }
    others = {TUNED: "x"} if isinstance(given["model"], Reference) else None
    return declared(LlmJudges, "exam", STACK_MLFLOW, others, **given)


def test_a_function_scores_the_rows_and_says_how_many_it_could_not(exam: Exam) -> None:
    results = exam.results(exam.scorers, scored(scorer=exam.evaluator(SCORER)))
    base = results["scores"]["base"]
    assert base["aggregate_reward_score"] == pytest.approx(fmean(LENGTHS))
    assert base["long"] == pytest.approx(0.5)
    assert base["byoc_failure_count"] == 1
    assert "failed on 1 rows" in results["scores_detail"]
    assert results["simulated"] is True
    body = exam.s3.get_object(**place(results["results"]["base"]))["Body"].read()
    document = json.loads(body)
    assert "aggregate_reward_score" not in document["simulated_metrics"]
    assert "rouge1" in document["simulated_metrics"]
    records = exam.s3.get_object(**place(results["records_uri"]["base"]))["Body"].read()
    assert len(records.splitlines()) == len(ROWS)


@pytest.mark.parametrize(
    ("aggregation", "expected"), [("min", 0.1), ("max", 0.6), ("sum", 1.5), ("average", 0.375)]
)
def test_scores_are_joined_as_it_is_asked(
    exam: Exam, aggregation: str, expected: float
) -> None:
    one = scored(scorer=exam.evaluator(SCORER), aggregation=aggregation)
    base = exam.results(exam.scorers, one)["scores"]["base"]
    assert base["aggregate_reward_score"] == pytest.approx(expected)


def test_a_function_that_never_answers_right_fails_every_row_and_no_job(exam: Exam) -> None:
    results = exam.results(
        exam.scorers, scored(scorer=exam.evaluator("lambda_handler = 1 / 0"))
    )
    assert results["scores"]["base"]["byoc_failure_count"] == len(ROWS)


def test_built_in_scorers_run_on_the_references(exam: Exam) -> None:
    programs = [
        {
            "query": "double",
            "response": "def f(x):\n    return 2 * x",
            "metadata": {"fn_name": "f", "inputs": ["3"], "outputs": ["6"]},
        },
        {
            "query": "echo",
            "response": "```python\nprint(input())\n```",
            "metadata": {"inputs": ["a b"], "outputs": ["a  b\n"]},
        },
        {
            "query": "wrong",
            "response": "print(1)",
            "metadata": {"inputs": [""], "outputs": ["2"]},
        },
        {"query": "none", "response": "", "metadata": {"inputs": ["1"], "outputs": ["1"]}},
        {
            "query": "exit",
            "response": "raise SystemExit",
            "metadata": {"fn_name": "f", "inputs": ["1"], "outputs": ["1"]},
        },
    ]
    uri = exam.put("code.jsonl", "\n".join(map(json.dumps, programs)).encode())
    results = exam.results(exam.scorers, scored(scorer="prime_code", dataset=uri))
    assert results["scores"]["base"]["aggregate_reward_score"] == pytest.approx(2 / 4)
    results = exam.results(exam.scorers, scored(scorer="prime_math"))
    assert results["scores"]["base"]["aggregate_reward_score"] == 1


def test_a_judge_scores_tuned_and_base_by_built_in_and_own_metrics(exam: Exam) -> None:
    metric = {
        "name": "brief",
        "instructions": 'Is "{{prediction}}" brief for {{prompt}}?',
        "scale": [{"definition": "no", "value": 0.0}, {"definition": "yes", "value": 1.0}],
    }
    one = judged(
        model=Reference(TUNED, "model_arn"),
        metrics=["Correctness", "Builtin.Coherence"],
        metric=[metric],
        compare_base=True,
        lineage=True,
    )
    results = exam.results(exam.judges, one, exam.tuned())
    names = {"Correctness", "Coherence", "brief"}
    for who in ("tuned", "base"):
        scores = results["scores"][who]
        assert {name for name in scores if not name.endswith("_stderr")} == names
        assert 0 < scores["brief"] < 1
        lines = exam.s3.get_object(**place(results["records_uri"][who]))["Body"].read()
        records = [json.loads(line) for line in lines.splitlines()]
        assert len(records) == len(ROWS)
        assert records[0]["automatedEvaluationResult"]["scores"]
    assert results["simulated"] is True


def test_metrics_of_ones_own_lie_under_the_hash_of_their_bytes(exam: Exam) -> None:
    one = judged(metric=[{"name": "brief", "instructions": "{{prompt}} {{prediction}}"}])
    exam.ended(exam.judges, one)
    data = wire_text(one.config["metric"])  # type: ignore[arg-type]  # they are metrics
    key = f"nvx/shop/output/evaluationinputs/{hashlib.sha256(data).hexdigest()}/custom-metrics.json"
    assert exam.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read() == data
    assert json.loads(data)[0]["customMetricDefinition"]["name"] == "brief"


def test_a_file_of_metrics_must_be_what_was_planned(exam: Exam, tmp_path: Path) -> None:
    file = tmp_path / "metrics.json"
    definition = {"name": "brief", "instructions": "{{prompt}} {{prediction}}"}
    file.write_text(json.dumps([{"customMetricDefinition": definition}]))
    planned = {"sha256": hashlib.sha256(file.read_bytes()).hexdigest()}
    one = judged(metrics_file="metrics.json")
    one = replace(one, directory=str(tmp_path), inputs={**one.inputs, "metrics_file": planned})
    _, last = exam.ended(exam.judges, one)
    assert last.status is Status.READY
    file.write_text(file.read_text() + "\n")
    with pytest.raises(SourceChanged):
        exam.ended(exam.judges, one)


def test_a_judge_that_the_service_does_not_offer_is_refused_before_the_start(
    exam: Exam,
) -> None:
    one = judged(judge="meta.llama3-3-70b-instruct-v1:0", metrics=["Correctness"])
    problem, cost = exam.judges.preflight(SCOPE_MLFLOW, one)
    assert "not among the judges of us-west-2" in problem.detail
    assert problem.is_error
    assert (cost.code, cost.is_error) == ("EV-14", False)
    assert "starts 2 jobs" in cost.detail


def test_a_missing_evaluator_is_refused_before_the_start(exam: Exam) -> None:
    arn = exam.evaluator(SCORER)
    one = scored(scorer=arn.replace("/1.0.0", "/2.0.0"))
    (problem,) = exam.scorers.preflight(SCOPE_MLFLOW, one)
    assert "there is no evaluator" in problem.detail
    assert exam.scorers.preflight(SCOPE_MLFLOW, scored(scorer=arn)) == ()


def place(uri: str) -> dict[str, str]:
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return {"Bucket": bucket, "Key": key}
