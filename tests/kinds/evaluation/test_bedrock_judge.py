"""Evaluations on Bedrock: rules, and their life against the local AWS."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from nvx.aws.session import Aws
from nvx.core.cloud import NotOurs, Rejected
from nvx.core.kind import Target
from nvx.core.resource import Declared
from nvx.core.state import Record, Status
from nvx.kinds.evaluation.bedrock_judge import BedrockJudges
from nvx.kinds.evaluation.bedrock_scores import parse_records
from nvx.kinds.evaluation.scores import UnreadableScoresError
from support.clock import FakeClock
from support.local_aws import Cloud, running
from support.runs import (
    ACCOUNT,
    REGION,
    SCOPE,
    STACK,
    declared,
    intent_of,
    problems,
    record_of,
    wish_of,
)
from support.serverless import opened

BUCKET = f"sagemaker-{REGION}-{ACCOUNT}"
JUDGE = "amazon.nova-pro-v1:0"
LONG = 60.0
GOOD: dict[str, Any] = {
    "model": "amazon.nova-lite-v1:0",
    "dataset": f"s3://{BUCKET}/prompts.jsonl",
    "judge": JUDGE,
    "metrics": ["Correctness"],
}
TONE: dict[str, Any] = {
    "name": "tone",
    "instructions": "{{prompt}} {{prediction}}",
    "scale": [{"definition": "kind", "value": 1.0}],
}


def errors(**fields: Any) -> list[str]:
    found = problems(BedrockJudges, **{**GOOD, **fields})
    return [problem.code for problem in found if problem.is_error]


class Bench:
    """A local AWS with prompts, and the kind that works in it."""

    def __init__(self, cloud: Cloud, aws: Aws) -> None:
        self.cloud = cloud
        self.bedrock = cloud.client("bedrock", region=REGION)
        self.kind = BedrockJudges(aws, FakeClock())
        rows = [{"prompt": f"{n} + 1?"} for n in range(4)]
        body = "".join(json.dumps(row) + "\n" for row in rows).encode()
        s3 = cloud.client("s3", region=REGION)
        s3.put_object(Bucket=BUCKET, Key="prompts.jsonl", Body=body)
        self.s3 = s3

    def started(self, one: Declared) -> Record:
        seen = self.kind.create(wish_of(one), intent_of(one))
        return replace(record_of(one, seen.id, seen.outputs), name=seen.name)

    def look(self, record: Record) -> Any:
        target = Target(record.address, record.name, record)
        return self.kind.observe(SCOPE, [target])[record.address].newest

    def records(self, uri: str) -> list[Any]:
        key = uri.removeprefix(f"s3://{BUCKET}/")
        body = self.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()
        return [json.loads(line) for line in body.splitlines()]


@pytest.fixture
def bench() -> Iterator[Bench]:
    with running() as cloud, opened(cloud) as aws:
        yield Bench(cloud, aws)


def asked(**fields: Any) -> Declared:
    return declared(BedrockJudges, "tone", **{**GOOD, **fields})


def test_an_evaluation_runs_to_the_scores_of_its_records(bench: Bench) -> None:
    record = bench.started(asked(metric=[TONE]))
    first = bench.look(record)
    assert (first.status, first.stage) == (Status.PENDING, "InProgress")
    bench.cloud.server.advance(LONG)
    assert bench.look(record).status is Status.READY
    outputs: Any = bench.kind.results(SCOPE, record)
    assert outputs["simulated"] is True
    lines = bench.records(outputs["records_uri"]["tuned"])
    marks = [line["automatedEvaluationResult"]["scores"] for line in lines]
    for place, metric in enumerate(("Correctness", "tone")):
        values = [mark[place]["result"] for mark in marks]
        assert outputs["scores"]["tuned"][metric] == pytest.approx(sum(values) / len(values))
        assert outputs["scores"]["tuned"][f"{metric}_stderr"] > 0
    assert bench.kind.log_lines(SCOPE, record) == ()


def test_the_token_of_the_intent_makes_one_job(bench: Bench) -> None:
    one = asked()
    first = bench.kind.create(wish_of(one), intent_of(one))
    assert bench.kind.create(wish_of(one), intent_of(one)).id == first.id
    other_intent = replace(intent_of(one), token="f" * 64)
    adopted = bench.kind.create(wish_of(one), other_intent)
    assert (adopted.id, adopted.digest) == (first.id, one.digest)
    assert len(bench.bedrock.list_evaluation_jobs()["jobSummaries"]) == 1


def test_a_job_of_another_state_is_not_ours(bench: Bench) -> None:
    one = asked()
    bench.kind.create(wish_of(one), intent_of(one))
    theirs = replace(SCOPE, lineage="other")
    with pytest.raises(NotOurs):
        bench.kind.create(wish_of(one, scope=theirs), intent_of(one))
    (seen,) = bench.kind.recover(theirs, [])
    assert not seen.ours


def test_a_lost_state_is_found_by_its_marks(bench: Bench) -> None:
    one = asked()
    record = bench.started(one)
    for number in range(7):  # more than a page
        bench.started(asked(repeat=number + 2))
    found = bench.kind.recover(SCOPE, [Target(one.address, "", None, one)])
    assert len(found) == 8
    assert (record.id, one.digest) in {(seen.id, seen.digest) for seen in found}
    seen = bench.kind.find(SCOPE, intent_of(one))
    assert seen is not None
    assert seen.id == record.id
    assert bench.kind.find(SCOPE, intent_of(asked(repeat=99))) is None


def test_a_stopped_job_says_so_and_absence_is_an_answer(bench: Bench) -> None:
    record = bench.started(asked())
    bench.kind.delete(SCOPE, record)
    bench.cloud.server.advance(LONG)
    seen = bench.look(record)
    assert (seen.status, seen.detail) == (Status.STOPPED, "Stopped")
    bench.kind.delete(SCOPE, record)
    bench.bedrock.batch_delete_evaluation_job(jobIdentifiers=[record.id])
    bench.cloud.server.advance(LONG)
    target = Target(record.address, record.name, record)
    sighting = bench.kind.observe(SCOPE, [target])[record.address]
    assert (sighting.newest, sighting.recorded_gone) == (None, True)
    bench.kind.delete(SCOPE, record)


def test_tags_are_changed_in_place(bench: Bench) -> None:
    record = bench.started(asked(tags={"team": "a", "old": "b"}))
    bench.kind.update(wish_of(asked(tags={"team": "c"})), record)
    tags = bench.bedrock.list_tags_for_resource(resourceARN=record.id)["tags"]
    assert {"key": "team", "value": "c"} in tags
    assert "old" not in {tag["key"] for tag in tags}


@pytest.mark.parametrize(
    ("judge", "words"),
    [
        ("anthropic.claude-v2:1", "end of life"),
        ("meta.unknown-v1:0", "knows no model"),
        ("us.mistral.mistral-large-2402-v1:0", "knows no model"),
    ],
)
def test_judges_that_cannot_judge_are_said_before_a_start(
    bench: Bench, judge: str, words: str
) -> None:
    one = asked(judge=judge)
    (problem,) = bench.kind.preflight(SCOPE, one)
    assert words in problem.detail
    with pytest.raises(Rejected, match=words):
        bench.kind.create(wish_of(one), intent_of(one))


def test_a_judge_through_a_profile_is_a_judge(bench: Bench) -> None:
    assert bench.kind.preflight(SCOPE, asked(judge=f"us.{JUDGE}")) == ()
    bench.started(asked(judge=f"us.{JUDGE}"))


def test_a_sound_block_has_no_error() -> None:
    assert errors() == []
    assert errors(model=None, answers="mine") == []
    assert errors(metrics=[], metric=[TONE], custom_judge=JUDGE) == []


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"model": None}, "EV-08"),
        ({"answers": "mine"}, "EV-08"),
        ({"model": None, "answers": "mine", "inference": {"topP": 1}}, "EV-08"),
        ({"inference": {"stopSequences": ["x" * 1100]}}, "EV-08"),
        ({"dataset": "prompts.jsonl"}, "EV-06"),
        ({"dataset": "s3://bucket/prompts.csv"}, "EV-06"),
        ({"metrics": []}, "EV-07"),
        ({"metrics": ["Correctnes"]}, "EV-07"),
        ({"metric": [TONE, TONE]}, "EV-07"),
        ({"metric": [{**TONE, "name": "Correctness"}]}, "EV-07"),
        ({"metric": [{**TONE, "instructions": "{{prompt}}"}]}, "EV-07"),
        ({"custom_judge": JUDGE}, "EV-07"),
        ({"judge": "meta.llama3-3-70b-instruct-v1:0"}, "EV-07"),
        ({"tags": {"nvx:stack": "a"}}, "EV-11"),
        ({"tags": {"größe": "a"}}, "EV-11"),
    ],
    ids=str,
)
def test_rules(fields: dict[str, Any], code: str) -> None:
    assert code in errors(**fields)


@pytest.mark.parametrize(
    "fields",
    [{"description": "x" * 201}, {"kms_key": "not-a-key"}, {"output": "nowhere"}],
    ids=str,
)
def test_limits_of_the_service(fields: dict[str, Any]) -> None:
    assert errors(**fields)


def test_no_place_and_no_role_are_errors() -> None:
    bare = replace(STACK, role="", bucket="")
    found = [p.code for p in problems(BedrockJudges, bare, **GOOD) if p.is_error]
    assert len(found) == 2


def test_the_digest_knows_metrics_by_their_names() -> None:
    assert asked(metrics=["Builtin.Correctness"]).digest == asked().digest
    assert asked(tags={"a": "b"}, description="x").digest == asked().digest
    assert asked(judge="amazon.nova-micro-v1:0").digest != asked().digest


def test_marks_that_were_not_given_are_left_out_and_said() -> None:
    def line(result: object) -> bytes:
        mark = {"metricName": "Builtin.Correctness", "result": result}
        return json.dumps({"automatedEvaluationResult": {"scores": [mark]}}).encode()

    scores = parse_records(b"\n".join([line(1.0), line(None), line(0.5)]))
    assert scores.overall["Correctness"] == 0.75
    assert scores.warnings == ("Correctness: 1 of 3 answers were not judged",)
    assert parse_records(line(None)).overall == {}
    assert parse_records(line(1.0)).overall == {"Correctness": 1.0}


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"{}", b'{"automatedEvaluationResult": 1}'])
def test_files_that_hold_no_scores(data: bytes) -> None:
    with pytest.raises(UnreadableScoresError):
        parse_records(data)


def test_results_that_are_not_there_are_said(bench: Bench) -> None:
    record = bench.started(asked())
    assert "no file of records" in str(bench.kind.results(SCOPE, record)["scores_detail"])
