"""One change made true: what apply does for each action."""

from __future__ import annotations

from dataclasses import replace

from nvx.core.cloud import NotFound
from nvx.core.kind import Observation, Target
from nvx.core.plan import Action, Change
from nvx.core.resource import Declared, Nature
from nvx.core.state import Drop, Move, Put, Record, Retire, Used
from nvx.engine.create import completed, create, draft, wanted, wish_for
from nvx.engine.desk import Book, Desk, stamp
from nvx.engine.refresh import verify, with_results
from nvx.engine.releasing import release


def perform(desk: Desk, book: Book, change: Change) -> Record | None:
    """Do what a change says; the record that its address stands for afterwards. Raises CloudError."""
    change = _moved(book, change)
    release(desk, book, change)
    match change.action:
        case Action.CREATE | Action.NEW_VERSION | Action.RERUN | Action.REPLACE:
            return _make(desk, book, change)
        case Action.UPDATE | Action.MOVE | Action.NOTE:
            return _keep(desk, book, change, _record(change))
        case Action.ADOPT:
            return _adopt(desk, book, change)
        case Action.STOP | Action.DELETE | Action.FORGET:
            _remove(desk, book, change)
            return None
        case Action.NOOP | Action.WAIT | Action.DECIDE:
            return change.record


def _declared(change: Change) -> Declared:
    if change.declared is None:
        raise TypeError(f"{change.address}: {change.action} needs a declared resource")
    return change.declared


def _record(change: Change) -> Record:
    if change.record is None:
        raise TypeError(f"{change.address}: {change.action} needs a record")
    return change.record


def _moved(book: Book, change: Change) -> Change:
    """The change once all records of the address that was renamed belong to the new one."""
    if change.moved_from is None:
        return change
    book.write(Move(change.moved_from, change.address))
    record = change.record
    return replace(
        change, record=None if record is None else replace(record, address=change.address)
    )


def _keep(desk: Desk, book: Book, change: Change, record: Record) -> Record:
    """The record as what the address stands for; what AWS changes in place is sent if it differs."""
    declared = _declared(change)
    now = wanted(declared)
    if any(record.wanted.get(field) != now.get(field) for field in declared.in_place):
        record = completed(record, _updated(desk, book, declared, record))
    return _put(book, declared, record)


def _updated(desk: Desk, book: Book, declared: Declared, record: Record) -> Observation:
    """What an update in place leaves. A run that AWS does not know any more is noted as missing."""
    try:
        return desk.kind(record).update(wish_for(desk, book, declared), record)
    except NotFound:
        if record.nature is Nature.RUN:
            verify(desk, book, record)
        raise


def _put(book: Book, declared: Declared, record: Record) -> Record:
    """The record with today's circumstance, marks and policy; what it ran with stays."""
    now = replace(
        record,
        current=True,
        wanted=wanted(declared),
        refs={field: str(target) for field, target in declared.refs.items()},
        depends_on=tuple(str(a) for a in declared.edges),
        protect=declared.policy.protect,
        on_remove=declared.policy.on_remove.value,
    )
    book.write(Put(now))
    return now


def _make(desk: Desk, book: Book, change: Change) -> Record:
    """Something new. For an object, what it takes the place of goes after it, never before."""
    declared = _declared(change)
    if declared.nature is not Nature.OBJECT:
        return create(desk, book, change, declared)
    now = book.current(change.address)
    if now is not None and now.digest == declared.digest and change.action is Action.REPLACE:
        now = _keep(desk, book, change, now)  # an earlier apply got this far
    else:
        now = create(desk, book, change, declared)
    for old in book.records(change.address):
        if not old.current:
            _discard(desk, book, old, now)
    return now


def _discard(desk: Desk, book: Book, old: Record, new: Record) -> None:
    """Delete what was replaced. It is left, and forgotten, where it holds what is not ours."""
    target = Target(old.address, old.name, old)
    kind = desk.kind(old)
    seen = kind.observe(desk.scope, [target])[old.address].newest
    if old.name != new.name and not (seen is not None and seen.live.get("packages")):
        kind.delete(desk.scope, old)
    book.write(Drop(old.address, old.id))


def _adopt(desk: Desk, book: Book, change: Change) -> Record:
    """An earlier record becomes current again, or an object found in AWS gets its record."""
    if change.found is None:
        return _keep(desk, book, change, _record(change))
    declared, found = _declared(change), change.found
    begun = stamp(desk.clock.now())
    blank = draft(book, declared, found.name or declared.name, found.attempt, begun)
    record = completed(blank, found)
    if declared.nature is Nature.RUN:
        target = Target(record.address, record.name, record, declared)
        seen = desk.kind(record).observe(desk.scope, [target])[record.address].newest
        record = with_results(desk, completed(record, seen) if seen is not None else record)
    if record.version:
        book.write(Used(record.name, record.version))
    return _put(book, declared, record)


def _remove(desk: Desk, book: Book, change: Change) -> None:
    """Stop, delete or forget. History stays: a forgotten run can be adopted again."""
    record = _record(change)
    if change.action is Action.STOP:
        desk.kind(record).delete(desk.scope, record)
    for gone in change.removes:
        desk.kind(gone).delete(desk.scope, gone)
        book.write(Drop(gone.address, gone.id))
    if record in change.removes:
        return
    if record.nature is Nature.OBJECT:  # an object has no history
        book.write(Drop(record.address, record.id))
        return
    book.write(Retire(record.address, record.id))
