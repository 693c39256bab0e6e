"""What only the hub can say against a serverless fine-tune, before anything is sent. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from nvx.aws.models import BaseModel, Parameter, Recipe
from nvx.core.ports import in_one_line
from nvx.kinds.common.parameters import problems_with
from nvx.kinds.common.runs import Refusal
from nvx.kinds.fine_tune.fields import ServerlessFields
from nvx.kinds.fine_tune.limits import limit_problems


def recipe_for(base: BaseModel, config: ServerlessFields, technique: str) -> Recipe | None:
    """The recipe that the service would run; None where the model has none."""
    fitting = _fitting(base, config, technique)
    if config.sequence_length is not None:
        fitting = [r for r in fitting if r.sequence_length == config.sequence_length]
    return min(fitting, key=lambda recipe: recipe.subscription, default=None)


def problems_before_start(
    base: BaseModel,
    config: ServerlessFields,
    technique: str,
    parameters: Mapping[str, Parameter],
) -> Iterator[str]:
    """Everything that would make the service refuse the job, or run something else than was asked."""
    if base.gated and not config.accept_eula and config.source_model is None:
        yield (
            f"the base model {base.name} has a licence that a person has to accept: "
            "read it, then set accept_eula = true"
        )
    recipe = recipe_for(base, config, technique)
    if recipe is None:
        yield _no_recipe(base, config, technique)
        return
    for problem in problems_with(config.hyperparameters, parameters):
        yield Refusal(f"recipe {recipe.name}: hyperparameter {problem}", "hyperparameter")
    yield from _limits(recipe, config, parameters)


def _limits(
    recipe: Recipe, config: ServerlessFields, parameters: Mapping[str, Parameter]
) -> Iterator[str]:
    """Limits that what is written breaks together with the recipe's own defaults."""
    if not config.hyperparameters:
        return
    defaults = {name: p.default for name, p in parameters.items() if p.default is not None}
    length = config.sequence_length or recipe.sequence_length
    for name, problem in limit_problems({**defaults, **config.hyperparameters}, length):
        yield Refusal(f"recipe {recipe.name}: hyperparameter {name}: {problem}", "limits")


def _fitting(base: BaseModel, config: ServerlessFields, technique: str) -> Sequence[Recipe]:
    peft = "LORA" if config.training_type == "LORA" else ""
    return [
        recipe
        for recipe in base.recipes
        if recipe.type == "FineTuning"
        and recipe.served
        and recipe.technique == technique
        and recipe.peft == peft
    ]


def _no_recipe(base: BaseModel, config: ServerlessFields, technique: str) -> str:
    fitting = _fitting(base, config, technique)
    if fitting:
        lengths = in_one_line(sorted({recipe.sequence_length for recipe in fitting}))
        return (
            f"{base.name} has no recipe of sequence_length {config.sequence_length}; "
            f"it has {lengths}"
        )
    offered = sorted(
        {
            f"{recipe.technique} {recipe.peft or 'FULL'}"
            for recipe in base.recipes
            if recipe.type == "FineTuning" and recipe.served
        }
    )
    has = f"it has {in_one_line(offered)}" if offered else "it cannot be tuned serverless"
    return f"{base.name} has no recipe for {technique} {config.training_type}; {has}"
