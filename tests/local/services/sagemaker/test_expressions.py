from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nvx.local.services.sagemaker.conditions import holds
from nvx.local.services.sagemaker.expressions import ExpressionError, Scope, references, resolve

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)
_STEP = {"Metrics": [{"Value": 3}], "Map": {"a.b": 1}, "Name": "job"}


def _scope(**parameters: Any) -> Scope:
    return Scope(
        parameters=parameters,
        execution={"PipelineExecutionId": "abc"},
        step=lambda name: {"A": _STEP}[name],
        read=lambda uri: {"uri": uri},
    )


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"Get": "Execution.PipelineExecutionId"}, "abc"),
        ({"Get": "Parameters.n"}, 7),
        ({"Get": "Steps.A.Name"}, "job"),
        ({"Get": "Steps.A.Metrics[0].Value"}, 3),
        ({"Get": "Steps.A.Map['a.b']"}, 1),
        ({"Std:Join": {"On": "-", "Values": ["a", {"Get": "Parameters.n"}]}}, "a-7"),
        ({"Std:JsonGet": {"S3Uri": "s3://b/k", "Path": "uri"}}, "s3://b/k"),
        ({"Get": "Parameters.n", "Other": 1}, {"Get": "Parameters.n", "Other": 1}),
        ({"deep": [{"Get": "Parameters.n"}]}, {"deep": [7]}),
    ],
)
def test_expressions_have_the_value_they_name(value: Any, expected: Any) -> None:
    assert resolve(value, _scope(n=7)) == expected


@pytest.mark.parametrize(
    "value",
    [
        {"Get": "Parameters.none"},
        {"Get": "Nonsense.x"},
        {"Get": 1},
        {"Get": "Steps.A.Metrics[9]"},
        {"Get": "Steps.A.None"},
        {"Std:Join": {"On": "-"}},
        {"Std:Join": []},
        {"Std:JsonGet": {"PropertyFile": "x"}},
    ],
)
def test_an_expression_without_a_value_is_an_error(value: Any) -> None:
    with pytest.raises(ExpressionError):
        resolve(value, _scope())


@given(_JSON)
def test_a_value_without_references_resolves_to_itself_or_is_an_expression(value: Any) -> None:
    if not any(name in repr(value) for name in ("Get", "Std:")):
        assert resolve(value, _scope()) == value
        assert list(references(value)) == []


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"Type": "Equals", "LeftValue": 1, "RightValue": 1.0}, True),
        ({"Type": "LessThan", "LeftValue": 2, "RightValue": 1}, False),
        ({"Type": "In", "QueryValue": "a", "Values": ["a", "b"]}, True),
        (
            {"Type": "Not", "Expression": {"Type": "Equals", "LeftValue": 1, "RightValue": 1}},
            False,
        ),
        (
            {"Type": "Or", "Conditions": [{"Type": "Equals", "LeftValue": 1, "RightValue": 1}]},
            True,
        ),
    ],
)
def test_conditions_hold_or_not(condition: Any, expected: bool) -> None:
    assert holds(condition, _scope()) is expected


@pytest.mark.parametrize(
    "condition",
    [None, {"Type": "Other"}, {"Type": "LessThan", "LeftValue": "a", "RightValue": 1}],
)
def test_a_condition_that_cannot_be_judged_is_an_error(condition: Any) -> None:
    with pytest.raises(ExpressionError):
        holds(condition, _scope())
