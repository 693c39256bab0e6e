"""The endpoints that fine-tunes by Autopilot leave running: billed until they are deleted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nvx.aws.automl import Endpoints
from nvx.aws.call import Calls
from nvx.core.kind import Held
from nvx.core.state import Record
from nvx.core.values import JsonValue
from nvx.kinds.common.serverless import moment
from nvx.kinds.fine_tune.autopilot_results import endpoint_of

_OUTPUTS = ("endpoint", "endpoint_arn", "endpoint_since", "endpoint_parts")


class EndpointRuns:
    """The endpoints of runs: read when a run ends, deleted when it is superseded or removed."""

    def __init__(self, calls: Calls) -> None:
        self._endpoints = Endpoints(calls)

    def outputs(self, job: Mapping[str, Any]) -> Mapping[str, JsonValue]:
        """The endpoint of a job, if it is there: its name, since when, and what it is made of."""
        name = endpoint_of(job)
        endpoint = self._endpoints.describe(name) if name else None
        if endpoint is None:
            return {}
        return {
            "endpoint": endpoint.name,
            "endpoint_arn": endpoint.arn,
            "endpoint_since": moment(endpoint.created),
            "endpoint_parts": {"config": endpoint.config, "models": list(endpoint.models)},
        }

    def held(self, record: Record, said: Mapping[str, JsonValue]) -> Held | None:
        """What a run holds, unless its block said last that it is to be kept."""
        arn = record.outputs.get("endpoint_arn")
        if not arn or said.get("keep_endpoint") is True:
            return None
        return Held(
            id=str(arn),
            text=f"endpoint {record.outputs.get('endpoint')}",
            since=str(record.outputs.get("endpoint_since") or ""),
            first=record.ran_with.get("endpoint_name") is not None,
        )

    def release(self, record: Record) -> Mapping[str, JsonValue]:
        """Delete the endpoint of a run and what it is made of; the outputs that are left."""
        parts = record.outputs.get("endpoint_parts")
        known = parts if isinstance(parts, Mapping) else {}
        models = known.get("models")
        self._endpoints.delete(
            str(record.outputs["endpoint"]),
            str(known.get("config") or ""),
            [str(model) for model in models] if isinstance(models, list | tuple) else (),
        )
        return {k: v for k, v in record.outputs.items() if k not in _OUTPUTS}
