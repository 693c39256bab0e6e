"""Rows for Amazon Nova: Converse (SFT), Converse with candidates (DPO), prompts (RLVR)."""

from typing import Any

from nvx.data.blocks import check_block, check_tools
from nvx.data.shapes import (
    RowError,
    RowPath,
    dotted,
    expect_closed,
    expect_key,
    expect_list,
    expect_object,
    expect_one_of,
    expect_text,
    shown,
)

ROLES = ("user", "assistant")
PREFERENCES = ("preferred", "non-preferred")
PROMPT_ROLES = ("system", "user", "assistant")

_DPO_KEYS = frozenset({"schemaVersion", "system", "messages"})
_SFT_KEYS = _DPO_KEYS | {"toolConfig"}
_TURN = frozenset({"role", "content"})
_FINAL_CHOICE = frozenset({"role", "candidates"})


def check_sft(row: object) -> None:
    """A Converse conversation: first turn user, last assistant, strictly alternating."""
    messages = _conversation(row, _SFT_KEYS)
    for index, message in enumerate(messages):
        for place, block in enumerate(_content(message, index)):
            if not _is_text(block):
                check_block(block, ("messages", index, "content", place))
    _check_last(messages)


def check_dpo(row: object) -> None:
    """A conversation in text whose last turn offers candidates, preferred and not."""
    messages = _conversation(row, _DPO_KEYS)
    final = len(messages) - 1
    for index, message in enumerate(messages[:final]):
        _check_texts(_content(message, index), ("messages", index, "content"))
    _check_choice(messages[final], final)
    _check_last(messages)


def check_rlvr(row: object) -> None:
    """A prompt as chat messages with the reference answer that the reward compares with."""
    found = expect_object(row, ())
    messages = expect_list(expect_key(found, "messages", ()), ("messages",))
    roles = [_prompt_role(message, index) for index, message in enumerate(messages)]
    if "user" not in roles:
        raise RowError(("messages",), 'messages has no message with the role "user"')
    answer = expect_key(found, "reference_answer", ())
    if not isinstance(answer, str | dict):
        at = ("reference_answer",)
        raise RowError(at, f"reference_answer is {shown(answer)}; it must be text or an object")
    if "id" in found:
        expect_text(found["id"], ("id",))
    if "tools" in found:
        expect_list(found["tools"], ("tools",), least=0)


def is_plain_sft(row: Any) -> bool:
    """Whether a row is a right SFT conversation in text alone, as most rows are, said fast.

    False means only "ask `check_sft`". Indexing with a string refuses all but objects, so
    those need no test of their own.
    """
    try:
        system = row.get("system", ())
        for block in system:
            if type(block["text"]) is not str or len(block) != 1:
                return False
        keys = 2 if type(system) is list else 1
        if "schemaVersion" in row and type(row["schemaVersion"]) is str:
            keys += 1
        return len(row) == keys and _alternate(row["messages"])
    except (AttributeError, KeyError, TypeError):
        return False


def _alternate(messages: Any) -> bool:
    wanted = "user"
    for message in messages:
        content = message["content"]
        if message["role"] != wanted or len(message) != 2 or type(content) is not list:
            return False
        for block in content:
            if type(block["text"]) is not str or len(block) != 1:
                return False
        if not content:
            return False
        wanted = "assistant" if wanted == "user" else "user"
    return wanted == "user" and type(messages) is list and len(messages) > 1


def _conversation(row: object, allowed: frozenset[str]) -> list[object]:
    if not isinstance(row, dict) or not row.keys() <= allowed:
        optional = tuple(sorted(allowed - {"messages"}))
        row = expect_closed(row, (), required=("messages",), optional=optional)
    messages = expect_list(expect_key(row, "messages", ()), ("messages",), least=len(ROLES))
    if "schemaVersion" in row:
        expect_text(row["schemaVersion"], ("schemaVersion",))
    if "system" in row:
        _check_texts(expect_list(row["system"], ("system",), least=0), ("system",))
    if "toolConfig" in row:
        check_tools(row["toolConfig"])
    return messages


def _content(message: object, index: int) -> list[object]:
    if (
        isinstance(message, dict)
        and message.keys() == _TURN
        and message["role"] == ROLES[index & 1]
        and isinstance(content := message["content"], list)
        and content
    ):
        return content
    return _explained(message, index)


def _explained(message: object, index: int) -> list[object]:
    at: RowPath = ("messages", index)
    turn = expect_object(message, at)
    role = expect_one_of(expect_key(turn, "role", at), ROLES, (*at, "role"))
    if role != ROLES[index & 1]:
        rule = 'the first message must be "user"' if index == 0 else "roles must alternate"
        raise RowError((*at, "role"), f'{dotted(at)}.role is "{role}"; {rule}')
    if "candidates" in turn:
        rule = "candidates belong in the last message of a dpo row"
        raise RowError((*at, "candidates"), f"{dotted(at)} has candidates; {rule}")
    expect_closed(turn, at, required=("role", "content"))
    return expect_list(turn["content"], (*at, "content"))


def _check_last(messages: list[object]) -> None:
    if len(messages) & 1:
        at: RowPath = ("messages", len(messages) - 1, "role")
        raise RowError(at, f'{dotted(at)} is "user"; the last message must be "assistant"')


def _is_text(block: object) -> bool:
    return isinstance(block, dict) and len(block) == 1 and isinstance(block.get("text"), str)


def _check_texts(blocks: list[object], at: RowPath) -> None:
    for place, block in enumerate(blocks):
        if not _is_text(block):
            found = expect_closed(block, (*at, place), required=("text",))
            expect_text(found["text"], (*at, place, "text"))


def _check_choice(message: object, index: int) -> None:
    at: RowPath = ("messages", index)
    turn = expect_object(message, at)
    if turn.keys() != _FINAL_CHOICE or turn["role"] != "assistant":
        expect_one_of(expect_key(turn, "role", at), ("assistant",), (*at, "role"))
        expect_closed(turn, at, required=("role", "candidates"))
    here: RowPath = (*at, "candidates")
    candidates = expect_list(turn["candidates"], here, least=2)
    labels = {_label(candidate, (*here, n)) for n, candidate in enumerate(candidates)}
    for wanted in PREFERENCES:
        if wanted not in labels:
            raise RowError(here, f'{dotted(here)} has no candidate labelled "{wanted}"')


def _label(candidate: object, at: RowPath) -> str:
    found = expect_closed(candidate, at, required=("content", "preferenceLabel"))
    _check_texts(expect_list(found["content"], (*at, "content")), (*at, "content"))
    return expect_one_of(found["preferenceLabel"], PREFERENCES, (*at, "preferenceLabel"))


def _prompt_role(message: object, index: int) -> str:
    at: RowPath = ("messages", index)
    found = expect_object(message, at)
    role = expect_one_of(expect_key(found, "role", at), PROMPT_ROLES, (*at, "role"))
    if role == "system" and index:
        raise RowError(
            (*at, "role"), f"{dotted(at)} is a system message; only the first may be"
        )
    expect_text(expect_key(found, "content", at), (*at, "content"))
    return role
