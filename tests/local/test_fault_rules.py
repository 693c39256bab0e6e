from __future__ import annotations

from typing import Any

import pytest

from nvx.local.context import AwsError
from nvx.local.faults import EFFECTS, Faults, fault_from, rules_of


def test_the_first_live_rule_that_fits_strikes() -> None:
    faults = Faults()
    faults.add("op=Create* do=drop times=1")
    faults.add({"service": "sagemaker", "match": {"Name": "a*", "In.Side": "?"}, "do": "reset"})
    faults.add("do=error after=1 attempt=2")
    asked: list[tuple[str, dict[str, Any], int]] = [
        ("CreateHub", {}, 1),
        ("CreateHub", {"Name": "abc", "In": {"Side": "x"}}, 1),
        ("CreateHub", {"Name": "abc", "In": {"Side": "xx"}}, 2),
        ("CreateHub", {}, 2),
        ("CreateHub", {}, 1),
    ]
    found = [faults.pick("sagemaker", *request) for request in asked]
    assert [fault.do if fault else None for fault in found] == [
        "drop",
        "reset",
        None,
        "error",
        None,
    ]
    assert [(rule.seen, rule.struck) for rule in faults.rules()] == [(1, 1), (1, 1), (2, 1)]


def test_chance_is_the_same_for_the_same_seed() -> None:
    def struck(seed: int) -> list[bool]:
        faults = Faults(seed)
        faults.add("do=drop prob=0.5")
        return [faults.pick("s", "o", {}, 1) is not None for _ in range(50)]

    assert struck(1) == struck(1)
    assert struck(1) != struck(2)
    assert 5 < sum(struck(1)) < 45


@pytest.mark.parametrize("do", EFFECTS)
def test_a_rule_may_be_a_text_or_a_mapping(do: str) -> None:
    text = f"op=Create* do={do} times=2 match.Name='a b' prob=0.5 retry_after_ms=5"
    mapping = {
        "op": "Create*",
        "do": do,
        "times": 2,
        "match": {"Name": "a b"},
        "prob": 0.5,
        "retry_after_ms": 5,
    }
    assert fault_from(text) == fault_from(mapping)
    assert fault_from(fault_from(mapping).as_dict()) == fault_from(mapping)


@pytest.mark.parametrize(
    "rule",
    [
        "",
        "do=nothing",
        "do=drop colour=red",
        "do=drop times=many",
        "drop",
        "do='",
        {"do": "drop", "match": 3},
    ],
)
def test_a_rule_that_makes_no_sense_is_refused_with_a_reason(rule: Any) -> None:
    with pytest.raises(AwsError, match="The fault cannot be used"):
        fault_from(rule)


@pytest.mark.parametrize(
    "text",
    [
        "# rules\n\n op=A do=drop \nop=B do=hang\n",
        '[{"op": "A", "do": "drop"}, "op=B do=hang"]',
        '{"op": "A", "do": "drop"}\nop=B do=hang',
    ],
)
def test_a_file_of_rules_is_json_or_lines(text: str) -> None:
    assert [(rule.op, rule.do) for rule in rules_of(text)] == [("A", "drop"), ("B", "hang")]


@pytest.mark.parametrize("text", ["[", "{", "[7]", "[" * 99999, "do=drop\nrubbish"])
def test_a_file_of_rubbish_is_refused_with_a_reason(text: str) -> None:
    with pytest.raises(AwsError, match="The fault cannot be used"):
        rules_of(text)
