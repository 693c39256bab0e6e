"""Training jobs that run a Nova recipe: how they are known, and what makes them fail."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import yaml

from nvx.local.context import Context, Params
from nvx.local.services.sagemaker.arns import bucket_and_key
from nvx.local.services.sagemaker.inputs import json_rows, objects_under, read_object

_PATH = "sagemaker_recipe_local_path"
_LARGEST = 256 * 1024
_PAIRS = {
    "nova-micro/prod": "amazon.nova-micro-v1:0:128k",
    "nova-lite/prod": "amazon.nova-lite-v1:0:300k",
    "nova-pro/prod": "amazon.nova-pro-v1:0:300k",
    "nova-lite-2/prod": "amazon.nova-2-lite-v1:0:256k",
}
_HUB_NAMES = {
    "amazon.nova-micro-v1:0:128k": "nova-textgeneration-micro",
    "amazon.nova-lite-v1:0:300k": "nova-textgeneration-lite",
    "amazon.nova-pro-v1:0:300k": "nova-textgeneration-pro",
    "amazon.nova-premier-v1:0:300k": "nova-premier",
    "amazon.nova-2-lite-v1:0:256k": "nova-textgeneration-lite-v2",
}
_REASONING = "amazon.nova-2-lite-v1:0:256k"
FILES = {
    "gen_qa": ("gen_qa.jsonl",),
    "llm_judge": ("llm_judge.jsonl",),
    "mm_llm_judge": ("llm_judge.jsonl", "mm_llm_judge.jsonl"),
    "rubric_llm_judge": ("llm_judge.jsonl",),
    "rft_eval": (),
}
"""The tasks that read rows, and the names that their file may have; none: any name."""

_NO_ROWS = ("mmlu", "mmlu_pro", "bbh", "gpqa", "math", "strong_reject", "ifeval", "humaneval",
            "aime_2024", "calendar_scheduling", "calendar_planning", "mmmu")  # fmt: skip


def is_recipe_job(request: Params) -> bool:
    """Whether a classic training job runs a recipe."""
    return "ServerlessJobConfig" not in request and _PATH in request.get("HyperParameters", {})


def recipe_plan(ctx: Context, request: Params) -> Params:
    """What a recipe's job works on: the recipe as its container reads it, and the rows beside it."""
    recipe = _recipe(ctx, request)
    run = section(recipe, "run")
    model_type = str(run.get("model_type"))
    sizes = [item["Size"] for item in _objects(ctx, request, "train")]
    return {
        "Recipe": recipe,
        "BaseModel": _HUB_NAMES.get(model_type, model_type),
        "BaseModelVersion": "1.0.0",
        "Nova": True,
        "RecipeName": str(run.get("name")),
        "Rows": len(train_rows(ctx, request)),
        "Bytes": sum(sizes),
    }


def recipe_doom(ctx: Context, request: Params, plan: Params) -> str | None:
    """Why a recipe's job is going to fail, or None."""
    return next(_dooms(ctx, request, plan), None)


def train_rows(ctx: Context, request: Params) -> list[Params]:
    """The rows of the channel `train`."""
    rows: list[Params] = []
    for item in _objects(ctx, request, "train"):
        rows += json_rows(read_object(ctx, item["Uri"]))
    return rows


def section(recipe: Any, name: str) -> Params:
    """A section of a recipe; nothing where it has none."""
    found = recipe.get(name) if isinstance(recipe, dict) else None
    return found if isinstance(found, dict) else {}


def _recipe(ctx: Context, request: Params) -> Params:
    wanted = str(request["HyperParameters"][_PATH]).rpartition("/")[2]
    for item in _objects(ctx, request, "recipe"):
        if item["Uri"].rpartition("/")[2] == wanted and item["Size"] <= _LARGEST:
            try:
                read = yaml.safe_load(read_object(ctx, item["Uri"]))
                found = json.loads(json.dumps(read, default=str))
            except (yaml.YAMLError, TypeError, ValueError, RecursionError):
                return {}
            return found if isinstance(found, dict) else {}
    return {}


def _objects(ctx: Context, request: Params, channel: str) -> list[Params]:
    for one in request.get("InputDataConfig", []):
        source = one["DataSource"].get("S3DataSource")
        if one["ChannelName"] == channel and source is not None:
            bucket, _ = bucket_and_key(source["S3Uri"])
            found = objects_under(ctx, source["S3Uri"], request["RoleArn"])
            return [{**item, "Uri": f"s3://{bucket}/{item['Key']}"} for item in found]
    return []


def _dooms(ctx: Context, request: Params, plan: Params) -> Iterator[str]:
    recipe, rows = plan["Recipe"], plan["Rows"]
    run = section(recipe, "run")
    if not run:
        yield "ConfigError: the recipe has no section run, or is no YAML"
        return
    path, model_type = run.get("model_name_or_path"), run.get("model_type")
    if _PAIRS.get(str(path), model_type) != model_type or model_type not in _HUB_NAMES:
        yield "InternalServerError: Engine core initialization failed"
    if run.get("replicas", 1) != request["ResourceConfig"].get("InstanceCount"):
        yield f"ConfigError: replicas {run.get('replicas')} is not the number of instances"
    yield from _checkpoint_dooms(ctx, path)
    if "evaluation" in recipe:
        yield from _evaluation_dooms(ctx, request, recipe)
    elif not section(recipe, "training_config"):
        yield "ConfigError: the recipe has neither evaluation nor training_config"
    elif not rows and "distillation_data" not in section(recipe, "training_config"):
        yield "ClientError: the training data holds no rows."


def _checkpoint_dooms(ctx: Context, path: Any) -> Iterator[str]:
    """A checkpoint of this account's own escrow bucket has to be one that a job made."""
    text = str(path)
    if not text.startswith(f"s3://customer-escrow-{ctx.account}-smtj-"):
        return
    if ctx.table(CHECKPOINTS).get(text) is None:
        yield f"ClientError: there is no checkpoint {text}"


CHECKPOINTS = "sagemaker.recipe-checkpoints"
"""What recipes have made: URI → the name of the job."""


def _evaluation_dooms(ctx: Context, request: Params, recipe: Params) -> Iterator[str]:
    asked = section(recipe, "evaluation")
    task = str(asked.get("task"))
    if task not in FILES and task not in _NO_ROWS:
        yield f"ConfigError: unknown evaluation task {task}"
        return
    effort = section(recipe, "inference").get("reasoning_effort")
    if effort is not None and section(recipe, "run").get("model_type") != _REASONING:
        yield "ConfigError: Reasoning mode is enabled but model does not support reasoning"
    if task in FILES:
        names = {item["Uri"].rpartition("/")[2] for item in _objects(ctx, request, "train")}
        if not names:
            yield f"ConfigError: task {task} needs the channel train"
        elif FILES[task] and not names & set(FILES[task]):
            yield f"ConfigError: task {task} needs a file {' or '.join(FILES[task])}"
    if task == "rft_eval" and not section(recipe, "rl_env").get("reward_lambda_arn"):
        yield "ConfigError: rft_eval needs rl_env.reward_lambda_arn"
