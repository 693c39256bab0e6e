"""What both types of evaluator share: fields, document, keywords, outputs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from nvx.aws.hub import Content
from nvx.core.resource import Wish
from nvx.core.values import JsonValue, Value
from nvx.kinds.common.contents import Draft, document_in
from nvx.kinds.common.fields import ContentName, Domain
from nvx.kinds.common.marks import user_tags
from nvx.kinds.common.model import Model

OUTPUTS: Mapping[str, str] = {
    "arn": "The ARN of the version: what jobs take.",
    "version": "The version in the AI registry.",
    "reference": "What the version points at: a function's ARN, or the URI of a prompt.",
}


class EvaluatorModel(Model):
    """The fields of every evaluator."""

    name: ContentName = ""
    domain: Domain = ""


def document_facts(config: EvaluatorModel, domain: str) -> Mapping[str, Value]:
    """What the document says of every evaluator beside its reference."""
    said = {"name": config.name, "domain": config.domain or domain}
    return {name: value for name, value in said.items() if value}


def draft(wish: Wish, reference: str, type_: str, keywords: Sequence[str]) -> Draft:
    """The version to import. `type_` is the service's name for the type."""
    marks, domain = wish.declared.marks, wish.declared.circumstance.get("domain")
    return Draft(
        document=_document(reference, type_),
        keywords=[*keywords, *([f"@domain:{domain}"] if domain else [])],
        description=str(marks.get("description", "")),
        tags=user_tags(marks),
    )


def _document(reference: str, type_: str) -> str:
    """JSON that holds JSON as text: what the registry takes for an evaluator."""
    inner = json.dumps({"Reference": reference, "EvaluatorType": type_}, separators=(",", ":"))
    outer = {"SubType": "AWS/Evaluator", "JsonContent": inner}
    return json.dumps(outer, separators=(",", ":"))


def outputs(
    content: Content, inputs: Mapping[str, JsonValue], facts: Mapping[str, JsonValue]
) -> Mapping[str, JsonValue]:
    """The outputs of every evaluator."""
    return {
        "arn": content.arn,
        "version": content.version,
        "reference": reference_in(content),
    }


def reference_in(content: Content) -> str:
    """What a version points at; "" where its document does not say."""
    inner = document_in(content).get("JsonContent")
    try:
        said = json.loads(inner) if isinstance(inner, str) else None
    except (ValueError, RecursionError):
        return ""
    return str(said.get("Reference", "")) if isinstance(said, dict) else ""
