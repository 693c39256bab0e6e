"""What is evaluated, as the hub knows it, and the terms that an evaluation of it runs with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from nvx.aws.models import BaseModel, Models, Parameter, Recipe
from nvx.aws.models import Package as ModelPackage
from nvx.core.cloud import Rejected
from nvx.core.ports import in_one_line
from nvx.core.resource import Wish
from nvx.data.catalogue import base_model
from nvx.kinds.common.parameters import problems_with
from nvx.kinds.common.runs import Refusal
from nvx.kinds.common.serverless import group_arn, output_of, role_of, wire_text
from nvx.kinds.evaluation.fields import EvaluationFields
from nvx.kinds.evaluation.terms import Judge, Lineage, Package, Terms

_FROM_RECIPE = (
    "max_new_tokens",
    "temperature",
    "top_k",
    "top_p",
    "max_model_len",
    "aggregation",
    "postprocessing",
)
"""The only parameters of a recipe that reach an evaluation job."""


@dataclass(frozen=True, slots=True)
class Question:
    """What a type of evaluation asks, apart from how the model answers."""

    evaluation_type: str
    recipe_type: str
    """`EvaluationType` of the recipe in the hub document."""
    hyperparameters: Mapping[str, str]
    evaluator_arn: str = ""
    channel: Mapping[str, Any] | None = None
    problems: tuple[str, ...] = field(default=())
    """Why this model cannot be asked it."""
    fallbacks: Mapping[str, str] = field(default_factory=dict)
    """Hyperparameters that hold where neither the recipe nor a person says something."""
    recipe_title: str = ""
    """Words in the title of the recipe, for what has no type of its own in the hub."""
    needs_recipe: bool = True
    """Whether the service takes a job only for a model that has such a recipe."""
    decoding: bool = True
    """Whether the recipe's parameters say how the model answers."""
    judge: Judge | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """The evaluated model: its base model, and its package if it is a tuned one."""

    base: BaseModel
    package: ModelPackage | None = None


def subject_of(models: Models, model: str) -> Subject:
    """The model that a field names. Raises Rejected for a package that cannot be evaluated."""
    if not model.startswith("arn:"):
        return Subject(models.base_model(base_model(model)))
    package = models.package(model)
    if package is None:
        raise Rejected(f"there is no model package {model}", code="Preflight")
    if package.status != "Completed":
        raise Rejected(f"{model} is {package.status}, not Completed", code="Preflight")
    if not package.base_model:
        raise Rejected(
            f"{model} does not name its base model: only what SageMaker tuned can be evaluated",
            code="Preflight",
        )
    return Subject(models.base_model(package.base_model), package)


def recipe_of(base: BaseModel, question: Question) -> Recipe | None:
    """The first evaluation recipe of a question's type, as the service takes it; else of its title."""
    recipes = [recipe for recipe in base.recipes if recipe.type == "Evaluation"]
    typed = [r for r in recipes if r.evaluation_type == question.recipe_type]
    titled = [r for r in recipes if question.recipe_title and question.recipe_title in r.title]
    return next(iter(typed + titled), None)


def problems_before_start(
    wish: Wish,
    config: EvaluationFields,
    subject: Subject,
    question: Question,
    parameters: Mapping[str, Parameter],
) -> Iterator[str]:
    """Everything that would make the service refuse the jobs, or run something else than was asked."""
    base = subject.base
    # Who tuned a model in this stack has accepted the licence there.
    accepted = config.accept_eula or "model" in wish.declared.refs
    if base.gated and not accepted:
        yield Refusal(
            f"the base model {base.name} has a licence that a person has to accept: "
            "read it, then set accept_eula = true",
            "eula",
        )
    yield from question.problems
    if question.needs_recipe and recipe_of(base, question) is None:
        offered = sorted({r.evaluation_type for r in base.recipes if r.type == "Evaluation"})
        has = (
            f"it has {in_one_line(offered)}" if offered else "it cannot be evaluated serverless"
        )
        yield f"{base.name} has no evaluation recipe of type {question.recipe_type}; {has}"
    if subject.package is not None and not (subject.package.group_arn or config.model_group):
        yield f"{subject.package.arn} belongs to no group: set model_group"
    for problem in problems_with(config.inference, _inference_of(parameters)):
        yield Refusal(problem, "inference")


def hyperparameters_of(
    question: Question, config: EvaluationFields, parameters: Mapping[str, Parameter]
) -> Mapping[str, str]:
    """What the jobs get: the question, the recipe's defaults, and what is written over them."""
    if not question.decoding:
        return dict(question.hyperparameters)
    defaults = {
        name: wire_text(parameter.default)
        for name, parameter in _inference_of(parameters).items()
        if parameter.default is not None
    }
    written = {name: wire_text(value) for name, value in config.inference.items()}
    return {**question.fallbacks, **defaults, **written, **question.hyperparameters}


def terms_of(
    wish: Wish,
    config: EvaluationFields,
    subject: Subject,
    question: Question,
    hyperparameters: Mapping[str, str],
) -> Terms:
    """Everything that the pipeline is made of, except its lineage."""
    settings = wish.scope.stack
    role = role_of(settings, config.role or "")
    package = None
    if subject.package is not None:
        group = str(config.model_group or subject.package.group_arn)
        package = Package(subject.package.arn, group_arn(settings, role, group))
    return Terms(
        evaluation_type=question.evaluation_type,
        role=role,
        base_model_arn=subject.base.arn,
        hyperparameters=hyperparameters,
        output=output_of(settings, config.output or ""),
        package=package,
        compare_base=config.compare_base,
        accept_eula=subject.base.gated,
        evaluator_arn=question.evaluator_arn,
        max_runtime=config.max_runtime,
        kms_key=config.kms_key or settings.kms_key,
        vpc=config.vpc.wire if config.vpc is not None else None,
        channel=question.channel,
        mlflow=_mlflow(wish, config),
        judge=question.judge,
    )


def sent_of(terms: Terms, subject: Subject, alias: str) -> Mapping[str, Any]:
    """What was sent: recorded, because the hub's part of it may be another one tomorrow."""
    return {
        "output": terms.output,
        "base_model": subject.base.name,
        "base_model_version": subject.base.version,
        "pipeline_alias": alias,
        "hyperparameters": dict(terms.hyperparameters),
    }


def lineage_of(pipeline: str, artifact_arn: str) -> Lineage:
    """What the lineage steps need to know; actions live where the artifact does."""
    return Lineage(pipeline, artifact_arn, artifact_arn.rpartition(":")[0] + ":action")


def _inference_of(parameters: Mapping[str, Parameter]) -> Mapping[str, Parameter]:
    return {name: parameters[name] for name in _FROM_RECIPE if name in parameters}


def _mlflow(wish: Wish, config: EvaluationFields) -> Mapping[str, str]:
    own = config.mlflow
    app = (own.app if own is not None else None) or wish.scope.stack.mlflow
    if not app:
        return {}
    experiment = (own.experiment if own is not None else None) or wish.declared.name
    return {"MlflowResourceArn": app, "MlflowExperimentName": experiment}
