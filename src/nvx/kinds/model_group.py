"""Model package groups: where tuned models are registered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any, ClassVar, cast

from pydantic import Field

from nvx.aws.call import Calls
from nvx.aws.groups import Group, Groups
from nvx.aws.tags import Tags
from nvx.core.address import Address
from nvx.core.cloud import AlreadyExists, NotOurs, Uncertain
from nvx.core.diagnostics import Diagnostic
from nvx.core.kind import Observation, Sighting, Target
from nvx.core.ports import Clock, Sources
from nvx.core.resource import Checked, Identity, Nature, Role, Scope, StackSettings, Wish
from nvx.core.state import Intent, Record, Status
from nvx.core.values import JsonValue
from nvx.kinds.common.fields import RESOURCE_NAME, tag_problems, with_all_tags
from nvx.kinds.common.marks import as_list, marks_in_tags, marks_of, user_tags
from nvx.kinds.common.model import Model, split

STATUSES: Mapping[str, Status] = {
    "Pending": Status.PENDING,
    "InProgress": Status.PENDING,
    "Completed": Status.READY,
    "Failed": Status.FAILED,
    "Deleting": Status.DELETING,
    "DeleteFailed": Status.FAILED,
}


class ModelGroupModel(Model):
    """A model group."""

    name: Annotated[
        str,
        Role.BEHAVIOUR,
        Field(
            pattern=rf"{RESOURCE_NAME}|^$",
            max_length=63,
            description="Its name in AWS; by default one that is derived. It cannot change later.",
        ),
    ] = ""


class ModelGroup:
    """The kind `model_group`."""

    name: ClassVar[str] = "model_group"
    variant: ClassVar[str] = ""
    variant_field: ClassVar[str] = ""
    nature: ClassVar[Nature] = Nature.OBJECT
    paid: ClassVar[bool] = False
    bulk: ClassVar[bool] = False
    model: ClassVar[type[ModelGroupModel]] = ModelGroupModel
    outputs: ClassVar[Mapping[str, str]] = {
        "arn": "The ARN of the group.",
        "name": "The name of the group.",
    }
    in_place: ClassVar[frozenset[str]] = frozenset({"tags"})
    example: ClassVar[str] = """\
[model_group.support]
description = "Models that answer tickets"
"""

    def __init__(self, calls: Calls, clock: Clock) -> None:
        self._groups = Groups(calls)
        self._tags = Tags(calls)

    @classmethod
    def check(cls, resource: Checked, stack: StackSettings) -> Iterator[Diagnostic]:
        """Problems that can be known without AWS."""
        yield from tag_problems(resource, cast(ModelGroupModel, resource.config), stack)

    @classmethod
    def identity(cls, resource: Checked, stack: StackSettings, sources: Sources) -> Identity:
        """What it is made of: a name that was chosen, if any."""
        config = cast(ModelGroupModel, resource.config)
        parts = split(config)
        return Identity(
            inputs=parts.inputs,
            circumstance=parts.circumstance,
            marks=with_all_tags(parts.marks, config, stack),
            policy=parts.policy,
            depends_on=parts.depends_on,
        )

    @classmethod
    def content_name(cls, resource: Checked, stack: StackSettings) -> str:
        """The name that was chosen; "" for one that is derived."""
        return cast(ModelGroupModel, resource.config).name

    def observe(self, scope: Scope, targets: Sequence[Target]) -> Mapping[Address, Sighting]:
        """One Describe each; of what is to be removed, whether it holds packages."""
        return {target.address: self._sighting(scope, target) for target in targets}

    def find(self, scope: Scope, intent: Intent) -> Observation | None:
        """The group of the intent's name, if it carries our marks."""
        group = self._groups.describe(intent.name)
        if group is None:
            return None
        seen = self._marked(scope, group)
        return seen if seen.ours and seen.digest == intent.digest else None

    def create(self, wish: Wish, intent: Intent) -> Observation:
        """Create the group, or adopt the one that an earlier try made. Raises NotOurs."""
        params: dict[str, Any] = {
            "ModelPackageGroupName": intent.name,
            "Tags": as_list(
                {**user_tags(wish.declared.marks), **marks_of(wish.scope, intent).tags()}
            ),
        }
        if wish.declared.marks.get("description"):
            params["ModelPackageGroupDescription"] = wish.declared.marks["description"]
        try:
            arn = self._groups.create(params)
        except AlreadyExists as taken:
            return self._adopted(wish.scope, intent, taken)
        group = Group(intent.name, arn, "Pending")
        marks = marks_of(wish.scope, intent)
        return replace(
            _seen(group),
            digest=marks.digest,
            address=marks.address,
            lineage=marks.lineage,
            ours=True,
        )

    def update(self, wish: Wish, record: Record) -> Observation:
        """Bring the tags to the wish."""
        now, before = user_tags(wish.declared.marks), user_tags(record.wanted)
        self._tags.change(record.id, now, before)
        group = self._groups.describe(record.name)
        seen = _seen(group or Group(record.name, record.id, "Pending"))
        return replace(seen, ours=True, digest=record.digest)

    def delete(self, scope: Scope, record: Record) -> None:
        """Delete the group, which has to be empty."""
        self._groups.delete(record.name)

    def _sighting(self, scope: Scope, target: Target) -> Sighting:
        group = self._groups.describe(target.name)
        if group is None:
            return Sighting(None, recorded_gone=target.record is not None)
        if target.record is None or target.record.id != group.arn:
            seen = self._marked(scope, group)
        else:  # the record says whose it is: one call less for each group
            seen = replace(_seen(group), ours=True, digest=target.record.digest)
        if target.declared is None:
            packages: Mapping[str, JsonValue] = {"packages": self._groups.packages(group.name)}
            seen = replace(seen, live=packages)
        return Sighting(seen)

    def _adopted(self, scope: Scope, intent: Intent, taken: AlreadyExists) -> Observation:
        group = self._groups.describe(intent.name)
        if group is None:
            text = f"{intent.name} exists, but cannot be described yet"
            raise Uncertain(text, operation=taken.operation) from taken
        seen = self._marked(scope, group)
        if not seen.ours or seen.digest != intent.digest:
            raise NotOurs(
                f"the model package group {intent.name} exists and is not marked as ours",
                operation=taken.operation,
            ) from taken
        return seen

    def _marked(self, scope: Scope, group: Group) -> Observation:
        """A group with what its tags say."""
        tags = self._tags.of(group.arn)
        marks = marks_in_tags(tags)
        return replace(
            _seen(group),
            digest=marks.digest,
            address=marks.address,
            lineage=marks.lineage,
            ours=marks.ours(scope),
        )


def _seen(group: Group) -> Observation:
    return Observation(
        id=group.arn,
        status=STATUSES.get(group.status, Status.PENDING),
        name=group.name,
        outputs={"arn": group.arn, "name": group.name},
        stage=group.status,
    )
