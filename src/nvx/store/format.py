"""The format of state: what a snapshot and an entry look like as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import orjson

from nvx.core.address import Address
from nvx.core.ports import CorruptState
from nvx.core.state import (
    Begin,
    Done,
    Drop,
    Entry,
    Intent,
    Move,
    Put,
    Record,
    Refused,
    Retire,
    State,
    Used,
)
from nvx.store.fields import numbers, read, read_all, text, whole
from nvx.store.sealed import SEAL_SIZE, encode, seal, unseal

_ENTRIES: Mapping[str, type[Entry]] = {
    cls.__name__.lower(): cls for cls in (Begin, Done, Refused, Put, Retire, Drop, Move, Used)
}
_TEXTS = ("stack", "account", "region", "lineage")
_MEMBERS = {*_TEXTS, "serial", "records", "intents", "highest"}


def dump(state: State) -> bytes:
    """A snapshot: sealed JSON with a line for each record and intent, so that a diff can be read.

    Raises ValueError for a state that breaks its own rules or holds what JSON cannot.
    """
    _check(state)
    head = {**{name: getattr(state, name) for name in _TEXTS}, "serial": state.serial}
    by_address = sorted(state.records.items(), key=lambda item: str(item[0]))
    records = [encode(record) for _, history in by_address for record in history]
    intents = [encode(intent) for _, intent in sorted(state.intents.items())]
    body = {
        **head,
        "records": [orjson.Fragment(line) for line in records],
        "intents": [orjson.Fragment(line) for line in intents],
        "highest": state.highest,
    }
    lines = [
        seal(body)[0][:SEAL_SIZE],
        encode(head)[1:-1] + b",",
        _listed("records", records) + b",",
        _listed("intents", intents) + b",",
        b'"highest":' + encode(state.highest) + b"}",
    ]
    return b"\n".join(lines) + b"\n"


def load(data: bytes, place: str) -> State:
    """The state of a snapshot. Raises CorruptState or NewerFormat, whatever the bytes."""
    body, _ = unseal(data, place)
    try:
        state = _state_of(body)
        _check(state)
    except ValueError as problem:
        raise CorruptState(f"{place}: {problem}") from problem
    return state


def encode_entry(entry: Entry) -> bytes:
    """An entry as canonical JSON, unsealed. Raises ValueError for what JSON cannot hold."""
    members = {name: getattr(entry, name) for name in entry.__slots__}
    return encode({"entry": type(entry).__name__.lower(), **members})


def decode_entry(value: object) -> Entry:
    """The entry that a parsed value stands for. Raises ValueError."""
    if not isinstance(value, dict):
        raise ValueError("an entry is no object")  # noqa: TRY004  one error for all bad content
    members = dict(value)
    cls = _ENTRIES.get(str(members.pop("entry", "")))
    if cls is None:
        raise ValueError("an entry of no known sort")
    return read(cls, members)


def _listed(name: str, lines: Sequence[bytes]) -> bytes:
    return b'"%s":[\n%s\n]' % (name.encode(), b",\n".join(lines))


def _state_of(body: Mapping[str, object]) -> State:
    if body.keys() != _MEMBERS:
        raise ValueError("it is no snapshot of a state")
    records: dict[Address, list[Record]] = {}
    for record in read_all(Record, body["records"], "records"):
        records.setdefault(record.address, []).append(record)
    intents = read_all(Intent, body["intents"], "intents")
    return State(
        **{name: text(body[name]) for name in _TEXTS},
        serial=whole(body["serial"]),
        records={address: tuple(history) for address, history in records.items()},
        intents={intent.id: intent for intent in intents},
        highest=numbers(body["highest"]),
    )


def _check(state: State) -> None:
    problems = list(state.problems())
    problems += [
        f"intent {key} is filed under another id"
        for key, intent in state.intents.items()
        if key != intent.id
    ]
    if problems:
        raise ValueError("; ".join(problems))
