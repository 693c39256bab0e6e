"""Fine-tunes against the local AWS: start, adopt, observe, recover, stop."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from nvx.core.cloud import NotOurs, Rejected, Uncertain
from nvx.core.kind import Target
from nvx.core.resource import Scope
from nvx.core.state import Status
from support.runs import (
    ACCOUNT,
    REGION,
    SCOPE,
    STACK,
    intent_of,
    record_of,
    wish_of,
)
from support.serverless import (
    LLAMA,
    LONG,
    QWEN,
    World,
    serverless_world,
)


@pytest.fixture
def world() -> Iterator[World]:
    with serverless_world() as made:
        yield made


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


def test_a_failed_fine_tune_says_why(world: World) -> None:
    record = world.started(world.tuning(tags={"nvx-local:outcome": "Failed"}))
    world.cloud.server.advance(LONG)
    seen = world.look(world.sft, record)
    assert (seen.status, seen.detail) == (
        Status.FAILED,
        "Asked for by the tag nvx-local:outcome.",
    )
