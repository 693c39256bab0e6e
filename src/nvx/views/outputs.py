"""Outputs of a stack, for people."""

from __future__ import annotations

import json
from collections.abc import Mapping

from nvx.core.values import JsonValue
from nvx.views.paint import Paint, clean


def outputs_text(outputs: Mapping[str, JsonValue], paint: Paint) -> str:
    """A line an output."""
    if not outputs:
        return "No outputs."
    width = max(map(len, outputs))
    return "\n".join(
        f"{paint(f'{name:<{width}}', 'bold')} = {value_text(value)}"
        for name, value in outputs.items()
    )


def outputs_document(outputs: Mapping[str, Mapping[str, JsonValue]]) -> dict[str, JsonValue]:
    """`nvx.outputs/1`: the outputs of each stack."""
    return {
        "format": "nvx.outputs/1",
        "stacks": [{"name": name, "outputs": dict(own)} for name, own in outputs.items()],
    }


def value_text(value: JsonValue) -> str:
    """Text as it is, anything else as JSON."""
    return clean(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
