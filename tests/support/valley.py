"""Stacks of crops, loaded from text: what tests of the language look at."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from nvx.config.stack import LoadedStack, load_stack
from nvx.config.variables import VariableInput
from nvx.core.diagnostics import DiagnosticError
from nvx.core.digest import sha256_of
from nvx.core.ports import Source
from nvx.core.resource import Declared
from nvx.data.hashcache import HashCache
from nvx.engine.declare import declare
from nvx.kinds import all_specs
from nvx.kinds.common.sources import FileSources
from support.specs import SPECS, CropModel

HEAD = '[stack]\nname = "valley"\nregion = "us-west-2"\n'
SUPPORT = """\
[stack]
name = "support"
region = "us-west-2"
account = "123456789012"
role = "arn:aws:iam::123456789012:role/train"
bucket = "nvx-support"
"""
FINE_TUNE = """\
method = "sft"
base_model = "nova-textgeneration-lite-v2"
dataset = "s3://bucket/rows.jsonl"
model_group = "models"
"""


def load(folder: Path, *texts: str) -> LoadedStack:
    for index, text in enumerate(texts):
        (folder / f"{index}.toml").write_text(text)
    return load_stack(str(folder), VariableInput(), SPECS)


def crops(stack: LoadedStack) -> Mapping[str, CropModel]:
    """The crops of a stack by address."""
    found = {str(r.address): r.config for r in stack.resources if r.kind == "crop"}
    return {a: config for a, config in found.items() if isinstance(config, CropModel)}


def labels(stack: LoadedStack) -> Mapping[str, object]:
    return {address: crop.label for address, crop in crops(stack).items()}


def codes(folder: Path, *texts: str) -> list[str]:
    with pytest.raises(DiagnosticError) as caught:
        load(folder, *texts)
    return [found.code for found in caught.value.diagnostics]


def declared(text: str) -> Sequence[Declared]:
    """The resources of a stack of real kinds, with their digests."""
    specs = all_specs()
    by_variant = {(spec.name, spec.variant): spec for spec in specs}
    sources = FileSources(lambda uri, _at: Source(sha256_of(uri), 0), HashCache(None))
    with TemporaryDirectory() as folder:
        (Path(folder) / "stack.toml").write_text(text, encoding="utf-8")
        stack = load_stack(folder, VariableInput(), specs)
        return declare(stack.resources, stack.settings, by_variant, sources)[0]


def toml(value: object) -> str:
    if isinstance(value, Mapping):
        return (
            "{ "
            + ", ".join(
                f"{json.dumps(k, ensure_ascii=False)} = {toml(v)}" for k, v in value.items()
            )
            + " }"
        )
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    return repr(value) if isinstance(value, float) else json.dumps(value, ensure_ascii=False)
