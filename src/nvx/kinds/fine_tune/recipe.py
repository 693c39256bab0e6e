"""Nova fine-tune recipes, run as training jobs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar

from nvx.aws.call import Calls
from nvx.aws.models import Models
from nvx.core.address import Address
from nvx.core.cloud import Rejected
from nvx.core.diagnostics import Diagnostic, DiagnosticError, error
from nvx.core.kind import Observation, Sighting, Target
from nvx.core.ports import Sources
from nvx.core.resource import Checked, Declared, Identity, Nature, Scope, StackSettings, Wish
from nvx.core.state import Intent, Record
from nvx.core.values import JsonValue
from nvx.kinds.common.fields import tag_problems
from nvx.kinds.common.job_runs import JobRuns
from nvx.kinds.common.nova_jobs import bucket_warnings, image_for, image_problems, source_group
from nvx.kinds.common.nova_placing import NovaPlacing
from nvx.kinds.common.nova_request import Channel, RecipeJob, recipe_request
from nvx.kinds.common.offline import group_problems, place_problems
from nvx.kinds.common.serverless import role_of, typed
from nvx.kinds.common.training_jobs import job_name_of
from nvx.kinds.common.yaml_write import yaml_text
from nvx.kinds.fine_tune.recipe_case import case_of, fields_of, is_smhp_only
from nvx.kinds.fine_tune.recipe_fields import PPO_SECTIONS, RecipeTuneFields
from nvx.kinds.fine_tune.recipe_identity import identity_of
from nvx.kinds.fine_tune.recipe_manifest import read_checkpoint
from nvx.kinds.fine_tune.recipe_rules import RULES, problems_of
from nvx.kinds.fine_tune.recipe_wish import TuneWished, data_of, validation_of, wished

OUTPUTS: Mapping[str, str] = {
    "checkpoint_uri": "The tuned weights, in a bucket that Amazon keeps for the account.",
    "checkpoint_detail": "Why the checkpoint is not known, where it is not.",
    "model_arn": "The tuned model: a version in its model group, where the service made one.",
    "job_arn": "The training job.",
    "artifacts": "Where the job left what it made.",
    "output": "The location that the job writes to.",
    "recipe": "Where the recipe is, as it was sent.",
    "image": "The image that ran.",
    "base_model": "The base model's name in the public hub.",
    "billable_seconds": "Seconds that are paid for.",
}
_CONVERSE = ("sft", "dpo")


class RecipeTunes:
    """`fine_tune` with `method = "recipe"`: rules, identity, verbs."""

    name: ClassVar[str] = "fine_tune"
    variant: ClassVar[str] = "recipe"
    variant_field: ClassVar[str] = "method"
    nature: ClassVar[Nature] = Nature.RUN
    paid: ClassVar[bool] = True
    bulk: ClassVar[bool] = False
    model: ClassVar[type[RecipeTuneFields]] = RecipeTuneFields
    outputs: ClassVar[Mapping[str, str]] = OUTPUTS
    in_place: ClassVar[frozenset[str]] = frozenset({"tags"})
    rules = RULES
    example: ClassVar[str] = """\
[fine_tune.support]
method        = "recipe"
technique     = "sft"
base_model    = "nova-lite"
dataset       = "${dataset.tickets}"
instance_type = "ml.p5.48xlarge"

