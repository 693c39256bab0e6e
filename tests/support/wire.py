"""Requests of runs as case files: a block, what the hub says, and what is sent then."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomli

from nvx.aws.models import PUBLIC_HUB
from nvx.core.cloud import NotFound
from support.fake_calls import Answer, FakeCalls

CASES = Path(__file__).parent.parent / "cases" / "wire"
_CHANGES = ("Create", "Update", "Start", "Stop", "Add", "Delete")


class Script(dict[str, Sequence[Answer]]):
    """Answers by operation; what is not in the script does not find anything."""

    def __missing__(self, name: str) -> Sequence[Answer]:
        return [NotFound("not found", operation=name)]


@dataclass(frozen=True)
class WireCase:
    """One case file."""

    name: str
    reason: str
    kind: str
    variant: str
    block: Mapping[str, Any]
    script: Script
    requests: Sequence[tuple[str, Any]]
    stack: Mapping[str, Any]
    outputs: Mapping[str, Mapping[str, Any]]
    """Address of what the block refers to → its outputs."""


def wire_cases(folder: str) -> Iterator[WireCase]:
    """Every case of a folder."""
    for path in sorted((CASES / folder).glob("*.toml")):
        data = tomli.loads(path.read_text("utf-8"))
        replies = {
            f"sagemaker.{operation}": [json.loads(text)]
            for operation, text in data.get("replies", {}).items()
        }
        yield WireCase(
            name=path.stem,
            reason=data["reason"],
            kind=data["kind"],
            variant=data["variant"],
            block=data["block"],
            script=Script(
                {**hub_script(data["hub"], evaluators=data.get("evaluators", {})), **replies}
            ),
            requests=[(r["operation"], json.loads(r["params"])) for r in data["request"]],
            stack=data.get("stack", {}),
            outputs=data.get("outputs", {}),
        )


def changes(calls: FakeCalls) -> list[tuple[str, Any]]:
    """The requests that change something, a pipeline definition in them spelled out."""
    return [
        (name.partition(".")[2], _readable(params))
        for name, params in calls.sent
        if name.partition(".")[2].startswith(_CHANGES)
    ]


def hub_script(
    hub: Mapping[str, Any],
    region: str = "us-west-2",
    evaluators: Mapping[str, str] | None = None,
) -> dict[str, list[Answer]]:
    """What the public hub says of a base model, S3 of the parameters of its recipes, the registry of
    evaluators (name → type)."""
    name, version = hub["model"], hub.get("version", "1.0.0")
    recipe = {
        "SmtjRecipeTemplateS3Uri": "s3://jumpstart/x.yaml",
        "SmtjOverrideParamsS3Uri": f"s3://jumpstart-cache-prod-{region}/recipes/x_params.json",
    }
    document = {
        "GatedBucket": hub.get("gated", False),
        "RecipeCollection": [{**recipe, **one} for one in hub.get("recipes", ())],
    }
    body = json.dumps(hub.get("parameters", {})).encode()
    described = {
        "HubContentName": name,
        "HubContentVersion": version,
        "HubContentArn": f"arn:aws:sagemaker:{region}:aws:hub-content/{PUBLIC_HUB}/Model/"
        f"{name}/{version}",
        "HubContentDocument": json.dumps(document),
    }

    def content(params: Mapping[str, Any]) -> Mapping[str, Any]:
        if params["HubContentType"] == "Model":
            return described
        return _evaluator((evaluators or {})[params["HubContentName"]])

    return {
        "bedrock.GetFoundationModel": [{"modelDetails": {}}],
        "s3.HeadObject": [NotFound("not found")],
        "s3.PutObject": [{}],
        "sagemaker.DescribeHubContent": [content],
        "s3.GetObject": [lambda _: {"Body": io.BytesIO(body), "ContentLength": len(body)}],
    }


def _evaluator(type_: str) -> Mapping[str, Any]:
    inner = json.dumps({"Reference": "arn:aws:lambda:x", "EvaluatorType": type_})
    document = json.dumps({"SubType": "AWS/Evaluator", "JsonContent": inner})
    return {"HubContentDocument": document, "HubContentStatus": "Available"}


def _readable(params: Mapping[str, Any]) -> Any:
    plain = json.loads(json.dumps(params))
    if "PipelineDefinition" in plain:
        plain["PipelineDefinition"] = json.loads(plain["PipelineDefinition"])
    return plain
