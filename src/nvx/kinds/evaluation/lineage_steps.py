"""The two pipeline steps that tell SageMaker lineage which model an evaluation belongs to. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

CREATE_STEP = "CreateEvaluationAction"
ASSOCIATE_STEP = "AssociateLineage"

_EXECUTION_ID = {"Get": "Execution.PipelineExecutionId"}
_EXECUTION_ARN = {"Get": "Execution.PipelineExecutionArn"}


def creation_step(
    pipeline: str, package_arn: str, artifact_arn: str, action_root: str
) -> dict[str, Any]:
    """The step that makes an action for the execution and ties the model's artifact to it."""
    action = {
        "ActionName": _EXECUTION_ID,
        "ActionType": "Evaluation",
        "Source": {"SourceUri": package_arn, "SourceType": "ModelPackage"},
        "Properties": {"PipelineExecutionArn": _EXECUTION_ARN, "PipelineName": pipeline},
    }
    context = {
        "ContextName": _EXECUTION_ID,
        "ContextType": "PipelineExecution",
        "Source": {"SourceUri": _EXECUTION_ARN},
    }
    in_context = {
        "Source": {"Name": _EXECUTION_ID, "Type": "Action"},
        "Destination": {"Name": _EXECUTION_ID, "Type": "Context"},
        "AssociationType": "ContributedTo",
    }
    of_model = _contributes({"Arn": artifact_arn}, action_root)
    arguments = {
        "Actions": [action],
        "Contexts": [context],
        "Associations": [in_context, of_model],
    }
    return {"Name": CREATE_STEP, "Type": "Lineage", "Arguments": arguments}


def association_step(reports: Mapping[str, str], action_root: str) -> dict[str, Any]:
    """The step that ties what the evaluation reported to its action; `reports`: label → step."""
    artifacts = [
        {
            "ArtifactName": _joined("-", _EXECUTION_ID, label),
            "ArtifactType": "EvaluationReport"
            if label.endswith("report")
            else "InferenceResults",
            "Source": {"SourceUri": {"Get": f"Steps.{step}.OutputDataConfig.S3OutputPath"}},
        }
        for label, step in reports.items()
    ]
    associations = [
        _contributes({"Name": artifact["ArtifactName"], "Type": "Artifact"}, action_root)
        for artifact in artifacts
    ]
    return {
        "Name": ASSOCIATE_STEP,
        "Type": "Lineage",
        "DependsOn": [CREATE_STEP],
        "Arguments": {"Artifacts": artifacts, "Associations": associations},
    }


def _contributes(source: Mapping[str, Any], action_root: str) -> dict[str, Any]:
    """An association to the execution's action, whose ARN is known only while it runs."""
    return {
        "Source": dict(source),
        "Destination": {"Arn": _joined("/", action_root, _EXECUTION_ID)},
        "AssociationType": "ContributedTo",
    }


def _joined(separator: str, *values: Any) -> dict[str, Any]:
    return {"Std:Join": {"On": separator, "Values": list(values)}}
