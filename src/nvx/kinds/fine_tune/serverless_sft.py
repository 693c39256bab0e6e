"""Supervised fine-tuning, serverless."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from nvx.aws.models import BaseModel, Parameter
from nvx.core.resource import Role
from nvx.kinds.fine_tune.fields import ServerlessFields
from nvx.kinds.fine_tune.request import Technique
from nvx.kinds.fine_tune.runs import ServerlessFineTunes


class SftFields(ServerlessFields):
    """`[fine_tune.<name>]` with `method = "sft"`."""

    method: Annotated[
        Literal["sft"], Role.POLICY, Field(description="Supervised fine-tuning.")
    ] = "sft"


class ServerlessSft(ServerlessFineTunes):
    """`fine_tune` with `method = "sft"`: rules, identity, verbs."""

    variant: ClassVar[str] = "sft"
    technique_name: ClassVar[str] = "SFT"
    model: ClassVar[type[ServerlessFields]] = SftFields
    example: ClassVar[str] = """\
[fine_tune.support]
method      = "sft"
base_model  = "nova-textgeneration-lite-v2"
dataset     = "${dataset.tickets}"
model_group = "${model_group.support}"
hyperparameters = { max_steps = 200, learning_rate = 1e-5 }
"""

    def technique(
        self, config: ServerlessFields, base: BaseModel, parameters: Mapping[str, Parameter]
    ) -> Technique:
        """Nova reads Converse rows; nothing else is added."""
        return Technique("SFT", converse=base.is_nova)
