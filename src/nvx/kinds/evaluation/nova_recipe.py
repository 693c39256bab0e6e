"""Nova evaluation recipes, run as training jobs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar

from nvx.aws.call import Calls
from nvx.aws.models import Models
from nvx.core.address import Address
from nvx.core.diagnostics import Diagnostic, DiagnosticError, error
from nvx.core.kind import Observation, Sighting, Target
from nvx.core.ports import Sources
from nvx.core.resource import Checked, Declared, Identity, Nature, Scope, StackSettings, Wish
from nvx.core.state import Intent, Record
from nvx.core.values import JsonValue
from nvx.data.nova import nova_model
from nvx.kinds.common.fields import tag_problems
from nvx.kinds.common.job_runs import JobRuns
from nvx.kinds.common.nova_jobs import bucket_warnings, image_for, image_problems, source_group
from nvx.kinds.common.nova_placing import NovaPlacing, planned_rows
from nvx.kinds.common.nova_request import Channel, RecipeJob, recipe_request
from nvx.kinds.common.offline import group_problems, place_problems
from nvx.kinds.common.placing import is_remote
from nvx.kinds.common.serverless import output_of, typed
from nvx.kinds.common.training_jobs import job_name_of
from nvx.kinds.common.yaml_write import yaml_text
from nvx.kinds.evaluation.gates import gate_problems
from nvx.kinds.evaluation.nova_recipe_case import SMTJ, case_of, fields_of
from nvx.kinds.evaluation.nova_recipe_fields import SECTIONS, NovaRecipeFields
from nvx.kinds.evaluation.nova_recipe_identity import identity_of
from nvx.kinds.evaluation.nova_recipe_render import rendered
from nvx.kinds.evaluation.nova_recipe_rules import RULES, problems_of
from nvx.kinds.evaluation.nova_recipe_scores import read_scores
from nvx.kinds.evaluation.nova_recipe_wish import Wished, wished

USE = "evaluation"
OUTPUTS: Mapping[str, str] = {
    "scores": "What was measured: `tuned` or `base`, and by `subtasks`.",
    "simulated": "Whether the scores were made up by the local AWS.",
    "results": "The files that the scores were read from.",
    "job_arn": "The training job.",
    "artifacts": "Where the job left what it made.",
    "output": "The location that the job writes to.",
    "recipe": "Where the recipe is, as it was sent.",
    "image": "The image that ran.",
    "base_model": "The base model's name in the public hub.",
    "billable_seconds": "Seconds that are paid for.",
}


class NovaRecipes:
    """`evaluation` with `type = "nova_recipe"`: rules, identity, verbs."""

    name: ClassVar[str] = "evaluation"
    variant: ClassVar[str] = "nova_recipe"
    variant_field: ClassVar[str] = "type"
    nature: ClassVar[Nature] = Nature.RUN
    paid: ClassVar[bool] = True
    bulk: ClassVar[bool] = False
    model: ClassVar[type[NovaRecipeFields]] = NovaRecipeFields
    outputs: ClassVar[Mapping[str, str]] = OUTPUTS
    in_place: ClassVar[frozenset[str]] = frozenset({"tags"})
    rules = RULES
    example: ClassVar[str] = """\
[evaluation.facts]
type          = "nova_recipe"
model         = "nova-lite"
instance_type = "ml.g5.12xlarge"

[evaluation.facts.evaluation]
task    = "mmlu"
subtask = ["abstract_algebra", "anatomy"]

