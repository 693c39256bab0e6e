"""Evaluations against the local AWS: start, adopt, observe, recover, stop, scores."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from nvx.aws.models import Models
from nvx.core.cloud import NotOurs, Rejected, Uncertain
from nvx.core.kind import Target
from nvx.core.resource import Declared
from nvx.core.state import Status
from nvx.core.values import Reference
from nvx.kinds.evaluation.benchmark import Benchmarks
from nvx.local.settings import Outcome
from support.local_aws import running
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
from support.sagemaker_requests import definition, evaluation_step
from support.serverless import (
    BUCKET,
    LLAMA,
    LONG,
    QWEN,
    SCOPE_MLFLOW,
    STACK_MLFLOW,
    TUNED,
    World,
    asked,
    opened,
    serverless_world,
)


@pytest.fixture
def world() -> Iterator[World]:
    with serverless_world() as made:
        yield made


def test_a_base_model_is_evaluated_to_its_scores(world: World) -> None:
    one = asked()
    seen = world.benchmarks.create(wish_of(one, scope=SCOPE_MLFLOW), intent_of(one))
    record = replace(record_of(one, seen.id, seen.outputs), name=seen.name)
    assert world.look(world.benchmarks, record).status is Status.PENDING
    world.cloud.server.advance(LONG)
    last = world.look(world.benchmarks, record)
    assert last.status is Status.READY, last
    done = replace(record, outputs={**record.outputs, **last.outputs}, status=last.status)
    results = world.benchmarks.results(SCOPE_MLFLOW, done)
    scores: Any = results["scores"]
    assert 0 < scores["base"]["accuracy"] < 1
    assert results["simulated"] is True
    assert "scores_detail" not in results
    assert seen.outputs["base_model_version"] == "1.6.0"


def test_a_tuned_model_is_evaluated_beside_its_base(world: World) -> None:
    model = world.tuned()
    reference = Reference(TUNED, "model_arn")
    one = declared(
        Benchmarks,
        "exam",
        STACK_MLFLOW,
        {TUNED: "x"},
        model=reference,
        benchmark="mmlu",
        subtasks=["anatomy", " abstract_algebra", "anatomy"],
        compare_base=True,
        lineage=True,
    )
    wish = wish_of(one, {TUNED: {"model_arn": model}}, SCOPE_MLFLOW)
    seen = world.benchmarks.create(wish, intent_of(one))
    record = replace(record_of(one, seen.id, seen.outputs), name=seen.name)
    world.cloud.server.advance(LONG)
    last = world.look(world.benchmarks, record)
    assert last.status is Status.READY, last
    done = replace(record, outputs={**record.outputs, **last.outputs})
    scores: Any = world.benchmarks.results(SCOPE_MLFLOW, done)["scores"]
    assert set(scores) == {"tuned", "base", "subtasks"}
    assert len(scores["subtasks"]["tuned"]) == 2
    assert scores["tuned"]["accuracy"] != scores["base"]["accuracy"]


def test_starting_twice_adopts_the_first_execution(world: World) -> None:
    one = asked()
    first = world.benchmarks.create(wish_of(one, scope=SCOPE_MLFLOW), intent_of(one))
    other = replace(intent_of(one), token="f" * 64)
    again = world.benchmarks.create(wish_of(one, scope=SCOPE_MLFLOW), other)
    assert again.id == first.id
    found = world.benchmarks.find(SCOPE_MLFLOW, intent_of(one))
    assert found is not None
    assert (found.id, found.digest) == (first.id, one.digest)


def test_a_changed_evaluation_is_another_version_of_the_same_pipeline(world: World) -> None:
    for fields in ({}, {"top_p": 0.5}, {}):
        one = asked(**fields)
        world.benchmarks.create(wish_of(one, scope=SCOPE_MLFLOW), intent_of(one))
    (pipeline,) = world.sagemaker.list_pipelines()["PipelineSummaries"]
    versions = world.sagemaker.list_pipeline_versions(PipelineName=pipeline["PipelineName"])
    executions = world.sagemaker.list_pipeline_executions(PipelineName=pipeline["PipelineName"])
    assert len(versions["PipelineVersionSummaries"]) == 2
    assert len(executions["PipelineExecutionSummaries"]) == 2


def test_recovery_finds_executions_by_their_display_name(world: World) -> None:
    one = asked()
    seen = world.benchmarks.create(wish_of(one, scope=SCOPE_MLFLOW), intent_of(one, attempt=3))
    targets = [Target(one.address, one.name, None, one)]
    (found,) = world.benchmarks.recover(SCOPE, targets)
    assert (found.id, found.digest, found.attempt) == (seen.id, one.digest, 3)
    (listed,) = world.benchmarks.recover(SCOPE, [])
    assert one.digest.startswith(listed.digest)
    assert world.benchmarks.recover(replace(SCOPE, stack=replace(STACK, name="sho")), []) == []


def test_a_pipeline_of_somebody_else_is_left_alone(world: World) -> None:
    one = asked()
    world.sagemaker.create_pipeline(
        PipelineName=one.name,
        PipelineDefinition=definition(evaluation_step("Exam")),
        ClientRequestToken="x" * 32,
        RoleArn=STACK.role,
    )
    with pytest.raises(NotOurs):
        world.benchmarks.create(wish_of(one, scope=SCOPE_MLFLOW), intent_of(one))


def test_an_evaluation_is_stopped_and_stays_stopped(world: World) -> None:
    one = asked()
    seen = world.benchmarks.create(wish_of(one, scope=SCOPE_MLFLOW), intent_of(one))
    record = replace(record_of(one, seen.id, seen.outputs), name=seen.name)
    world.benchmarks.delete(SCOPE, record)
    world.cloud.server.advance(LONG)
    assert world.look(world.benchmarks, record).status is Status.STOPPED
    world.benchmarks.delete(SCOPE, record)


def test_description_and_tags_of_the_pipeline_change_in_place(world: World) -> None:
    one = asked(description="before", tags={"team": "a"})
    seen = world.benchmarks.create(wish_of(one, scope=SCOPE_MLFLOW), intent_of(one))
    record = replace(record_of(one, seen.id, seen.outputs), name=seen.name)
    now = asked(description="after", tags={"team": "b"})
    world.benchmarks.update(wish_of(now, scope=SCOPE_MLFLOW), record)
    pipeline = world.sagemaker.describe_pipeline(PipelineName=one.name)
    assert pipeline["PipelineDescription"] == "after"
    assert pipeline["PipelineDisplayName"] == one.name


def test_scores_that_cannot_be_read_are_said_not_raised(world: World) -> None:
    one = asked()
    record = record_of(one, seen_arn(one), {"output": f"s3://{BUCKET}/none"})
    assert "scores" not in world.benchmarks.results(SCOPE, record)
    jobs = {"EvaluateBaseModel": f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:training-job/x"}
    nowhere = replace(record, outputs={"jobs": jobs, "output": "s3://no-such-bucket-here/x"})
    said = world.benchmarks.results(SCOPE, nowhere)
    assert said["scores_detail"]


def seen_arn(one: Declared) -> str:
    return f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:pipeline/{one.name}/execution/abcdefghijkl"


def test_an_evaluation_of_a_gated_base_model_needs_a_person(world: World) -> None:
    one = asked(model=LLAMA)
    with pytest.raises(Rejected, match="accept_eula"):
        world.benchmarks.create(wish_of(one, scope=SCOPE_MLFLOW), intent_of(one))
    assert world.sagemaker.list_pipelines()["PipelineSummaries"] == []


def test_inference_beyond_the_recipe_is_refused(world: World) -> None:
    one = asked(max_new_tokens=10_000_000)
    with pytest.raises(Rejected, match="max_new_tokens"):
        world.benchmarks.create(wish_of(one, scope=SCOPE_MLFLOW), intent_of(one))


@pytest.mark.parametrize(
    "operation", ["CreatePipeline", "UpdatePipeline", "StartPipelineExecution"]
)
@pytest.mark.parametrize("effect", ["drop_after", "error_after status=500", "truncate at=5"])
def test_a_lost_reply_to_a_pipeline_starts_one_execution(
    world: World, operation: str, effect: str
) -> None:
    before, one = asked(top_p=0.5), asked()
    if operation == "UpdatePipeline":
        world.benchmarks.create(wish_of(before, scope=SCOPE_MLFLOW), intent_of(before))
    world.cloud.server.faults.add(f"op={operation} do={effect} times=1")
    try:
        seen = world.benchmarks.create(wish_of(one, scope=SCOPE_MLFLOW), intent_of(one))
    except Uncertain:
        found = world.benchmarks.find(SCOPE_MLFLOW, intent_of(one))
        again = replace(intent_of(one), id="again", token="e" * 64)
        seen = found or world.benchmarks.create(wish_of(one, scope=SCOPE_MLFLOW), again)
    listed = world.sagemaker.list_pipeline_executions(PipelineName=one.name)
    digests = [e["PipelineExecutionDisplayName"] for e in listed["PipelineExecutionSummaries"]]
    assert sum(one.digest[:12] in name for name in digests) == 1
    assert seen.digest == one.digest


def test_preflight_tells_the_plan_what_aws_would_refuse(world: World) -> None:
    unresolved = Reference(TUNED, "model_arn")
    for kind, one, rule in (
        (world.sft, world.tuning(base_model=LLAMA), "FT-12"),
        (world.sft, world.tuning(base_model="no-such-model"), "FT-12"),
        (world.sft, world.tuning(hyperparameters={"max_epochs": 1000}), "FT-05"),
        (world.benchmarks, asked(model="no-such-model"), "EV-03"),
        (world.benchmarks, asked(max_new_tokens=10_000_000), "EV-08"),
        (world.benchmarks, asked(model=LLAMA), "EV-10"),
    ):
        (found,) = kind.preflight(SCOPE_MLFLOW, one)
        assert (found.code, found.is_error) == (rule, True)
    fine = declared(Benchmarks, "exam", STACK, {TUNED: "x"}, model=unresolved, benchmark="mmlu")
    assert world.benchmarks.preflight(SCOPE_MLFLOW, fine) == ()
    tuning = world.tuning()
    assert world.sft.preflight(SCOPE, tuning) == ()


def test_an_adopted_evaluation_learns_what_it_ran_with(world: World) -> None:
    one = asked()
    seen = world.benchmarks.create(wish_of(one, scope=SCOPE_MLFLOW), intent_of(one))
    world.cloud.server.advance(LONG)
    bare = replace(record_of(one, seen.id), name=one.name)
    last = world.look(world.benchmarks, bare)
    results = world.benchmarks.results(SCOPE, replace(bare, outputs=last.outputs))
    assert (results["base_model"], results["base_model_version"]) == (QWEN, "1.6.0")
    assert results["scores"]


def test_a_failed_step_is_told_with_its_jobs_own_reason_and_its_log() -> None:
    failing = [Outcome("*EvaluateBaseModel*", "Failed", "ClientError: out of memory")]
    with running(outcomes=failing) as cloud, opened(cloud) as aws:
        benchmarks = Benchmarks(aws, Models(aws))
        one = asked()
        seen = benchmarks.create(wish_of(one, scope=SCOPE_MLFLOW), intent_of(one))
        record = replace(record_of(one, seen.id, seen.outputs), name=seen.name)
        cloud.server.advance(LONG)
        target = Target(record.address, record.name, record)
        last = benchmarks.observe(SCOPE, [target])[record.address].newest
    assert last is not None
    assert last.status is Status.FAILED
    assert "EvaluateBaseModel: ClientError: out of memory; log: /aws/sagemaker/" in last.detail
