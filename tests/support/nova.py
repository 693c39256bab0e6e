"""A local AWS and the kinds of recipes that work in it."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from nvx.aws.models import Models
from nvx.aws.session import Aws
from nvx.core.kind import Target
from nvx.core.resource import Declared
from nvx.core.state import Record, Status
from nvx.engine.declare import declare
from nvx.kinds import all_specs
from support.kind_desk import sources
from support.local_aws import Cloud, running
from support.runs import (
    ACCOUNT,
    REGION,
    SCOPE,
    STACK,
    checked,
    declared,
    intent_of,
    record_of,
    wish_of,
)
from support.serverless import LONG, opened

BUCKET = f"sagemaker-{REGION}-{ACCOUNT}"
SPECS: dict[tuple[str, str], Any] = {(spec.name, spec.variant): spec for spec in all_specs()}


class NovaWorld:
    """A local AWS, and the recipes of one kind variant in it."""

    def __init__(self, cloud: Cloud, aws: Aws, variant: tuple[str, str], folder: Path) -> None:
        self.cloud = cloud
        self.folder = folder
        self.sagemaker = cloud.client("sagemaker", region=REGION)
        self.s3 = cloud.client("s3", region=REGION)
        self.spec = SPECS[variant]
        self.kind = self.spec(aws, Models(aws))

    def declared(self, **fields: Any) -> Declared:
        """A declared recipe; its files are in the folder."""
        resource = replace(checked(self.spec, **fields), directory=str(self.folder))
        return declare([resource], STACK, SPECS, sources())[0][0]

    def put(self, **fields: Any) -> Declared:
        """A declared recipe whose rows are in S3."""
        return declared(self.spec, **fields)

    def started(self, one: Declared, attempt: int = 1) -> Record:
        """A recipe whose job was started."""
        seen = self.kind.create(wish_of(one), intent_of(one, attempt))
        return replace(record_of(one, seen.id, seen.outputs, attempt), name=seen.name)

    def ended(self, record: Record) -> Record:
        """The record after its job has ended, with its results."""
        self.cloud.server.advance(LONG)
        target = Target(record.address, record.name, record)
        seen = self.kind.observe(SCOPE, [target])[record.address].newest
        outputs = {**record.outputs, **seen.outputs}
        done = replace(record, status=seen.status, outputs=outputs, detail=seen.detail)
        if seen.status is not Status.READY:
            return done
        return replace(done, outputs={**outputs, **self.kind.results(SCOPE, done)})

    def archive(self, record: Record) -> Mapping[str, bytes]:
        """The files of the archive that a job left."""
        output = str(record.outputs["output"]).partition(f"s3://{BUCKET}/")[2]
        key = f"{output}/{record.name}/output/output.tar.gz"
        body = self.s3.get_object(Bucket=BUCKET, Key=key)["Body"]
        try:
            data = body.read()
        finally:
            body.close()
        with tarfile.open(fileobj=io.BytesIO(data)) as opened_archive:
            return {
                member.name: file.read()
                for member in opened_archive
                if (file := opened_archive.extractfile(member)) is not None
            }

    def rows(self, name: str, *rows: Mapping[str, Any]) -> str:
        """A file of rows in the folder."""
        (self.folder / name).write_text("".join(json.dumps(row) + "\n" for row in rows))
        return name


@contextmanager
def nova_world(variant: tuple[str, str], folder: Path) -> Iterator[NovaWorld]:
    """A new one."""
    with running() as cloud, opened(cloud) as aws:
        yield NovaWorld(cloud, aws, variant, folder)
