"""The values of a fine-tune recipe, held against what each key takes. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from nvx.core.diagnostics import Diagnostic, error, nearest, warning
from nvx.core.ports import in_one_line
from nvx.core.values import Value
from nvx.data.nova_tuning import Key
from nvx.kinds.fine_tune.recipe_case import FULL, TuneCase

_RATIO = 70
_BETA = 0.1
_ON_P4D = 16384
_SCHEMES = ("lora", None)
_EFFORTS = ("low", "high", None)


def value_problems(case: TuneCase) -> Iterator[Diagnostic]:
    """Unknown keys, values out of range, values that contradict each other."""
    yield from _keys(case)
    for name, value in case.values.items():
        key = case.shape.get(name)
        if key is not None:
            yield from _value(case, key, value)
    yield from _missing(case)
    yield from _pairs(case)


def _keys(case: TuneCase) -> Iterator[Diagnostic]:
    free = case.config.technique == "ppo"
    for name in case.values:
        if name in case.shape or (free and case.shape):
            continue
        text = f"training_config.{name} is no key of this recipe.{nearest(name, case.shape)}"
        yield error("N-16", "Unknown key in a recipe", text, at=case.at_key(name))


def _value(case: TuneCase, key: Key, value: Value) -> Iterator[Diagnostic]:
    at = case.at_key(key.name)
    if key.platform and key.platform != case.platform:
        text = f"{key.name} is taken on {key.platform} only"
        yield error("F-03", "Key of another platform", text, at=at)
        return
    if key.type == "scheme" and case.config.recipe is None:
        text = f"{key.name} follows from training_type"
        yield error(
            "F-03", "Key that nvx writes", text, at=at, hint='set training_type = "FULL"'
        )
        return
    if key.lora and case.training_type == FULL:
        text = f"{key.name} is for an adapter, and every weight is trained"
        yield error("F-03", "Value not taken", text, at=at)
        return
    wanted = _wanted(key, value)
    if wanted:
        text = f"{key.name} = {_shown(value)}; it takes {wanted}"
        yield error("F-03", "Value of another type", text, at=at)
        return
    problem = _range(case, key, value)
    if problem:
        text = f"{key.name} = {_shown(value)}; it takes {problem}"
        yield error("F-03", "Value out of range", text, at=at)
    yield from _disputed(case, key, value)


def _wanted(key: Key, value: Value) -> str:
    """What a key takes, where the value is not of that type."""
    fits, wanted = _TYPES[key.type]
    return "" if fits(value) else wanted


def _range(case: TuneCase, key: Key, value: Value) -> str:
    """What a key takes, where the value is not in its range."""
    full = case.training_type == FULL
    choices = key.choices_full if full and key.choices_full else key.choices
    if choices:
        return "" if value in choices else in_one_line(choices)
    most = key.most_full if full and key.most_full is not None else key.most
    if key.name == "max_length" and key.step and "p4d" in case.config.instance_type:
        most = _ON_P4D
    for number in _numbers(value):
        if (key.least is not None and number < key.least) or (
            most is not None and number > most
        ):
            return _limits(key.least, most)
        if key.step and number % key.step:
            return f"multiples of {key.step}"
    return ""


def _limits(least: float | None, most: float | None) -> str:
    if most is None:
        return f"at least {least}"
    return f"{least} to {most}" if least is not None else f"at most {most}"


def _numbers(value: Value) -> Iterator[float]:
    if isinstance(value, list | tuple):
        for inner in value:
            yield from _numbers(inner)
    elif isinstance(value, str) and value.isdecimal() and len(value) < 16:
        yield int(value)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield value


def _disputed(case: TuneCase, key: Key, value: Value) -> Iterator[Diagnostic]:
    """What a recipe's comment allows and its specification does not."""
    leaf = key.path[-1]
    limit = {"loraplus_lr_ratio": _RATIO, "lora_plus_lr_ratio": _RATIO, "beta": _BETA}.get(leaf)
    if limit is None or case.config.technique == "rft":
        return
    if any(number > limit or (limit == _RATIO and number < 1) for number in _numbers(value)):
        text = f"{key.name} = {_shown(value)}: the recipe's specification stops at {limit}"
        yield warning("F-03", "Perhaps out of range", text, at=case.at_key(key.name))


def _missing(case: TuneCase) -> Iterator[Diagnostic]:
    for name, key in case.shape.items():
        if key.required and name not in case.values:
            text = f"training_config.{name} has no default"
            yield error("F-04", "Missing value", text, at=case.at("training_config"))


def _pairs(case: TuneCase) -> Iterator[Diagnostic]:
    for small, large, why in (
        ("save_steps", "max_steps", "nothing would be saved"),
        ("min_lr", "lr", "the rate falls to it"),
    ):
        low, high = _leaf(case, small), _leaf(case, large)
        if low is None or high is None:
            continue
        (name, least), (_, most) = low, high
        if least > most or (small == "min_lr" and least == most):
            text = f"{name} = {least} is not below {large} = {most}: {why}"
            yield error("F-04", "Values that contradict each other", text, at=case.at_key(name))


def _leaf(case: TuneCase, leaf: str) -> tuple[str, float] | None:
    """The number at the key that ends in a name: as written, else its default."""
    for name, key in case.shape.items():
        if key.path[-1] == leaf:
            value = case.values.get(name, key.default)
            if isinstance(value, int | float) and not isinstance(value, bool):
                return name, value
    return None


def _shown(value: Value) -> str:
    return "null" if value is None else f'"{value}"' if isinstance(value, str) else str(value)


def _is_number(value: Value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value == value


def _is_integer(value: Value) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_numbers(value: Value) -> bool:
    return isinstance(value, list | tuple) and all(_is_number(inner) for inner in value)


def _is_text(value: Value) -> bool:
    return isinstance(value, str)


_TYPES: Mapping[str, tuple[Callable[[Value], bool], str]] = {
    "integer": (_is_integer, "an integer"),
    "number": (_is_number, "a number"),
    "numbers": (_is_numbers, "a list of numbers"),
    "switch": (lambda value: isinstance(value, bool), "true or false"),
    "text": (_is_text, "text"),
    "digits": (lambda value: isinstance(value, str) and value.isdecimal(), "digits in quotes"),
    "scheme": (lambda value: value in _SCHEMES, "lora or null"),
    "effort": (lambda value: value in _EFFORTS, "low, high or null"),
    "function": (_is_text, "the ARN of a function"),
}
