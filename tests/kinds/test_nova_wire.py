"""The exact requests of recipes, what is uploaded for them included: one case file each."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import tomli

from nvx.aws.models import Models
from nvx.core.cloud import NotFound
from nvx.core.digest import sha256_of
from nvx.core.ports import Source
from nvx.engine.declare import declare
from nvx.kinds import all_specs
from support.fake_calls import FakeCalls, plain
from support.kind_desk import sources
from support.runs import SCOPE, STACK, checked, intent_of, wish_of
from support.wire import CASES, Script

FILES = sorted((CASES / "nova").glob("*.toml"))
SPECS: dict[tuple[str, str], Any] = {(spec.name, spec.variant): spec for spec in all_specs()}
_CHANGES = ("Create", "Put", "Copy")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_requests_of_recipes_are_exactly_these(path: Path, tmp_path: Path) -> None:
    case = tomli.loads(path.read_text("utf-8"))
    assert case["reason"]
    assert case["source"]
    for name, text in case.get("files", {}).items():
        (tmp_path / name).write_text(text)
    stack = replace(STACK, **case.get("stack", {}))
    scope = replace(SCOPE, stack=stack)
    objects = {uri: Source(**known) for uri, known in case.get("objects", {}).items()}
    spec = SPECS[case["kind"], case["variant"]]
    resource = replace(checked(spec, **case["block"]), directory=str(tmp_path))
    assert not [p for p in spec.check(resource, stack) if p.is_error]
    (one,) = declare([resource], stack, SPECS, sources(objects))[0]
    calls = _calls(case, objects)
    intent = intent_of(one, scope=scope)
    spec(calls, Models(calls)).create(wish_of(one, scope=scope), intent)
    facts = {
        "NAME": intent.name,
        "DIGEST": one.digest,
        "CONTENT": sha256_of(next((o.identity for o in objects.values()), {})),
        **_hashes(case),
    }
    expected = [_expected(request, facts) for request in case["request"]]
    assert _changes(calls) == expected


def _calls(case: Mapping[str, Any], objects: Mapping[str, Source]) -> FakeCalls:
    def head(params: Mapping[str, Any]) -> Mapping[str, Any]:
        known = objects.get(f"s3://{params['Bucket']}/{params['Key']}")
        if known is None:
            raise NotFound("not found", operation="s3.HeadObject")
        return {"ETag": known.etag, "ContentLength": known.size}

    replies = {name: [json.loads(text)] for name, text in case.get("replies", {}).items()}
    done: Mapping[str, Any] = {}
    return FakeCalls(
        Script(
            {
                "s3.HeadObject": [head],
                "s3.PutObject": [done],
                "s3.CopyObject": [done],
                "sagemaker.CreateTrainingJob": [{"TrainingJobArn": "arn"}],
                **replies,
            }
        )
    )


def _changes(calls: FakeCalls) -> list[tuple[str, Any]]:
    found = []
    for name, params in calls.sent:
        operation = name.partition(".")[2]
        if operation.startswith(_CHANGES):
            shown = {k: v for k, v in params.items() if k != "Body"}
            text = {"Body": _text(params["Body"])} if "Body" in params else {}
            found.append((operation, {**plain(shown), **text}))
    return found


def _text(body: Any) -> str:
    """The bytes of an upload; a file that is closed by now is told by its name."""
    if body.closed:
        return Path(body.name).read_text()
    body.seek(0)
    return str(body.read().decode())


def _hashes(case: Mapping[str, Any]) -> dict[str, str]:
    """The hash of each body, and its checksum as S3 writes it."""
    facts: dict[str, str] = {}
    for request in case["request"]:
        if "body" in request:
            digest = hashlib.sha256(request["body"].encode())
            is_recipe = "recipe.yaml" in request["params"]
            facts["RECIPE" if is_recipe else "ROWS"] = digest.hexdigest()
            checksum = base64.b64encode(digest.digest()).decode()
            facts["CHECKSUM" if is_recipe else "ROWSCHECK"] = checksum
    return facts


def _expected(request: Mapping[str, Any], facts: Mapping[str, str]) -> tuple[str, Any]:
    text = request["params"]
    for name, value in facts.items():
        text = re.sub(rf"(?<![A-Z_0-9a-z]){name}(?![A-Z_0-9a-z])", value, text)
    params = json.loads(text)
    if "body" in request:
        params["Body"] = request["body"]
    return request["operation"], params
