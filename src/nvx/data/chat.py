"""Rows for open-weight models, and of unknown technique: looser, extra keys are allowed."""

from nvx.data.shapes import (
    RowError,
    RowPath,
    dotted,
    expect_key,
    expect_list,
    expect_object,
    expect_one_of,
    expect_text,
    quoted,
    shown,
)

ROLES = ("system", "user", "assistant")
PROMPT_KEYS = ("messages", "prompt", "query", "chosen", "text", "metadata", "input")


def check_sft(row: object) -> None:
    """Chat `messages`, or `prompt` and `completion`."""
    found = expect_object(row, ())
    if "messages" in found:
        _check_chat(found["messages"], ("messages",))
        return
    if "prompt" not in found:
        raise RowError((), 'the row has neither "messages" nor "prompt" and "completion"')
    _check_said(found["prompt"], ("prompt",))
    _check_said(expect_key(found, "completion", ()), ("completion",))
    if "system" in found:
        expect_text(found["system"], ("system",))


def check_dpo(row: object) -> None:
    """`chosen` and `rejected`, both chats or both text; text needs its `prompt`."""
    found = expect_object(row, ())
    chosen = expect_key(found, "chosen", ())
    rejected = expect_key(found, "rejected", ())
    _check_said(chosen, ("chosen",))
    _check_said(rejected, ("rejected",))
    if type(chosen) is not type(rejected):
        raise RowError(("rejected",), "chosen and rejected must both be text or both be lists")
    if isinstance(chosen, str):
        expect_key(found, "prompt", ())
    if "prompt" in found:
        _check_said(found["prompt"], ("prompt",))
    if "system" in found:
        expect_text(found["system"], ("system",))


def check_rlvr(row: object) -> None:
    """The verl form: a prompt as chat and the ground truth of the reward."""
    found = expect_object(row, ())
    _check_chat(expect_key(found, "prompt", ()), ("prompt",))
    reward = expect_object(expect_key(found, "reward_model", ()), ("reward_model",))
    expect_key(reward, "ground_truth", ("reward_model",))
    for key in ("data_source", "ability"):
        if key in found:
            expect_text(found[key], (key,))
    if "extra_info" in found:
        expect_object(found["extra_info"], ("extra_info",))


def check_any(row: object) -> None:
    """An object with something to ask a model: what holds without a technique."""
    found = expect_object(row, ())
    if not any(key in found for key in PROMPT_KEYS):
        raise RowError((), f"the row has none of {quoted(PROMPT_KEYS)}")
    if "messages" in found:
        for index, message in enumerate(expect_list(found["messages"], ("messages",))):
            turn = expect_object(message, ("messages", index))
            at: RowPath = ("messages", index, "role")
            expect_text(expect_key(turn, "role", ("messages", index)), at)


def _check_said(value: object, at: RowPath) -> None:
    if isinstance(value, str):
        return
    if not isinstance(value, list):
        raise RowError(
            at, f"{dotted(at)} is {shown(value)}; it must be text or a list of messages"
        )
    _check_chat(value, at)


def _check_chat(value: object, at: RowPath) -> None:
    for index, message in enumerate(expect_list(value, at)):
        if (
            isinstance(message, dict)
            and message.get("role") in ROLES
            and isinstance(message.get("content"), str)
        ):
            continue
        here: RowPath = (*at, index)
        turn = expect_object(message, here)
        expect_one_of(expect_key(turn, "role", here), ROLES, (*here, "role"))
        expect_text(expect_key(turn, "content", here), (*here, "content"))
