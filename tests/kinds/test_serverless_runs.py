"""Fine-tunes and evaluations against the local AWS: start, adopt, observe, recover, stop, scores."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from nvx.aws.models import Models
from nvx.aws.session import Aws, AwsSettings
from nvx.core.address import Address
from nvx.core.cloud import NotOurs, Rejected, Uncertain
from nvx.core.kind import Target
from nvx.core.resource import Declared, Scope, StackSettings
from nvx.core.state import Record, Status
from nvx.core.values import Reference
from nvx.kinds.evaluation.benchmark import Benchmarks
from nvx.kinds.fine_tune.serverless_sft import ServerlessSft
from support.clock import FakeClock
from support.local_aws import Cloud, running
from support.runs import (
    ACCOUNT,
    APP,
    REGION,
    SCOPE,
    STACK,
    declared,
    intent_of,
    record_of,
    wish_of,
)
from support.sagemaker_requests import definition, evaluation_step

BUCKET = f"sagemaker-{REGION}-{ACCOUNT}"
QWEN = "huggingface-reasoning-qwen3-06b"
LLAMA = "meta-textgeneration-llama-3-2-1b-instruct"
TUNED = Address("fine_tune", "support")
LONG = 120.0


class World:
    """A local AWS with a dataset and a group, and the kinds that work in it."""

    def __init__(self, cloud: Cloud, aws: Aws) -> None:
        self.cloud = cloud
        self.sagemaker = cloud.client("sagemaker", region=REGION)
        self.s3 = cloud.client("s3", region=REGION)
        models = Models(aws)
        self.sft = ServerlessSft(aws, models)
        self.benchmarks = Benchmarks(aws, models)
        row = {"messages": [{"role": "user", "content": "a"}]}
        body = json.dumps(row).encode() * 3
        self.s3.put_object(Bucket=BUCKET, Key="data/train.jsonl", Body=body)
        self.sagemaker.create_model_package_group(ModelPackageGroupName="support")

    def tuning(self, **fields: Any) -> Declared:
        """A declared fine-tune."""
        given = {
            "base_model": QWEN,
            "dataset": f"s3://{BUCKET}/data/train.jsonl",
            "model_group": "support",
            **fields,
        }
        return declared(ServerlessSft, **given)

    def started(self, one: Declared) -> Record:
        """A fine-tune that was started."""
        seen = self.sft.create(wish_of(one), intent_of(one))
        return replace(record_of(one, seen.id, seen.outputs), name=seen.name)

    def tuned(self) -> str:
        """A tuned model; its ARN."""
        record = self.started(self.tuning())
        self.cloud.server.advance(LONG)
        seen = self.look(self.sft, record)
        assert seen.status is Status.READY, seen
        return str(seen.outputs["model_arn"])

    def look(self, kind: Any, record: Record) -> Any:
        """What a kind sees of a record."""
        target = Target(record.address, record.name, record)
        return kind.observe(SCOPE, [target])[record.address].newest


@pytest.fixture
def world() -> Iterator[World]:
    with running() as cloud:
        settings = AwsSettings(region=REGION, endpoint_url=cloud.server.url, local=True)
        aws = Aws(settings, FakeClock())
        try:
            yield World(cloud, aws)
        finally:
            aws.close()


def test_a_fine_tune_runs_to_its_model(world: World) -> None:
    record = world.started(world.tuning(hyperparameters={"max_epochs": 2.0}))
    first = world.look(world.sft, record)
    assert (first.status, first.stage) == (Status.PENDING, "Starting")
    world.cloud.server.advance(LONG)
    last = world.look(world.sft, record)
    assert last.status is Status.READY
    assert last.outputs["base_model"] == QWEN
    assert last.outputs["base_model_version"] == "1.6.0"
    assert ":model-package/support/1" in str(last.outputs["model_arn"])
    assert last.outputs["billable_tokens"]
    assert last.ended_at > last.started_at


def test_creating_twice_adopts_the_first_job(world: World) -> None:
    one = world.tuning()
    first = world.sft.create(wish_of(one), intent_of(one))
    again = world.sft.create(wish_of(one), intent_of(one))
    assert (again.id, again.digest) == (first.id, one.digest)
    assert len(list(world.sagemaker.list_training_jobs()["TrainingJobSummaries"])) == 1


def test_a_job_of_somebody_else_is_not_adopted(world: World) -> None:
    one = world.tuning()
    intent = intent_of(one)
    world.sft.create(wish_of(one), intent)
    stranger = Scope(STACK, "another-lineage")
    with pytest.raises(NotOurs):
        world.sft.create(wish_of(one, scope=stranger), intent_of(one, scope=stranger))
    assert world.sft.find(stranger, intent) is None


def test_recovery_finds_a_job_without_a_record_by_name_and_by_tag(world: World) -> None:
    one = world.tuning()
    seen = world.sft.create(wish_of(one), intent_of(one))
    targets = [Target(one.address, "", None, one)]
    for asked in (targets, []):
        (found,) = world.sft.recover(SCOPE, asked)
        assert (found.id, found.digest, found.ours) == (seen.id, one.digest, True)
    (foreign,) = world.sft.recover(Scope(STACK, "another-lineage"), targets)
    assert not foreign.ours


def test_a_gated_model_needs_a_person_before_anything_is_sent(world: World) -> None:
    one = world.tuning(base_model=LLAMA)
    with pytest.raises(Rejected, match="accept_eula"):
        world.sft.create(wish_of(one), intent_of(one))
    assert world.sagemaker.list_training_jobs()["TrainingJobSummaries"] == []
    agreed = world.tuning(base_model=LLAMA, accept_eula=True)
    assert agreed.digest == one.digest
    name = world.started(agreed).name
    job = world.sagemaker.describe_training_job(TrainingJobName=name)
    assert job["ServerlessJobConfig"]["AcceptEula"] is True


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"hyperparameters": {"learning_rat": 0.1}}, "learning_rate"),
        ({"hyperparameters": {"learning_rate": 0.5}}, "at most 0.001"),
        ({"hyperparameters": {"global_batch_size": 33}}, "one of 32"),
        ({"hyperparameters": {"max_epochs": "three"}}, "of type integer"),
        ({"sequence_length": "64K"}, "it has 8K"),
        ({"base_model": "no-such-model"}, "has no model no-such-model"),
    ],
)
def test_the_hub_refuses_before_anything_is_sent(
    world: World, fields: dict[str, Any], words: str
) -> None:
    one = world.tuning(**fields)
    with pytest.raises(Exception, match=words):
        world.sft.create(wish_of(one), intent_of(one))
    assert world.sagemaker.list_training_jobs()["TrainingJobSummaries"] == []


def test_a_stopped_job_says_so_and_stopping_twice_is_fine(world: World) -> None:
    record = world.started(world.tuning())
    world.sft.delete(SCOPE, record)
    world.sft.delete(SCOPE, record)
    world.cloud.server.advance(LONG)
    assert world.look(world.sft, record).status is Status.STOPPED
    world.sft.delete(SCOPE, record)
    world.sft.delete(SCOPE, replace(record, id=record.id + "-gone"))


def test_tags_are_updated_in_place_and_marks_stay(world: World) -> None:
    record = world.started(world.tuning(tags={"team": "a", "old": "x"}))
    now = world.tuning(tags={"team": "b"})
    world.sft.update(wish_of(now), record)
    listed = world.sagemaker.list_tags(ResourceArn=record.id)["Tags"]
    tags = {tag["Key"]: tag["Value"] for tag in listed}
    assert tags["team"] == "b"
    assert "old" not in tags
    assert tags["nvx:digest"] == now.digest
    assert tags["sagemaker-sdk:jumpstart-model-id"] == QWEN


def test_a_job_that_is_gone_is_gone(world: World) -> None:
    one = world.tuning()
    record = record_of(one, f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:training-job/none")
    target = Target(one.address, "none", record)
    sighting = world.sft.observe(SCOPE, [target])[one.address]
    assert sighting.newest is None
    assert sighting.recorded_gone


STACK_MLFLOW: StackSettings = replace(STACK, mlflow=APP)
SCOPE_MLFLOW = Scope(STACK_MLFLOW, SCOPE.lineage)


def asked(**fields: Any) -> Declared:
    given = {"model": QWEN, "benchmark": "gpqa", **fields}
    return declared(Benchmarks, "exam", STACK_MLFLOW, **given)


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


@pytest.mark.parametrize("effect", ["drop_after", "error_after status=500", "truncate at=5"])
def test_a_lost_reply_to_a_job_starts_one_job(world: World, effect: str) -> None:
    one = world.tuning()
    world.cloud.server.faults.add(f"op=CreateTrainingJob do={effect} times=1")
    try:
        seen = world.sft.create(wish_of(one), intent_of(one))
    except Uncertain:
        found = world.sft.find(SCOPE, intent_of(one))
        assert found is not None
        seen = found
    (job,) = world.sagemaker.list_training_jobs()["TrainingJobSummaries"]
    assert (seen.id, seen.ours) == (job["TrainingJobArn"], True)


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
    for kind, one in (
        (world.sft, world.tuning(base_model=LLAMA)),
        (world.sft, world.tuning(base_model="no-such-model")),
        (world.benchmarks, asked(model=LLAMA)),
        (world.benchmarks, asked(max_new_tokens=10_000_000)),
    ):
        (found,) = kind.preflight(SCOPE_MLFLOW, one)
        assert (found.code, found.is_error) == ("preflight", True)
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
