"""What changed between two sets of fields: the one door to deepdiff."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from nvx.core.values import JsonValue, canonical, normal


class Absent:
    """The value of a field that one side does not have; distinct from null."""

    def __repr__(self) -> str:
        return "(absent)"


ABSENT: Final = Absent()

FieldPath = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field that differs: its path, and its value before and after."""

    path: FieldPath
    before: JsonValue | Absent
    after: JsonValue | Absent

    @property
    def name(self) -> str:
        """The path as people write it: `hyperparameters.max_steps`, `subtasks[2]`."""
        text = ""
        for part in self.path:
            text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
        return text


def field_changes(
    before: Mapping[str, JsonValue], after: Mapping[str, JsonValue]
) -> tuple[FieldChange, ...]:
    """The fields that differ, sorted by path; `2` and `2.0` are equal, lists compare in order."""
    if canonical(before) == canonical(after):  # not ==, which takes 1 for True
        return ()
    from deepdiff import DeepDiff  # imported where used: it costs more than most plans

    tree = DeepDiff(normal(before), normal(after), view="tree", verbose_level=2)
    found = [_change(level) for group in tree.values() for level in group]
    return tuple(sorted(found, key=lambda change: [_sortable(part) for part in change.path]))


def _change(level: Any) -> FieldChange:
    path = tuple(level.path(output_format="list"))
    return FieldChange(path, _side(level.t1), _side(level.t2))


def _side(value: Any) -> JsonValue | Absent:
    from deepdiff.helper import NotPresent

    absent = value is NotPresent or isinstance(value, NotPresent)
    return ABSENT if absent else value


def _sortable(part: str | int) -> tuple[bool, int, str]:
    return (isinstance(part, str), part if isinstance(part, int) else 0, str(part))