[fine_tune.support.training_config]
max_length         = 8192
trainer.max_epochs = 3
model.optim.lr     = 2e-5
"""

    def __init__(self, calls: Calls, models: Models) -> None:
        self._calls = calls
        self._models = models
        self._placing = NovaPlacing(calls)
        self._runs = JobRuns(calls, self.name)

    @classmethod
    def check(cls, resource: Checked, stack: StackSettings) -> Iterable[Diagnostic]:
        """The rules of recipes, where the recipe is in the block; a file is read with the identity."""
        config = fields_of(resource)
        yield from _written(resource, config)
        if config.recipe is None:
            case = case_of(resource)
            yield from problems_of(case, stack)
            generation = case.base.generation if case.base is not None else 0
            if case.offer is not None:
                use = config.technique
                yield from image_problems(resource, config, stack, use, generation)
        yield from place_problems(resource, stack, role=config.role, output=config.output)
        yield from group_problems(resource, config.model_group)
        yield from tag_problems(resource, config, stack)

    @classmethod
    def identity(cls, resource: Checked, stack: StackSettings, sources: Sources) -> Identity:
        """Model, data and values, wherever they are written."""
        case = case_of(resource)
        by_file = fields_of(resource).recipe is not None
        problems = tuple(problems_of(case, stack)) if by_file else ()
        if any(problem.is_error for problem in problems):
            raise DiagnosticError(problems)
        return identity_of(case, resource, stack, sources, problems)

    @classmethod
    def content_name(cls, resource: Checked, stack: StackSettings) -> str:
        """None: every attempt is a job with a name of its own."""
        return ""

    @classmethod
    def printed(cls, resource: Checked, wish: Wish, platform: str) -> str:
        """The recipe for a platform, as YAML. Raises DiagnosticError where its rules are broken."""
        found = problems_of(case_of(resource, platform), wish.scope.stack)
        problems = [problem for problem in found if problem.is_error]
        if problems:
            raise DiagnosticError(problems)
        config = typed(RecipeTuneFields, wish.config)
        try:
            return yaml_text(wished(wish, config, platform).document)
        except Rejected as refused:
            at = resource.declared_at
            text = refused.message
            raise DiagnosticError([error("F-02", "No such recipe", text, at=at)]) from refused

    def preflight(self, scope: Scope, declared: Declared) -> tuple[Diagnostic, ...]:
        """Whether a training job can run it, and writes to the account's own bucket. Reads only."""
        config = typed(RecipeTuneFields, declared.config)
        if is_smhp_only(config):
            text = f"{declared.address}: {config.technique} runs on HyperPod only"
            at = declared.declared_at
            hint = (
                "submit what `nvx recipe ADDRESS --platform smhp` prints, and remove the block"
            )
            return (error("F-02", "Not a training job", text, at=at, hint=hint),)
        return bucket_warnings(self._calls, scope, declared, config.output)

    def observe(self, scope: Scope, targets: Sequence[Target]) -> Mapping[Address, Sighting]:
        """The job of each record."""
        return self._runs.observe(targets)

    def find(self, scope: Scope, intent: Intent) -> Observation | None:
        """The job of the intent's name, if it is ours."""
        return self._runs.find(scope, intent)

    def create(self, wish: Wish, intent: Intent) -> Observation:
        """Bring the recipe to S3, and start the job."""
        config = typed(RecipeTuneFields, wish.config)
        found = wished(wish, config)
        terms, stack = found.terms, wish.scope.stack
        recipe = str(self._placing.recipe(stack, yaml_text(found.document)))
        job = RecipeJob(
            image=image_for(config, config.technique, terms.base.generation, stack.region),
            recipe_uri=recipe,
            output=terms.output,
            replicas=terms.replicas,
            model_path=terms.model_path,
            model_type=terms.base.model_type,
            channels=_channels(config, found),
            hyperparameters=_hyperparameters(wish, config, found),
            source_group=source_group(self._models, terms.model_path),
        )
        outputs: dict[str, JsonValue] = {
            "base_model": terms.base.hub_name,
            "output": terms.output,
            "recipe": recipe,
            "image": job.image,
        }
        request = recipe_request(wish, intent, config, job)
        return self._runs.start(wish.scope, intent, request, outputs)

    def update(self, wish: Wish, record: Record) -> Observation:
        """Set the tags that are declared now."""
        return self._runs.update(wish, record)

    def delete(self, scope: Scope, record: Record) -> None:
        """Stop the job; a finished one stays as it is."""
        self._runs.stop(record)

    def recover(self, scope: Scope, targets: Sequence[Target]) -> Sequence[Observation]:
        """Every job with this stack's marks."""
        return self._runs.recover(scope, targets)

    def results(self, scope: Scope, record: Record) -> Mapping[str, JsonValue]:
        """Where the weights are, as the job's manifest says. Never raises."""
        facts = {**self._runs.facts(record), **record.outputs}
        known: dict[str, JsonValue] = {
            k: facts[k] for k in ("base_model", "image") if k in facts
        }
        output = str(facts.get("output") or "")
        return {**known, **read_checkpoint(self._calls, output, job_name_of(record.id))}

    def log_lines(self, scope: Scope, record: Record) -> Sequence[str]:
        """The last lines of the job's log."""
        return self._runs.log_lines(record)


def _written(resource: Checked, config: RecipeTuneFields) -> Iterable[Diagnostic]:
    """Neither a recipe nor its sections, or both; sections of another technique."""
    sections = ("run", "training_config", *PPO_SECTIONS)
    written = [name for name in sections if getattr(config, name) is not None]
    if config.recipe is not None and written:
        text = f"{written[0]} beside recipe: what a recipe says is written in one place"
        yield error("recipe", "Two recipes", text, at=resource.at((written[0],)))
    foreign = [name for name in written if name.startswith("ppo_")]
    if foreign and config.technique != "ppo":
        text = f"{foreign[0]} is for ppo, and the technique is {config.technique}"
        yield error("F-03", "Section not taken", text, at=resource.at((foreign[0],)))


def _channels(config: RecipeTuneFields, found: TuneWished) -> tuple[Channel, ...]:
    """Rows of conversations are read as such, so that the service finds their media."""
    type_ = "Converse" if config.technique in _CONVERSE else "S3Prefix"
    named = (
        ("train", data_of(config, found.run)),
        ("validation", validation_of(config, found.run)),
    )
    return tuple(Channel(name, uri, type_) for name, uri in named if uri)


def _hyperparameters(
    wish: Wish, config: RecipeTuneFields, found: TuneWished
) -> Mapping[str, str]:
    if config.technique == "distillation":
        stack = wish.scope.stack
        return {
            "distillation_data": "true",
            "role_arn": role_of(stack, config.role or ""),
            "kms_key": config.kms_key or stack.kms_key or str(found.values.get("kms_key", "")),
        }
    function = found.terms.function
    return {"reward_lambda_arn": function} if function else {}
