"""`depends_on`: addresses written as text, which mean the same as references."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from nvx.config.scan import KeyPath
from nvx.config.subject import Subject, shown
from nvx.core.address import Address
from nvx.core.diagnostics import Diagnostic, Location, error
from nvx.core.values import UNKNOWN, Reference, Value

FIELD = "depends_on"


@dataclass(frozen=True, slots=True)
class Use:
    """A reference in a table: the key path of the value that holds it, its index in the text."""

    subject: Subject
    path: KeyPath
    reference: Reference
    index: int = 0
    is_carried: bool = False
    """Whether it came with `each.value`: a target that is missing is told where it is written."""

    @property
    def at(self) -> Location:
        """Where it is written."""
        return self.subject.in_text(self.path, self.index)


def with_dependencies(
    values: Mapping[str, Value], subject: Subject
) -> tuple[Mapping[str, Value], list[Use], list[Diagnostic]]:
    """A block's values with the addresses in `depends_on` as references; those; what is wrong."""
    listed = values.get(FIELD)
    if not isinstance(listed, list):
        return values, [], []
    uses: list[Use] = []
    problems: list[Diagnostic] = []
    items: list[object] = list(listed)
    for index, item in enumerate(items):
        if not isinstance(item, str):
            continue
        target = _address(item)
        items[index] = UNKNOWN if target is None else Reference(target)
        if target is None:
            problems.append(_no_address(item, subject, subject.at((FIELD, index))))
        else:
            uses.append(Use(subject, (FIELD, index), Reference(target)))
    return {**values, FIELD: items}, uses, problems  # type: ignore[dict-item]  # UNKNOWN never leaves


def _address(text: str) -> Address | None:
    try:
        return Address.parse(text)
    except ValueError:
        return None


def _no_address(text: str, subject: Subject, at: Location) -> Diagnostic:
    return error(
        "bad_address",
        "Bad address",
        f"{FIELD} of {subject.title} lists {shown(text)}, which is no address",
        at=at,
        hint="write kind.name, such as dataset.tickets",
    )
