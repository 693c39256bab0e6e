"""Direct preference optimization, serverless: answers that people like against those they do not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from nvx.aws.models import BaseModel, Parameter
from nvx.core.resource import Role
from nvx.kinds.fine_tune.fields import ServerlessFields
from nvx.kinds.fine_tune.request import Technique
from nvx.kinds.fine_tune.runs import ServerlessFineTunes


class DpoFields(ServerlessFields):
    """`[fine_tune.<name>]` with `method = "dpo"`."""

    method: Annotated[
        Literal["dpo"], Role.POLICY, Field(description="Direct preference optimization.")
    ] = "dpo"


class ServerlessDpo(ServerlessFineTunes):
    """`fine_tune` with `method = "dpo"`: rules, identity, verbs."""

    variant: ClassVar[str] = "dpo"
    technique_name: ClassVar[str] = "DPO"
    model: ClassVar[type[ServerlessFields]] = DpoFields
    example: ClassVar[str] = """\
[fine_tune.kinder]
method       = "dpo"
base_model   = "huggingface-llm-qwen2-5-7b-instruct"
source_model = "${fine_tune.support}"
dataset      = "${dataset.preferences}"
model_group  = "${model_group.support}"
hyperparameters = { adam_beta = 0.05, max_epochs = 2 }
"""

    def technique(
        self, config: ServerlessFields, base: BaseModel, parameters: Mapping[str, Parameter]
    ) -> Technique:
        """Nova reads Converse rows; nothing else is added."""
        return Technique("DPO", converse=base.is_nova)
