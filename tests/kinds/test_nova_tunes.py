"""Fine-tune recipes against the local AWS: started, adopted, their checkpoints read back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from nvx.core.state import Status
from support.nova import BUCKET, NovaWorld, nova_world
from support.runs import SCOPE, intent_of, wish_of

BLOCK: dict[str, Any] = {
    "technique": "sft",
    "base_model": "nova-lite",
    "dataset": f"s3://{BUCKET}/train.jsonl",
    "instance_type": "ml.g5.12xlarge",
}
FUNCTION = "arn:aws:lambda:us-west-2:000000000000:function:SageMaker-reward"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[NovaWorld]:
    with nova_world(("fine_tune", "recipe"), tmp_path) as made:
        row = {"messages": [{"role": "user", "content": [{"text": "a"}]}]}
        made.s3.put_object(Bucket=BUCKET, Key="train.jsonl", Body=json.dumps(row).encode())
        yield made


def tuned(world: NovaWorld, **fields: Any) -> Any:
    return world.ended(world.started(world.put(**{**BLOCK, **fields})))


def recipe(world: NovaWorld, record: Any) -> Any:
    key = str(record.outputs["recipe"]).partition(f"s3://{BUCKET}/")[2]
    body = world.s3.get_object(Bucket=BUCKET, Key=key)["Body"]
    try:
        return yaml.safe_load(body.read())
    finally:
        body.close()


def test_a_fine_tune_ends_in_a_checkpoint(world: NovaWorld) -> None:
    done = tuned(world)
    assert done.status is Status.READY, done
    uri = str(done.outputs["checkpoint_uri"])
    assert uri.startswith("s3://customer-escrow-000000000000-smtj-")
    assert done.outputs["base_model"] == "nova-textgeneration-lite"
    assert recipe(world, done)["training_config"]["max_length"] == 8192
    again = tuned(world, source_model=uri)
    assert again.status is Status.READY, again
    assert again.outputs["checkpoint_uri"] != uri


@pytest.mark.parametrize(
    ("fields", "type_"),
    [
        ({"technique": "dpo", "instance_type": "ml.p5.48xlarge"}, "Converse"),
        (
            {
                "base_model": "nova-2-lite",
                "instance_type": "ml.p5.48xlarge",
                "training_config": {"max_steps": 10},
            },
            "Converse",
        ),
        (
            {
                "technique": "rft",
                "base_model": "nova-2-lite",
                "instance_type": "ml.p5.48xlarge",
                "reward_function": FUNCTION,
                "training_config": {"trainer": {"max_steps": 10}},
            },
            "S3Prefix",
        ),
    ],
)
def test_every_technique_of_training_jobs_runs(
    world: NovaWorld, fields: dict[str, Any], type_: str
) -> None:
    done = tuned(world, **fields)
    assert done.status is Status.READY, done
    job = world.sagemaker.describe_training_job(TrainingJobName=done.name)
    source = job["InputDataConfig"][1]["DataSource"]["S3DataSource"]
    assert source["S3DataType"] == type_
    replicas = recipe(world, done)["run"]["replicas"]
    assert job["ResourceConfig"]["InstanceCount"] == replicas == 4


def test_a_reward_function_is_named_in_both_of_its_places(world: NovaWorld) -> None:
    done = tuned(
        world,
        technique="rft",
        base_model="nova-2-lite",
        instance_type="ml.p5.48xlarge",
        reward_function=FUNCTION,
        training_config={"trainer": {"max_steps": 10}},
    )
    document = recipe(world, done)
    rewards = document["training_config"]["rollout"]["rewards"]["api_endpoint"]
    assert document["run"]["reward_lambda_arn"] == rewards["lambda_arn"] == FUNCTION


def test_a_distillation_makes_data_and_no_checkpoint(world: NovaWorld) -> None:
    done = tuned(
        world,
        technique="distillation",
        base_model="nova-pro",
        instance_type="ml.r5.24xlarge",
        kms_key="alias/own",
        image="1.dkr.ecr.us-west-2.amazonaws.com/x:y",
    )
    assert done.status is Status.READY, done
    assert "checkpoint_uri" not in done.outputs
    assert "names a checkpoint" in str(done.outputs["checkpoint_detail"])
    config = recipe(world, done)["training_config"]
    assert config["teacherModelId"] == "us.amazon.nova-pro-v1:0"
    assert all(isinstance(value, str) for value in config.values())


def test_all_weights_are_trained_without_an_adapter(world: NovaWorld) -> None:
    done = tuned(world, training_type="FULL", instance_type="ml.p5.48xlarge")
    assert recipe(world, done)["training_config"]["model"]["peft"] == {"peft_scheme": None}


def test_creating_twice_adopts_the_first_job(world: NovaWorld) -> None:
    one = world.put(**BLOCK)
    first = world.started(one)
    again = world.kind.create(wish_of(one), intent_of(one))
    assert (again.id, again.digest) == (first.id, one.digest)


def test_a_checkpoint_that_cannot_be_read_is_said(world: NovaWorld) -> None:
    record = world.started(world.put(**BLOCK))
    assert "checkpoint_detail" in world.kind.results(SCOPE, record)
    done = world.ended(replace(record, outputs={}))
    assert "checkpoint_uri" in done.outputs


@pytest.mark.parametrize("technique", ["cpt", "ppo"])
def test_what_hyperpod_alone_runs_is_not_started(world: NovaWorld, technique: str) -> None:
    fields = {"technique": technique, "instance_type": "ml.p5.48xlarge"}
    one = world.put(**{**BLOCK, **fields})
    (found,) = world.kind.preflight(SCOPE, one)
    assert (found.code, found.is_error) == ("F-02", True)
    with pytest.raises(Exception, match="no recipe"):
        world.started(one)
