"""Kinds of every nature over a cloud in memory, and their offline halves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict

from nvx.core.address import Address
from nvx.core.cloud import AlreadyExists, NotFound, NotOurs
from nvx.core.diagnostics import Diagnostic, DiagnosticError, error, warning
from nvx.core.kind import Observation, Sighting, Target
from nvx.core.names import content_name
from nvx.core.ports import Sources
from nvx.core.resource import (
    Checked,
    Identity,
    Nature,
    OnRemove,
    Policy,
    RefTo,
    Role,
    Scope,
    StackSettings,
    Wish,
)
from nvx.core.state import Intent, Record, Status
from nvx.core.values import JsonValue, Reference, Value
from support.cloud import FakeCloud, Thing


class Fields(BaseModel):
    """What a block of any fake kind may say."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, arbitrary_types_allowed=True
    )

    content: Annotated[str, Role.BEHAVIOUR] = "same"
    source: Annotated[str | Reference, Role.BEHAVIOUR, RefTo((), "id")] = ""
    document: Annotated[str, Role.CIRCUMSTANCE] = ""
    role: Annotated[str, Role.CIRCUMSTANCE] = ""
    group: Annotated[str | Reference, Role.CIRCUMSTANCE, RefTo((), "id")] = ""
    tags: Annotated[Mapping[str, str], Role.MARK] = {}
    name: Annotated[str, Role.BEHAVIOUR] = ""
    after: Annotated[tuple[Reference, ...], Role.POLICY] = ()
    protect: Annotated[bool, Role.POLICY] = False
    manual: Annotated[bool, Role.POLICY] = False
    on_remove: Annotated[OnRemove, Role.POLICY] = OnRemove.FORGET


class FakeKind:
    """What all of them share."""

    name: ClassVar[str]
    variant: ClassVar[str] = ""
    variant_field: ClassVar[str] = ""
    nature: ClassVar[Nature]
    bulk: ClassVar[bool] = False
    paid: ClassVar[bool] = False
    model: ClassVar[type[Any]] = Fields
    outputs: ClassVar[Mapping[str, str]] = {"id": "Its id."}
    in_place: ClassVar[frozenset[str]] = frozenset({"tags"})
    example: ClassVar[str] = ""

    def __init__(self, cloud: FakeCloud) -> None:
        self.cloud = cloud

    @classmethod
    def check(cls, resource: Checked, stack: StackSettings) -> Iterable[Diagnostic]:
        return ()

    @classmethod
    def identity(cls, resource: Checked, stack: StackSettings, sources: Sources) -> Identity:
        fields = resource.config
        assert isinstance(fields, Fields)
        at = resource.declared_at
        if fields.content == "unreadable":
            raise DiagnosticError(
                [error("source", "No such file", str(resource.address), at=at)]
            )
        odd = fields.content == "odd"
        inputs: dict[str, Value] = {"content": fields.content}
        if fields.source:
            inputs["source"] = fields.source
        document: dict[str, Value] = {"document": fields.document} if fields.document else {}
        stated = {"role": fields.role, "group": fields.group}
        return Identity(
            inputs=inputs,
            document=document,
            circumstance={**document, **{k: v for k, v in stated.items() if v}},
            marks={"tags": dict(fields.tags)} if fields.tags else {},
            policy=Policy(fields.protect, fields.manual, fields.on_remove),
            problems=(warning("odd", "Odd content", at=at),) if odd else (),
        )

    @classmethod
    def content_name(cls, resource: Checked, stack: StackSettings) -> str:
        fields = resource.config
        assert isinstance(fields, Fields)
        if fields.name or cls.nature is not Nature.VERSIONED:
            return fields.name
        return content_name(stack.name, resource.address)

    def observe(self, scope: Scope, targets: Sequence[Target]) -> Mapping[Address, Sighting]:
        whom = ",".join(str(target.address) for target in targets)
        with self.cloud.calling("observe", self.name, whom):
            return {target.address: self._sighting(scope, target) for target in targets}

    def find(self, scope: Scope, intent: Intent) -> Observation | None:
        with self.cloud.calling("find", self.name, intent.address):
            found = self.cloud.shown(lambda thing: self._claimed(thing, intent))
            return self.cloud.observed(found[-1], scope) if found else None

    def create(self, wish: Wish, intent: Intent) -> Observation:
        with self.cloud.calling("create", self.name, intent.address):
            return self.cloud.observed(self._made(wish, intent), wish.scope)

    def update(self, wish: Wish, record: Record) -> Observation:
        with self.cloud.calling("update", self.name, record.address):
            thing = self.cloud.things.get(record.id)
            if thing is None:
                raise NotFound(f"{record.id} does not exist")
            thing.tags = wish.declared.marks.get("tags")
            self.cloud.note("update", thing)
            return self.cloud.observed(thing, wish.scope)

    def delete(self, scope: Scope, record: Record) -> None:
        assert (record.kind, record.variant) == (self.name, self.variant)
        with self.cloud.calling("delete", self.name, record.address):
            thing = self.cloud.things.get(record.id)
            if thing is not None:
                self.cloud.note("delete", thing)
                self._deleted(thing)

    def _claimed(self, thing: Thing, intent: Intent) -> bool:
        mine = (self.name, intent.name, intent.digest, intent.document, intent.attempt)
        return mine == (thing.kind, thing.name, thing.digest, thing.document, thing.attempt)

    def _make(self, wish: Wish, intent: Intent, **facts: object) -> Thing:
        source, tags = str(wish.config.get("source") or ""), wish.declared.marks.get("tags")
        if source:
            self._check_source(source, wish)
        return self.cloud.make(
            self.nature, wish.scope, intent, source=source, tags=tags, **facts
        )

    def _check_source(self, source: str, wish: Wish) -> None:
        """What a digest names is what is used, and it is ready."""
        named = wish.declared.inputs["source"]
        thing = self.cloud.things[source]
        assert isinstance(named, Mapping)
        assert thing.digest == named["ref"], f"{wish.declared.address} used another {source}"
        assert self.cloud.status(thing) is Status.READY, f"{source} is not ready"

    def _deleted(self, thing: Thing) -> None:
        self.cloud.lose(thing)

    def _sighting(self, scope: Scope, target: Target) -> Sighting:
        raise TypeError(self.name)

    def _made(self, wish: Wish, intent: Intent) -> Thing:
        raise TypeError(self.name)


