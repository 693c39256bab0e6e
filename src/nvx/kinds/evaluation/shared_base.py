"""Evaluations that pay for the same answers of a base model more than once. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from nvx.core.address import NAME, Address
from nvx.core.diagnostics import Diagnostic, warning
from nvx.core.ports import in_one_line
from nvx.core.resource import Declared
from nvx.core.values import Reference, Template, Value, canonical
from nvx.kinds.common.model import plain

_NOT_A_SETTING = frozenset({"model", "compare_base"})
_SHOWN = 5
_FOR_EACH = (
    "\nand the same for the other settings: for_each makes one evaluation of each, and baseline"
    " may name its instance with ${each.key} or ${each.value}"
)


@dataclass(frozen=True, slots=True)
class _Shared:
    """Evaluations that ask the same base model the same."""

    base: str
    members: tuple[Declared, ...]

    @property
    def blocks(self) -> frozenset[Address]:
        """The blocks that they are instances of."""
        return frozenset(replace(one.address, key=None) for one in self.members)

    @property
    def plain(self) -> Declared | None:
        """The member that evaluates only the base model, if there is one."""
        return next((one for one in self.members if "model" not in one.refs), None)

    @property
    def comparing(self) -> Declared:
        """The first member that evaluates the base model beside a tuned one."""
        return next(one for one in self.members if "model" in one.refs)


def shared_base_warnings(declared: Sequence[Declared]) -> tuple[Diagnostic, ...]:
    """A warning where a base model is evaluated with the same settings again, and what to write.

    Of instances of the same blocks, the first settings are shown.
    """
    by_address = {one.address: one for one in declared}
    groups: dict[tuple[str, ...], list[Declared]] = {}
    for one in declared:
        base = _base_of(one, by_address)
        if base:
            groups.setdefault((base, one.variant, _settings(one)), []).append(one)
    alike: dict[frozenset[Address], list[_Shared]] = {}
    for (base, *_), members in groups.items():
        if len(members) > 1:
            found = _Shared(base, tuple(sorted(members, key=lambda one: one.address)))
            alike.setdefault(found.blocks, []).append(found)
    return tuple(_warning(found, by_address) for found in alike.values())


def _base_of(one: Declared, declared: Mapping[Address, Declared]) -> str:
    """The base model that an evaluation asks; "" where it asks none, or none that is known."""
    if one.kind != "evaluation":
        return ""
    model = one.inputs.get("model")
    if isinstance(model, str):
        return "" if model.startswith("arn:") else model
    tuned = declared.get(one.refs["model"]) if "model" in one.refs else None
    if tuned is None or one.inputs.get("compare_base") is not True:
        return ""
    return str(tuned.inputs.get("base_model", ""))


def _settings(one: Declared) -> str:
    return canonical({k: v for k, v in one.inputs.items() if k not in _NOT_A_SETTING})


def _warning(found: Sequence[_Shared], declared: Mapping[Address, Declared]) -> Diagnostic:
    first, *others = found
    members = [str(one.address) for one in first.members]
    more = [f"{len(members) - _SHOWN:,} more"] if len(members) > _SHOWN else []
    also = f" So it is for {len(others):,} more of their settings." if others else ""
    return warning(
        "shared-base",
        "Base model paid for again",
        f"{in_one_line([*members[:_SHOWN], *more])} each evaluate {first.base} with the same settings:"
        f" the same answers are paid for {len(members):,} times.{also}",
        at=first.comparing.declared_at,
        hint=_advice(first, declared) + (_FOR_EACH if others else ""),
    )


def _advice(shared: _Shared, declared: Mapping[Address, Declared]) -> str:
    """The block that evaluates the base model once, and the gate that compares with it."""
    comparing, known = shared.comparing, shared.plain
    where = comparing.address if known is None else known.address
    if known is None:
        where = _free_name(replace(where, key=None), declared)
    gates = comparing.config.get("gate")
    metric = next(iter(gates), "METRIC") if isinstance(gates, Mapping) else "METRIC"
    lines = [
        f"[evaluation.{comparing.address.name}.gate.{metric}]",
        "max_drop = 0.01",
        f"baseline = {_toml(str(where))}",
    ]
    if known is None:
        lines = [f"[{where}]", *_block(comparing, shared.base), "", *lines]
    text = "\n".join(f"  {line}" if line else "" for line in lines)
    return f"evaluate it once, leave compare_base out, and compare with that:\n{text}"


def _free_name(block: Address, declared: Mapping[Address, Declared]) -> Address:
    """An address for the new block that nothing has."""
    taken = {address.name for address in declared if address.kind == block.kind}
    names = (f"{block.name}_base", "base", *(f"base{n}" for n in range(2, len(taken) + 3)))
    free = next(name for name in names if name not in taken and NAME.fullmatch(name))
    return replace(block, name=free)


def _block(one: Declared, base: str) -> Iterator[str]:
    """The fields of an evaluation of the base model alone, with the settings of another."""
    yield f"type = {_toml(one.variant)}"
    yield f"model = {_toml(base)}"
    for name in one.inputs:
        if name not in _NOT_A_SETTING and name in one.config:
            yield f"{name} = {_toml(plain(one.config[name]))}"
    if one.config.get("mlflow") is not None:
        yield f"mlflow = {_toml(plain(one.config['mlflow']))}"


def _toml(value: Value) -> str:
    """A value as TOML, on one line."""
    if isinstance(value, Reference | Template):
        return _quoted(str(value))
    if isinstance(value, str):
        return _quoted(value.replace("${", "$${"))
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_quoted(k)} = {_toml(v)}" for k, v in value.items()) + " }"
    if isinstance(value, Sequence):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return json.dumps(value)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
