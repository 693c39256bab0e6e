"""What the jobs of all recipes need: an image, a bucket of one's own, the group of a package."""

from __future__ import annotations

from collections.abc import Iterator

from nvx.aws.call import Calls
from nvx.aws.models import Models
from nvx.aws.objects import Place
from nvx.core.cloud import NotFound, Rejected
from nvx.core.diagnostics import Diagnostic, error, warning
from nvx.core.ports import in_one_line
from nvx.core.resource import Checked, Declared, Scope, StackSettings
from nvx.data.nova import image_of, image_regions
from nvx.kinds.common.nova_fields import NovaJobFields
from nvx.kinds.common.serverless import output_of


def image_for(config: NovaJobFields, use: str, generation: int, region: str) -> str:
    """The image that a job runs. Raises Rejected where none is known."""
    image = config.image or image_of(use, generation, region)
    if not image:
        raise Rejected(f"no image for {use} is known in {region}: set image", code="Preflight")
    return image


def image_problems(
    resource: Checked, config: NovaJobFields, stack: StackSettings, use: str, generation: int
) -> Iterator[Diagnostic]:
    """A region, or a use, for which no image is known."""
    if config.image is not None or image_of(use, generation, stack.region):
        return
    yield error(
        "nova-image",
        "No image is known",
        f"{use} in {stack.region}: images are known in {in_one_line(image_regions())}",
        at=resource.declared_at,
        hint="set image to the one that AWS names for this region",
    )


def bucket_warnings(
    calls: Calls, scope: Scope, declared: Declared, output: str | None
) -> tuple[Diagnostic, ...]:
    """The output bucket of somebody else: Nova jobs write only to buckets of their own account."""
    stack = scope.stack
    bucket = Place.parse(output_of(stack, output or "") + "/").bucket
    params = {"Bucket": bucket, "ExpectedBucketOwner": stack.account}
    try:
        calls.call("s3", "HeadBucket", params)
    except (Rejected, NotFound):
        text = f"{declared.address}: {bucket} is not a bucket of account {stack.account}"
        hint = "Nova jobs write only to a bucket of the account that starts them"
        return (
            warning(
                "N-12", "Bucket perhaps not ours", text, at=declared.declared_at, hint=hint
            ),
        )
    return ()


def source_group(models: Models, model: str) -> str:
    """The group of a model package; "" for anything else. Raises Rejected where there is none."""
    if not model.startswith("arn:"):
        return ""
    package = models.package(model)
    if package is None:
        raise Rejected(f"there is no model package {model}", code="Preflight")
    return package.group_arn
