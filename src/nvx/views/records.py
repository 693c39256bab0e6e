"""Recorded resources: as a list, and one in full."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence

from nvx.core.state import Record, State, Status
from nvx.core.values import JsonValue
from nvx.views.paint import Paint, clean

_NAME_WIDTH = 32
_COLOURS = {Status.READY: "green", Status.PENDING: "cyan", Status.DELETING: "cyan"}


def status_word(record: Record) -> str:
    """How a record stands, in the word that people use for its nature."""
    if record.nature.value == "run":
        return {Status.READY: "succeeded", Status.PENDING: "running"}.get(
            record.status, record.status.value
        )
    return record.status.value


def records_text(records: Iterable[Record], paint: Paint) -> str:
    """A line a record: address, status, name, when it was started."""
    shown = [(r, (str(r.address), status_word(r), _which(r))) for r in records]
    if not shown:
        return "Nothing is recorded."
    widths = [max(len(words[i]) for _, words in shown) for i in range(3)]
    return "\n".join(
        f"{words[0]:<{widths[0]}}  "
        + paint(f"{words[1]:<{widths[1]}}", _COLOURS.get(record.status, "red"))
        + f"  {words[2]:<{widths[2]}}  {record.started_at}".rstrip()
        for record, words in shown
    )


def _which(record: Record) -> str:
    if record.version:
        return f"{record.name} {record.version}.0.0"
    return record.name + (f" (attempt {record.attempt})" if record.attempt > 1 else "")


def record_text(record: Record, history: Sequence[Record], paint: Paint) -> str:
    """Everything about one address."""
    lines = [paint(str(record.address), "bold"), ""]
    facts: list[tuple[str, str]] = [
        (
            "status",
            status_word(record) + (f": {clean(record.detail)}" if record.detail else ""),
        ),
        ("name", record.name),
        ("id", record.id),
        ("digest", record.digest),
        ("started", record.started_at),
        ("ended", record.ended_at),
    ]
    lines += [f"  {name:<9} {value}" for name, value in facts if value]
    for title, values in (
        ("inputs", record.inputs),
        ("ran with", record.ran_with),
        ("outputs", record.outputs),
        ("made from", dict(record.upstream)),
    ):
        lines += _block(title, values, paint)
    older = [r for r in history if r.id != record.id]
    if older:
        lines += ["", paint("history", "bold")]
        lines += [
            f"  {_which(r)}  {status_word(r)}  {r.digest[:12]}  {r.started_at}" for r in older
        ]
    return "\n".join(lines)


def _block(title: str, values: object, paint: Paint) -> list[str]:
    rows = list(_flat(values))
    width = min(max((len(name) for name, _ in rows), default=0), _NAME_WIDTH)
    lines = [clean(f"  {name:<{width}}  {value}").rstrip() for name, value in rows]
    return ["", paint(title, "bold"), *lines] if lines else []


def _flat(values: object, path: str = "") -> Iterator[tuple[str, str]]:
    """A row a value: tables by dotted names, a pinned reference by the digest it stands for."""
    match values:
        case {"ref": str(digest), "output": str(output)}:
            yield path, f"{output} of {digest[:12]}"
        case Mapping():
            for name, value in sorted(values.items()):
                yield from _flat(value, f"{path}.{name}" if path else str(name))
        case str():
            yield path, values
        case _:
            yield path, json.dumps(values, ensure_ascii=False, default=str)


def record_document(record: Record) -> dict[str, JsonValue]:
    """One record for machines."""
    return {
        "address": str(record.address),
        "kind": record.kind,
        "variant": record.variant,
        "nature": record.nature.value,
        "status": status_word(record),
        "current": record.current,
        "id": record.id,
        "name": record.name,
        "digest": record.digest,
        "attempt": record.attempt,
        "version": record.version or None,
        "inputs": record.inputs,
        "ran_with": record.ran_with,
        "outputs": record.outputs,
        "upstream": dict(record.upstream),
        "detail": record.detail,
        "started_at": record.started_at or None,
        "ended_at": record.ended_at or None,
        "protect": record.protect,
    }


def state_document(state: State) -> dict[str, JsonValue]:
    """A state for machines."""
    return {
        "name": state.stack,
        "account": state.account,
        "region": state.region,
        "lineage": state.lineage,
        "serial": state.serial,
        "open_intents": [str(i.address) for i in state.intents.values()],
        "resources": [record_document(r) for r in state.currents()],
    }
