"""Model groups offline."""

from __future__ import annotations

from pathlib import Path

import pytest
import tomli
from pydantic import ValidationError

from nvx.core.kind import KindSpec
from nvx.kinds import all_specs
from nvx.kinds.model_group import STATUSES
from support.fake_calls import model_of
from support.kind_desk import SPECS, STACK, checked, declared, problems


def test_only_a_chosen_name_is_in_the_digest(tmp_path: Path) -> None:
    plain = declared(checked("model_group", {}, tmp_path))
    marked = checked("model_group", {"description": "x", "tags": {"a": "b"}}, tmp_path)
    named = declared(checked("model_group", {"name": "chosen"}, tmp_path))
    assert declared(marked).digest == plain.digest
    assert named.digest != plain.digest
    assert (plain.name, named.name) == ("", "chosen")


@pytest.mark.parametrize("name", ["under_score", "-a", "a-", "a" * 64])
def test_name_that_aws_does_not_take(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValidationError):
        checked("model_group", {"name": name}, tmp_path)


def test_reserved_tags_are_a_problem(tmp_path: Path) -> None:
    found = problems(checked("model_group", {"tags": {"nvx:digest": "x"}}, tmp_path), STACK)
    assert [p.summary for p in found] == ["Reserved tag"]


def test_every_status_of_the_service_is_known() -> None:
    shape = model_of("sagemaker").shape_for("ModelPackageGroupStatus")
    assert set(STATUSES) == set(shape.metadata["enum"])


@pytest.mark.parametrize("spec", all_specs(), ids=lambda spec: f"{spec.name} {spec.variant}")
def test_example_of_every_kind_fits_its_model(spec: type[KindSpec]) -> None:
    blocks = tomli.loads(spec.example)[spec.name]
    for block in blocks.values():
        variant = block.get(spec.variant_field, "") if spec.variant_field else ""
        if variant == spec.variant:
            SPECS[spec.name, spec.variant].model(**block)
