"""Custom scorers: a function, or a preset, scores the answers to rows of one's own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from nvx.aws.models import BaseModel
from nvx.core.diagnostics import Diagnostic, error, nearest
from nvx.core.ports import Sources, in_one_line
from nvx.core.resource import Checked, RefTo, Role, StackSettings, Wish
from nvx.core.values import Value
from nvx.data.catalogue import family_of, unproven
from nvx.kinds.common.evaluators import (
    LAMBDA_ARN,
    evaluator_problems,
    evaluator_refusals,
)
from nvx.kinds.common.model import Text
from nvx.kinds.evaluation.checks import base_of
from nvx.kinds.evaluation.data import (
    RowFields,
    channel_of,
    dataset_identity,
    dataset_problems,
    row_problems,
)
from nvx.kinds.evaluation.fields import EvaluationFields
from nvx.kinds.evaluation.runs import ServerlessEvaluations
from nvx.kinds.evaluation.subject import Question

PRESETS = ("prime_code", "prime_math")


class CustomScorerFields(RowFields):
    """`[evaluation.<name>]` with `type = "custom_scorer"`."""

    type: Annotated[
        Literal["custom_scorer"],
        Role.POLICY,
        Field(description="Answers scored by a function."),
    ] = "custom_scorer"
    scorer: Annotated[
        Text,
        Role.BEHAVIOUR,
        RefTo(("evaluator",), "arn"),
        Field(
            description="What scores: an evaluator, its ARN with a version, prime_math, prime_code,"
            " or for Amazon Nova the ARN of a Lambda function."
        ),
    ]
    aggregation: Annotated[
        Literal["mean", "average", "min", "max", "sum"] | None,
        Role.BEHAVIOUR,
        Field(description="How the scores of rows become one; the recipe's, else the mean."),
    ] = None
    postprocessing: Annotated[
        bool | None,
        Role.BEHAVIOUR,
        Field(description="Whether answers go through the scorer; always where one is named."),
    ] = None

    @property
    def preset(self) -> str:
        """The preset that scores; "" for a function."""
        return self.scorer if isinstance(self.scorer, str) and self.scorer in PRESETS else ""


class CustomScorers(ServerlessEvaluations):
    """`evaluation` with `type = "custom_scorer"`: rules, identity, verbs."""

    variant: ClassVar[str] = "custom_scorer"
    model: ClassVar[type[EvaluationFields]] = CustomScorerFields
    example: ClassVar[str] = """\
