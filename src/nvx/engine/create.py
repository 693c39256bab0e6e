"""Create in two durable steps: the intent first, then the call."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import replace

from nvx.core.cloud import CloudError, Uncertain
from nvx.core.events import Progress
from nvx.core.kind import Observation
from nvx.core.names import run_name
from nvx.core.plan import Change
from nvx.core.resource import Declared, Nature, Wish
from nvx.core.state import Begin, Done, Entry, Intent, Record, Refused, Status, Used
from nvx.core.values import JsonValue, Reference, replaced
from nvx.engine.desk import Book, Desk, stamp


def create(desk: Desk, book: Book, change: Change, declared: Declared) -> Record:
    """Make what a change starts; its record. Raises CloudError.

    The intent is durable before the call and leaves the state only with a clear answer: a refusal
    drops it, no answer keeps it for the next pass to settle.
    """
    wish = wish_for(desk, book, declared)
    intent = intent_for(desk, book, change, declared)
    kind = desk.kinds[declared.kind, declared.variant]
    book.write(Begin(intent))
    try:
        observation = kind.create(wish, intent)
    except Uncertain:
        raise
    except CloudError:
        book.write(Refused(intent.id))
        raise
    record = begun(intent.draft, observation)
    book.write(*recorded(intent, record))
    return record


def recorded(intent: Intent, record: Record) -> tuple[Entry, ...]:
    """The entries that turn an intent into a record."""
    done = Done(intent.id, record)
    return (done, Used(record.name, record.version)) if record.version else (done,)


def wish_for(desk: Desk, book: Book, declared: Declared) -> Wish:
    """The declared resource with its references resolved to the outputs of current records."""

    def output(reference: Reference) -> JsonValue:
        if not reference.output:  # `depends_on`: an order to keep, not a value to send
            return str(reference.target)
        record = book.current(reference.target)
        if record is None or reference.output not in record.outputs:
            raise CloudError(f"{reference} is not known yet")
        return record.outputs[reference.output]

    config = {name: replaced(value, output) for name, value in declared.config.items()}
    begun = desk.clock.now()

    def report(stage: str, fraction: float) -> None:
        elapsed_s = (desk.clock.now() - begun).total_seconds()
        desk.events.emit(Progress(declared.address, stage, elapsed_s, fraction))

    return Wish(desk.scope, declared, config, book.highest(declared.name), report)


def intent_for(desk: Desk, book: Book, change: Change, declared: Declared) -> Intent:
    """The claim of a change: name, marks and token, chosen before the call."""
    stack = desk.scope.stack.name
    attempt = change.attempt
    name = declared.name or run_name(
        stack, declared.address, declared.digest, attempt, declared.name_limit
    )
    id_ = secrets.token_hex(8)
    seed = "\n".join((desk.scope.lineage, declared.digest, str(attempt), id_))
    now = stamp(desk.clock.now())
    return Intent(
        id=id_,
        address=declared.address,
        kind=declared.kind,
        variant=declared.variant,
        name=name,
        digest=declared.digest,
        document=declared.document,
        attempt=attempt,
        token=hashlib.sha256(seed.encode()).hexdigest(),
        begun_at=now,
        draft=draft(book, declared, name, attempt, now),
    )


def draft(book: Book, declared: Declared, name: str, attempt: int, now: str) -> Record:
    """The record of a declared resource before AWS has given it an id."""
    used = {str(a): r.id for a in declared.upstreams if (r := book.current(a)) is not None}
    return Record(
        address=declared.address,
        kind=declared.kind,
        variant=declared.variant,
        nature=declared.nature,
        id="",
        name=name,
        digest=declared.digest,
        status=Status.PENDING,
        document=declared.document,
        attempt=attempt,
        inputs=declared.inputs,
        refs={field: str(target) for field, target in declared.refs.items()},
        ran_with=declared.circumstance,
        wanted=wanted(declared),
        upstream=used,
        depends_on=tuple(str(a) for a in declared.edges),
        protect=declared.policy.protect,
        on_remove=declared.policy.on_remove.value,
        started_at=now,
    )


def wanted(declared: Declared) -> dict[str, JsonValue]:
    """Circumstance and marks as they are declared now."""
    return {**declared.circumstance, **declared.marks}


def begun(record: Record, seen: Observation) -> Record:
    """The record of what was made. A run counts as running until a refresh has read how it ended."""
    made = completed(record, seen)
    if record.nature is not Nature.RUN:
        return made
    return replace(made, status=Status.PENDING, detail="", ended_at="")


def completed(record: Record, seen: Observation) -> Record:
    """A record with what AWS said of its object."""
    return replace(
        record,
        id=seen.id,
        name=seen.name or record.name,
        status=seen.status,
        version=seen.version or record.version,
        outputs={**record.outputs, **seen.outputs},
        detail=seen.detail,
        started_at=seen.started_at or record.started_at,
        ended_at=seen.ended_at or record.ended_at,
    )
