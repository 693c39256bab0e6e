"""What an evaluation recipe comes to once its references are known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from posixpath import basename

from nvx.core.cloud import Rejected
from nvx.core.names import content_name
from nvx.core.resource import Wish
from nvx.core.values import JsonValue
from nvx.data.nova import NovaModel, Task, nova_model, nova_tasks
from nvx.kinds.evaluation.nova_recipe_case import SMHP
from nvx.kinds.evaluation.nova_recipe_fields import SECTIONS, NovaRecipeFields
from nvx.kinds.evaluation.nova_recipe_render import Plain, Terms


@dataclass(frozen=True, slots=True)
class Wished:
    """A recipe whose every value is known."""

    sections: Plain
    nova: NovaModel
    task: Task
    model_path: str
    dataset: str
    name: str
    replicas: int
    output: str

    @property
    def file_names(self) -> tuple[str, ...]:
        """The names that its rows may have; its own where any will do."""
        own = basename(self.dataset)
        return (own,) if self.task.any_file and own else self.task.files

    def terms(self, platform: str, *, output: str, data: str = "") -> Terms:
        """What is rendered. A training job gets its rows by a channel, not by the recipe."""
        return Terms(
            name=self.name,
            nova=self.nova,
            task=self.task,
            model_path=self.model_path,
            replicas=self.replicas,
            data=data if platform == SMHP else "",
            output=output,
        )


def wished(wish: Wish, config: NovaRecipeFields) -> Wished:
    """The recipe of a wish: of a block as it is written, of a file as it was read for the digest."""
    inputs, run = wish.declared.inputs, _table(wish.declared.circumstance.get("run"))
    sections = _sections(wish, config)
    written = {**run, **sections.get("run", {})}
    model = _first(config.model, written.get("model_name_or_path"), inputs.get("model"))
    derived = wish.declared.circumstance.get("base_model")
    nova = _nova(model, written.get("model_type"), inputs.get("model_type"), derived)
    task = nova_tasks()[str(sections["evaluation"]["task"])]
    replicas = inputs.get("replicas", 1)
    path = nova.path if nova_model(model) is not None else model
    return Wished(
        sections={**sections, "run": written},
        nova=nova,
        task=task,
        model_path=path,
        dataset=_first(config.dataset, written.get("data_s3_path")),
        name=str(
            written.get("name") or content_name(wish.scope.stack.name, wish.declared.address)
        ),
        replicas=replicas if isinstance(replicas, int) else 1,
        output=_first(written.get("output_s3_path")),
    )


def _sections(wish: Wish, config: NovaRecipeFields) -> Plain:
    inputs = wish.declared.inputs
    if config.recipe is None:
        return {name: _written(keys) for name, keys in config.sections.items()}
    found = {name: _table(inputs[name]) for name in SECTIONS if name in inputs}
    function = inputs.get("eval_lambda_arn")
    return {**found, "run": {"eval_lambda_arn": function}} if function else found


def _written(keys: Mapping[str, object]) -> Mapping[str, JsonValue]:
    return {k: v for k, v in keys.items() if v != ""}  # type: ignore[misc]  # references are resolved


def _nova(model: str, *types: JsonValue) -> NovaModel:
    for name in (model, *types):
        found = nova_model(str(name))
        if found is not None:
            return found
    raise Rejected(f"what {model} was tuned from is not known: set run.model_type")


def _first(*values: object) -> str:
    """The first text among values; what is still a reference is none."""
    return next((value for value in values if isinstance(value, str) and value), "")


def _table(value: object) -> Mapping[str, JsonValue]:
    return value if isinstance(value, Mapping) else {}
