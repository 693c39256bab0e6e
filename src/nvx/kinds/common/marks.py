"""How what nvx made is recognised: tags, and the keywords of hub content."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nvx.core.resource import Scope
from nvx.core.state import Intent
from nvx.core.values import JsonValue

TAG_STACK = "nvx:stack"
TAG_ADDRESS = "nvx:address"
TAG_DIGEST = "nvx:digest"
TAG_ATTEMPT = "nvx:attempt"
TAG_LINEAGE = "nvx:lineage"

_KEYWORDS = ("stack", "address", "digest", "document", "lineage")


@dataclass(frozen=True, slots=True)
class Marks:
    """What an object of ours says about itself. Empty text where it does not say."""

    stack: str = ""
    address: str = ""
    """In its mark form: `Address.mark`."""
    digest: str = ""
    document: str = ""
    attempt: int = 1
    lineage: str = ""

    def ours(self, scope: Scope) -> bool:
        """Whether it belongs to this stack, and not to another state's stack of the same name.

        Without a state there is no lineage yet: then the one that is found is taken over.
        """
        return self.stack == scope.stack.name and (
            not scope.lineage or self.lineage in ("", scope.lineage)
        )

    def claims(self, intent: Intent) -> bool:
        """Whether it is what the call of this intent was to make."""
        return (self.digest, self.document or intent.document) == (
            intent.digest,
            intent.document,
        )

    def tags(self) -> Mapping[str, str]:
        """As tags, the attempt among them."""
        return {**self.owner_tags(), TAG_DIGEST: self.digest, TAG_ATTEMPT: str(self.attempt)}

    def owner_tags(self) -> Mapping[str, str]:
        """As tags of something that lives on when its digest changes: a pipeline, hub content."""
        return {
            TAG_STACK: self.stack,
            TAG_ADDRESS: self.address,
            TAG_LINEAGE: self.lineage,
        }

    def keywords(self) -> Sequence[str]:
        """As keywords of a version of hub content."""
        return [f"nvx-{name}:{getattr(self, name)}" for name in _KEYWORDS]


def marks_of(scope: Scope, intent: Intent) -> Marks:
    """The marks of what an intent is to make."""
    return Marks(
        stack=scope.stack.name,
        address=intent.address.mark,
        digest=intent.digest,
        document=intent.document,
        attempt=intent.attempt,
        lineage=scope.lineage,
    )


def marks_in_tags(tags: Mapping[str, str]) -> Marks:
    """The marks among tags."""
    attempt = tags.get(TAG_ATTEMPT, "1")
    return Marks(
        stack=tags.get(TAG_STACK, ""),
        address=tags.get(TAG_ADDRESS, ""),
        digest=tags.get(TAG_DIGEST, ""),
        attempt=int(attempt) if attempt.isascii() and attempt.isdigit() else 1,
        lineage=tags.get(TAG_LINEAGE, ""),
    )


def marks_in_keywords(keywords: Sequence[str]) -> Marks:
    """The marks among the keywords of a version of hub content."""
    found = dict(word.split(":", 1) for word in keywords if ":" in word)
    stack, address, digest, document, lineage = (found.get(f"nvx-{k}", "") for k in _KEYWORDS)
    return Marks(stack, address, digest, document, lineage=lineage)


def is_mark(key: str) -> bool:
    """Whether a tag key belongs to nvx: users may not set it, and updates leave it alone."""
    return key.startswith("nvx:")


def as_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Tags as SageMaker and Bedrock take them, sorted by key."""
    return [{"Key": key, "Value": tags[key]} for key in sorted(tags)]


def as_mapping(tags: Sequence[Mapping[str, str]]) -> Mapping[str, str]:
    """Tags as SageMaker and Bedrock give them."""
    return {tag["Key"]: tag["Value"] for tag in tags}


def user_tags(marks: Mapping[str, JsonValue]) -> Mapping[str, str]:
    """The tags among the marks of a declared resource, or among what a record wanted."""
    tags = marks.get("tags")
    return {str(k): str(v) for k, v in tags.items()} if isinstance(tags, Mapping) else {}
