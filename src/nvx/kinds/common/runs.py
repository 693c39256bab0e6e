"""What the verbs of all kinds of runs share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from nvx.aws.tags import Tags
from nvx.core.cloud import AlreadyExists, CloudError, NotFound, NotOurs, Rejected, Uncertain
from nvx.core.diagnostics import Diagnostic, error
from nvx.core.kind import Observation
from nvx.core.resource import Declared, Wish
from nvx.core.state import Intent, Record
from nvx.kinds.common.marks import Marks, user_tags


def as_recorded(record: Record) -> Marks:
    """The marks that the object of a record carries, without asking AWS."""
    return Marks(
        address=record.address.mark,
        digest=record.digest,
        document=record.document,
        attempt=record.attempt,
    )


def unchanged(record: Record) -> Observation:
    """A run as it is recorded: what an update in place that does not touch the run itself leaves."""
    return Observation(
        id=record.id,
        status=record.status,
        name=record.name,
        digest=record.digest,
        attempt=record.attempt,
        address=record.address.mark,
        ours=True,
        detail=record.detail,
    )


class Refusal(str):
    """A problem found before a start, with the word by which a numbered rule knows it."""

    __slots__ = ("word",)

    word: str

    def __new__(cls, text: str, word: str) -> Refusal:
        """A problem in words for people."""
        made = super().__new__(cls, text)
        made.word = word
        return made


def not_to_be_had(intent: Intent, taken: AlreadyExists, what: str) -> CloudError:
    """What a taken name means where nothing with our marks is to be seen under it.

    After a retry it may be this very call that took it, so the outcome is unknown; without one it is
    somebody else's. `what` names the object, such as "a training job x".
    """
    if taken.attempts > 1:
        text = f"{intent.name} was perhaps started by this call, but is not to be seen yet"
        kind: type[CloudError] = Uncertain
    else:
        text, kind = f"{what} exists and is not marked as this stack's", NotOurs
    return kind(text, operation=taken.operation, code=taken.code, attempts=taken.attempts)


def refused(intent: Intent, problems: Sequence[str]) -> Rejected:
    """The error that stands for problems found before anything was sent."""
    return Rejected(
        "; ".join(problems), operation=f"preflight of {intent.address}", code="Preflight"
    )


def refusals(
    declared: Declared, problems: Callable[[], Iterable[str]]
) -> tuple[Diagnostic, ...]:
    """Problems that the hub shows, as diagnostics; also where what is named does not exist.

    Raises CloudError where the hub does not answer.
    """
    try:
        found: tuple[str, ...] = tuple(problems())
    except (Rejected, NotFound) as refusal:
        found = (refusal.message,)
    return tuple(
        error(
            text.word if isinstance(text, Refusal) else "preflight",
            "AWS would refuse it",
            f"{declared.address}: {text}",
            at=declared.declared_at,
        )
        for text in found
    )


def retag(tags: Tags, arn: str, wish: Wish, record: Record) -> None:
    """Set the declared tags; remove those that were declared before. Tags of others stay."""
    tags.change(arn, user_tags(wish.declared.marks), user_tags(record.wanted))
