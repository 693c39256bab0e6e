"""Small kinds for tests of what is not about any kind in particular."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar, Literal, cast

from pydantic import BaseModel, ConfigDict, Field

from nvx.core.diagnostics import Diagnostic, error
from nvx.core.kind import KindSpec
from nvx.core.ports import Sources
from nvx.core.resource import Checked, Identity, Nature, RefTo, Role, StackSettings
from nvx.core.values import Reference, Template

Text = str | Reference | Template


class Table(BaseModel):
    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, arbitrary_types_allowed=True
    )


class FarmModel(Table):
    soil: Annotated[Literal["clay", "sand"], Role.BEHAVIOUR]
    title: Annotated[str, Role.CIRCUMSTANCE] = ""


class Field_(Table):
    seed: Annotated[Text, RefTo(("farm",), "seed")]
    rows: Annotated[int, Field(ge=1)] = 1


class CropModel(Table):
    sort: Annotated[str, Role.BEHAVIOUR] = "wheat"
    farm: Annotated[Text | None, Role.BEHAVIOUR, RefTo(("farm",), "arn")] = None
    farms: Annotated[list[Text], Role.BEHAVIOUR, RefTo(("farm",), "arn")] = []
    fields: Annotated[dict[str, Field_], Role.BEHAVIOUR] = {}
    label: Annotated[Text, Role.CIRCUMSTANCE, RefTo(("farm", "crop"), "arn")] = ""
    depth: Annotated[float | None, Role.BEHAVIOUR] = None
    depends_on: Annotated[list[str | Reference], Role.POLICY] = []


class _Spec:
    nature: ClassVar[Nature] = Nature.OBJECT
    paid: ClassVar[bool] = False
    in_place: ClassVar[frozenset[str]] = frozenset()
    example: ClassVar[str] = ""
    variant: ClassVar[str] = ""
    variant_field: ClassVar[str] = ""

    @classmethod
    def check(cls, resource: Checked, stack: StackSettings) -> Iterable[Diagnostic]:
        return ()

    @classmethod
    def identity(cls, resource: Checked, stack: StackSettings, sources: Sources) -> Identity:
        return Identity({})

    @classmethod
    def content_name(cls, resource: Checked, stack: StackSettings) -> str:
        return ""


class Farm(_Spec):
    name: ClassVar[str] = "farm"
    model: ClassVar[type[Any]] = FarmModel
    outputs: ClassVar[Mapping[str, str]] = {"arn": "Its ARN.", "seed": "Its seed."}

    @classmethod
    def check(cls, resource: Checked, stack: StackSettings) -> Iterable[Diagnostic]:
        if cast(FarmModel, resource.config).title == "bad":
            yield error("farm", "Bad title", f"in {stack.name}", at=resource.at(("title",)))

    @classmethod
    def content_name(cls, resource: Checked, stack: StackSettings) -> str:
        return cast(FarmModel, resource.config).title


class Wheat(_Spec):
    name: ClassVar[str] = "crop"
    variant: ClassVar[str] = "wheat"
    variant_field: ClassVar[str] = "sort"
    model: ClassVar[type[Any]] = CropModel
    outputs: ClassVar[Mapping[str, str]] = {"arn": "Its ARN."}


class Barley(Wheat):
    variant: ClassVar[str] = "barley"


SPECS: tuple[type[KindSpec], ...] = (Farm, Wheat, Barley)
