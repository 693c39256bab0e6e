"""The object store against the plainest model of it: a list of bodies for every key."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from nvx.local.context import AwsError
from support.local_aws import REGION, context

KEYS = st.sampled_from(["a", "b"])
BODIES = st.binary(max_size=3)
MARKER = None


class VersionedBucket(RuleBasedStateMachine):
    """Puts, deletes and versioning in any order; the model is (version id, body) newest first."""

    def __init__(self) -> None:
        super().__init__()
        self.ctx = context("s3")
        self.model: dict[str, list[tuple[str, bytes | None]]] = {"a": [], "b": []}
        self.versioning = ""
        where = {"LocationConstraint": REGION}
        self.call("CreateBucket", CreateBucketConfiguration=where)

    def teardown(self) -> None:
        self.ctx.store.close()

    def call(self, operation: str, **params: object) -> dict[str, object]:
        return self.ctx.call("s3", operation, {"Bucket": "box", **params})

    def on_top(self, key: str, version: object, body: bytes | None) -> None:
        name = str(version) if self.versioning == "Enabled" else "null"
        kept = self.model[key]
        if name == "null":
            kept = [entry for entry in kept if entry[0] != "null"]
        self.model[key] = [(name, body), *kept]

    @rule(status=st.sampled_from(["Enabled", "Suspended"]))
    def set_versioning(self, status: str) -> None:
        self.call("PutBucketVersioning", VersioningConfiguration={"Status": status})
        self.versioning = status

    @rule(key=KEYS, body=BODIES)
    def put(self, key: str, body: bytes) -> None:
        reply = self.call("PutObject", Key=key, Body=body)
        self.on_top(key, reply.get("VersionId"), body)

    @rule(key=KEYS)
    def delete(self, key: str) -> None:
        reply = self.call("DeleteObject", Key=key)
        if self.versioning:
            self.on_top(key, reply["VersionId"], MARKER)
        else:
            self.model[key] = []

    @rule(key=KEYS, place=st.integers(0, 3))
    def delete_version(self, key: str, place: int) -> None:
        if place < len(self.model[key]):
            gone = self.model[key].pop(place)
            self.call("DeleteObject", Key=key, VersionId=gone[0])

    @invariant()
    def every_version_is_readable(self) -> None:
        for key, versions in self.model.items():
            for name, body in versions:
                if body is not MARKER:
                    assert self.call("GetObject", Key=key, VersionId=name)["Body"] == body

    @invariant()
    def a_plain_read_sees_the_newest(self) -> None:
        for key, versions in self.model.items():
            newest = versions[0][1] if versions else MARKER
            assert self.read(key) == newest

    @invariant()
    def listings_agree(self) -> None:
        reply = self.call("ListObjectVersions")
        listed = [
            (row["Key"], row["VersionId"], row["IsLatest"])
            for member in ("Versions", "DeleteMarkers")
            for row in reply.get(member, [])  # type: ignore[attr-defined]  # a list of rows
        ]
        assert sorted(listed) == sorted(
            (key, name, place == 0)
            for key, versions in self.model.items()
            for place, (name, _) in enumerate(versions)
        )

    def read(self, key: str) -> object:
        try:
            return self.call("GetObject", Key=key)["Body"]
        except AwsError as error:
            assert error.code == "NoSuchKey"  # noqa: PT017  any other code is a bug
            return MARKER


TestVersionedBucket = VersionedBucket.TestCase
TestVersionedBucket.settings = settings(max_examples=25, stateful_step_count=20, deadline=None)