[evaluation.facts.inference]
max_new_tokens = 2048
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
        if config.recipe is None and config.evaluation is not None:
            yield from problems_of(case_of(resource))
        output = config.output
        yield from place_problems(resource, stack, role=config.role, output=output)
        yield from image_problems(resource, config, stack, USE, 0)
        yield from group_problems(resource, config.model_group)
        yield from tag_problems(resource, config, stack)
        yield from gate_problems(resource, config.gate, has_base=False)

    @classmethod
    def identity(cls, resource: Checked, stack: StackSettings, sources: Sources) -> Identity:
        """Model, questions and settings, wherever they are written."""
        case = case_of(resource)
        if fields_of(resource).recipe is not None:
            problems = tuple(problems_of(case))
            if any(problem.is_error for problem in problems):
                raise DiagnosticError(problems)
        else:
            problems = ()
        return identity_of(case, resource, stack, sources, problems)

    @classmethod
    def content_name(cls, resource: Checked, stack: StackSettings) -> str:
        """None: every attempt is a job with a name of its own."""
        return ""

    @classmethod
    def printed(cls, resource: Checked, wish: Wish, platform: str) -> str:
        """The recipe for a platform, as YAML. Raises DiagnosticError where its rules are broken."""
        problems = [p for p in problems_of(case_of(resource, platform)) if p.is_error]
        if problems:
            raise DiagnosticError(problems)
        config = typed(NovaRecipeFields, wish.config)
        found = wished(wish, config)
        output = output_of(wish.scope.stack, config.output or found.output)
        data = found.dataset
        if data and not is_remote(data):
            planned = wish.declared.inputs["dataset"]
            data = planned_rows(wish.scope.stack, data, planned, found.file_names)
        return yaml_text(
            rendered(found.sections, found.terms(platform, output=output, data=data))
        )

    def preflight(self, scope: Scope, declared: Declared) -> tuple[Diagnostic, ...]:
        """Whether the output bucket is the account's own. Reads only."""
        config = typed(NovaRecipeFields, declared.config)
        return bucket_warnings(self._calls, scope, declared, config.output)

    def observe(self, scope: Scope, targets: Sequence[Target]) -> Mapping[Address, Sighting]:
        """The job of each record."""
        return self._runs.observe(targets)

    def find(self, scope: Scope, intent: Intent) -> Observation | None:
        """The job of the intent's name, if it is ours."""
        return self._runs.find(scope, intent)

    def create(self, wish: Wish, intent: Intent) -> Observation:
        """Bring rows and recipe to S3, and start the job."""
        config = typed(NovaRecipeFields, wish.config)
        found = wished(wish, config)
        stack = wish.scope.stack
        output = output_of(stack, config.output or found.output)
        channels: tuple[Channel, ...] = ()
        if found.task.needs_data:
            names = found.file_names
            uri = self._placing.rows(
                wish, found.dataset, wish.declared.inputs["dataset"], names
            )
            channels = (Channel("train", uri),)
        text = yaml_text(rendered(found.sections, found.terms(SMTJ, output=output)))
        recipe = str(self._placing.recipe(stack, text))
        job = RecipeJob(
            image=image_for(config, USE, found.nova.generation, stack.region),
            recipe_uri=recipe,
            output=output,
            replicas=found.replicas,
            model_path=found.model_path,
            model_type=found.nova.model_type,
            channels=channels,
            hyperparameters=_scorer(found),
            source_group=source_group(self._models, found.model_path),
        )
        outputs: dict[str, JsonValue] = {
            "base_model": found.nova.hub_name,
            "output": output,
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
        """The scores, read from where this very job wrote them. Never raises."""
        facts = {**self._runs.facts(record), **record.outputs}
        output, base = str(facts.get("output") or ""), _is_base(record)
        read = read_scores(self._calls, output, job_name_of(record.id), base=base)
        return {**{k: facts[k] for k in ("base_model", "image") if k in facts}, **read}

    def log_lines(self, scope: Scope, record: Record) -> Sequence[str]:
        """The last lines of the job's log."""
        return self._runs.log_lines(record)


def _written(resource: Checked, config: NovaRecipeFields) -> Iterable[Diagnostic]:
    """Neither a recipe nor its sections, or both."""
    written = [name for name in SECTIONS if getattr(config, name) is not None]
    if config.recipe is None and config.evaluation is None:
        text = f"{resource.address} has neither `recipe` nor the section `evaluation`"
        yield error("recipe", "Missing recipe", text, at=resource.declared_at)
    if config.recipe is not None and written:
        text = f"{written[0]} beside recipe: what a recipe says is written in one place"
        hint = "model, dataset and output may stand beside a recipe, and go before its own"
        yield error("recipe", "Two recipes", text, at=resource.at((written[0],)), hint=hint)


def _scorer(found: Wished) -> Mapping[str, str]:
    arn = str(found.sections.get("processor", {}).get("lambda_arn") or "")
    return {"eval_lambda_arn": arn} if arn else {}


def _is_base(record: Record) -> bool:
    return nova_model(str(record.inputs.get("model"))) is not None
