"""Limits that hyperparameters of a fine-tune set each other. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from nvx.core.values import JsonValue

_TOKENS_PER_K = 1024
_LENGTH = re.compile(r"[0-9]{1,4}K")


def limit_problems(
    values: Mapping[str, JsonValue], sequence_length: str
) -> Iterator[tuple[str, str]]:
    """The name of a value that breaks a limit, and how. No sequence length: it is not known."""
    yield from _steps(values)
    if _LENGTH.fullmatch(sequence_length):
        yield from _tokens(values, int(sequence_length[:-1]) * _TOKENS_PER_K)


def _steps(values: Mapping[str, JsonValue]) -> Iterator[tuple[str, str]]:
    save, most = _number(values, "save_steps"), _number(values, "max_steps")
    if save is not None and most is not None and save > most:
        yield "save_steps", f"{save:g} is more than max_steps, {most:g}: nothing would be saved"


def _tokens(values: Mapping[str, JsonValue], ceiling: int) -> Iterator[tuple[str, str]]:
    length = _number(values, "dataset_max_len")
    if length is not None and length > ceiling:
        yield "dataset_max_len", f"{length:g} is more than the recipe's {ceiling} tokens"
    prompt, response = (
        _number(values, "max_prompt_length"),
        _number(values, "max_response_length"),
    )
    if prompt is not None and response is not None and prompt + response > ceiling:
        yield (
            "max_prompt_length",
            f"{prompt:g} and max_response_length {response:g} are {prompt + response:g} together, more"
            f" than the recipe's {ceiling} tokens",
        )


def _number(values: Mapping[str, JsonValue], name: str) -> float | None:
    value = values.get(name)
    known = isinstance(value, int | float) and not isinstance(value, bool)
    return value if known else None  # type: ignore[return-value]  # it is a number
