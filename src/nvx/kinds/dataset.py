"""Datasets: rows in S3, registered in the AI registry as versions of one name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated, ClassVar, Literal, cast

from pydantic import Field

from nvx.aws.call import Calls
from nvx.aws.hub import DATASET, Content, Hub
from nvx.aws.objects import Place
from nvx.aws.tags import Tags
from nvx.core.address import Address
from nvx.core.diagnostics import Diagnostic, error
from nvx.core.kind import Observation, Sighting, Target
from nvx.core.ports import Clock, Source, Sources
from nvx.core.resource import Checked, Identity, Nature, Role, Scope, StackSettings, Wish
from nvx.core.state import Intent, Record
from nvx.core.values import JsonValue, Value, canonical
from nvx.kinds.common.contents import Draft, document_in
from nvx.kinds.common.fields import (
    ROLE_ARN,
    ContentName,
    Domain,
    missing,
    name_in_hub,
    tag_problems,
    with_all_tags,
)
from nvx.kinds.common.hubcontent import Versions
from nvx.kinds.common.marks import user_tags
from nvx.kinds.common.model import Model, split
from nvx.kinds.common.placing import (
    Placing,
    is_remote,
    local_path,
    place_facts,
    source_problems,
)

LARGEST = 1024**3
"""Bytes. Source: the limit of the SageMaker Python SDK 3.27."""


class DatasetModel(Model):
    """A dataset."""

    source: Annotated[
        str,
        Role.BEHAVIOUR,
        Field(min_length=1, description="A local file of rows, or an s3:// object."),
    ]
    technique: Annotated[
        Literal["sft", "dpo", "rlvr"] | None,
        Role.CIRCUMSTANCE,
        Field(description="What it trains; rows are checked for it. Left out for other uses."),
    ] = None
    role: Annotated[
        str,
        Role.CIRCUMSTANCE,
        Field(
            pattern=rf"{ROLE_ARN}|^$", description="Reads the object; the stack's by default."
        ),
    ] = ""
    copied: Annotated[
        bool,
        Role.CIRCUMSTANCE,
        Field(alias="copy", description="Copy an s3:// source to a key that never changes."),
    ] = True
    name: ContentName = ""
    domain: Domain = ""


class Dataset:
    """The kind `dataset`."""

    name: ClassVar[str] = "dataset"
    variant: ClassVar[str] = ""
    variant_field: ClassVar[str] = ""
    nature: ClassVar[Nature] = Nature.VERSIONED
    paid: ClassVar[bool] = False
    bulk: ClassVar[bool] = True
    model: ClassVar[type[DatasetModel]] = DatasetModel
    outputs: ClassVar[Mapping[str, str]] = {
        "arn": "The ARN of the version: what jobs take.",
        "uri": "Where the object is.",
        "version": "The version in the AI registry.",
        "sha256": "The hash of the bytes; empty where S3 does not prove one.",
        "rows": "How many rows it has; null for an s3:// source, which is not read.",
    }
    in_place: ClassVar[frozenset[str]] = frozenset({"tags"})
    example: ClassVar[str] = """\
