import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from support.local_aws import running
from support.sagemaker_requests import Workshop

_NAMES = st.sampled_from(["A", "B", "C"])
_PATHS = st.sampled_from(
    [
        "Execution.PipelineExecutionId",
        "Steps.A.TrainingJobName",
        "Steps.B.X[0]",
        "Parameters.P",
        "x",
    ]
)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=5), inner, max_size=3)
        | st.builds(lambda path: {"Get": path}, _PATHS)
        | st.builds(lambda value: {"Std:Join": value}, inner)
        | st.builds(lambda value: {"Std:JsonGet": {"S3Uri": value}}, inner)
    ),
    max_leaves=8,
)
_MEMBERS = st.sampled_from(
    [
        "Conditions",
        "IfSteps",
        "ElseSteps",
        "ErrorMessage",
        "Actions",
        "Artifacts",
        "Associations",
        "HyperParameters",
        "RoleArn",
        "ServerlessJobConfig",
        "OutputDataConfig",
        "Tags",
    ]
)
_STEPS = st.fixed_dictionaries(
    {
        "Name": _NAMES,
        "Type": st.sampled_from(["Training", "Condition", "Fail", "Lineage", "Other"]),
        "Arguments": st.dictionaries(_MEMBERS, _JSON | st.lists(_JSON, max_size=2), max_size=4),
    },
    optional={"DependsOn": st.lists(_NAMES, max_size=2), "DisplayName": _JSON},
)
_DEFINITIONS = st.fixed_dictionaries(
    {"Version": st.just("2020-12-01"), "Steps": st.lists(_STEPS, min_size=1, max_size=3)},
    optional={
        "Parameters": _JSON | st.just([{"Name": "P", "DefaultValue": 1}]),
        "MlflowConfig": _JSON,
    },
)


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(_DEFINITIONS | _JSON, min_size=10, max_size=10))
def test_any_definition_is_refused_or_runs_to_an_end(documents: list[Any]) -> None:
    with running(speed=1.0) as cloud:
        shop = Workshop(cloud)
        for number, document in enumerate(documents):
            name = f"pipe-{number}"
            arn = _started(shop, name, json.dumps(document))
            if arn is None:
                continue
            shop.advance()
            assert shop.execution(arn)["PipelineExecutionStatus"] in ("Succeeded", "Failed")
            assert shop.steps(arn)


def _started(shop: Workshop, name: str, text: str) -> str | None:
    try:
        shop.pipeline(name, text)
        return shop.start(name)
    except shop.sagemaker.exceptions.ClientError as error:
        response: Any = error.response
        if response["ResponseMetadata"]["HTTPStatusCode"] != 400:
            raise
        return None
