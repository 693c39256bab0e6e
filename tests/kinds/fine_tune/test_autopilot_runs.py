"""Fine-tunes by Autopilot against the local AWS: start, adopt, observe, recover, endpoint."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from nvx.aws.session import Aws
from nvx.core.cloud import NotOurs, Rejected
from nvx.core.kind import Target
from nvx.core.resource import Declared, Scope
from nvx.core.state import Record, Status
from nvx.kinds.fine_tune.autopilot import Autopilot
from support.local_aws import Cloud, running
from support.runs import (
    ACCOUNT,
    REGION,
    SCOPE,
    STACK,
    declared,
    intent_of,
    record_of,
    wish_of,
)
from support.serverless import opened

BUCKET = f"sagemaker-{REGION}-{ACCOUNT}"
LONG = 60.0


class Bench:
    """A local AWS with data, and the kind that works in it."""

    def __init__(self, cloud: Cloud, aws: Aws) -> None:
        self.cloud = cloud
        self.sagemaker = cloud.client("sagemaker", region=REGION)
        self.s3 = cloud.client("s3", region=REGION)
        self.kind = Autopilot(aws)
        self.put("train.csv", "input,output\n" + "question,answer\n" * 5)

    def put(self, key: str, text: str) -> None:
        self.s3.put_object(Bucket=BUCKET, Key=key, Body=text.encode())

    def tuning(self, **fields: Any) -> Declared:
        given = {"base_model": "Dolly3B", "dataset": f"s3://{BUCKET}/train.csv", **fields}
        return declared(Autopilot, **given)

    def started(self, one: Declared) -> Record:
        seen = self.kind.create(wish_of(one), intent_of(one))
        record = replace(record_of(one, seen.id, seen.outputs), name=seen.name)
        return replace(record, ran_with=one.circumstance)

    def ended(self, one: Declared) -> Record:
        record = self.started(one)
        self.cloud.server.advance(LONG)
        seen = self.look(record)
        outputs = {**record.outputs, **seen.outputs, **self.kind.results(SCOPE, record)}
        return replace(record, status=seen.status, outputs=outputs)

    def look(self, record: Record) -> Any:
        target = Target(record.address, record.name, record)
        return self.kind.observe(SCOPE, [target])[record.address].newest


@pytest.fixture
def bench() -> Iterator[Bench]:
    with running() as cloud, opened(cloud) as aws:
        yield Bench(cloud, aws)


def test_a_fine_tune_runs_to_its_metrics(bench: Bench) -> None:
    one = bench.tuning()
    first = bench.look(bench.started(one))
    assert (first.status, first.stage) == (Status.PENDING, "Starting")
    record = bench.ended(one)
    assert record.status is Status.READY
    assert record.outputs["base_model"] == "Dolly3B"
    assert record.outputs["simulated"] is True
    metrics: Any = record.outputs["metrics"]
    assert set(metrics) == {
        "rouge1",
        "rouge2",
        "rouge_l",
        "rouge_l_sum",
        "perplexity",
        "training_loss",
        "validation_loss",
    }
    assert str(record.outputs["artifacts"]).startswith(f"s3://{BUCKET}/")
    assert "endpoint" not in record.outputs
    assert bench.kind.held(record, one.circumstance) is None


def test_creating_twice_adopts_the_first_job(bench: Bench) -> None:
    one = bench.tuning()
    first = bench.kind.create(wish_of(one), intent_of(one))
    again = bench.kind.create(wish_of(one), intent_of(one))
    assert (again.id, again.digest) == (first.id, one.digest)
    found = bench.kind.find(SCOPE, intent_of(one))
    assert found is not None
    assert found.ours
    assert len(bench.sagemaker.list_auto_ml_jobs()["AutoMLJobSummaries"]) == 1


def test_a_name_that_somebody_else_has_in_another_case_is_not_ours(bench: Bench) -> None:
    one = bench.tuning()
    bench.kind.create(wish_of(one), intent_of(one))
    theirs = replace(SCOPE, lineage="another")
    intent = replace(intent_of(one), name=intent_of(one).name.upper())
    with pytest.raises(NotOurs, match="A-01"):
        bench.kind.create(wish_of(one, scope=theirs), intent)
    assert bench.kind.find(theirs, intent) is None


def test_nothing_is_found_where_nothing_is(bench: Bench) -> None:
    one = bench.tuning()
    assert bench.kind.find(SCOPE, intent_of(one)) is None
    absent = record_of(one, f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:automl-job/absent")
    target = Target(absent.address, absent.name, absent)
    sighting = bench.kind.observe(SCOPE, [target])[absent.address]
    assert (sighting.newest, sighting.recorded_gone) == (None, True)
    bench.kind.delete(SCOPE, absent)
    empty = Target(absent.address, "", None, one)
    assert bench.kind.observe(SCOPE, [empty])[absent.address].newest is None


def test_a_name_of_more_than_32_characters_is_refused_before_it_is_sent(bench: Bench) -> None:
    stack = replace(STACK, name="a" * 20)
    one = declared(
        Autopilot, "support", stack, base_model="Dolly3B", dataset="s3://bucket/a.csv"
    )
    scope = Scope(stack, SCOPE.lineage)
    for attempt, fits in ((9, True), (10, False)):
        intent = replace(intent_of(one, attempt, scope), name=f"{'a' * 20}-12345678-r{attempt}")
        with pytest.raises(Rejected) as refusal:
            bench.kind.create(wish_of(one, scope=scope), intent)
        assert ("A-01" in str(refusal.value)) is not fits


def test_wrong_columns_are_refused_before_money_is_spent(bench: Bench) -> None:
    bench.put("bad.csv", "prompt,completion\na,b\n")
    one = bench.tuning(dataset=f"s3://{BUCKET}/bad.csv")
    with pytest.raises(Rejected, match="A-05"):
        bench.kind.create(wish_of(one), intent_of(one))
    (problem,) = bench.kind.preflight(SCOPE, one)
    assert (problem.code, problem.is_error) == ("A-05", True)


def test_too_many_and_too_long_rows_are_warnings(bench: Bench) -> None:
    bench.put("many.csv", "input,output\n" + "a,b\n" * 1001)
    bench.put("long.csv", "input,output\n" + f"{'x' * 5000},b\n" * 3)
    for key in ("many.csv", "long.csv"):
        one = bench.tuning(base_model="Falcon7B", dataset=f"s3://{BUCKET}/{key}")
        (problem,) = bench.kind.preflight(SCOPE, one)
        assert (problem.code, problem.is_error) == ("A-17", False)
    assert bench.kind.preflight(SCOPE, bench.tuning()) == ()


def test_a_lost_state_is_found_by_its_marks(bench: Bench) -> None:
    one = bench.tuning()
    record = bench.started(one)
    bench.sagemaker.create_auto_ml_job_v2(
        AutoMLJobName="shop-someone-else",
        AutoMLJobInputDataConfig=[
            {
                "DataSource": {
                    "S3DataSource": {
                        "S3DataType": "S3Prefix",
                        "S3Uri": f"s3://{BUCKET}/train.csv",
                    }
                }
            }
        ],
        OutputDataConfig={"S3OutputPath": f"s3://{BUCKET}/x"},
        RoleArn=STACK.role,
        AutoMLProblemTypeConfig={"TextGenerationJobConfig": {"BaseModelName": "Dolly3B"}},
    )
    for targets in ([Target(one.address, "", None, one)], []):
        (found,) = bench.kind.recover(SCOPE, targets)
        assert (found.id, found.digest, found.ours) == (record.id, one.digest, True)
    other = replace(SCOPE, lineage="other")
    (foreign,) = bench.kind.recover(other, [])
    assert not foreign.ours


def test_a_stopped_job_says_so(bench: Bench) -> None:
    record = bench.started(bench.tuning())
    bench.kind.delete(SCOPE, record)
    assert bench.look(record).status is Status.PENDING
    bench.cloud.server.advance(LONG)
    assert bench.look(record).status is Status.STOPPED
    bench.kind.delete(SCOPE, record)


def test_an_endpoint_is_held_until_it_is_released(bench: Bench) -> None:
    one = bench.tuning(deploy=True)
    record = bench.ended(one)
    assert record.status is Status.READY
    held = bench.kind.held(record, one.circumstance)
    assert held is not None
    assert held.id == record.outputs["endpoint_arn"]
    assert not held.first
    assert held.since
    assert bench.kind.held(record, {"keep_endpoint": True}) is None
    left = bench.kind.release(SCOPE, record)
    assert not [name for name in left if name.startswith("endpoint")]
    assert bench.kind.held(replace(record, outputs=left), {}) is None
    bench.cloud.server.advance(LONG)
    assert bench.sagemaker.list_endpoints()["Endpoints"] == []
    bench.kind.release(SCOPE, record)  # absence is success


def test_a_model_that_was_not_deployed_is_partly_failed(bench: Bench) -> None:
    fixed = {"deploy": True, "endpoint_name": "mine", "rerun": "manual"}
    first = bench.ended(bench.tuning(**fixed))
    assert first.outputs["endpoint"] == "mine"
    held = bench.kind.held(first, {})
    assert held is not None
    assert held.first
    second = bench.started(bench.tuning(repeat=2, **fixed))
    bench.cloud.server.advance(LONG)
    seen = bench.look(second)
    assert seen.status is Status.PARTIAL
    assert "was not deployed" in seen.detail


def test_tags_are_set_in_place(bench: Bench) -> None:
    record = bench.started(bench.tuning(tags={"team": "a"}))
    bench.kind.update(wish_of(bench.tuning(tags={"team": "b"})), record)
    tags = bench.sagemaker.list_tags(ResourceArn=record.id)["Tags"]
    assert {"Key": "team", "Value": "b"} in tags
    assert {"Key": "nvx:stack", "Value": "shop"} in tags


def test_the_log_of_an_ended_job_can_be_read(bench: Bench) -> None:
    record = bench.ended(bench.tuning())
    assert any("nothing was trained" in line for line in bench.kind.log_lines(SCOPE, record))
