"""The outputs of a stack, from what is recorded."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from nvx.core.state import State
from nvx.core.values import JsonValue, Reference, Value, references, replaced


def resolved(outputs: Mapping[str, Value], state: State | None) -> dict[str, JsonValue]:
    """Each output with its references resolved; null where one of them is not known yet."""

    def look_up(reference: Reference) -> JsonValue:
        record = state.current(reference.target) if state is not None else None
        return record.outputs.get(reference.output) if record is not None else None

    return {name: _resolved(value, look_up) for name, value in outputs.items()}


def _resolved(value: Value, look_up: Callable[[Reference], JsonValue]) -> JsonValue:
    known = all(look_up(reference) is not None for reference in references(value))
    return replaced(value, look_up) if known else None
