"""Every call of a create fails in every way: afterwards there is one of each, and only one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from nvx.aws.hub import registry
from nvx.aws.session import Aws, AwsSettings
from nvx.core.cloud import CloudError, Uncertain
from nvx.core.kind import Observation
from nvx.core.resource import Scope
from nvx.core.state import Intent
from nvx.kinds import all_kinds
from nvx.local.server import LocalAws
from nvx.local.settings import Settings
from support.clock import FakeClock
from support.kind_desk import STACK, checked, declared, intent_for, wish_for
from support.local_kinds import BLOCKS, FILES, LOCAL

SCOPE = Scope(LOCAL, "lineage-1")
REGISTRY = registry(STACK.region, "000000000000")
EFFECTS = ("error", "drop", "error_after", "drop_after", "garbage", "truncate")
CALLS = {
    "dataset": (
        "PutObject",
        "DescribeHub",
        "ListHubContentVersions",
        "ImportHubContent",
    ),
    "evaluator": ("GetFunction", "CreateFunction", "ImportHubContent"),
    "model_group": ("CreateModelPackageGroup",),
}


@pytest.fixture(scope="module")
def server() -> Iterator[LocalAws]:
    with LocalAws(settings=Settings(speed=1_000_000)) as running:
        yield running


@pytest.fixture(scope="module")
def doors(server: LocalAws) -> Iterator[dict[int, Aws]]:
    """Doors by how often they try: to make one takes longer than to use it."""
    with ExitStack() as stack:
        yield {tries: stack.enter_context(closing(_aws(server, tries))) for tries in (1, 3)}


def _cases() -> Iterator[Any]:
    for kind, variant, config in BLOCKS[:2] + BLOCKS[3:]:
        for operation in CALLS[kind]:
            for effect in EFFECTS:
                for attempts in (1, 3):
                    name = f"{kind}-{operation}-{effect}-{attempts}"
                    yield pytest.param(
                        kind, variant, config, operation, effect, attempts, id=name
                    )


@pytest.mark.parametrize(
    ("kind", "variant", "config", "operation", "effect", "attempts"), list(_cases())
)
def test_a_fault_at_any_call_leaves_exactly_one(
    server: LocalAws,
    doors: dict[int, Aws],
    tmp_path: Path,
    kind: str,
    variant: str,
    config: dict[str, Any],
    operation: str,
    effect: str,
    attempts: int,
) -> None:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    block = "x" + sha256(f"{kind}{operation}{effect}{attempts}".encode()).hexdigest()[:10]
    one = declared(checked(kind, config, tmp_path, variant=variant, name=block), LOCAL)
    intent = intent_for(one, one.name or f"demo-{block}")
    aws = doors[attempts]
    verbs = all_kinds(aws, FakeClock())[kind, variant]
    server.faults.add(f"op={operation} do={effect} times=1")
    seen = _settled(verbs, wish_for(one, SCOPE), intent)
    server.faults.clear()
    again = verbs.create(wish_for(one, SCOPE), intent)
    assert again.id == seen.id
    assert _made(aws, intent) == [seen.id]


def _aws(server: LocalAws, attempts: int) -> Aws:
    settings = AwsSettings(
        region=STACK.region, endpoint_url=server.url, local=True, attempts=attempts
    )
    return Aws(settings, FakeClock())


def _settled(verbs: Any, wish: Any, intent: Intent) -> Observation:
    """Create; where nobody knows what happened, look the claim up; where it made nothing, again."""
    try:
        made: Observation = verbs.create(wish, intent)
    except Uncertain:
        made = verbs.find(SCOPE, intent) or verbs.create(wish, intent)
    except CloudError:  # a clear no
        made = verbs.create(wish, intent)
    return made


def _made(aws: Aws, intent: Intent) -> list[str]:
    """What AWS has under the name of an intent."""
    if intent.kind == "model_group":
        listed = aws.call("sagemaker", "ListModelPackageGroups", {"NameContains": intent.name})[
            "ModelPackageGroupSummaryList"
        ]
        return [row["ModelPackageGroupArn"] for row in listed]
    params = {
        "HubName": REGISTRY,
        "HubContentType": "DataSet" if intent.kind == "dataset" else "JsonDoc",
        "HubContentName": intent.name,
    }
    listed = aws.call("sagemaker", "ListHubContentVersions", params)["HubContentSummaries"]
    return [row["HubContentArn"] for row in listed]