[evaluation.exact]
type    = "custom_scorer"
model   = "${fine_tune.support}"
scorer  = "${evaluator.exact}"
dataset = "${dataset.held_out}"
compare_base = true
"""

    @classmethod
    def type_problems(cls, resource: Checked, stack: StackSettings) -> Iterable[Diagnostic]:
        """The dataset and the scorer."""
        config = _fields(resource.config)
        yield from dataset_problems(resource, config, stack)
        yield from _scorer_problems(resource, config, stack)

    @classmethod
    def normalised(cls, resource: Checked, sources: Sources) -> Mapping[str, Value]:
        """The dataset by its content."""
        return dataset_identity(resource, _fields(resource.config), sources)

    @classmethod
    def source_problems(cls, resource: Checked, sources: Sources) -> Iterable[Diagnostic]:
        """Rows that cannot be read."""
        return row_problems(resource, sources)

    def question(self, config: EvaluationFields, base: BaseModel) -> Question:
        """The rows, and who scores the answers."""
        asked = _fields(config)
        scorer = str(asked.scorer)
        hyperparameters = {
            "task": "gen_qa",
            "strategy": "gen_qa",
            "metric" if base.is_nova else "evaluation_metric": "all",
            **({"lambda_type": "rft"} if base.is_nova else {}),
            **_written(asked),
        }
        own = _own_scorer(scorer, asked)
        return Question(
            evaluation_type="CustomScorerEvaluation",
            recipe_type="DeterministicEvaluation",
            recipe_title="bring your own dataset",
            needs_recipe=not base.is_nova,
            hyperparameters={**hyperparameters, **own},
            fallbacks={} if asked.preset else {"aggregation": _aggregation()},
            evaluator_arn="" if asked.preset or "lambda_arn" in own else scorer,
            channel=channel_of(str(asked.dataset)),
            problems=tuple(_family_problems(asked, base.name)),
        )

    def refused(self, wish: Wish, config: EvaluationFields) -> Iterable[str]:
        """What the registry says against the evaluator."""
        scorer = _fields(config).scorer
        if isinstance(scorer, str) and ":hub-content/" in scorer:
            yield from evaluator_refusals(
                scorer, self._scorers.evaluator(scorer), "RewardFunction"
            )


def _fields(config: object) -> CustomScorerFields:
    if not isinstance(config, CustomScorerFields):
        raise TypeError("a custom scorer has the fields of a custom scorer")
    return config


def _written(config: CustomScorerFields) -> Mapping[str, str]:
    written = {"aggregation": config.aggregation, "postprocessing": config.postprocessing}
    return {name: str(value) for name, value in written.items() if value is not None}


def _own_scorer(scorer: str, config: CustomScorerFields) -> Mapping[str, str]:
    """What names the scorer beside EvaluatorArn; answers are put through a scorer that is named."""
    if config.preset:
        return {"preset_reward_function": config.preset}
    through = {"postprocessing": "True"}
    choice = unproven()["evaluation-scorer-lambda"].choice
    if LAMBDA_ARN.fullmatch(scorer) and choice.startswith("HyperParameters.lambda_arn"):
        return {**through, "lambda_arn": scorer}
    return through


def _aggregation() -> str:
    """The word for the mean: the two clients of AWS do not agree on it."""
    return unproven()["evaluation-aggregation"].choice


def _scorer_problems(
    resource: Checked, config: CustomScorerFields, stack: StackSettings
) -> Iterator[Diagnostic]:
    at = resource.at(("scorer",))
    if config.postprocessing is False and not config.preset:
        text = "postprocessing = false: the answers would never reach the scorer"
        yield error("scorer", "Scorer not used", text, at=resource.at(("postprocessing",)))
    if config.preset:
        return
    scorer = config.scorer
    if isinstance(scorer, str) and not scorer.startswith("arn:"):
        yield error(
            "scorer",
            "Unknown scorer",
            f'scorer = "{scorer}" is not known.{nearest(scorer, PRESETS)}',
            at=at,
            hint=f"use {in_one_line(PRESETS)}, ${{evaluator.<name>}}, or the ARN of an evaluator with"
            " its version",
        )
    elif isinstance(scorer, str) and LAMBDA_ARN.fullmatch(scorer):
        yield from _lambda_problems(resource, config, stack)
    else:
        yield from evaluator_problems(resource, "scorer", "reward_function", stack, "scorer")


def _lambda_problems(
    resource: Checked, config: CustomScorerFields, stack: StackSettings
) -> Iterator[Diagnostic]:
    at, region = resource.at(("scorer",)), str(config.scorer).split(":")[3]
    if stack.region and region != stack.region:
        text = f"scorer is in {region}, and the stack in {stack.region}"
        yield error("scorer", "Scorer of another region", text, at=at)
    base = base_of(resource)
    for problem in _family_problems(config, base) if base else ():
        yield error("scorer", "Evaluator needed", problem, at=at, hint=_block(config))


def _family_problems(config: CustomScorerFields, base: str) -> Iterator[str]:
    if LAMBDA_ARN.fullmatch(str(config.scorer)) and family_of(base) != "nova":
        yield f"{base} takes a function only as a registered evaluator"


def _block(config: CustomScorerFields) -> str:
    return (
        f'declare [evaluator.<name>] with type = "reward_function" and lambda = "{config.scorer}",'
        ' and set scorer = "${evaluator.<name>}"'
    )
