"""A fine-tune recipe on its way to a job: its values by dotted path, and where each is written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from nvx.core.diagnostics import Location
from nvx.core.resource import Checked
from nvx.core.values import Value
from nvx.data.nova import nova_model
from nvx.data.nova_tuning import Key, Offer, Tuned, offers, shape_of, tuned_model
from nvx.kinds.common.model import plain
from nvx.kinds.common.recipe_file import modelled, read_recipe, without_empty
from nvx.kinds.fine_tune.recipe_fields import PPO_SECTIONS, RecipeTuneFields, TuneSections

SMTJ = "smtj"
LORA, FULL = "LORA", "FULL"
Section = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class TuneCase:
    """One recipe, wherever it is written."""

    config: RecipeTuneFields
    run: Section
    values: Section
    """The written values of `training_config` by dotted path."""
    ppo: Mapping[str, Section]
    base: Tuned | None
    place: Callable[[tuple[str, ...]], Location]
    platform: str = SMTJ

    @property
    def shape(self) -> Mapping[str, Key]:
        """The keys that the recipe may have."""
        if self.base is None:
            return {}
        return shape_of(self.config.technique, self.base.generation)

    @property
    def training_type(self) -> str:
        """LORA or FULL; a file says it by its peft_scheme."""
        scheme = next((name for name, key in self.shape.items() if key.type == "scheme"), "")
        if self.config.recipe is not None and scheme in self.values:
            return FULL if self.values[scheme] is None else LORA
        if not scheme and self.config.technique != "ppo":
            return FULL
        return self.config.training_type

    @property
    def offers(self) -> tuple[Offer, ...]:
        """The recipes that AWS has for this, on any instance."""
        if self.base is None:
            return ()
        found = offers(self.base.name, self.config.technique, self.platform)
        return tuple(offer for offer in found if self.training_type in offer.types)

    @property
    def offer(self) -> Offer | None:
        """The recipe of the instance type; else the first, for an instance that is not listed."""
        instance = self.config.instance_type
        fitting = [offer for offer in self.offers if instance in offer.instances]
        return next(iter([*fitting, *self.offers]), None)

    @property
    def replicas(self) -> int:
        """How many instances."""
        written = self.config.replicas
        if written is None:
            named = self.run.get("replicas")
            written = named if isinstance(named, int) else None
        if written is None and self.offer is not None:
            return self.offer.replicas[0]
        return 1 if written is None else written

    @property
    def dataset(self) -> Value:
        """What is trained on."""
        own = self.config.dataset
        return own if own is not None else self.run.get("data_s3_path")

    @property
    def validation(self) -> Value:
        """What is validated on."""
        own = self.config.validation_dataset
        return own if own is not None else self.run.get("validation_data_s3_path")

    @property
    def source(self) -> Value:
        """The tuned model that is gone on from; None for the base model."""
        if self.config.source_model is not None:
            return self.config.source_model
        path = self.run.get("model_name_or_path")
        return None if path is None or nova_model(str(path)) is not None else path

    @property
    def function(self) -> Value:
        """The function that rewards."""
        own = self.config.reward_function
        return own if own is not None else self.run.get("reward_lambda_arn")

    def at(self, *path: str) -> Location:
        """Where a key is written."""
        return self.place(path)

    def at_key(self, name: str) -> Location:
        """Where a key of `training_config` is written."""
        return self.place(("training_config", *name.split(".")))


def fields_of(resource: Checked) -> RecipeTuneFields:
    """The fields of a checked block."""
    return cast(RecipeTuneFields, resource.config)


def is_smhp_only(config: RecipeTuneFields) -> bool:
    """Whether no training job runs it."""
    return config.technique in ("cpt", "ppo")


def case_of(resource: Checked, platform: str = SMTJ) -> TuneCase:
    """The recipe that a block is, or names. Raises DiagnosticError for a file that is none."""
    config = fields_of(resource)
    if config.recipe is None:
        ppo = {name: getattr(config, name) for name in PPO_SECTIONS}
        run = {} if config.run is None else config.run.values()
        return _case(resource, (run, config.training_config or {}, ppo), resource.at, platform)
    tree = read_recipe(resource.directory, config.recipe, resource.at(("recipe",)))
    found = modelled(TuneSections, tree)
    ppo = {name: getattr(found, name) for name in PPO_SECTIONS}

    def place(path: tuple[str, ...]) -> Location:
        return resource.at(path) if path in resource.places else tree.at(path)

    sections = (found.run.values(), found.training_config, ppo)
    return _case(resource, sections, place, platform)


def leaves(
    section: Mapping[str, object], path: tuple[str, ...] = ()
) -> Iterator[tuple[str, Value]]:
    """Every value of a section by its dotted path."""
    for name, value in section.items():
        inner = (*path, str(name))
        if isinstance(value, Mapping) and value:
            yield from leaves(value, inner)
        else:
            yield ".".join(inner), plain(value)


def _case(
    resource: Checked,
    sections: tuple[Section, Mapping[str, object], Mapping[str, object]],
    place: Callable[[tuple[str, ...]], Location],
    platform: str,
) -> TuneCase:
    run, training, ppo = sections
    config = fields_of(resource)
    return TuneCase(
        config=config,
        run=cast(Section, without_empty(run)),
        values=dict(leaves(training)),
        ppo={
            name: cast(Section, plain(section))
            for name, section in ppo.items()
            if section is not None
        },
        base=tuned_model(config.base_model, config.technique),
        place=place,
        platform=platform,
    )
