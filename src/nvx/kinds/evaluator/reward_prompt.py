"""Reward prompts: a template that asks a judge model for a score."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, ClassVar, Literal, cast

from pydantic import Field

from nvx.aws.call import Calls
from nvx.aws.hub import DOCUMENT, Hub
from nvx.aws.tags import Tags
from nvx.core.address import Address
from nvx.core.diagnostics import Diagnostic
from nvx.core.kind import Observation, Sighting, Target
from nvx.core.ports import Clock, Source, Sources
from nvx.core.resource import Checked, Identity, Nature, Role, Scope, StackSettings, Wish
from nvx.core.state import Intent, Record
from nvx.kinds.common.fields import name_in_hub, tag_problems, with_all_tags
from nvx.kinds.common.hubcontent import Versions
from nvx.kinds.common.model import split
from nvx.kinds.common.placing import (
    Placing,
    is_remote,
    local_path,
    place_facts,
    source_problems,
)
from nvx.kinds.evaluator.registered import (
    OUTPUTS,
    EvaluatorModel,
    document_facts,
    draft,
    outputs,
)

_KEYWORDS = ("@subtype:aws/evaluator", "@evaluatortype:rewardprompt", "@contenttype:byocode")


class RewardPromptModel(EvaluatorModel):
    """A reward prompt."""

    type: Annotated[
        Literal["reward_prompt"], Role.POLICY, Field(description="A prompt for a judge model.")
    ] = "reward_prompt"
    source: Annotated[
        str,
        Role.BEHAVIOUR,
        Field(
            min_length=1,
            description="A Jinja template with {{ prompt }} and {{ response }}: a file or s3://.",
        ),
    ]
    copied: Annotated[
        bool,
        Role.CIRCUMSTANCE,
        Field(alias="copy", description="Copy an s3:// source to a key that never changes."),
    ] = True


class RewardPrompt:
    """The kind `evaluator` of type `reward_prompt`."""

    name: ClassVar[str] = "evaluator"
    variant: ClassVar[str] = "reward_prompt"
    variant_field: ClassVar[str] = "type"
    nature: ClassVar[Nature] = Nature.VERSIONED
    paid: ClassVar[bool] = False
    bulk: ClassVar[bool] = True
    model: ClassVar[type[RewardPromptModel]] = RewardPromptModel
    outputs: ClassVar[Mapping[str, str]] = OUTPUTS
    in_place: ClassVar[frozenset[str]] = frozenset({"tags"})
    example: ClassVar[str] = """\
[evaluator.tone]
type = "reward_prompt"
source = "prompts/tone.jinja"
"""

    def __init__(self, calls: Calls, clock: Clock) -> None:
        self._placing = Placing(calls, "evaluators")
        self._versions = Versions(Hub(calls), Tags(calls), DOCUMENT, outputs, clock)

    @classmethod
    def check(cls, resource: Checked, stack: StackSettings) -> Iterator[Diagnostic]:
        """Problems that can be known without reading files."""
        config = cast(RewardPromptModel, resource.config)
        yield from source_problems(resource, config.source, copied=config.copied)
        yield from tag_problems(resource, config, stack)

    @classmethod
    def identity(cls, resource: Checked, stack: StackSettings, sources: Sources) -> Identity:
        """What it is made of: the bytes of its template."""
        config = cast(RewardPromptModel, resource.config)
        parts, facts = split(config), document_facts(config, stack.domain)
        source = _read(resource, config, sources)
        return Identity(
            inputs={**parts.inputs, "source": source.identity},
            document={**facts, **place_facts(stack, config.source, copied=config.copied)},
            circumstance={**parts.circumstance, **facts},
            marks=with_all_tags(parts.marks, config, stack),
            policy=parts.policy,
            depends_on=parts.depends_on,
            problems=source.problems,
        )

    @classmethod
    def content_name(cls, resource: Checked, stack: StackSettings) -> str:
        """Its name in the AI registry."""
        return name_in_hub(resource, stack, cast(RewardPromptModel, resource.config).name)

    def observe(self, scope: Scope, targets: Sequence[Target]) -> Mapping[Address, Sighting]:
        """What AWS shows: one listing for all."""
        return self._versions.observe(scope, targets)

    def find(self, scope: Scope, intent: Intent) -> Observation | None:
        """What an intent made."""
        return self._versions.find(scope, intent)

    def create(self, wish: Wish, intent: Intent) -> Observation:
        """Bring the template to S3, and import the version that points at it."""
        place = self._placing.bring(
            wish, intent.name, str(wish.config["source"]), copied=bool(wish.config["copied"])
        )
        version = draft(wish, str(place), "RewardPrompt", _KEYWORDS)
        return self._versions.import_version(wish, intent, version)

    def update(self, wish: Wish, record: Record) -> Observation:
        """Bring the tags to the wish."""
        return self._versions.retag(wish, record)

    def delete(self, scope: Scope, record: Record) -> None:
        """Delete the version. Its template stays for `nvx prune`: other versions may share it."""
        self._versions.delete(scope, record)


def _read(resource: Checked, config: RewardPromptModel, sources: Sources) -> Source:
    at = resource.at(("source",))
    if is_remote(config.source):
        return sources.object(config.source, at)
    return sources.code(str(local_path(resource.directory, config.source)), at)
