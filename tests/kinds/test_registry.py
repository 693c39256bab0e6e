from __future__ import annotations

import subprocess
import sys

from nvx.core.kind import KindSpec
from nvx.kinds import all_specs, catalogue, specs


def test_every_variant_is_registered_under_its_own_name() -> None:
    for (kind, variant), spec in specs().items():
        assert (spec.name, spec.variant) == (kind, variant)


def test_the_catalogue_holds_every_variant_once() -> None:
    listed = [spec for variants in catalogue().values() for spec in variants.values()]
    assert listed == list(all_specs())


def test_variants_of_a_kind_are_told_apart_by_one_field() -> None:
    for variants in catalogue().values():
        assert len({spec.variant_field for spec in variants.values()}) == 1


def test_a_variant_is_imported_when_it_is_asked_for() -> None:
    code = (
        "import sys; from nvx.kinds import catalogue; kinds = catalogue();"
        "assert 'benchmark' in kinds['evaluation'];"
        "assert not any(m.startswith('nvx.kinds.evaluation') for m in sys.modules);"
        "kinds['evaluation']['benchmark'];"
        "assert 'nvx.kinds.evaluation.benchmark' in sys.modules;"
        "assert 'nvx.kinds.evaluation.nova_recipe' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_models_are_as_the_protocol_says() -> None:
    found: tuple[type[KindSpec], ...] = all_specs()
    assert all(spec.example.strip() for spec in found)