class FakeGroup(FakeKind):
    """An object."""

    name = "model_group"
    nature = Nature.OBJECT

    def _sighting(self, scope: Scope, target: Target) -> Sighting:
        found = self.cloud.shown(lambda t: t.kind == self.name and t.name == target.name)
        if not found:
            return Sighting(None, recorded_gone=target.record is not None)
        seen = self.cloud.observed(found[0], scope)
        live: dict[str, JsonValue] = {"packages": found[0].packages}
        return Sighting(replace(seen, live=live) if target.declared is None else seen)

    def _made(self, wish: Wish, intent: Intent) -> Thing:
        taken = [t for t in self.cloud.things.values() if t.name == intent.name]
        if not taken:
            return self._make(wish, intent)
        if not self.cloud.observed(taken[0], wish.scope).ours:
            raise NotOurs(f"{intent.name} is somebody else's")
        return taken[0]


class FakeData(FakeKind):
    """Versions of one name."""

    name = "dataset"
    nature = Nature.VERSIONED
    bulk = True

    def _sighting(self, scope: Scope, target: Target) -> Sighting:
        versions = self.cloud.shown(lambda t: t.kind == self.name and t.name == target.name)
        gone = target.record is not None and target.record.id not in self.cloud.things
        if not versions:
            return Sighting(None, gone)
        newest = max(versions, key=lambda t: t.version)
        return Sighting(self.cloud.observed(newest, scope), gone)

    def _made(self, wish: Wish, intent: Intent) -> Thing:
        versions = [t for t in self.cloud.things.values() if t.name == intent.name]
        newest = max(versions, key=lambda t: t.version, default=None)
        good = newest is not None and self.cloud.status(newest) is not Status.FAILED
        if newest is not None and good and self._claimed(newest, intent):
            return newest
        used = [wish.highest, *(t.version for t in versions)]
        return self._make(wish, intent, version=max(used) + 1)


class FakeOtherData(FakeData):
    """The same names, another variant."""

    variant = "other"


class FakeRuns(FakeKind):
    """Runs: each is paid for."""

    nature = Nature.RUN
    paid = True
    outputs: ClassVar[Mapping[str, str]] = {"id": "Its id.", "model": "What came out."}

    def recover(self, scope: Scope, targets: Sequence[Target]) -> Sequence[Observation]:
        with self.cloud.calling("recover", self.name, scope.stack.name):
            mine = (self.name, self.variant, scope.stack.name)
            found = self.cloud.shown(lambda t: (t.kind, t.variant, t.stack) == mine)
            return [self.cloud.observed(thing, scope) for thing in found]

    def results(self, scope: Scope, record: Record) -> Mapping[str, JsonValue]:
        with self.cloud.calling("results", self.name, record.address):
            return {"score": 1}

    def log_lines(self, scope: Scope, record: Record) -> Sequence[str]:
        return ()

    def _sighting(self, scope: Scope, target: Target) -> Sighting:
        record = target.record
        shown = self.cloud.shown(lambda t: record is not None and t.id == record.id)
        if not shown:
            return Sighting(None, recorded_gone=record is not None)
        return Sighting(self.cloud.observed(shown[0], scope))

    def _made(self, wish: Wish, intent: Intent) -> Thing:
        taken = [t for t in self.cloud.things.values() if t.name == intent.name]
        if not taken:
            return self._make(wish, intent)
        if not self._claimed(taken[0], intent):
            raise AlreadyExists(f"{intent.name} is taken")
        return taken[0]

    def _deleted(self, thing: Thing) -> None:
        if not self.cloud.status(thing).ended:
            thing.stopped = True


class FakeTune(FakeRuns):
    """A paid run."""

    name = "fine_tune"
    variant = "sft"


class FakeOtherTune(FakeTune):
    """The same kind, another variant."""

    variant = "dpo"


class FakeEvaluation(FakeRuns):
    """A run of what a run made."""

    name = "evaluation"


FAKES: Sequence[type[FakeKind]] = (
    FakeGroup,
    FakeData,
    FakeOtherData,
    FakeTune,
    FakeOtherTune,
    FakeEvaluation,
)
