"""Which rows a technique takes: the check for a technique and a model family.

Sources: AWS documentation of the data formats for customization, and the schemas of the
SageMaker Python SDK 3.27 and of Nova Forge 1.4.10.
"""

from collections.abc import Callable
from dataclasses import dataclass

from nvx.data import chat, converse, pairs
from nvx.data.shapes import RowCheck

NOVA = "nova"
OPEN = "open"
TECHNIQUES = ("sft", "dpo", "rlvr")

# Goes up whenever a check becomes stricter or looser: remembered results of older rules lapse.
RULES = 2


def _never(row: object) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Format:
    """One form of rows: its name for people, its check, and a fast "surely right"."""

    described: str
    check: RowCheck
    surely_right: Callable[[object], bool] = _never


_FORMATS: dict[tuple[str | None, str], Format] = {
    ("sft", NOVA): Format("Converse rows", converse.check_sft, converse.is_plain_sft),
    ("dpo", NOVA): Format("Converse rows with candidates", converse.check_dpo),
    ("rlvr", NOVA): Format("rows of messages and a reference_answer", converse.check_rlvr),
    ("sft", OPEN): Format("rows of messages, or of prompt and completion", chat.check_sft),
    ("dpo", OPEN): Format("rows of chosen and rejected", chat.check_dpo),
    ("rlvr", OPEN): Format("rows of prompt and reward_model", chat.check_rlvr),
    ("autopilot", OPEN): Format("rows of input and output", pairs.check_pair),
}
_ANY = Format("JSON objects", chat.check_any)


def format_of(technique: str | None, family: str) -> Format:
    """The rows of a technique; without a known technique only what holds for all."""
    return _FORMATS.get((technique, family), _ANY)


def guess_family(technique: str | None, row: object) -> str:
    """The model family that a file is written for, judged by its first row."""
    if not isinstance(row, dict):
        return NOVA
    if technique == "rlvr":
        return NOVA if "messages" in row else OPEN
    if "schemaVersion" in row or isinstance(row.get("system"), list):
        return NOVA
    messages = row.get("messages")
    if not isinstance(messages, list):
        return OPEN
    return NOVA if any(_is_converse(message) for message in messages) else OPEN


def _is_converse(message: object) -> bool:
    return isinstance(message, dict) and (
        isinstance(message.get("content"), list) or "candidates" in message
    )
