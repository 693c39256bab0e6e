"""The Condition step of a pipeline."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

from nvx.local.services.sagemaker.expressions import ExpressionError, Scope, resolve

_COMPARE: Mapping[str, Callable[[Any, Any], Any]] = {
    "Equals": operator.eq,
    "GreaterThan": operator.gt,
    "GreaterThanOrEqualTo": operator.ge,
    "LessThan": operator.lt,
    "LessThanOrEqualTo": operator.le,
}


def holds(condition: Any, scope: Scope) -> bool:
    """Whether a condition is true; ExpressionError where it cannot be said."""
    kind = condition.get("Type") if isinstance(condition, dict) else None
    if kind == "Not":
        return not holds(condition.get("Expression"), scope)
    if kind == "Or":
        return any(holds(item, scope) for item in condition.get("Conditions", []))
    if kind == "In":
        return resolve(condition.get("QueryValue"), scope) in resolve(
            condition.get("Values", []), scope
        )
    compare = _COMPARE.get(str(kind))
    if compare is None:
        raise ExpressionError(f"Unknown condition type: {kind}.")
    left = resolve(condition.get("LeftValue"), scope)
    right = resolve(condition.get("RightValue"), scope)
    try:
        return bool(compare(left, right))
    except TypeError as error:
        raise ExpressionError(f"{left!r} and {right!r} cannot be compared.") from error
