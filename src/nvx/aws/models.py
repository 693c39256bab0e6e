"""Models: base models of the public hub with their recipes, and model packages."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from nvx.aws.call import Calls
from nvx.aws.objects import Objects, Place
from nvx.core.cloud import CloudError, NotFound, Rejected

PUBLIC_HUB = "SageMakerPublicHub"
"""The only hub whose models serverless jobs take."""

_ACCESS_POINT = re.compile(r"s3://(arn:[^/]+/[^/]+)/(.+)")
_PLAIN = re.compile(r"s3://([^/]+)/(.+)")


@dataclass(frozen=True, slots=True)
class Parameter:
    """What a recipe says of one parameter. None where it says nothing."""

    type: str = ""
    """`string integer float boolean array`, "" where it is not told."""
    default: Any = None
    least: float | None = None
    most: float | None = None
    allowed: tuple[Any, ...] = ()
    settable: bool = False
    """Whether it is marked as one for users."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """One way to train or evaluate a base model."""

    name: str
    type: str
    """`FineTuning`, `Evaluation`."""
    technique: str = ""
    evaluation_type: str = ""
    peft: str = ""
    """`LORA`; "" for full rank."""
    sequence_length: str = ""
    subscription: bool = False
    parameters_uri: str = ""
    served: bool = False
    """Whether serverless jobs can run it."""
    title: str = ""
    """What people read, in lower case."""


@dataclass(frozen=True, slots=True)
class BaseModel:
    """The newest version of a model in the public hub."""

    name: str
    arn: str
    version: str
    gated: bool
    recipes: tuple[Recipe, ...] = ()

    @property
    def is_nova(self) -> bool:
        """Whether it is one of Amazon's own: nothing but its name tells."""
        return "nova" in self.name.lower()


@dataclass(frozen=True, slots=True)
class Package:
    """A model package that a fine-tune made."""

    arn: str
    base_model: str
    """The hub name of its base model; "" where the package does not say."""
    base_model_version: str = ""
    group_arn: str = ""
    status: str = ""
    artifacts: str = ""


@dataclass(slots=True)
class _Cache:
    models: dict[str, BaseModel] = field(default_factory=dict)
    parameters: dict[str, Mapping[str, Parameter]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)


class Models:
    """Base models and model packages; what the public hub says is asked once in a process."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self._objects = Objects(calls)
        self._cache = _Cache()

    def base_model(self, name: str) -> BaseModel:
        """A base model by its hub name. Raises NotFound, with words for people."""
        with self._cache.lock:
            if name not in self._cache.models:
                self._cache.models[name] = self._described(name)
            return self._cache.models[name]

    def parameters(self, recipe: Recipe, account: str) -> Mapping[str, Parameter]:
        """The parameters of a recipe; none where it does not say where they are written."""
        uri = recipe.parameters_uri.replace("{customer_id}", account)
        if not uri:
            return {}
        with self._cache.lock:
            if uri not in self._cache.parameters:
                self._cache.parameters[uri] = parameters_in(self._read(uri), uri)
            return self._cache.parameters[uri]

    def package(self, arn: str) -> Package | None:
        """A model package, None where there is none."""
        try:
            reply = self._calls.call(
                "sagemaker", "DescribeModelPackage", {"ModelPackageName": arn}
            )
        except NotFound:
            return None
        containers = (reply.get("InferenceSpecification") or {}).get("Containers") or [{}]
        base = containers[0].get("BaseModel") or {}
        source = (containers[0].get("ModelDataSource") or {}).get("S3DataSource") or {}
        return Package(
            arn=str(reply["ModelPackageArn"]),
            base_model=str(base.get("HubContentName") or ""),
            base_model_version=str(base.get("HubContentVersion") or ""),
            group_arn=group_arn_of(str(reply["ModelPackageArn"])),
            status=str(reply["ModelPackageStatus"]),
            artifacts=str(source.get("S3Uri") or ""),
        )

    def _described(self, name: str) -> BaseModel:
        params = {
            "HubName": PUBLIC_HUB,
            "HubContentType": "Model",
            "HubContentName": name,
        }
        try:
            reply = self._calls.call("sagemaker", "DescribeHubContent", params)
        except NotFound as absent:
            raise NotFound(
                f"{PUBLIC_HUB} has no model {name} in this region",
                operation=absent.operation,
                code=absent.code,
            ) from absent
        return base_model_in(reply)

    def _read(self, uri: str) -> bytes:
        match = _ACCESS_POINT.fullmatch(uri) or _PLAIN.fullmatch(uri)
        if match is None:
            raise CloudError(f"{uri} is no S3 address", operation="s3.GetObject")
        data = self._objects.read(Place(match[1], match[2]))
        if data is None:
            raise NotFound(f"there is no object {uri}", operation="s3.GetObject")
        return data


def base_model_in(reply: Mapping[str, Any]) -> BaseModel:
    """The base model that an answer of DescribeHubContent describes."""
    document = json_object(str(reply["HubContentDocument"]), "its hub document")
    recipes = document.get("RecipeCollection")
    return BaseModel(
        name=str(reply["HubContentName"]),
        arn=str(reply["HubContentArn"]),
        version=str(reply["HubContentVersion"]),
        gated=document.get("GatedBucket") is True,
        recipes=tuple(
            _recipe(item)
            for item in (recipes if isinstance(recipes, list) else ())
            if isinstance(item, Mapping)
        ),
    )


def parameters_in(data: bytes, uri: str) -> Mapping[str, Parameter]:
    """The parameters of a recipe's document. Raises Rejected for one that cannot be read."""
    document = json_object(data, uri)
    return {
        str(name): _parameter(entry)
        for name, entry in document.items()
        if isinstance(entry, Mapping)
    }


def group_arn_of(package_arn: str) -> str:
    """The group of a versioned model package; "" for one without."""
    match = re.fullmatch(
        r"(arn:[^:]+:sagemaker:[^:]+:\d{12}):model-package/([^/]+)/[^/]+", package_arn
    )
    return f"{match[1]}:model-package-group/{match[2]}" if match else ""


def _recipe(item: Mapping[str, Any]) -> Recipe:
    return Recipe(
        name=str(item.get("Name") or ""),
        type=str(item.get("Type") or ""),
        technique=str(item.get("CustomizationTechnique") or ""),
        evaluation_type=str(item.get("EvaluationType") or ""),
        peft=str(item.get("Peft") or ""),
        sequence_length=str(item.get("SequenceLength") or ""),
        subscription=item.get("IsSubscriptionModel") is True,
        parameters_uri=str(item.get("SmtjOverrideParamsS3Uri") or ""),
        served=bool(item.get("SmtjRecipeTemplateS3Uri")),
        title=str(item.get("DisplayName") or "").lower(),
    )


def _parameter(entry: Mapping[str, Any]) -> Parameter:
    allowed = entry.get("enum")
    return Parameter(
        type=str(entry.get("type") or ""),
        default=entry.get("default"),
        least=_number(entry.get("min")),
        most=_number(entry.get("max")),
        allowed=tuple(allowed) if isinstance(allowed, list) else (),
        settable=bool(entry.get("category")),
    )


def _number(value: Any) -> float | None:
    known = isinstance(value, int | float) and not isinstance(value, bool)
    return value if known else None


def json_object(data: str | bytes, what: str) -> Mapping[str, Any]:
    """The object that a document holds. Raises Rejected for anything else; `what` is its name."""
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise Rejected(f"{what} is not JSON", code="UnreadableDocument") from error
    if not isinstance(document, Mapping):
        raise Rejected(f"{what} is not a JSON object", code="UnreadableDocument")
    return document
