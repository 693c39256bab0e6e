"""The Lineage step of a pipeline."""

from __future__ import annotations

from nvx.local.context import Context, Params
from nvx.local.services.sagemaker.lineage import (
    ENTITIES,
    Entity,
    associate,
    find_entity,
)
from nvx.local.services.sagemaker.refusals import invalid


def run_lineage(ctx: Context, arguments: Params) -> Params:
    """Make the entities and associations of a step; its metadata."""
    made = {
        f"{entity.title}Arns": {
            item.get(f"{entity.title}Name", ""): _make(ctx, entity, item)
            for item in arguments.get(f"{entity.title}s", [])
        }
        for entity in ENTITIES.values()
    }
    associations = []
    for item in arguments.get("Associations", []):
        source = _arn(ctx, item.get("Source", {}), made)
        destination = _arn(ctx, item.get("Destination", {}), made)
        associate(ctx, source, destination, item.get("AssociationType"))
        associations.append({"SourceArn": source, "DestinationArn": destination})
    return {"Lineage": {**made, "Associations": associations}}


def _make(ctx: Context, entity: Entity, item: Params) -> str:
    answer = ctx.call("sagemaker", f"Create{entity.title}", item)
    arn: str = answer[f"{entity.title}Arn"]
    return arn


def _arn(ctx: Context, side: Params, made: Params) -> str:
    if "Arn" in side:
        return str(side["Arn"])
    entity = ENTITIES.get(str(side.get("Type", "")).lower())
    if entity is None:
        raise invalid("An association needs an Arn, or a Name and a Type.")
    name = str(side.get("Name", ""))
    arn = made[f"{entity.title}Arns"].get(name)
    found: str = arn or find_entity(ctx, entity, name)[f"{entity.title}Arn"]
    return found
