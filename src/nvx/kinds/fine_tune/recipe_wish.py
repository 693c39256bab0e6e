"""What a fine-tune recipe comes to once its references are known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from nvx.core.cloud import Rejected
from nvx.core.names import content_name
from nvx.core.resource import Wish
from nvx.core.values import JsonValue
from nvx.data.nova_tuning import Offer, Tuned, offers, ppo_batch, shape_of, tuned_model
from nvx.kinds.common.placing import bucket_of
from nvx.kinds.common.serverless import output_of
from nvx.kinds.fine_tune.recipe_case import FULL, SMTJ, leaves
from nvx.kinds.fine_tune.recipe_fields import PPO_SECTIONS, RecipeTuneFields
from nvx.kinds.fine_tune.recipe_render import Table, TuneTerms, rendered


@dataclass(frozen=True, slots=True)
class TuneWished:
    """A recipe whose every value is known."""

    run: Table
    values: Table
    ppo: Mapping[str, Table]
    terms: TuneTerms

    @property
    def document(self) -> Mapping[str, JsonValue]:
        """The recipe as it is sent."""
        shape = shape_of(self.terms.technique, self.terms.base.generation)
        return rendered(self.run, self.values, self.ppo, shape, self.terms)


def wished(wish: Wish, config: RecipeTuneFields, platform: str = SMTJ) -> TuneWished:
    """The recipe of a wish: of a block as it is written, of a file as it was read for the digest."""
    inputs = wish.declared.inputs
    by_file = config.recipe is not None
    written = {} if config.run is None else _table(config.run.values())
    run = {**_table(inputs.get("run")), **_table(wish.declared.circumstance.get("run"))}
    run = {**run, **written}
    values = _table(inputs.get("training_config"))
    if not by_file:
        values = dict(leaves(config.training_config or {}))  # type: ignore[arg-type]  # no references
    base = tuned_model(config.base_model, config.technique)
    if base is None:
        raise Rejected(f"{config.base_model} is not a Nova model for {config.technique}")
    terms = _terms(wish, config, base, run, platform)
    ppo = {name: _table(_table(inputs.get("ppo")).get(name)) for name in PPO_SECTIONS}
    ppo = {name: section for name, section in ppo.items() if section}
    return TuneWished(
        run, values, ppo, replace(terms, fixed=_fixed(wish, config, base, values))
    )


def _terms(
    wish: Wish, config: RecipeTuneFields, base: Tuned, run: Table, platform: str
) -> TuneTerms:
    inputs = wish.declared.inputs
    full = inputs.get("training_type") == FULL
    offer = _offer(config, base, FULL if full else "LORA", platform)
    source = _first(config.source_model, inputs.get("source_model"))
    replicas = inputs.get("replicas", offer.replicas[0])
    name = run.get("name") or content_name(wish.scope.stack.name, wish.declared.address)
    smhp = platform != SMTJ
    return TuneTerms(
        name=str(name),
        base=base,
        technique=config.technique,
        full=full,
        model_path=source or base.path,
        replicas=replicas if isinstance(replicas, int) else 1,
        output=output_of(wish.scope.stack, config.output or _first(run.get("output_s3_path"))),
        max_length=offer.max_length,
        platform=platform,
        data=data_of(config, run) if smhp else "",
        validation=validation_of(config, run) if smhp else "",
        function=_first(config.reward_function, inputs.get("reward_function")),
    )


def data_of(config: RecipeTuneFields, run: Table) -> str:
    """Where the rows are."""
    return _first(config.dataset, run.get("dataset"), run.get("data_s3_path"))


def validation_of(config: RecipeTuneFields, run: Table) -> str:
    """Where the rows to validate on are; "" for none."""
    own = run.get("validation_data_s3_path")
    return _first(config.validation_dataset, run.get("validation_dataset"), own)


def _offer(config: RecipeTuneFields, base: Tuned, type_: str, platform: str) -> Offer:
    found = [
        offer for offer in offers(base.name, config.technique, platform) if type_ in offer.types
    ]
    fitting = [offer for offer in found if config.instance_type in offer.instances]
    chosen = next(iter([*fitting, *found]), None)
    if chosen is None:
        raise Rejected(
            f"there is no recipe for {config.technique} {type_} of {base.name} on {platform}",
            code="Preflight",
        )
    return chosen


def _fixed(wish: Wish, config: RecipeTuneFields, base: Tuned, values: Table) -> Table:
    """Values that follow from elsewhere where nobody wrote them."""
    stack = wish.scope.stack
    if config.technique == "ppo":
        return {"global_batch_size": ppo_batch(base.name)}
    if config.technique != "distillation":
        return {}
    follows: dict[str, JsonValue] = {
        "teacherModelId": base.teacher,
        "customer_bucket": f"s3://{bucket_of(stack)}",
        "kms_key": config.kms_key or stack.kms_key,
    }
    return {name: value for name, value in follows.items() if name not in values}


def _first(*values: object) -> str:
    """The first text among values; what is still a reference is none."""
    return next((value for value in values if isinstance(value, str) and value), "")


def _table(value: object) -> Table:
    return value if isinstance(value, Mapping) else {}
