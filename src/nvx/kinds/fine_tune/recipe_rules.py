"""What stands against a Nova fine-tune recipe, as far as it is known offline."""

from __future__ import annotations

from collections.abc import Iterator

from nvx.core.diagnostics import Diagnostic, error, nearest, warning
from nvx.core.ports import Source, in_one_line
from nvx.core.resource import StackSettings
from nvx.data.nova import nova_model, nova_models
from nvx.kinds.common.nova_names import (
    function_problems,
    instance_problems,
    name_problems,
    platform_of,
)
from nvx.kinds.common.rules import Rule
from nvx.kinds.common.serverless import PACKAGE_ARN, S3_URI
from nvx.kinds.fine_tune.recipe_case import SMTJ, TuneCase, is_smhp_only
from nvx.kinds.fine_tune.recipe_values import value_problems

RULES = (
    Rule("F-01", "AWS has a recipe for the model, the technique and the training type.",
         "aws/sagemaker-hyperpod-recipes at 2631995"),
    Rule("F-02", "A technique runs on its platforms; a training job runs neither cpt nor ppo.",
         "aws/sagemaker-hyperpod-recipes at 2631995"),
    Rule("F-03", "Values of training_config keep to their types, ranges and platforms.",
         "aws/sagemaker-hyperpod-recipes at 2631995 (override specifications)"),
    Rule("F-04", "What has no default is written; save_steps and min_lr stay below their peers.",
         "aws/sagemaker-hyperpod-recipes at 2631995; Nova Forge 1.4.10"),
    Rule("F-05", "replicas is one of those that the recipe takes on its instances.",
         "aws/sagemaker-hyperpod-recipes at 2631995"),
    Rule("F-06", "A dataset is given exactly for the techniques that train.",
         "AWS documentation of Nova recipes"),
    Rule("F-07", "A reward function is given exactly for rft.",
         "aws/sagemaker-hyperpod-recipes at 2631995"),
    Rule("F-08", "A distillation has a KMS key and a region of its teacher.",
         "SageMaker Python SDK 2.257"),
    Rule("F-09", "A dataset has at least as many rows as a batch.",
         "AWS documentation of Nova recipes"),
    Rule("N-02", "base_model and the model of a recipe are of one pair.",
         "AWS documentation of Nova recipes"),
    Rule("N-09", "A function has SageMaker in its name: an error on HyperPod, else a warning.",
         "AWS documentation of Nova recipes"),
    Rule("N-13", "A checkpoint is gone on from on the platform that made it.",
         "AWS documentation of Nova recipes"),
    Rule("N-14", "The instance type is listed for the recipe, unless unlisted_instance.",
         "aws/sagemaker-hyperpod-recipes at 2631995"),
    Rule("N-15", "A job name has 1 to 63 letters, digits and hyphens, and no hyphen at an end.",
         "Nova Forge 1.4.10"),
    Rule("N-16", "A recipe has no unknown keys.",
         "nvx: what a container drops silently is a mistake"),
)  # fmt: skip


def problems_of(case: TuneCase, stack: StackSettings) -> Iterator[Diagnostic]:
    """Everything that is wrong with a recipe, for its platform."""
    yield from _model(case)
    yield from _offer(case)
    yield from value_problems(case)
    yield from _data(case)
    yield from _source(case)
    yield from _function(case)
    if case.config.technique == "distillation":
        yield from _distillation(case, stack)
    name = case.run.get("name")
    if name is not None:
        yield from name_problems(str(name), case.at("run", "name"))


def row_problems(case: TuneCase, source: Source | None) -> Iterator[Diagnostic]:
    """Fewer rows than a batch, or than AWS advises."""
    if source is None or not source.rows:
        return
    batch = case.values.get("global_batch_size", _default(case, "global_batch_size"))
    at = case.at("dataset")
    if isinstance(batch, int) and source.rows < batch:
        text = f"{source.rows} rows, and global_batch_size is {batch}"
        yield error("F-09", "Fewer rows than a batch", text, at=at)


def _default(case: TuneCase, name: str) -> object:
    key = case.shape.get(name)
    return key.default if key is not None else None


def _model(case: TuneCase) -> Iterator[Diagnostic]:
    name, base = case.config.base_model, case.base
    if base is None:
        text = f'base_model = "{name}".{nearest(name, nova_models())}'
        hint = f"use one of {in_one_line(nova_models())}"
        yield error("N-02", "Not a Nova model", text, at=case.at("base_model"), hint=hint)
        return
    written = case.run.get("model_type")
    if written not in (None, base.model_type):
        text = f'{base.name} is of type {base.model_type}, and model_type = "{written}"'
        yield error("N-02", "Another model type", text, at=case.at("run", "model_type"))
    path = nova_model(str(case.run.get("model_name_or_path", "")))
    if path is not None and path.name != base.name:
        text = f"base_model is {base.name}, and the recipe names {path.name}"
        yield error("N-02", "Another model", text, at=case.at("run", "model_name_or_path"))


