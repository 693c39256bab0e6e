"""What scores answers: evaluators of an AI registry, judges, models on Bedrock. Reads only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from nvx.aws.call import Calls
from nvx.aws.models import json_object
from nvx.aws.objects import Objects, Place
from nvx.core.cloud import CloudError, NotFound

_JUDGES_KEY = "fmhMetadata/supported-llmaj-judge-models.json"


@dataclass(frozen=True, slots=True)
class Evaluator:
    """A version of an evaluator in an AI registry."""

    type: str
    """`RewardFunction`, `RewardPrompt`; "" for a document of another kind."""
    reference: str
    """The function's ARN, or the URI of the prompt."""
    status: str


@dataclass(frozen=True, slots=True)
class FoundationModel:
    """A model on Bedrock."""

    id: str
    end_of_life: datetime | None = None


class Scorers:
    """Looks up what scores answers."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self._objects = Objects(calls)

    def evaluator(self, arn: str) -> Evaluator | None:
        """The version of an evaluator that an ARN names, None where there is none."""
        hub, _, name, version = arn.partition(":hub-content/")[2].split("/")
        params = {
            "HubName": f"{arn.partition(':hub-content/')[0]}:hub/{hub}",
            "HubContentType": "JsonDoc",
            "HubContentName": name,
            "HubContentVersion": version,
        }
        try:
            reply = self._calls.call("sagemaker", "DescribeHubContent", params)
        except NotFound:
            return None
        return _evaluator(reply)

    def judges(self, region: str) -> frozenset[str] | None:
        """The judge models that the service takes in a region; None where its list cannot be read."""
        place = Place(f"jumpstart-cache-prod-{region}", _JUDGES_KEY)
        try:
            data = self._objects.read(place)
            found = (
                json_object(data, str(place)).get("supported_judge_models") if data else None
            )
        except CloudError:
            return None
        if not isinstance(found, list):
            return None
        return frozenset(str(row.get("model_id")) for row in found if isinstance(row, Mapping))

    def foundation_model(self, id_: str) -> FoundationModel | None:
        """A model on Bedrock, None where there is none. Raises CloudError."""
        try:
            reply = self._calls.call("bedrock", "GetFoundationModel", {"modelIdentifier": id_})
        except NotFound:
            return None
        lifecycle = (reply.get("modelDetails") or {}).get("modelLifecycle") or {}
        return FoundationModel(id_, lifecycle.get("endOfLifeTime"))


def _evaluator(reply: Mapping[str, Any]) -> Evaluator:
    document = json_object(str(reply["HubContentDocument"]), "its hub document")
    inner = json_object(str(document.get("JsonContent") or "{}"), "its hub document")
    return Evaluator(
        type=str(inner.get("EvaluatorType") or ""),
        reference=str(inner.get("Reference") or ""),
        status=str(reply["HubContentStatus"]),
    )
