"""Lineage: artifacts, actions, contexts, and the associations between them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from nvx.local import tags
from nvx.local.context import Context, Params, operation
from nvx.local.services.sagemaker.arns import own_name, parse, user_context
from nvx.local.services.sagemaker.listing import Order, listed
from nvx.local.services.sagemaker.refusals import in_use, invalid, not_found

_ASSOCIATIONS = "sagemaker.associations"
_ARTIFACT_ORDER = Order("ArtifactName", descending=True)
_ASSOCIATION_ORDER = Order(
    "SourceName",
    descending=True,
    members={
        name: name for name in ("SourceArn", "DestinationArn", "SourceType", "DestinationType")
    },
)
_SUMMARY = ("ArtifactArn", "ArtifactName", "Source", "ArtifactType", "CreationTime",
            "LastModifiedTime")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entity:
    """A kind of lineage entity: what its members are called."""

    kind: str
    """The word in ARNs: artifact, action, context."""

    @property
    def title(self) -> str:
        """The word in member names: Artifact, Action, Context."""
        return self.kind.capitalize()

    @property
    def table(self) -> str:
        """Where entities are kept."""
        return f"sagemaker.{self.kind}s"


ARTIFACT, ACTION, CONTEXT = Entity("artifact"), Entity("action"), Entity("context")
ENTITIES = {entity.kind: entity for entity in (ARTIFACT, ACTION, CONTEXT)}


def create_entity(ctx: Context, entity: Entity, params: Params) -> str:
    """Make an entity; its ARN. Actions and contexts are named uniquely, artifacts are not."""
    serial = ctx.store.sequence("sagemaker")
    name = params.get(f"{entity.title}Name", "")
    key = name
    if entity is ARTIFACT:
        # An artifact's ARN ends with a hash, never with its name.
        key = hashlib.sha256(f"{ctx.account}/{ctx.region}/{serial}".encode()).hexdigest()[:32]
    elif key in ctx.table(entity.table):
        raise in_use(
            f"{entity.title} {ctx.arn('sagemaker', f'{entity.kind}/{key}')} already exists."
        )
    arn = ctx.arn("sagemaker", f"{entity.kind}/{key}")
    now = ctx.now
    kept = {member: value for member, value in params.items() if member != "Tags"}
    kept |= {
        f"{entity.title}Arn": arn,
        "CreationTime": now,
        "LastModifiedTime": now,
        "Serial": serial,
    }
    ctx.table(entity.table).put(key, kept)
    tags.set_tags(ctx, arn, tags.from_list(params.get("Tags")))
    return arn


def find_entity(ctx: Context, entity: Entity, name_or_arn: str) -> Params:
    """The document of an entity; ResourceNotFound where there is none."""
    key = own_name(ctx, entity.kind, name_or_arn)
    doc = None if key is None else ctx.table(entity.table).get(key)
    if doc is None:
        raise not_found(f"{entity.title} {name_or_arn} does not exist.")
    return doc


def associate(ctx: Context, source: str, destination: str, kind: str | None) -> None:
    """Keep an association; the same one twice is one."""
    doc = {"SourceArn": source, "DestinationArn": destination, "CreationTime": ctx.now,
           "Serial": ctx.store.sequence("sagemaker")}  # fmt: skip
    if kind is not None:
        doc["AssociationType"] = kind
    ctx.table(_ASSOCIATIONS).put(f"{source}|{destination}", doc)


@operation("sagemaker", "CreateArtifact")
def create_artifact(ctx: Context, params: Params) -> Params:
    """Make an artifact."""
    return {"ArtifactArn": create_entity(ctx, ARTIFACT, params)}


@operation("sagemaker", "DescribeArtifact")
def describe_artifact(ctx: Context, params: Params) -> Params:
    """One artifact."""
    return _view(ctx, find_entity(ctx, ARTIFACT, params["ArtifactArn"]))


@operation("sagemaker", "ListArtifacts")
def list_artifacts(ctx: Context, params: Params) -> Params:
    """Artifacts, newest first unless asked otherwise."""
    uri, kind = params.get("SourceUri"), params.get("ArtifactType")
    rows = [
        (doc["Serial"], {key: doc[key] for key in _SUMMARY if key in doc})
        for _, doc in ctx.table(ARTIFACT.table).items()
        if uri in (None, doc["Source"]["SourceUri"]) and kind in (None, doc["ArtifactType"])
    ]
    summaries, token = listed(ctx, rows, params, _ARTIFACT_ORDER)
    return {"ArtifactSummaries": summaries, **token}


@operation("sagemaker", "DeleteArtifact")
def delete_artifact(ctx: Context, params: Params) -> Params:
    """Delete one artifact, by its ARN."""
    if "ArtifactArn" not in params:
        raise invalid("ArtifactArn is required by the local AWS.")
    doc = find_entity(ctx, ARTIFACT, params["ArtifactArn"])
    ctx.table(ARTIFACT.table).delete(own_name(ctx, "artifact", doc["ArtifactArn"]) or "")
    tags.delete_all(ctx, doc["ArtifactArn"])
    return {"ArtifactArn": doc["ArtifactArn"]}


@operation("sagemaker", "CreateAction")
def create_action(ctx: Context, params: Params) -> Params:
    """Make an action."""
    return {"ActionArn": create_entity(ctx, ACTION, params)}


@operation("sagemaker", "DescribeAction")
def describe_action(ctx: Context, params: Params) -> Params:
    """One action."""
    return _view(ctx, find_entity(ctx, ACTION, params["ActionName"]))


@operation("sagemaker", "CreateContext")
def create_context(ctx: Context, params: Params) -> Params:
    """Make a context."""
    return {"ContextArn": create_entity(ctx, CONTEXT, params)}


@operation("sagemaker", "DescribeContext")
def describe_context(ctx: Context, params: Params) -> Params:
    """One context."""
    return _view(ctx, find_entity(ctx, CONTEXT, params["ContextName"]))


@operation("sagemaker", "AddAssociation")
def add_association(ctx: Context, params: Params) -> Params:
    """Associate two entities."""
    source, destination = params["SourceArn"], params["DestinationArn"]
    associate(ctx, source, destination, params.get("AssociationType"))
    return {"SourceArn": source, "DestinationArn": destination}


@operation("sagemaker", "ListAssociations")
def list_associations(ctx: Context, params: Params) -> Params:
    """Associations, newest first unless asked otherwise."""
    rows = [
        (doc["Serial"], _association(ctx, doc)) for _, doc in ctx.table(_ASSOCIATIONS).items()
    ]
    filters = (
        "SourceArn",
        "DestinationArn",
        "SourceType",
        "DestinationType",
        "AssociationType",
    )
    rows = [
        row
        for row in rows
        if all(params.get(name) in (None, row[1].get(name)) for name in filters)
    ]
    summaries, token = listed(ctx, rows, params, _ASSOCIATION_ORDER)
    return {"AssociationSummaries": summaries, **token}


def _view(ctx: Context, doc: Params) -> Params:
    who = user_context(ctx)
    shown = {key: value for key, value in doc.items() if key != "Serial"}
    return {**shown, "CreatedBy": who, "LastModifiedBy": who}


def _association(ctx: Context, doc: Params) -> Params:
    row = {key: value for key, value in doc.items() if key != "Serial"}
    for side in ("Source", "Destination"):
        arn = parse(doc[f"{side}Arn"])
        entity = ENTITIES.get(arn.kind) if arn is not None else None
        found = None
        if arn is not None and entity is not None:
            found = ctx.table(entity.table).get("/".join(arn.path))
        if found is not None and entity is not None:
            row[f"{side}Type"] = found[f"{entity.title}Type"]
            row[f"{side}Name"] = found.get(f"{entity.title}Name", "")
    return row