def _offer(case: TuneCase) -> Iterator[Diagnostic]:
    if case.base is None:
        return
    what = f"{case.config.technique} {case.training_type} of {case.base.name}"
    if is_smhp_only(case.config) and case.platform == SMTJ:
        text = f"{case.config.technique} runs on HyperPod only"
        hint = "`nvx recipe ADDRESS --platform smhp` prints it; `nvx apply` cannot start it"
        yield warning("F-02", "Not a training job", text, at=case.at("technique"), hint=hint)
        return
    if case.offer is None:
        text = f"AWS has no recipe for {what} on {case.platform}"
        yield error("F-01", "No such recipe", text, at=case.at("technique"))
        return
    listed = tuple(dict.fromkeys(i for offer in case.offers for i in offer.instances))
    yield from instance_problems(
        case.config.instance_type,
        (listed, ()),
        what,
        case.at("instance_type"),
        unlisted=case.config.unlisted_instance,
    )
    if case.replicas not in case.offer.replicas:
        text = f"replicas = {case.replicas}; on {case.config.instance_type} it takes"
        allowed = in_one_line(sorted(case.offer.replicas))
        at = case.at("replicas")
        yield error("F-05", "Replicas not allowed", f"{text} {allowed}", at=at)


def _data(case: TuneCase) -> Iterator[Diagnostic]:
    dataset, at = case.dataset, case.at("dataset")
    if dataset is None:
        text = f"{case.config.technique} needs a dataset"
        hint = "set dataset to ${dataset.<name>} or s3://…"
        yield error("F-06", "Missing dataset", text, at=at, hint=hint)
    for field, value in (("dataset", dataset), ("validation_dataset", case.validation)):
        if isinstance(value, str) and not S3_URI.fullmatch(value):
            text = f'{field} = "{value}"'
            hint = (
                "write ${dataset.<name>} or s3://…; a local file is declared as a dataset first"
            )
            yield error("F-06", "Not a dataset", text, at=case.at(field), hint=hint)
    if case.validation is None or case.base is None or case.config.technique != "sft":
        return
    if case.base.generation == 2:
        text = "the documentation says that it is not supported; the recipes have fields for it"
        at = case.at("validation_dataset")
        yield warning("F-06", "Validation perhaps without effect", text, at=at)


def _source(case: TuneCase) -> Iterator[Diagnostic]:
    source = case.source
    if not isinstance(source, str):
        return
    at = case.at("source_model")
    if not (S3_URI.fullmatch(source) or PACKAGE_ARN.fullmatch(source)):
        text = f'source_model = "{source}"'
        hint = "write ${fine_tune.<name>}, an s3:// checkpoint or a model package ARN"
        yield error("N-02", "Not a tuned model", text, at=at, hint=hint)
    made_on = platform_of(source)
    if made_on and made_on != case.platform:
        text = "a checkpoint can be gone on from only on the platform that made it"
        yield error("N-13", "Checkpoint of another platform", text, at=at)


def _function(case: TuneCase) -> Iterator[Diagnostic]:
    function, rewarded = case.function, case.config.technique == "rft"
    at = case.at("reward_function")
    if rewarded and function is None:
        text = "rft needs a reward function"
        hint = "set reward_function to ${evaluator.<name>} or the ARN of a function"
        yield error("F-07", "Missing reward function", text, at=at, hint=hint)
    elif function is not None and not rewarded:
        text = f"{case.config.technique} takes no reward function"
        yield error("F-07", "Reward function not taken", text, at=at)
    elif isinstance(function, str):
        yield from function_problems(function, at, case.platform != SMTJ)
    other = case.values.get("rollout.rewards.api_endpoint.lambda_arn")
    if other is not None and function is not None and other != function:
        text = "the recipe names another function than run.reward_lambda_arn"
        key = "rollout.rewards.api_endpoint.lambda_arn"
        yield error("F-07", "Two reward functions", text, at=case.at_key(key))


def _distillation(case: TuneCase, stack: StackSettings) -> Iterator[Diagnostic]:
    if not (case.config.kms_key or stack.kms_key or case.values.get("kms_key")):
        text = "a distillation needs a key"
        yield error("F-08", "Missing key", text, at=case.at("kms_key"), hint="set kms_key")
    regions = case.base.regions if case.base is not None else ()
    if regions and stack.region not in regions:
        text = (
            f"{case.config.base_model} teaches in {in_one_line(regions)}, not in {stack.region}"
        )
        yield error("F-08", "Teacher of another region", text, at=case.at("base_model"))
