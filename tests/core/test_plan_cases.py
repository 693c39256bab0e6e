"""Every file of tests/cases/plan: what is declared, recorded and seen, and what must follow."""

from __future__ import annotations

import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import tomli

from nvx.core.address import Address
from nvx.core.kind import Observation, Sighting
from nvx.core.plan import Action, Change, Plan, Reason
from nvx.core.planner import Options, Seen, make_plan
from nvx.core.resource import Declared, Nature, OnRemove, Policy
from nvx.core.state import Record, State, Status
from nvx.core.tables import OBJECTS, RUNS, VERSIONED

CASES = sorted((Path(__file__).parents[1] / "cases" / "plan").glob("*.toml"))
NATURES = {
    "dataset": Nature.VERSIONED,
    "evaluator": Nature.VERSIONED,
    "model_group": Nature.OBJECT,
    "fine_tune": Nature.RUN,
    "evaluation": Nature.RUN,
}


def declared_of(row: Mapping[str, Any]) -> Declared:
    address = Address.parse(row["address"])
    upstreams = tuple(Address.parse(a) for a in row.get("upstreams", []))
    refs = {a.kind: a for a in upstreams}
    policy = Policy(row.get("protect", False), row.get("manual", False), OnRemove.FORGET)
    return Declared(
        address=address,
        kind=address.kind,
        variant="",
        nature=NATURES[address.kind],
        digest=row["digest"],
        document=row.get("document", ""),
        config={},
        inputs=row.get("inputs", {}),
        circumstance=row.get("circumstance", {}),
        marks=row.get("marks", {}),
        policy=policy,
        edges=tuple(sorted({*upstreams, *map(Address.parse, row.get("edges", []))})),
        upstreams=upstreams,
        refs=refs,
        in_place=frozenset(row.get("in_place", [])),
        paid=NATURES[address.kind] is Nature.RUN,
    )


def record_of(row: Mapping[str, Any]) -> Record:
    address = Address.parse(row["address"])
    return Record(
        address=address,
        kind=address.kind,
        variant="",
        nature=NATURES[address.kind],
        id=row["id"],
        name=row.get("name", row["id"]),
        digest=row["digest"],
        status=Status(row.get("status", "ready")),
        document=row.get("document", ""),
        attempt=row.get("attempt", 1),
        version=row.get("version", 0),
        current=row.get("current", True),
        inputs=row.get("inputs", {}),
        wanted=row.get("wanted", {}),
        upstream=row.get("upstream", {}),
        depends_on=tuple(row.get("depends_on", [])),
        protect=row.get("protect", False),
        on_remove=row.get("on_remove", "forget"),
        detail=row.get("detail", ""),
    )


def observation_of(row: Mapping[str, Any]) -> Observation:
    return Observation(
        id=row["id"],
        status=Status(row.get("status", "ready")),
        digest=row.get("digest", ""),
        document=row.get("document", ""),
        attempt=row.get("attempt", 1),
        ours=row.get("ours", True),
        lineage=row.get("lineage", "L"),
        live=row.get("live", {}),
        detail=row.get("detail", ""),
    )


def state_of(case: Mapping[str, Any]) -> State:
    records: dict[Address, tuple[Record, ...]] = {}
    for record in map(record_of, case.get("recorded", [])):
        records[record.address] = (*records.get(record.address, ()), record)
    return State("case", "123456789012", "us-west-2", "L", 1, records)


def plan_of(case: Mapping[str, Any], shuffle: random.Random | None = None) -> Plan:
    declared = [declared_of(row) for row in case.get("declared", [])]
    if shuffle is not None:
        shuffle.shuffle(declared)
    seen = {
        Address.parse(row["address"]): Sighting(
            observation_of(row) if "id" in row else None, row.get("recorded_gone", False)
        )
        for row in case.get("seen", [])
    }
    found = [observation_of(row) for row in case.get("found", [])]
    options = Options(
        rerun=frozenset(map(Address.parse, case.get("rerun", []))),
        destroy=case.get("destroy", False),
    )
    return make_plan(declared, state_of(case), Seen(seen, found), options)


def shown(change: Change) -> dict[str, Any]:
    row: dict[str, Any] = {"action": change.action.value}
    if change.reason is not Reason.NONE:
        row["reason"] = change.reason.value
    if change.because_of:
        row["because_of"] = [str(a) for a in change.because_of]
    if change.moved_from is not None:
        row["moved_from"] = str(change.moved_from)
    if change.fields:
        row["fields"] = [field.name for field in change.fields]
    if change.action is Action.RERUN and change.attempt > 1:
        row["attempt"] = change.attempt
    return row


def load(path: Path) -> dict[str, Any]:
    return tomli.loads(path.read_text())


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_plan_case(path: Path) -> None:
    case = load(path)
    assert case["reason"]
    plan = plan_of(case)
    assert {str(c.address): shown(c) for c in plan.changes} == case["expect"]


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_plan_does_not_depend_on_the_order_of_declarations(path: Path) -> None:
    case = load(path)
    assert plan_of(case, random.Random(7)) == plan_of(case)  # noqa: S311  no secret is drawn


def test_every_row_of_every_table_has_a_case() -> None:
    reached: set[tuple[Nature, Action, Reason]] = set()
    for path in CASES:
        for change in plan_of(load(path)).changes:
            reached.add((NATURES[change.kind], change.action, change.reason))
    rows = {
        *((Nature.RUN, row.action, row.reason) for row in RUNS),
        *((Nature.VERSIONED, row.action, row.reason) for row in VERSIONED),
        *((Nature.OBJECT, row.action, row.reason) for row in OBJECTS),
    }
    assert rows - reached == set()
