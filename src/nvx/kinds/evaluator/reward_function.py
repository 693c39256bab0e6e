"""Reward functions: code that scores answers, run by Lambda."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, ClassVar, Literal, cast

from pydantic import Field

from nvx.aws.call import Calls
from nvx.aws.functions import Functions
from nvx.aws.hub import DOCUMENT, Content, Hub
from nvx.aws.tags import Tags
from nvx.core.address import Address
from nvx.core.diagnostics import Diagnostic, error, warning
from nvx.core.kind import Observation, Sighting, Target
from nvx.core.ports import Clock, Sources
from nvx.core.resource import Checked, Identity, Nature, Role, Scope, StackSettings, Wish
from nvx.core.state import Intent, Record
from nvx.core.values import JsonValue
from nvx.kinds.common.fields import (
    ROLE_ARN,
    missing,
    name_in_hub,
    tag_problems,
    with_all_tags,
)
from nvx.kinds.common.hubcontent import Versions
from nvx.kinds.common.marks import user_tags
from nvx.kinds.common.model import split
from nvx.kinds.common.placing import is_remote, local_path
from nvx.kinds.evaluator import registered
from nvx.kinds.evaluator.code import Code

_FUNCTION = re.compile(
    r"arn:aws[a-z-]*:lambda:([a-z0-9-]+):(\d{12}):function:[a-zA-Z0-9_-]{1,64}"
)
_OF_SOURCE = frozenset(
    {"runtime", "handler", "environment", "timeout", "memory", "lambda_role"}
)
_OWN = ("method:lambda", "@contenttype:byolambda")
_UPLOADED = ("method:byoc", "@contenttype:byocode")


class RewardFunctionModel(registered.EvaluatorModel):
    """A reward function."""

    type: Annotated[
        Literal["reward_function"], Role.POLICY, Field(description="Code that scores answers.")
    ] = "reward_function"
    source: Annotated[
        str,
        Role.BEHAVIOUR,
        Field(description="A local file or folder; a folder holds lambda_function.py."),
    ] = ""
    lambda_arn: Annotated[
        str,
        Role.BEHAVIOUR,
        Field(
            alias="lambda", description="Instead of a source: a function of your own, by ARN."
        ),
    ] = ""
    runtime: Annotated[
        Literal["python3.10", "python3.11", "python3.12", "python3.13", "python3.14"],
        Role.BEHAVIOUR,
        Field(description="What Lambda runs the code with."),
    ] = "python3.12"
    handler: Annotated[
        str,
        Role.BEHAVIOUR,
        Field(
            pattern=r"^[A-Za-z_][\w]*(\.[A-Za-z_][\w]*)+$",
            max_length=128,
            description="Module and function that Lambda calls.",
        ),
    ] = "lambda_function.lambda_handler"
    environment: Annotated[
        dict[str, str],
        Role.BEHAVIOUR,
        Field(
            default_factory=dict,
            description="Environment variables of the code. No secrets: pass their ARN.",
        ),
    ]
    timeout: Annotated[
        int, Role.CIRCUMSTANCE, Field(ge=1, le=900, description="Seconds for one call.")
    ] = 300
    memory: Annotated[
        int, Role.CIRCUMSTANCE, Field(ge=128, le=10240, description="MiB for one call.")
    ] = 512
    lambda_role: Annotated[
        str,
        Role.CIRCUMSTANCE,
        Field(pattern=rf"{ROLE_ARN}|^$", description="Runs the code; the stack's by default."),
    ] = ""


class RewardFunction:
    """The kind `evaluator` of type `reward_function`."""

    name: ClassVar[str] = "evaluator"
    variant: ClassVar[str] = "reward_function"
    variant_field: ClassVar[str] = "type"
    nature: ClassVar[Nature] = Nature.VERSIONED
    paid: ClassVar[bool] = False
    bulk: ClassVar[bool] = True
    model: ClassVar[type[RewardFunctionModel]] = RewardFunctionModel
    outputs: ClassVar[Mapping[str, str]] = {
        **registered.OUTPUTS,
        "function_arn": "The ARN of the Lambda function.",
    }
    in_place: ClassVar[frozenset[str]] = frozenset({"tags", "timeout", "memory", "lambda_role"})
    example: ClassVar[str] = """\
