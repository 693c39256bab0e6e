"""The expressions of Search."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from nvx.local.context import Params
from nvx.local.services.sagemaker.refusals import invalid

_MOST_FILTERS = 20
_TAGS = "Tags."


def fits(record: Params, expression: Params) -> bool:
    """Whether a record fits a SearchExpression; an empty one fits everything."""
    if len(expression.get("Filters", [])) > _MOST_FILTERS:
        raise invalid(f"A search can have up to {_MOST_FILTERS} filters.")
    verdicts = [
        *(_filter_fits(record, item) for item in expression.get("Filters", [])),
        *(_nested_fits(record, item) for item in expression.get("NestedFilters", [])),
        *(fits(record, item) for item in expression.get("SubExpressions", [])),
    ]
    if not verdicts:
        return True
    return any(verdicts) if expression.get("Operator") == "Or" else all(verdicts)


def value_at(record: Any, path: str) -> Any:
    """The member that a property name means, such as Tags.team or HyperParameters.lr; or None.

    Below a list it is the list of the members of the items.
    """
    if path.startswith(_TAGS) and isinstance(record, dict):
        key = path.removeprefix(_TAGS)
        return next((tag["Value"] for tag in record.get("Tags", []) if tag["Key"] == key), None)
    if isinstance(record, list):
        values = [value_at(item, path) for item in record]
        return [value for value in values if value is not None] or None
    if not isinstance(record, dict):
        return None
    if path in record:
        return record[path]
    name, dot, rest = path.partition(".")
    return value_at(record[name], rest) if dot and name in record else None


def _nested_fits(record: Params, nested: Params) -> bool:
    name = nested["NestedPropertyName"]
    items = value_at(record, name)
    filters = [
        {**item, "Name": item["Name"].removeprefix(f"{name}.")} for item in nested["Filters"]
    ]
    return isinstance(items, list) and any(
        all(_filter_fits(item, one) for one in filters) for item in items
    )


def _filter_fits(record: Params, one: Params) -> bool:
    operator: str = one.get("Operator", "Equals")
    actual = value_at(record, one["Name"])
    if operator in ("Exists", "NotExists"):
        return (actual is not None) == (operator == "Exists")
    if "Value" not in one:
        raise invalid(f"Filter {one['Name']} with operator {operator} requires a Value.")
    if actual is None:
        return operator == "NotEquals"
    wanted: str = one["Value"]
    test = _TESTS[operator]
    if isinstance(actual, list):
        verdicts = [test(item, wanted) for item in actual]
        return all(verdicts) if operator == "NotEquals" else any(verdicts)
    return test(actual, wanted)


def _equals(actual: Any, wanted: str) -> bool:
    return _compare(actual, wanted) == 0


def _contains(actual: Any, wanted: str) -> bool:
    return wanted in str(actual)


def _in(actual: Any, wanted: str) -> bool:
    return any(_equals(actual, item.strip()) for item in wanted.split(","))


def _compare(actual: Any, wanted: str) -> int:
    if isinstance(actual, datetime):
        moment = _moment(wanted)
        return (actual > moment) - (actual < moment)
    try:
        numbers = float(actual), float(wanted)
    except (TypeError, ValueError):
        text = str(actual).lower() if isinstance(actual, bool) else str(actual)
        return (text > wanted) - (text < wanted)
    return (numbers[0] > numbers[1]) - (numbers[0] < numbers[1])


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise invalid(f"{text} is not a time such as 2026-01-31T12:00:00Z.") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


_TESTS: Mapping[str, Callable[[Any, str], bool]] = {
    "Equals": _equals,
    "NotEquals": lambda actual, wanted: not _equals(actual, wanted),
    "GreaterThan": lambda actual, wanted: _compare(actual, wanted) > 0,
    "GreaterThanOrEqualTo": lambda actual, wanted: _compare(actual, wanted) >= 0,
    "LessThan": lambda actual, wanted: _compare(actual, wanted) < 0,
    "LessThanOrEqualTo": lambda actual, wanted: _compare(actual, wanted) <= 0,
    "Contains": _contains,
    "In": _in,
}
