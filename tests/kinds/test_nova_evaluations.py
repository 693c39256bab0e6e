"""Evaluation recipes against the local AWS: started, adopted, recovered, their scores read back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from nvx.core.cloud import NotOurs, Rejected
from nvx.core.kind import Target
from nvx.core.resource import Scope
from nvx.core.state import Status
from nvx.data.nova import metrics_of, nova_tasks
from support.nova import BUCKET, NovaWorld, nova_world
from support.runs import SCOPE, STACK, intent_of, wish_of

BLOCK: dict[str, Any] = {
    "model": "nova-lite",
    "instance_type": "ml.g5.12xlarge",
    "evaluation": {"task": "mmlu", "subtask": ["anatomy", "abstract_algebra"]},
}
ROWS: dict[str, dict[str, Any]] = {
    "gen_qa": {"query": "q", "response": "r"},
    "rft_eval": {
        "messages": [{"role": "user", "content": "q"}],
        "reference_answer": "r",
    },
}
PAIR = {"prompt": "p", "response_A": "a", "response_B": "b", "images": []}
FUNCTION = "arn:aws:lambda:us-west-2:000000000000:function:SageMaker-scorer"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[NovaWorld]:
    with nova_world(("evaluation", "nova_recipe"), tmp_path) as made:
        yield made


def test_a_base_model_is_evaluated_to_its_scores(world: NovaWorld) -> None:
    done = world.ended(world.started(world.declared(**BLOCK)))
    assert done.status is Status.READY, done
    scores: Any = done.outputs["scores"]
    assert set(scores["base"]) == {"accuracy", "accuracy_stderr"}
    assert set(scores["subtasks"]["base"]) == {
        "custom|mmlu_zs_cot_abstract_algebra|0",
        "custom|mmlu_zs_cot_anatomy|0",
    }
    assert done.outputs["simulated"] is True
    assert done.outputs["base_model"] == "nova-textgeneration-lite"
    (name,) = [name for name in world.archive(done) if name.endswith(".json")]
    assert name.startswith("shop-support/eval_results/results_")


@pytest.mark.parametrize("name", sorted(nova_tasks()))
def test_every_task_is_measured_by_its_metrics(world: NovaWorld, name: str) -> None:
    task = nova_tasks()[name]
    two = task.models == ("nova-2-lite",)
    block = {
        **BLOCK,
        "model": "nova-2-lite" if two else "nova-lite",
        "instance_type": "ml.p5.48xlarge",
        "evaluation": {"task": name},
    }
    if task.needs_data:
        block["dataset"] = world.rows("own.jsonl", *[ROWS.get(name, PAIR)] * 3)
    if name == "rft_eval":
        block["rl_env"] = {"reward_lambda_arn": FUNCTION}
    done = world.ended(world.started(world.declared(**block)))
    assert done.status is Status.READY, done
    scores: Any = done.outputs["scores"]
    measured = {key for key in scores["base"] if not key.endswith("_stderr")}
    assert measured == set(metrics_of(task))


def test_rows_get_the_name_that_the_task_asks_for(world: NovaWorld) -> None:
    block = {**BLOCK, "evaluation": {"task": "gen_qa"}}
    block["dataset"] = world.rows("own.jsonl", ROWS["gen_qa"])
    done = world.ended(world.started(world.declared(**block)))
    job = world.sagemaker.describe_training_job(TrainingJobName=done.name)
    uri = job["InputDataConfig"][1]["DataSource"]["S3DataSource"]["S3Uri"]
    assert uri.endswith("/gen_qa.jsonl")
    name = "shop-support/eval_results/inference_output.jsonl"
    assert json.loads(world.archive(done)[name])["gold"] == "r"


def test_a_tuned_model_is_no_base_model(world: NovaWorld) -> None:
    run = {"model_type": "amazon.nova-lite-v1:0:300k"}
    done = world.ended(world.started(world.declared(**BLOCK)))
    tuned = world.declared(**{**BLOCK, "model": f"s3://{BUCKET}/checkpoint", "run": run})
    other = world.ended(world.started(tuned))
    first: Any = done.outputs["scores"]
    second: Any = other.outputs["scores"]
    assert first["base"] != second["tuned"]


def test_creating_twice_adopts_the_first_job(world: NovaWorld) -> None:
    one = world.declared(**BLOCK)
    first = world.started(one)
    again = world.kind.create(wish_of(one), intent_of(one))
    assert (again.id, again.digest) == (first.id, one.digest)
    stranger = Scope(STACK, "another-lineage")
    with pytest.raises(NotOurs):
        world.kind.create(wish_of(one, scope=stranger), intent_of(one, scope=stranger))


def test_recovery_finds_a_job_and_its_scores_without_a_record(world: NovaWorld) -> None:
    one = world.declared(**BLOCK)
    record = world.started(one)
    targets = [Target(one.address, "", None, one)]
    for asked in (targets, []):
        (found,) = world.kind.recover(SCOPE, asked)
        assert (found.id, found.digest, found.ours) == (record.id, one.digest, True)
    done = world.ended(replace(record, outputs={}))
    assert done.outputs["base_model"] == "nova-textgeneration-lite"
    assert "scores" in done.outputs


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"run": {"model_type": "amazon.nova-pro-v1:0:300k"}}, "Engine core"),
        ({"evaluation": {"task": "unknown"}}, "unknown evaluation task"),
        ({"evaluation": {"task": "gen_qa"}}, "needs the channel train"),
        ({"inference": {"reasoning_effort": "low"}}, "does not support reasoning"),
        ({"replicas": 3}, "not the number of instances"),
    ],
)
def test_the_local_aws_fails_a_job_whose_recipe_is_wrong(
    world: NovaWorld, fields: dict[str, Any], words: str
) -> None:
    record = world.started(world.declared(**BLOCK))
    request = world.sagemaker.describe_training_job(TrainingJobName=record.name)
    recipe = {
        "run": {
            "name": "x",
            "model_type": "amazon.nova-lite-v1:0:300k",
            "model_name_or_path": "nova-lite/prod",
            "replicas": fields.get("replicas", 1),
            **fields.get("run", {}),
        },
        "evaluation": fields.get("evaluation", {"task": "mmlu"}),
        "inference": fields.get("inference", {}),
    }
    world.s3.put_object(Bucket=BUCKET, Key="wrong/recipe.yaml", Body=json.dumps(recipe))
    channel = request["InputDataConfig"][0]
    channel["DataSource"]["S3DataSource"]["S3Uri"] = f"s3://{BUCKET}/wrong/recipe.yaml"
    kept = ("AlgorithmSpecification", "RoleArn", "HyperParameters", "OutputDataConfig",
            "ResourceConfig", "StoppingCondition")  # fmt: skip
    again = {name: request[name] for name in kept}
    world.sagemaker.create_training_job(
        TrainingJobName="wrong", InputDataConfig=[channel], **again
    )
    world.cloud.server.advance(120.0)
    job = world.sagemaker.describe_training_job(TrainingJobName="wrong")
    assert job["TrainingJobStatus"] == "Failed"
    assert words in job["FailureReason"]


def test_scores_that_cannot_be_read_are_said(world: NovaWorld) -> None:
    record = world.started(world.declared(**BLOCK))
    assert "no result file" in str(world.kind.results(SCOPE, record)["scores_detail"])
    done = world.ended(record)
    output = str(done.outputs["output"]).partition(f"s3://{BUCKET}/")[2]
    key = f"{output}/{done.name}/output/output.tar.gz"
    world.s3.put_object(Bucket=BUCKET, Key=key, Body=b"no archive")
    found = world.kind.results(SCOPE, done)
    assert "cannot be read" in str(found["scores_detail"])
    assert "scores" not in found


def test_a_bucket_of_somebody_else_is_a_warning_of_the_plan(world: NovaWorld) -> None:
    assert world.kind.preflight(SCOPE, world.declared(**BLOCK)) == ()
    one = world.declared(**BLOCK, output="s3://nobody-has-this-bucket/out")
    (found,) = world.kind.preflight(SCOPE, one)
    assert (found.code, found.is_error) == ("N-12", False)


def test_a_package_needs_a_group(world: NovaWorld) -> None:
    arn = "arn:aws:sagemaker:us-west-2:000000000000:model-package/none/1"
    run = {"model_type": "amazon.nova-lite-v1:0:300k"}
    one = world.declared(**{**BLOCK, "model": arn, "run": run})
    with pytest.raises(Rejected, match="no model package"):
        world.started(one)


def test_a_stopped_job_says_so(world: NovaWorld) -> None:
    record = world.started(world.declared(**BLOCK))
    world.kind.delete(SCOPE, record)
    assert world.ended(record).status is Status.STOPPED
    assert isinstance(world.kind.log_lines(SCOPE, record), list | tuple)
