"""Versions of a pipeline and their aliases."""

from __future__ import annotations

import re

from nvx.local.context import Context, Params
from nvx.local.services.sagemaker.refusals import conflict, invalid, not_found

VERSIONS = "sagemaker.pipeline-versions"
_ALIAS = re.compile(r"(?!\d+\Z)[a-zA-Z0-9._\-]{1,128}")
_MOST_ALIASES = 10


def versions_of(ctx: Context, pipeline: str) -> list[Params]:
    """Every version of a pipeline, oldest first."""
    prefix = f"{pipeline}/"
    return [doc for key, doc in ctx.table(VERSIONS).items() if key.startswith(prefix)]


def add_version(ctx: Context, pipeline: str, definition: str, aliases: list[str]) -> Params:
    """Keep the next version."""
    existing = versions_of(ctx, pipeline)
    check_aliases(existing, aliases)
    doc: Params = {
        "PipelineName": pipeline,
        "Id": existing[-1]["Id"] + 1 if existing else 1,
        "Definition": definition,
        "Aliases": aliases,
        "CreationTime": ctx.now,
        "Serial": ctx.store.sequence("sagemaker"),
    }
    put_version(ctx, doc)
    return doc


def put_version(ctx: Context, doc: Params) -> None:
    """Keep a version."""
    ctx.table(VERSIONS).put(f"{doc['PipelineName']}/{doc['Id']:08d}", doc)


def find_version(
    ctx: Context, pipeline: str, version_id: int | None, alias: str | None
) -> Params:
    """The version of an id or an alias, the newest for neither; ResourceNotFound for none."""
    if version_id is not None and alias is not None:
        raise invalid("Only one of PipelineVersionId and PipelineVersionAlias is allowed.")
    versions = versions_of(ctx, pipeline)
    for doc in reversed(versions):
        if alias in doc["Aliases"] or doc["Id"] == version_id:
            return doc
    if version_id is None and alias is None:
        return versions[-1]
    asked = f"alias '{alias}'" if alias is not None else f"id {version_id}"
    raise not_found(f"Pipeline version with {asked} of pipeline {pipeline} does not exist.")


def check_aliases(existing: list[Params], aliases: list[str]) -> None:
    """Refuse malformed aliases, and those that another version has."""
    if len(set(aliases)) != len(aliases):
        raise invalid("PipelineVersionAliases must not repeat an alias.")
    for alias in aliases:
        if not _ALIAS.fullmatch(alias):
            raise invalid(f"Invalid pipeline version alias: {alias}.")
        for doc in existing:
            if alias in doc["Aliases"]:
                raise conflict(
                    f"Pipeline version alias '{alias}' already exists: version {doc['Id']} has it."
                )


def change_aliases(ctx: Context, doc: Params, added: list[str], removed: list[str]) -> Params:
    """The version with aliases added and removed; refuses what it does not have or may not get."""
    for alias in removed:
        if alias not in doc["Aliases"]:
            raise not_found(f"Version {doc['Id']} does not have the alias '{alias}'.")
    others = [item for item in versions_of(ctx, doc["PipelineName"]) if item["Id"] != doc["Id"]]
    check_aliases(others, added)
    kept = [alias for alias in doc["Aliases"] if alias not in removed]
    aliases = [*kept, *(alias for alias in added if alias not in kept)]
    if len(aliases) > _MOST_ALIASES:
        raise invalid(f"A pipeline version can have up to {_MOST_ALIASES} aliases.")
    return {**doc, "Aliases": aliases}
