"""Inputs → exact requests, replies → observation: one test for every data file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import tomli

from nvx.aws.hub import registry
from nvx.core.kind import Observation, Target
from nvx.core.names import function_name
from nvx.core.ports import Source
from nvx.core.resource import Declared
from nvx.core.state import Status
from nvx.kinds import all_kinds
from support.clock import FakeClock
from support.fake_calls import ScriptedCalls
from support.kind_desk import (
    ACCOUNT,
    REGION,
    SCOPE,
    STACK,
    checked,
    declared,
    intent_for,
    record_for,
    wish_for,
)

KINDS = ("dataset", "evaluator", "model_group")
FOLDER = Path(__file__).parent.parent / "cases" / "wire"
CASES = sorted(path for kind in KINDS for path in FOLDER.glob(f"{kind}*.toml"))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_wire_case(path: Path, tmp_path: Path) -> None:
    case = tomli.loads(path.read_text())
    assert case["reason"]
    for name, text in case.get("files", {}).items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    objects = {uri: Source(**known) for uri, known in case.get("objects", {}).items()}
    stack = replace(STACK, **case.get("stack", {}))
    resource = checked(
        case["kind"], case.get("config", {}), tmp_path, variant=case.get("variant", "")
    )
    one = declared(resource, stack, objects)
    filled = _filled(case, one)
    calls = ScriptedCalls(filled["calls"])
    verb = _Verb(calls, filled, one)
    raises = case.get("raises")
    if raises:
        with pytest.raises(Exception, match=case["message"]) as caught:
            verb.run(case["verb"])
        assert type(caught.value).__name__ == raises
    else:
        _compare(verb.run(case["verb"]), filled.get("observed"))
    calls.assert_done()


class _Verb:
    def __init__(self, calls: ScriptedCalls, case: Mapping[str, Any], one: Declared) -> None:
        self.kind = all_kinds(calls, FakeClock())[one.kind, one.variant]
        self.scope = replace(SCOPE, stack=replace(STACK, **case.get("stack", {})))
        self.one = one
        self.case = case
        self.name = case.get("name", one.name or "demo-one-12345678")
        told = case.get("record")
        self.record = record_for(one, **{"name": self.name, **told}) if told else None

    def run(self, verb: str) -> Any:
        wish = wish_for(self.one, self.scope, self.case.get("highest", 0))
        match verb:
            case "create":
                return self.kind.create(wish, intent_for(self.one, self.name))
            case "find":
                return self.kind.find(self.scope, intent_for(self.one, self.name))
            case "update":
                assert self.record is not None
                return self.kind.update(wish, self.record)
            case "delete":
                assert self.record is not None
                return self.kind.delete(self.scope, self.record)
            case "observe":
                wanted = self.one if self.case.get("declared", True) else None
                target = Target(self.one.address, self.name, self.record, wanted)
                return self.kind.observe(self.scope, [target])[self.one.address]
            case _:
                raise AssertionError(verb)  # a mistake in the data file


def _filled(case: Mapping[str, Any], one: Declared) -> Mapping[str, Any]:
    """The case with <digest>, <document>, <sha256>, <hub>, <content> and <tag> filled in."""
    source = one.inputs.get("source")
    name = function_name(STACK.name, one.address, one.digest)
    hub = registry(REGION, ACCOUNT)
    known = {
        "digest": one.digest,
        "document": one.document,
        "sha256": str(source.get("sha256", "")) if isinstance(source, Mapping) else "",
        "hub": hub,
        "tag": name.rpartition("-")[2],
        "content": f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:hub-content/{hub}",
    }
    text = json.dumps(case)
    for name, value in known.items():
        text = text.replace(f"<{name}>", value)
    filled: Mapping[str, Any] = json.loads(text)
    return filled


def _compare(result: Any, expected: Any) -> None:
    if expected is None:
        assert result is None
        return
    gone = expected.pop("recorded_gone", None)
    if gone is not None:
        assert result.recorded_gone is gone
        result = result.newest
    if not expected:
        assert result is None
        return
    assert isinstance(result, Observation)
    shown = {name: getattr(result, name) for name in expected}
    assert shown == {**expected, **_status(expected)}


def _status(expected: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"status": Status(expected["status"])} if "status" in expected else {}