[dataset.tickets]
source = "data/tickets.jsonl"
technique = "sft"
"""

    def __init__(self, calls: Calls, clock: Clock) -> None:
        self._placing = Placing(calls, "datasets")
        self._versions = Versions(Hub(calls), Tags(calls), DATASET, _outputs, clock)

    @classmethod
    def check(cls, resource: Checked, stack: StackSettings) -> Iterator[Diagnostic]:
        """Problems that can be known without reading files."""
        config = cast(DatasetModel, resource.config)
        yield from source_problems(
            resource,
            config.source,
            copied=config.copied,
            endings=(".jsonl", ".json", ".csv", ".parquet"),
        )
        if not (config.role or stack.role):
            yield missing(resource, "role", "SageMaker needs a role to read the dataset")
        yield from tag_problems(resource, config, stack)

    @classmethod
    def identity(cls, resource: Checked, stack: StackSettings, sources: Sources) -> Identity:
        """What it is made of: its bytes alone. The document says the rest."""
        config = cast(DatasetModel, resource.config)
        parts, source = split(config), _read(resource, config, sources)
        said = {
            "technique": config.technique,
            "role": config.role or stack.role,
            "domain": config.domain or stack.domain,
            "name": config.name,
        }
        document: dict[str, Value] = {name: value for name, value in said.items() if value}
        facts: dict[str, Value] = {"rows": source.rows} if source.rows else {}
        return Identity(
            inputs={**parts.inputs, "source": source.identity},
            document={**document, **place_facts(stack, config.source, copied=config.copied)},
            circumstance={**parts.circumstance, **document, **facts},
            marks=with_all_tags(parts.marks, config, stack),
            policy=parts.policy,
            depends_on=parts.depends_on,
            problems=(*source.problems, *_size_problems(resource, source)),
        )

    @classmethod
    def content_name(cls, resource: Checked, stack: StackSettings) -> str:
        """Its name in the AI registry."""
        return name_in_hub(resource, stack, cast(DatasetModel, resource.config).name)

    def observe(self, scope: Scope, targets: Sequence[Target]) -> Mapping[Address, Sighting]:
        """What AWS shows: one listing for all."""
        return self._versions.observe(scope, targets)

    def find(self, scope: Scope, intent: Intent) -> Observation | None:
        """What an intent made."""
        return self._versions.find(scope, intent)

    def create(self, wish: Wish, intent: Intent) -> Observation:
        """Bring the bytes to S3, and import the version that points at them."""
        source = str(wish.config["source"])
        place = self._placing.bring(
            wish, intent.name, source, copied=bool(wish.config["copied"])
        )
        return self._versions.import_version(wish, intent, _draft(wish, source, place))

    def update(self, wish: Wish, record: Record) -> Observation:
        """Bring the tags to the wish."""
        return self._versions.retag(wish, record)

    def delete(self, scope: Scope, record: Record) -> None:
        """Delete the version. Its bytes stay for `nvx prune`: other versions may share them."""
        self._versions.delete(scope, record)


def _read(resource: Checked, config: DatasetModel, sources: Sources) -> Source:
    at = resource.at(("source",))
    if is_remote(config.source):
        return sources.object(config.source, at)
    path = local_path(resource.directory, config.source)
    return sources.rows(str(path), config.technique or "", "", at)


def _size_problems(resource: Checked, source: Source) -> Iterable[Diagnostic]:
    if source.size > LARGEST:
        text = f"it has {source.size:,} bytes; at most {LARGEST:,} are allowed"
        yield error("dataset-size", "Dataset too large", text, at=resource.at(("source",)))


def _draft(wish: Wish, source: str, place: Place) -> Draft:
    facts = wish.declared.circumstance
    return Draft(
        document=canonical(_document(str(facts.get("role", "")), place)),
        keywords=tuple(_keywords(facts, source)),
        description=str(wish.declared.marks.get("description", "")),
        tags=user_tags(wish.declared.marks),
    )


def _document(role: str, place: Place) -> Mapping[str, JsonValue]:
    """The document of schema 2.0.0, which takes no other keys."""
    return {
        "DatasetType": "CUSTOMER_PROVIDED",
        "DatasetRoleArn": role,
        "DatasetS3Bucket": place.bucket,
        "DatasetS3Prefix": place.key,
        "DatasetContextS3Uri": '""',  # two quotes as text: what the SageMaker SDK writes
        "ConversationId": "default-conversation",
        "ConversationCheckpointId": "default-checkpoint",
        "Dependencies": [],
    }


def _keywords(facts: Mapping[str, JsonValue], source: str) -> Iterator[str]:
    # "generated" is how the SageMaker SDK marks what came from S3.
    yield "method:generated" if is_remote(source) else "method:uploaded"
    if facts.get("technique"):
        yield f"customization_technique:{facts['technique']}"
    if facts.get("domain"):
        yield f"@domain:{facts['domain']}"


def _outputs(
    content: Content, inputs: Mapping[str, JsonValue], facts: Mapping[str, JsonValue]
) -> Mapping[str, JsonValue]:
    document = document_in(content)
    bucket, key = document.get("DatasetS3Bucket"), document.get("DatasetS3Prefix")
    source = inputs.get("source")
    return {
        "arn": content.arn,
        "uri": f"s3://{bucket}/{key}" if bucket and key else "",
        "version": content.version,
        "sha256": source.get("sha256", "") if isinstance(source, Mapping) else "",
        "rows": facts.get("rows"),
    }