[evaluator.exact]
type = "reward_function"
source = "rewards/exact.py"
"""

    def __init__(self, calls: Calls, clock: Clock) -> None:
        self._code = Code(Functions(calls), clock)
        self._versions = Versions(Hub(calls), Tags(calls), DOCUMENT, _outputs, clock)

    @classmethod
    def check(cls, resource: Checked, stack: StackSettings) -> Iterator[Diagnostic]:
        """Problems that can be known without reading files."""
        config = cast(RewardFunctionModel, resource.config)
        if bool(config.source) == bool(config.lambda_arn):
            text = f"{resource.address} needs either `source` or `lambda`"
            yield error("evaluator", "One source is needed", text, at=resource.declared_at)
        elif config.lambda_arn:
            yield from _function_problems(resource, config.lambda_arn, stack)
            yield from _idle_problems(resource, config)
        else:
            yield from _code_problems(resource, config, stack)
        yield from tag_problems(resource, config, stack)

    @classmethod
    def identity(cls, resource: Checked, stack: StackSettings, sources: Sources) -> Identity:
        """What it is made of: its code and how it is started, or the ARN of a function."""
        config = cast(RewardFunctionModel, resource.config)
        parts, facts = split(config), registered.document_facts(config, stack.domain)
        inputs, circumstance = dict(parts.inputs), {**parts.circumstance, **facts}
        if config.source:
            path = str(local_path(resource.directory, config.source))
            inputs["source"] = sources.code(path, resource.at(("source",))).identity
            circumstance["lambda_role"] = _role(config, stack)
        return Identity(
            inputs=inputs,
            document=facts,
            circumstance=circumstance,
            marks=with_all_tags(parts.marks, config, stack),
            policy=parts.policy,
            depends_on=parts.depends_on,
        )

    @classmethod
    def content_name(cls, resource: Checked, stack: StackSettings) -> str:
        """Its name in the AI registry."""
        return name_in_hub(resource, stack, cast(RewardFunctionModel, resource.config).name)

    def observe(self, scope: Scope, targets: Sequence[Target]) -> Mapping[Address, Sighting]:
        """What AWS shows: one listing for all."""
        return self._versions.observe(scope, targets)

    def find(self, scope: Scope, intent: Intent) -> Observation | None:
        """What an intent made. A function without a version is adopted by the next create."""
        return self._versions.find(scope, intent)

    def create(self, wish: Wish, intent: Intent) -> Observation:
        """Make the function of this digest, and import the version that points at it."""
        own = str(wish.config["lambda_arn"])
        arn = self._code.existing(own) if own else self._code.ensure(wish, intent)
        method, content = _OWN if own else _UPLOADED
        keywords = (method, "@subtype:aws/evaluator", "@evaluatortype:rewardfunction", content)
        version = registered.draft(wish, arn, "RewardFunction", keywords)
        return self._versions.import_version(wish, intent, version)

    def update(self, wish: Wish, record: Record) -> Observation:
        """Bring tags, time limit, memory and role to the wish; the code never changes."""
        if not wish.config["lambda_arn"]:
            arn = str(record.outputs["function_arn"])
            self._code.configure(arn, wish, user_tags(record.wanted))
        return self._versions.retag(wish, record)

    def delete(self, scope: Scope, record: Record) -> None:
        """Delete the version, and its function where no other version needs it."""
        others = list(self._versions.others(scope, record))
        self._versions.delete(scope, record)
        arn = record.outputs.get("function_arn")
        if arn and not any(marks.digest == record.digest for marks in others):
            self._code.delete(scope, str(arn))


def _role(config: RewardFunctionModel, stack: StackSettings) -> str:
    return config.lambda_role or stack.lambda_role or stack.role


def _code_problems(
    resource: Checked, config: RewardFunctionModel, stack: StackSettings
) -> Iterator[Diagnostic]:
    if is_remote(config.source):
        text = f'"{config.source}": the code has to be a local file or folder'
        yield error("evaluator", "Not local code", text, at=resource.at(("source",)))
    if not _role(config, stack):
        yield missing(resource, "lambda_role", "Lambda needs a role to run the code")


def _idle_problems(resource: Checked, config: RewardFunctionModel) -> Iterator[Diagnostic]:
    """Settings for a function that nvx does not make."""
    for field in sorted(config.model_fields_set & _OF_SOURCE):
        text = f"`{field}` is for a function that nvx makes; {config.lambda_arn} is your own"
        yield error("evaluator", "Setting without effect", text, at=resource.at((field,)))


def _function_problems(
    resource: Checked, arn: str, stack: StackSettings
) -> Iterator[Diagnostic]:
    at, match = resource.at(("lambda",)), _FUNCTION.fullmatch(arn)
    if match is None:
        text = f'"{arn}" is no ARN of a function without version and alias'
        yield error("evaluator", "Not a function", text, at=at)
        return
    elsewhere = match[1] != stack.region or stack.account not in ("", match[2])
    if elsewhere:
        text = f"{arn} is not in {stack.region}, account {stack.account or 'of the stack'}"
        yield error("evaluator", "Function elsewhere", text, at=at)
    if "sagemaker" not in arn.rpartition(":")[2].lower():
        text = (
            "AWS's managed policies let jobs invoke only functions with SageMaker in their name"
        )
        yield warning("evaluator", "Function may not be invoked", text, at=at)


def _outputs(
    content: Content, inputs: Mapping[str, JsonValue], facts: Mapping[str, JsonValue]
) -> Mapping[str, JsonValue]:
    said = registered.outputs(content, inputs, facts)
    return {**said, "function_arn": said["reference"]}
