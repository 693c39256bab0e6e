"""Every kind through its life, against the local AWS."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from nvx.aws.session import Aws, AwsSettings
from nvx.core.cloud import NotFound
from nvx.core.kind import Observation, ResourceKind, Sighting, Target
from nvx.core.resource import Declared, Scope
from nvx.core.state import Record, Status
from nvx.engine.create import completed
from nvx.kinds import all_kinds
from nvx.local.server import LocalAws
from nvx.local.settings import Settings
from support.clock import FakeClock
from support.kind_desk import checked, declared, intent_for, wish_for
from support.local_kinds import BLOCKS, FILES, LOCAL

SCOPE = Scope(LOCAL, "lineage-1")


class SleepyClock(FakeClock):
    """Moves on by itself a little: the local AWS has a clock of its own."""

    def sleep(self, duration: timedelta) -> None:
        super().sleep(duration)
        time.sleep(0.01)  # noqa: TID251  the server's clock is real


@pytest.fixture(scope="module")
def aws() -> Iterator[Aws]:
    with LocalAws(settings=Settings(speed=60_000)) as server:
        settings = AwsSettings(region="us-west-2", endpoint_url=server.url, local=True)
        door = Aws(settings, SleepyClock())
        yield door
        door.close()
        assert server.bad_output == []


@dataclass
class Life:
    """One resource of one kind."""

    kind: ResourceKind
    one: Declared
    name: str

    def create(self, highest: int = 0) -> Observation:
        return self.kind.create(
            wish_for(self.one, SCOPE, highest), intent_for(self.one, self.name)
        )

    def find(self) -> Observation | None:
        return self.kind.find(SCOPE, intent_for(self.one, self.name))

    def record(self, seen: Observation) -> Record:
        return completed(intent_for(self.one, self.name).draft, seen)

    def observe(self, record: Record | None, *, wanted: bool = True) -> Sighting:
        target = Target(self.one.address, self.name, record, self.one if wanted else None)
        return self.kind.observe(SCOPE, [target])[self.one.address]

    def until(self, done: Callable[[Sighting], bool], record: Record | None) -> Sighting:
        for _ in range(500):
            sighting = self.observe(record)
            if done(sighting):
                return sighting
            time.sleep(0.01)  # noqa: TID251  the server's clock is real
        raise AssertionError(sighting)


@pytest.fixture(params=BLOCKS, ids=lambda block: f"{block[0]} {block[1]}".strip())
def life(aws: Aws, tmp_path: Path, request: pytest.FixtureRequest) -> Life:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    kind, variant, config = request.param
    name = "n" + sha256(request.node.name.encode()).hexdigest()[:8]
    one = declared(checked(kind, config, tmp_path, variant=variant, name=name), LOCAL)
    found = all_kinds(aws, SleepyClock())[kind, variant]
    return Life(found, one, one.name or f"demo-{name}")


def test_create_can_be_repeated_and_found(life: Life) -> None:
    assert life.find() is None
    assert life.observe(None).newest is None
    made = life.create()
    again, found = life.create(), life.find()
    assert found is not None
    assert (again.id, found.id) == (made.id, made.id)
    assert found.outputs == made.outputs == again.outputs
    assert set(made.outputs) == set(type(life.kind).outputs)  # type: ignore[attr-defined]  # a KindSpec too


def test_observation_becomes_ready_and_knows_its_marks(life: Life) -> None:
    record = life.record(life.create())
    ready = life.until(
        lambda s: s.newest is not None and s.newest.status is Status.READY, record
    )
    assert ready.newest is not None
    assert ready.newest.id == record.id
    assert ready.newest.ours
    stranger = life.observe(None).newest
    assert stranger is not None
    assert (stranger.digest, stranger.lineage) == (life.one.digest, "lineage-1")
    assert stranger.address == life.one.address.mark
    assert stranger.outputs == record.outputs


def test_delete_can_be_repeated_and_is_proven(life: Life) -> None:
    record = life.record(life.create())
    life.until(lambda s: s.newest is not None and s.newest.status is Status.READY, record)
    life.kind.delete(SCOPE, record)
    life.kind.delete(SCOPE, record)
    gone = life.until(lambda s: s.newest is None, record)
    assert gone.recorded_gone
    assert life.find() is None


def test_function_goes_with_the_last_version_of_its_digest(
    life: Life, aws: Aws, tmp_path: Path
) -> None:
    if life.one.variant != "reward_function":
        return
    first = life.record(life.create())
    life.until(lambda s: s.newest is not None and s.newest.status is Status.READY, first)
    function = {"FunctionName": str(first.outputs["function_arn"])}
    said = replace(life.one, document="another document")
    second = life.kind.create(wish_for(said, SCOPE), intent_for(said, life.name))
    record = life.record(second)
    life.until(lambda s: s.newest is not None and s.newest.status is Status.READY, record)
    assert (second.version, second.outputs["function_arn"]) == (2, function["FunctionName"])
    life.kind.delete(SCOPE, first)
    assert aws.call("lambda", "GetFunction", function)
    life.kind.delete(SCOPE, record)
    with pytest.raises(NotFound):
        aws.call("lambda", "GetFunction", function)


def test_tags_change_in_place(life: Life, aws: Aws) -> None:
    seen = life.create()
    record = replace(life.record(seen), wanted={"tags": {"team": "a", "old": "x"}})
    tagged = replace(life.one, marks={**life.one.marks, "tags": {"team": "b"}})
    updated = life.kind.update(wish_for(tagged, SCOPE), record)
    assert updated.id == record.id
    arn = record.id.rpartition("/")[0] if record.version else record.id
    said: Any = aws.call("sagemaker", "ListTags", {"ResourceArn": arn})["Tags"]
    tags = {tag["Key"]: tag["Value"] for tag in said}
    assert (tags["team"], tags["nvx:stack"]) == ("b", "demo")
    assert "old" not in tags
