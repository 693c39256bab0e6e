"""The fields of Nova training jobs, whether they tune or evaluate."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from nvx.core.resource import RefTo, Role
from nvx.kinds.common.model import Model, Text
from nvx.kinds.common.serverless import Vpc


class NovaJobFields(Model):
    """A recipe that runs as a training job on instances of one's choice."""

    recipe: Annotated[
        str | None,
        Role.BEHAVIOUR,
        Field(description="A recipe in YAML that is there already, instead of its sections."),
    ] = None
    instance_type: Annotated[
        str,
        Role.CIRCUMSTANCE,
        Field(pattern=r"^ml\.[a-z0-9-]+\.[a-z0-9]+$", description="What it runs on."),
    ]
    unlisted_instance: Annotated[
        bool,
        Role.POLICY,
        Field(description="Take an instance type that the recipes do not list for the model."),
    ] = False
    image: Annotated[
        str | None,
        Role.CIRCUMSTANCE,
        Field(
            min_length=1,
            max_length=255,
            pattern=r"^[a-zA-Z0-9][a-zA-Z0-9._/:@-]*$",
            description="The image of the job; the known one of the region by default.",
        ),
    ] = None
    volume_gb: Annotated[
        int, Role.CIRCUMSTANCE, Field(ge=1, le=16384, description="Storage of each instance.")
    ] = 30
    model_group: Annotated[
        Text | None,
        Role.CIRCUMSTANCE,
        RefTo(("model_group",), "arn"),
        Field(description="The group of a tuned model: a model group, its name or its ARN."),
    ] = None
    role: Annotated[
        str | None,
        Role.CIRCUMSTANCE,
        Field(description="The role that the job runs as; the stack's by default."),
    ] = None
    output: Annotated[
        str | None,
        Role.CIRCUMSTANCE,
        Field(description="s3:// location for what the job writes."),
    ] = None
    kms_key: Annotated[
        str | None,
        Role.CIRCUMSTANCE,
        Field(
            max_length=2048,
            pattern=r"^[a-zA-Z0-9:/_-]+$",
            description="Key that encrypts the output; the stack's by default.",
        ),
    ] = None
    vpc: Annotated[
        Vpc | None, Role.CIRCUMSTANCE, Field(description="The network that the job runs in.")
    ] = None
    max_runtime: Annotated[
        int,
        Role.CIRCUMSTANCE,
        Field(ge=1, le=2_419_200, description="Seconds after which the service stops the job."),
    ] = 86400
    repeat: Annotated[
        int,
        Role.BEHAVIOUR,
        Field(ge=1, description="Tells runs apart that are meant to have equal inputs."),
    ] = 1
