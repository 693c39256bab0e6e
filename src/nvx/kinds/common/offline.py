"""Checks that fine-tunes and evaluations share: what can be known without AWS."""

from __future__ import annotations

from collections.abc import Iterator

from nvx.core.diagnostics import Diagnostic, error, nearest, warning
from nvx.core.ports import in_one_line
from nvx.core.resource import Checked, StackSettings
from nvx.data.catalogue import base_model, family_of, known_base_models, regions_of
from nvx.kinds.common.fields import missing
from nvx.kinds.common.model import Text
from nvx.kinds.common.serverless import GROUP_ARN, GROUP_NAME, HUB_MODEL, PACKAGE_ARN, S3_URI


def base_model_problems(
    resource: Checked, field: str, name: str, stack: StackSettings
) -> Iterator[Diagnostic]:
    """A name that no hub model can have, or a family that the region does not serve."""
    hub_name = base_model(name)
    if not HUB_MODEL.fullmatch(hub_name):
        yield error(
            "base-model",
            "Not a base model",
            f'{field} = "{name}" is no name of a model in the public hub.'
            + nearest(name, known_base_models()),
            at=resource.at((field,)),
            hint="write a name such as nova-textgeneration-lite-v2",
        )
        return
    regions = regions_of(family_of(hub_name))
    if stack.region and stack.region not in regions:
        yield warning(
            "region",
            "Perhaps not offered in this region",
            f"{hub_name} is known to be customized in {in_one_line(regions)},"
            f" not in {stack.region}.",
            at=resource.at((field,)),
        )


def package_problems(
    resource: Checked, field: str, arn: str, stack: StackSettings
) -> Iterator[Diagnostic]:
    """An ARN that names no version of a model package, or one of another region."""
    if not PACKAGE_ARN.fullmatch(arn):
        yield error(
            "model-package",
            "Not a model package",
            f'{field} = "{arn}"',
            at=resource.at((field,)),
            hint="write ${fine_tune.<name>}, or the ARN of a version in a model package group",
        )
    elif stack.region and arn.split(":")[3] != stack.region:
        yield error(
            "model-package",
            "Model package of another region",
            f"{field} is in {arn.split(':')[3]}, and the stack in {stack.region}: a job uses only"
            " models of its own region",
            at=resource.at((field,)),
        )


def group_problems(resource: Checked, group: Text | None) -> Iterator[Diagnostic]:
    """Text that names no model group."""
    if not isinstance(group, str) or GROUP_ARN.fullmatch(group) or GROUP_NAME.fullmatch(group):
        return
    yield error(
        "model-group",
        "Not a model group",
        f'model_group = "{group}"; write ${{model_group.<name>}}, a name or an ARN',
        at=resource.at(("model_group",)),
    )


def place_problems(
    resource: Checked, stack: StackSettings, *, role: str | None, output: str | None
) -> Iterator[Diagnostic]:
    """No role to run as, nowhere to write to."""
    if not (role or stack.role):
        yield missing(resource, "role", "the job needs a role to run as")
    if not (output or stack.bucket):
        yield missing(resource, "bucket", "the job needs a place to write to")
    if output and not S3_URI.fullmatch(output):
        yield error(
            "output",
            "Not an S3 location",
            f'output = "{output}"; write s3://bucket/prefix, without quotes or spaces',
            at=resource.at(("output",)),
        )
