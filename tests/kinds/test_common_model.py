"""Fields by role, values that equal their default, references."""

from __future__ import annotations

from typing import Annotated

import pytest
from pydantic import ValidationError

from nvx.core.address import Address
from nvx.core.resource import OnRemove, Policy, Role
from nvx.core.values import Reference, Template
from nvx.kinds import all_specs
from nvx.kinds.common.model import Model, Strict, Text, roles_of, split

REFERENCE = Reference(Address("dataset", "d"))


class Inner(Strict):
    size: float = 1.0


class Example(Model):
    data: Annotated[Text, Role.BEHAVIOUR]
    rate: Annotated[float, Role.BEHAVIOUR] = 1.0
    inner: Annotated[Inner | None, Role.BEHAVIOUR] = None
    place: Annotated[str, Role.CIRCUMSTANCE] = ""


@pytest.mark.parametrize("spec", all_specs(), ids=lambda spec: f"{spec.name} {spec.variant}")
def test_every_field_of_every_kind_has_exactly_one_role(spec: type) -> None:
    assert set(roles_of(spec.model)) == set(spec.model.model_fields)  # type: ignore[attr-defined]  # a KindSpec


@pytest.mark.parametrize("spec", all_specs(), ids=lambda spec: f"{spec.name} {spec.variant}")
def test_what_is_updated_in_place_is_circumstance_or_mark(spec: type) -> None:
    roles = roles_of(spec.model)  # type: ignore[attr-defined]  # a KindSpec
    in_place = {roles[name] for name in spec.in_place}  # type: ignore[attr-defined]  # a KindSpec
    assert in_place <= {Role.CIRCUMSTANCE, Role.MARK}


def test_field_without_a_role_is_a_mistake() -> None:
    class Broken(Model):
        lost: str = ""

    with pytest.raises(KeyError, match="lost"):
        roles_of(Broken)


def test_defaults_are_left_out_and_the_rest_is_sorted_by_role() -> None:
    config = Example.model_validate(
        {"data": "s3://b/k", "rate": 2.0, "place": "x", "description": "text", "protect": True}
    )
    parts = split(config)
    assert parts.inputs == {"data": "s3://b/k", "rate": 2}
    assert parts.circumstance == {"place": "x"}
    assert parts.marks == {"description": "text"}
    assert parts.policy == Policy(protect=True)


def test_written_default_is_the_same_as_none() -> None:
    written = split(Example(data="a", rate=1, inner=None, place=""))
    assert written == split(Example(data="a"))


def test_references_stay_references() -> None:
    assert split(Example(data=REFERENCE)).inputs["data"] is REFERENCE
    template = Template(("s3://", REFERENCE))
    assert split(Example(data=template)).inputs["data"] is template


def test_tables_inside_are_plain() -> None:
    config = Example.model_validate({"data": "a", "inner": {"size": 3.0}})
    assert split(config).inputs["inner"] == {"size": 3}


def test_policy_is_read() -> None:
    config = Example(
        data="a", rerun="manual", on_remove="stop", depends_on=["dataset.a", REFERENCE]
    )
    parts = split(config)
    assert parts.policy == Policy(manual=True, on_remove=OnRemove.STOP)
    assert parts.depends_on == (Address("dataset", "a"), Address("dataset", "d"))


@pytest.mark.parametrize(
    "wrong", [{"data": 3}, {"data": "a", "rate": "1"}, {"data": "a", "more": 1}, {}]
)
def test_loose_types_and_unknown_keys_are_errors(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Example.model_validate(wrong)
