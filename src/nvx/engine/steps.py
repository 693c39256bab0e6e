"""One change made true: what apply does for each action."""

from __future__ import annotations

from dataclasses import replace

from nvx.core.kind import Target
from nvx.core.plan import Action, Change
from nvx.core.removal import Uses
from nvx.core.resource import Declared, Nature
from nvx.core.state import Drop, Move, Put, Record, Retire, Used
from nvx.engine.create import completed, create, draft, wanted, wish_for
from nvx.engine.desk import Book, Desk, stamp
from nvx.engine.refresh import with_results


def perform(desk: Desk, book: Book, change: Change) -> Record | None:  # noqa: C901  one case an action
    """Do what a change says; the record that its address stands for afterwards. Raises CloudError."""
    match change.action:
        case Action.CREATE | Action.NEW_VERSION | Action.RERUN:
            return create(desk, book, change, _declared(change))
        case Action.REPLACE:
            return _replace(desk, book, change)
        case Action.UPDATE:
            return _update(desk, book, change)
        case Action.ADOPT:
            return _adopt(desk, book, change)
        case Action.MOVE:
            return _move(book, change)
        case Action.NOTE:
            return _put(book, change, _record(change))
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


def _put(book: Book, change: Change, record: Record) -> Record:
    """The record with today's circumstance, marks and policy; what it ran with stays."""
    declared = _declared(change)
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


def _update(desk: Desk, book: Book, change: Change) -> Record:
    record = _record(change)
    wish = wish_for(desk, book, _declared(change))
    seen = desk.kind(record).update(wish, record)
    return _put(book, change, completed(record, seen))


def _replace(desk: Desk, book: Book, change: Change) -> Record:
    """The new one first, the old one after: nothing is without either in between."""
    old = _record(change)
    new = create(desk, book, change, _declared(change))
    desk.kind(old).delete(desk.scope, old)
    book.write(Drop(old.address, old.id))
    return new


def _adopt(desk: Desk, book: Book, change: Change) -> Record:
    """An earlier record becomes current again, or an object found in AWS gets its record."""
    if change.record is not None and change.found is None:
        return _put(book, change, change.record)
    if change.found is None:
        raise TypeError(f"{change.address}: nothing to adopt")
    declared = _declared(change)
    begun = stamp(desk.clock.now())
    blank = draft(
        book, declared, change.found.name or declared.name, change.found.attempt, begun
    )
    record = completed(blank, change.found)
    if declared.nature is Nature.RUN:
        target = Target(record.address, record.name, record, declared)
        seen = desk.kind(record).observe(desk.scope, [target])[record.address].newest
        record = with_results(desk, completed(record, seen) if seen is not None else record)
    if record.version:
        book.write(Used(record.name, record.version))
    return _put(book, change, record)


def _move(book: Book, change: Change) -> Record:
    if change.moved_from is None:
        raise TypeError(f"{change.address}: nothing to move")
    book.write(Move(change.moved_from, change.address))
    return _put(book, change, replace(_record(change), address=change.address))


def _remove(desk: Desk, book: Book, change: Change) -> None:
    """Stop, delete or forget. History stays: a forgotten run can be adopted again."""
    record = _record(change)
    kind = desk.kind(record)
    if change.action is Action.FORGET:
        book.write(Retire(record.address, record.id))
        return
    if change.action is Action.STOP:
        kind.delete(desk.scope, record)
        book.write(Retire(record.address, record.id))
        return
    state = book.state
    free, kept = Uses.of(state).split(state.records.get(record.address, ()))
    for version in free:
        kind.delete(desk.scope, version)
        book.write(Drop(version.address, version.id))
    if any(version.id == record.id for version in kept):
        book.write(Retire(record.address, record.id))
