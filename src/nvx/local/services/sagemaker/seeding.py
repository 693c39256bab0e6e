"""What an account finds in SageMaker: the public hub, its models, and their recipes in S3."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import cache
from importlib import resources
from typing import Any

from nvx.local.context import Context, Params
from nvx.local.services.sagemaker.content_calls import put_content
from nvx.local.services.sagemaker.hubs import AWS_ACCOUNT, PUBLIC_HUB, find_hub, put_hub

_RELEASE = "v1.0.0"
_JUDGES_KEY = "fmhMetadata/supported-llmaj-judge-models.json"
_HOME = "us-east-1"
"""The region whose buckets take no location constraint."""

_AGE = timedelta(days=90)
"""How long all of this has been there: longer than any lag of lists."""

_HUB_TABLE = "sagemaker.hubs"


def seed(ctx: Context) -> None:
    """Make the public hub and the recipe bucket of a region, unless another account did."""
    if PUBLIC_HUB in ctx.table(_HUB_TABLE, account=AWS_ACCOUNT):
        return
    created = ctx.now - _AGE
    put_hub(
        ctx,
        AWS_ACCOUNT,
        {
            "HubName": PUBLIC_HUB,
            "HubArn": ctx.arn("sagemaker", f"hub/{PUBLIC_HUB}", account=AWS_ACCOUNT),
            "HubDisplayName": PUBLIC_HUB,
            "HubDescription": "Models of the public hub, as far as the local AWS has them.",
        },
        created,
        [("InService", 0.0)],
    )
    _, hub = find_hub(ctx, PUBLIC_HUB)
    for name in _models()["model"]:
        put_content(ctx, hub, _content(ctx, name), created, [("Available", 0.0)])
    _put_objects(replace(ctx, account=AWS_ACCOUNT))


def recipe_bucket(region: str) -> str:
    """The bucket of AWS that holds the recipes of a region."""
    return f"jumpstart-cache-prod-{region}"


@cache
def _models() -> Mapping[str, Any]:
    return _data("models.toml")


@cache
def _parameters() -> Mapping[str, Mapping[str, Any]]:
    return _data("parameters.toml")


def _data(name: str) -> dict[str, Any]:
    file = resources.files(__package__) / "seeds" / name
    return tomllib.loads(file.read_text(encoding="utf-8"))


def _content(ctx: Context, name: str) -> Params:
    model = _models()["model"][name]
    recipes = list(_recipes(ctx, name))
    document = {
        "ModelId": name,
        "DisplayName": model["title"],
        "GatedBucket": model.get("gated", False),
        "RecipeCollection": recipes,
    }
    return {
        "HubContentName": name,
        "HubContentType": "Model",
        "HubContentVersion": model["version"],
        "DocumentSchemaVersion": "2.3.0",
        "HubContentDisplayName": model["title"],
        "HubContentDescription": f"{model['title']}, simulated.",
        "HubContentSearchKeywords": sorted({_keyword(recipe) for recipe in recipes}),
        "HubContentDocument": json.dumps(document, separators=(",", ":")),
    }


def _recipes(ctx: Context, name: str) -> Iterator[Params]:
    model = _models()["model"][name]
    family = _models()["family"][model["family"]]
    for recipe in family["recipes"]:
        peft = {"Peft": recipe["peft"]} if "peft" in recipe else {}
        label = f"{recipe['technique'].lower()}_{recipe.get('peft', 'full').lower()}"
        yield {
            **_entry(ctx, f"{name}_{label}", recipe["parameters"]),
            "Type": "FineTuning",
            "CustomizationTechnique": recipe["technique"],
            **peft,
            "SequenceLength": model["sequence"],
            "ServerlessMeteringType": recipe["metering"],
        }
    for kind in family["evaluation"]:
        if kind == "DeterministicMultiModalBenchmark" and not model.get("multimodal", True):
            continue
        yield {
            **_entry(ctx, f"{name}_{kind.lower()}", family["evaluation_parameters"]),
            "Type": "Evaluation",
            "EvaluationType": kind,
            "ServerlessMeteringType": "Token-based",
        }


def _entry(ctx: Context, recipe: str, parameters: str) -> Params:
    base = f"s3://{recipe_bucket(ctx.region)}/"
    title = recipe.replace("_", " ").replace("-", " ")
    return {
        "Name": recipe,
        "DisplayName": f"Simulated recipe {title}",
        "Versions": [_RELEASE.removeprefix("v")],
        "Hardware": "GPU",
        "IsSubscriptionModel": False,
        "SmtjRecipeTemplateS3Uri": base + _template_key(parameters),
        "SmtjOverrideParamsS3Uri": base + _parameters_key(parameters),
    }


def _keyword(recipe: Params) -> str:
    if recipe["Type"] == "Evaluation":
        return f"@recipe:evaluation_{recipe['EvaluationType'].lower()}"
    peft = f"_{recipe['Peft'].lower()}" if "Peft" in recipe else ""
    return f"@recipe:finetuning_{recipe['CustomizationTechnique'].lower()}{peft}"


def _put_objects(ctx: Context) -> None:
    bucket = recipe_bucket(ctx.region)
    place = {"LocationConstraint": ctx.region} if ctx.region != _HOME else None
    ctx.call(
        "s3",
        "CreateBucket",
        {"Bucket": bucket, **({"CreateBucketConfiguration": place} if place else {})},
    )
    for key, body in _objects():
        ctx.call("s3", "PutObject", {"Bucket": bucket, "Key": key, "Body": body})


def _objects() -> Iterator[tuple[str, bytes]]:
    for name, parameters in _parameters().items():
        yield _parameters_key(name), json.dumps(parameters, indent=2).encode()
        lines = [f"{key}: '{{{{{key}}}}}'" for key in parameters]
        yield _template_key(name), "\n".join([*lines, ""]).encode()
    judges = [{"model_id": model} for model in _models()["judges"]["models"]]
    yield _JUDGES_KEY, json.dumps({"supported_judge_models": judges}, indent=2).encode()


def _parameters_key(name: str) -> str:
    return f"recipes/{name}_override_params_sm_jobs_{_RELEASE}.json"


def _template_key(name: str) -> str:
    return f"recipes/{name}_payload_template_sm_jobs_{_RELEASE}.yaml"
