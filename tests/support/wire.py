"""Exact requests: a kind's verbs against scripted replies, every request kept and checked."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import tomli
from botocore.session import get_session

from nvx.aws.models import PUBLIC_HUB
from nvx.aws.requests import problems_of
from nvx.core.cloud import NotFound

CASES = Path(__file__).parent.parent / "cases" / "wire"


@cache
def service_model(service: str) -> Any:
    """The botocore model of a service."""
    return get_session().get_service_model(service)


@dataclass
class ScriptedCalls:
    """A `Calls` that answers from a script and keeps what it was asked.

    `replies`: operation → its reply, or an exception to raise; an operation that is not in the script
    does not find anything. `sent`: every request that changes something.
    """

    replies: Mapping[str, Any] = field(default_factory=dict)
    sent: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    asked: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)

    def call(self, service: str, operation: str, params: Mapping[str, Any]) -> Any:
        """The scripted reply."""
        assert problems_of(service_model(service), operation, params) == []
        self.asked.append((operation, params))
        if operation.startswith(("Create", "Update", "Start", "Stop", "Add", "Delete")):
            self.sent.append((operation, params))
        reply = self.replies.get(operation, NotFound("not found", operation=operation))
        if isinstance(reply, Sequence) and not isinstance(reply, str):
            reply = reply[min(self._count(operation), len(reply)) - 1]
        if isinstance(reply, Exception):
            raise reply
        return _with_body(reply)

    def _count(self, operation: str) -> int:
        return sum(1 for name, _ in self.asked if name == operation)


@dataclass(frozen=True)
class WireCase:
    """One case file: a block, what the hub says, and the requests that follow."""

    name: str
    reason: str
    kind: str
    variant: str
    block: Mapping[str, Any]
    replies: Mapping[str, Any]
    requests: Sequence[tuple[str, Any]]
    stack: Mapping[str, Any]
    outputs: Mapping[str, Mapping[str, Any]]


def wire_cases(folder: str) -> Iterator[WireCase]:
    """Every case of a folder."""
    for path in sorted((CASES / folder).glob("*.toml")):
        data = tomli.loads(path.read_text("utf-8"))
        yield WireCase(
            name=path.stem,
            reason=data["reason"],
            kind=data["kind"],
            variant=data["variant"],
            block=data["block"],
            replies={**hub_replies(data.get("hub", {})), **_json(data.get("replies", {}))},
            requests=[(r["operation"], json.loads(r["params"])) for r in data["request"]],
            stack=data.get("stack", {}),
            outputs=data.get("outputs", {}),
        )


def readable(params: Mapping[str, Any]) -> Any:
    """Params as plain JSON, with a pipeline definition spelled out."""
    plain = json.loads(json.dumps(params))
    if "PipelineDefinition" in plain:
        plain["PipelineDefinition"] = json.loads(plain["PipelineDefinition"])
    return plain


def hub_replies(hub: Mapping[str, Any], region: str = "us-west-2") -> dict[str, Any]:
    """DescribeHubContent of a base model, and GetObject of its recipes' parameters."""
    if not hub:
        return {}
    name, version = hub["model"], hub.get("version", "1.0.0")
    uri = f"s3://jumpstart-cache-prod-{region}/recipes/x_override_params.json"
    recipes = [
        {
            "SmtjRecipeTemplateS3Uri": "s3://jumpstart/x.yaml",
            "SmtjOverrideParamsS3Uri": uri,
            **recipe,
        }
        for recipe in hub.get("recipes", ())
    ]
    document = {"GatedBucket": hub.get("gated", False), "RecipeCollection": recipes}
    return {
        "DescribeHubContent": {
            "HubContentName": name,
            "HubContentVersion": version,
            "HubContentArn": f"arn:aws:sagemaker:{region}:aws:hub-content/{PUBLIC_HUB}/Model/"
            f"{name}/{version}",
            "HubContentDocument": json.dumps(document),
        },
        "GetObject": {"Body": json.dumps(hub.get("parameters", {}))},
    }


def _json(replies: Mapping[str, Any]) -> dict[str, Any]:
    return {operation: json.loads(text) for operation, text in replies.items()}


def _with_body(reply: Mapping[str, Any]) -> Mapping[str, Any]:
    if isinstance(reply.get("Body"), str):
        data = reply["Body"].encode()
        return {**reply, "Body": io.BytesIO(data), "ContentLength": len(data)}
    return reply
