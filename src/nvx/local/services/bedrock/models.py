"""Foundation models and the inference profiles that lead to them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from importlib import resources

from nvx.local.context import Context, Params, operation
from nvx.local.paging import page
from nvx.local.services.bedrock.jobs import NEXT
from nvx.local.services.bedrock.refusals import not_found

_PROVIDERS = {
    "amazon": "Amazon",
    "anthropic": "Anthropic",
    "meta": "Meta",
    "mistral": "Mistral AI",
}
_GEOGRAPHIES = {"us": "us", "eu": "eu", "ap": "apac"}


@dataclass(frozen=True, slots=True)
class FoundationModel:
    """One model: what it can be used for, and how long."""

    id: str
    name: str
    judge: bool = False
    custom_only: bool = False
    """Whether it judges by custom metrics alone."""
    tunable: bool = False
    profile: bool = False
    """Whether an inference profile across regions leads to it."""
    legacy: date | None = None
    ended: date | None = None


@cache
def foundation_models() -> Mapping[str, FoundationModel]:
    """Every model by its id."""
    file = resources.files(__package__) / "seeds" / "foundation_models.toml"
    found = tomllib.loads(file.read_text(encoding="utf-8"))["models"]
    return {id_: FoundationModel(id_, **members) for id_, members in found.items()}


def model_named(ctx: Context, identifier: str) -> FoundationModel | None:
    """The model that an id, an ARN or an inference profile means; None for anything else."""
    name = identifier.rpartition("/")[2] if identifier.startswith("arn:") else identifier
    known = foundation_models()
    geography, _, rest = name.partition(".")
    if name in known:
        return known[name]
    through = geography == _geography(ctx) and rest in known and known[rest].profile
    return known[rest] if through else None


def model_arn(ctx: Context, id_: str) -> str:
    """The ARN of a foundation model, which belongs to no account."""
    return ctx.arn("bedrock", f"foundation-model/{id_}", account="")


@operation("bedrock", "ListFoundationModels")
def list_foundation_models(ctx: Context, params: Params) -> Params:
    """The models that fit the filters."""
    shown = [_details(ctx, model) for model in foundation_models().values()]
    filters = {
        "byCustomizationType": "customizationsSupported",
        "byOutputModality": "outputModalities",
        "byInferenceType": "inferenceTypesSupported",
    }
    for member, name in filters.items():
        if member in params:
            shown = [model for model in shown if params[member] in model[name]]
    provider = params.get("byProvider")
    if provider is not None:
        shown = [m for m in shown if m["providerName"].lower() == provider.lower()]
    return {"modelSummaries": shown}


@operation("bedrock", "GetFoundationModel")
def get_foundation_model(ctx: Context, params: Params) -> Params:
    """One model, with its lifecycle. An inference profile is none."""
    name = params["modelIdentifier"].rpartition("/")[2]
    model = foundation_models().get(name)
    if model is None:
        raise not_found(f"Could not resolve the foundation model from the identifier {name}.")
    return {"modelDetails": _details(ctx, model)}


@operation("bedrock", "ListInferenceProfiles")
def list_inference_profiles(ctx: Context, params: Params) -> Params:
    """The profiles across the regions of this geography."""
    models = [model for model in foundation_models().values() if model.profile]
    rows = [(model.id, _profile(ctx, model)) for model in models]
    if params.get("typeEquals", "SYSTEM_DEFINED") != "SYSTEM_DEFINED":
        rows = []
    chosen, token = page(rows, params, size_member="maxResults", token_member=NEXT, default=100)
    shown = {"inferenceProfileSummaries": [profile for _, profile in chosen]}
    return {**shown, **({NEXT: token} if token else {})}


@operation("bedrock", "GetInferenceProfile")
def get_inference_profile(ctx: Context, params: Params) -> Params:
    """One profile."""
    name = params["inferenceProfileIdentifier"].rpartition("/")[2]
    model = model_named(ctx, name)
    if model is None or name == model.id:
        raise not_found(f"The inference profile {name} does not exist.")
    return _profile(ctx, model)


def _details(ctx: Context, model: FoundationModel) -> Params:
    lifecycle: Params = {"status": "LEGACY" if model.legacy else "ACTIVE"}
    if model.legacy is not None:
        lifecycle["legacyTime"] = _midnight(model.legacy)
    if model.ended is not None:
        lifecycle["endOfLifeTime"] = _midnight(model.ended)
    return {
        "modelArn": model_arn(ctx, model.id),
        "modelId": model.id,
        "modelName": model.name,
        "providerName": _PROVIDERS[model.id.partition(".")[0]],
        "inputModalities": ["TEXT"],
        "outputModalities": ["TEXT"],
        "responseStreamingSupported": True,
        "customizationsSupported": ["FINE_TUNING"] if model.tunable else [],
        "inferenceTypesSupported": ["ON_DEMAND"],
        "modelLifecycle": lifecycle,
    }


def _profile(ctx: Context, model: FoundationModel) -> Params:
    id_ = f"{_geography(ctx)}.{model.id}"
    return {
        "inferenceProfileName": f"{_geography(ctx).upper()} {model.name}",
        "inferenceProfileArn": ctx.arn("bedrock", f"inference-profile/{id_}"),
        "inferenceProfileId": id_,
        "models": [{"modelArn": model_arn(ctx, model.id)}],
        "status": "ACTIVE",
        "type": "SYSTEM_DEFINED",
    }


def _geography(ctx: Context) -> str:
    return _GEOGRAPHIES.get(ctx.region.partition("-")[0], "global")


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
