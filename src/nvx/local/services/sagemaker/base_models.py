"""Base models of the public hub, as serverless jobs use them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from nvx.local.context import Context, Params
from nvx.local.services.sagemaker.arns import parse
from nvx.local.services.sagemaker.contents import Shelf
from nvx.local.services.sagemaker.hubs import PUBLIC_HUB, find_hub
from nvx.local.services.sagemaker.refusals import invalid, not_found


@dataclass(frozen=True, slots=True)
class BaseModel:
    """The newest version of a model: whatever version was asked for, the service takes that."""

    name: str
    version: str
    arn: str
    document: dict[str, Any]

    @property
    def is_nova(self) -> bool:
        """Whether it is one of Amazon's own."""
        return "nova" in self.name

    @property
    def is_gated(self) -> bool:
        """Whether its licence has to be accepted."""
        return bool(self.document.get("GatedBucket", False))

    def recipes(self, kind: str) -> list[dict[str, Any]]:
        """Its recipes of a type, FineTuning or Evaluation."""
        return [
            item for item in self.document.get("RecipeCollection", []) if item["Type"] == kind
        ]


def base_model(ctx: Context, arn: str) -> BaseModel:
    """The model that a BaseModelArn names; refuses models of other hubs."""
    parts = parse(arn)
    path = parts.path if parts is not None else ()
    if len(path) < 3 or path[0] != PUBLIC_HUB or parts is None or parts.account != "aws":
        raise invalid("Only SageMakerPublicHub is supported for Serverless Training Job")
    _, hub = find_hub(ctx, PUBLIC_HUB)
    doc = Shelf(ctx, hub, "Model", path[2]).get(None)
    if doc is None or parts.region != ctx.region:
        raise not_found(f"Hub content {arn} does not exist.")
    return BaseModel(
        name=path[2],
        version=doc["HubContentVersion"],
        arn=doc["HubContentArn"],
        document=json.loads(doc["HubContentDocument"]),
    )


def tuning_recipe(model: BaseModel, config: Params) -> dict[str, Any]:
    """The recipe that a FineTuning job runs; refuses what the model has no recipe for."""
    technique, peft = config["CustomizationTechnique"], config.get("Peft")
    length = config.get("SequenceLength")
    fitting = [
        recipe
        for recipe in model.recipes("FineTuning")
        if recipe.get("CustomizationTechnique") == technique and recipe.get("Peft") == peft
    ]
    if not fitting:
        raise invalid(
            f"CustomizationTechnique {technique} with {f'Peft {peft}' if peft else 'full-rank'} "
            f"training is not supported for base model {model.name}."
        )
    if length is not None:
        lengths = [recipe.get("SequenceLength") for recipe in fitting]
        if length not in lengths:
            known = ", ".join(sorted({str(item) for item in lengths if item}))
            raise invalid(
                f"SequenceLength {length} is not supported for base model {model.name}. "
                f"Supported: {known}."
            )
        fitting = [recipe for recipe in fitting if recipe.get("SequenceLength") == length]
    return fitting[0]
