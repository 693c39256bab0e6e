"""What the documents of hub contents must be like."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NoReturn

from nvx.local.services.sagemaker.refusals import invalid

STRICT_VERSION = "2.0.0"
"""The schema version that DataSet and JsonDoc documents are checked against."""

_DATASET_REQUIRED = frozenset(
    {"DatasetType", "DatasetRoleArn", "DatasetS3Bucket", "DatasetS3Prefix"}
)
_DATASET_TEXTS = _DATASET_REQUIRED | {
    "DatasetContextS3Uri", "SpecificationArn", "ConversationId", "ConversationCheckpointId",
}  # fmt: skip
_DATASET_TYPES: Mapping[str, type] = {
    **dict.fromkeys(_DATASET_TEXTS, str),
    "Dependencies": list,
    "ContentMetadata": dict,
}
_DATASET_KINDS = ("CUSTOMER_PROVIDED", "AGENT_GENERATED")
_EVALUATOR_KINDS = ("RewardFunction", "RewardPrompt")
_NAMES: Mapping[type, str] = {str: "a string", list: "a list", dict: "an object"}


def check_document(content_type: str, schema_version: str, text: str) -> None:
    """Refuse a document that does not follow the schema of its type: ValidationException."""
    document = _object(text, "HubContentDocument")
    if schema_version != STRICT_VERSION:
        return
    if content_type == "DataSet":
        _check_dataset(document)
    elif content_type == "JsonDoc":
        _check_json_doc(document)


def _check_dataset(document: Mapping[str, Any]) -> None:
    _check_members(document, _DATASET_TYPES, _DATASET_REQUIRED, "DataSet")
    if document["DatasetType"] not in _DATASET_KINDS:
        _refuse("DataSet", f"DatasetType must be one of {', '.join(_DATASET_KINDS)}")


def _check_json_doc(document: Mapping[str, Any]) -> None:
    members: Mapping[str, type] = {"SubType": str, "JsonContent": str}
    _check_members(document, members, frozenset(members), "JsonDoc")
    content = _object(document["JsonContent"], "JsonContent")
    if document["SubType"] != "AWS/Evaluator":
        return
    if content.get("EvaluatorType") not in _EVALUATOR_KINDS:
        _refuse("JsonDoc", f"EvaluatorType must be one of {', '.join(_EVALUATOR_KINDS)}")
    if not isinstance(content.get("Reference"), str) or not content["Reference"]:
        _refuse("JsonDoc", "Reference must name a Lambda function or an S3 object")


def _check_members(
    document: Mapping[str, Any], types: Mapping[str, type], required: frozenset[str], what: str
) -> None:
    for name in sorted(required - document.keys()):
        _refuse(what, f"required key [{name}] not found")
    for name, value in document.items():
        expected = types.get(name)
        if expected is None:
            _refuse(what, f"extraneous key [{name}] is not permitted")
        elif not isinstance(value, expected):
            _refuse(what, f"{name} must be {_NAMES[expected]}")


def _object(text: str, what: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise invalid(f"{what} is not valid JSON: {error}.") from error
    if not isinstance(value, dict):
        raise invalid(f"{what} must be a JSON object.")
    return value


def _refuse(what: str, why: str) -> NoReturn:
    raise invalid(
        f"HubContentDocument does not match schema version {STRICT_VERSION} of hub content type "
        f"{what}: {why}."
    )
