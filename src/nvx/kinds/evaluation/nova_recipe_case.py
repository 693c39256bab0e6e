"""An evaluation recipe on its way to a job: its sections, its model, and where each is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import cast

from nvx.core.diagnostics import Location
from nvx.core.resource import Checked
from nvx.core.values import Reference, Value
from nvx.data.nova import NovaModel, Task, nova_model, nova_tasks
from nvx.kinds.common.recipe_file import modelled, read_recipe, without_empty
from nvx.kinds.evaluation.nova_recipe_fields import (
    SECTIONS,
    NovaRecipeFields,
    RecipeSections,
    Sections,
)

SMTJ = "smtj"
SMHP = "smhp"
PLATFORMS: Mapping[str, str] = {
    SMTJ: "a training job: what `nvx apply` starts",
    SMHP: "HyperPod: submitted by hand",
}


@dataclass(frozen=True, slots=True)
class Case:
    """One recipe, wherever it is written. Rules look at it, and what is sent is made from it."""

    config: NovaRecipeFields
    sections: Sections
    model: Value
    """A Nova model by any name, an `s3://` checkpoint, a model package ARN, a reference; or None."""
    dataset: Value
    nova: NovaModel | None
    place: Callable[[tuple[str, ...]], Location]
    platform: str = SMTJ

    @property
    def task(self) -> Task | None:
        """The task; None for one that is not known."""
        return nova_tasks().get(str(self.get("evaluation", "task")))

    def get(self, section: str, key: str) -> Value:
        """A key of the recipe; None where it is not written."""
        return self.sections.get(section, {}).get(key)

    def at(self, *path: str) -> Location:
        """Where a key is written."""
        return self.place(path)

    @property
    def is_base(self) -> bool:
        """Whether the model is evaluated as it comes."""
        return isinstance(self.model, str) and nova_model(self.model) is not None

    @property
    def replicas(self) -> int:
        """How many instances."""
        written = self.get("run", "replicas")
        return written if isinstance(written, int) else 1

    @property
    def subtasks(self) -> tuple[str, ...]:
        """The parts that are asked for: each once, sorted."""
        written = self.get("evaluation", "subtask")
        parts = written.split(",") if isinstance(written, str) else written
        if not isinstance(parts, list | tuple):
            return ()
        return tuple(sorted({str(part).strip() for part in parts} - {""}))


def fields_of(resource: Checked) -> NovaRecipeFields:
    """The fields of a checked block."""
    return cast(NovaRecipeFields, resource.config)


def case_of(resource: Checked, platform: str = SMTJ) -> Case:
    """The recipe that a block is, or names. Raises DiagnosticError for a file that is none."""
    config = fields_of(resource)
    if config.recipe is None:
        return _case(resource, config.sections, resource.at, platform)
    tree = read_recipe(resource.directory, config.recipe, resource.at(("recipe",)))
    found = modelled(RecipeSections, tree)
    sections = {
        name: one.values() for name in SECTIONS if (one := getattr(found, name)) is not None
    }

    def place(path: tuple[str, ...]) -> Location:
        return resource.at(path) if path in resource.places else tree.at(path)

    return _case(resource, sections, place, platform)


def _case(
    resource: Checked,
    sections: Sections,
    place: Callable[[tuple[str, ...]], Location],
    platform: str,
) -> Case:
    written: Sections = {
        name: cast(Mapping[str, Value], without_empty(keys)) for name, keys in sections.items()
    }
    config, run = fields_of(resource), written.get("run", {})
    model = config.model if config.model is not None else run.get("model_name_or_path")
    dataset = config.dataset if config.dataset is not None else run.get("data_s3_path")
    nova = _nova(resource, model, run.get("model_type"))
    return Case(config, written, model, dataset, nova, place, platform)


def _nova(resource: Checked, model: Value, model_type: Value) -> NovaModel | None:
    """The model behind what is evaluated: named, told by its type, or that of a fine-tune."""
    named = nova_model(model) if isinstance(model, str) else None
    if named is None and isinstance(model_type, str):
        named = nova_model(model_type)
    if named is None and isinstance(model, Reference):
        target = resource.targets.get(model.target)
        named = nova_model(str(getattr(target.config, "base_model", ""))) if target else None
    return named
