"""What stands against a Nova evaluation recipe: rules N-01 to N-16, as far as they are known offline."""

from __future__ import annotations

from collections.abc import Iterator

from nvx.core.diagnostics import Diagnostic, error, nearest, warning
from nvx.core.ports import in_one_line
from nvx.data.nova import NovaModel, nova_model, nova_models, nova_tasks
from nvx.kinds.common.nova_names import (
    MOST_REPLICAS,
    function_problems,
    instance_problems,
    name_problems,
    platform_of,
)
from nvx.kinds.common.rules import Rule
from nvx.kinds.common.serverless import PACKAGE_ARN, S3_URI
from nvx.kinds.evaluation.nova_recipe_case import SMHP, SMTJ, Case
from nvx.kinds.evaluation.nova_recipe_values import value_problems

RULES = (
    Rule("N-01", "replicas is 1; with several_nodes, a training job takes 1 to 16.",
         "AWS documentation of Nova evaluation recipes"),
    Rule("N-02", "model_type and a base model are of one pair; a checkpoint names its model_type.",
         "AWS documentation of Nova evaluation recipes"),
    Rule("N-03", "A data set is given exactly for the tasks that ask questions of one's own.",
         "AWS documentation of Nova evaluation recipes"),
    Rule("N-04", "reasoning_effort is low or high, and only for nova-2-lite.",
         "AWS documentation of Nova evaluation recipes"),
    Rule("N-05", "Inference values keep to their types and ranges.",
         "AWS documentation of Nova evaluation recipes"),
    Rule("N-06", "Strategy and metric are those of the task.",
         "AWS documentation; SageMaker Python SDK 3.27; Nova Forge 1.4.10"),
    Rule("N-07", "Subtasks belong to the task. For strong_reject an unknown one is a warning.",
         "AWS documentation; SageMaker Python SDK 3.27"),
    Rule("N-08", "processor goes with gen_qa; rl_env goes with rft_eval, which needs it.",
         "Nova Forge 1.4.10"),
    Rule("N-09", "A function has SageMaker in its name: an error on HyperPod, else a warning.",
         "AWS documentation of Nova evaluation recipes"),
    Rule("N-10", "rubric_llm_judge is for nova-2-lite; llm_judge and mm_llm_judge for Nova 1.0.",
         "aws/sagemaker-hyperpod-recipes at 2631995"),
    Rule("N-11", "mmmu and images in gen_qa are not for nova-micro.",
         "aws/sagemaker-hyperpod-recipes at 2631995"),
    Rule("N-12", "The output bucket belongs to the caller's account. Said by the plan, as a warning.",
         "AWS documentation of Nova evaluation recipes"),
    Rule("N-13", "A checkpoint is evaluated on the platform that made it.",
         "AWS documentation of Nova evaluation recipes"),
    Rule("N-14", "The instance type is listed for the model, unless unlisted_instance.",
         "aws/sagemaker-hyperpod-recipes at 2631995 (nova_metadata.json)"),
    Rule("N-15", "A job name has 1 to 63 letters, digits and hyphens, and no hyphen at an end.",
         "Nova Forge 1.4.10"),
    Rule("N-16", "A recipe has no unknown keys.",
         "nvx: what a container drops silently is a mistake"),
)  # fmt: skip


def problems_of(case: Case) -> Iterator[Diagnostic]:
    """Everything that is wrong with a recipe, for its platform."""
    yield from _replicas(case)
    yield from _model(case)
    yield from _task(case)
    yield from _dataset(case)
    yield from value_problems(case)
    yield from _sections(case)
    yield from _functions(case)
    yield from _platform(case)
    name = case.get("run", "name")
    if name is not None:
        yield from name_problems(str(name), case.at("run", "name"))
    if case.nova is not None and case.platform == SMTJ:
        yield from _instance(case, case.nova)


def _replicas(case: Case) -> Iterator[Diagnostic]:
    most = MOST_REPLICAS if case.platform == SMTJ and case.config.several_nodes else 1
    if 1 <= case.replicas <= most:
        return
    if case.platform == SMHP:
        hint = "several nodes are not supported on HyperPod"
    elif case.config.several_nodes:
        hint = f"write 1 to {MOST_REPLICAS}"
    else:
        hint = "write 1; several_nodes = true allows more, as newer sources do"
    text = f"replicas = {case.replicas}"
    yield error("N-01", "Replicas not allowed", text, at=case.at("run", "replicas"), hint=hint)


def _model(case: Case) -> Iterator[Diagnostic]:
    model, model_type = case.model, case.get("run", "model_type")
    at = case.at("model")
    known = in_one_line(nova_models())
    if model is None:
        text = "the recipe does not say what is evaluated"
        yield error("N-02", "Missing model", text, at=at, hint=f"set model to one of {known}")
        return
    if model_type is not None and nova_model(str(model_type)) is None:
        types = [m.model_type for m in nova_models().values()]
        text = f'model_type = "{model_type}".{nearest(str(model_type), types)}'
        yield error("N-02", "Unknown model type", text, at=case.at("run", "model_type"),
                    hint=f"use one of {in_one_line(types)}")  # fmt: skip
    elif case.is_base and case.nova is not None:
        if model_type not in (None, *case.nova.names):
            text = f'{model} is of type {case.nova.model_type}, and model_type = "{model_type}"'
            yield error("N-02", "Another model type", text, at=case.at("run", "model_type"),
                        hint="leave model_type out: it follows from the model")  # fmt: skip
    elif isinstance(model, str) and not (
        S3_URI.fullmatch(model) or PACKAGE_ARN.fullmatch(model)
    ):
        text = f'model = "{model}".{nearest(model, nova_models())}'
        yield error("N-02", "Not a Nova model", text, at=at,
                    hint=f"use one of {known}, ${{fine_tune.<name>}}, an s3:// checkpoint or"
                    " a model package ARN")  # fmt: skip
    elif case.nova is None:
        text = "what the checkpoint was tuned from cannot be told from its address"
        yield error("N-02", "Missing model type", text, at=at,
                    hint='set run.model_type, such as "amazon.nova-lite-v1:0:300k"')  # fmt: skip


def _task(case: Case) -> Iterator[Diagnostic]:
    name, at = str(case.get("evaluation", "task")), case.at("evaluation", "task")
    task = case.task
    if task is None:
        text = f'task = "{name}".{nearest(name, nova_tasks())}'
        hint = f"use one of {in_one_line(nova_tasks())}"
        yield error("nova-task", "Unknown task", text, at=at, hint=hint)
        return
    if task.also:
        text = f"newer sources call {name} {task.also}; it is sent as it is written"
        yield warning("nova-task", "Two names of one task", text, at=at)
    if task.models and case.nova is not None and case.nova.name not in task.models:
        text = f"{name} is for {in_one_line(task.models)}, not for {case.nova.name}"
        code = "N-11" if name == "mmmu" else "N-10"
        yield error(code, "Task not for this model", text, at=at)


def _dataset(case: Case) -> Iterator[Diagnostic]:
    task = case.task
    if task is None:
        return
    in_run = case.config.dataset is None
    at = case.at("run", "data_s3_path") if in_run else case.at("dataset")
    if not task.needs_data:
        if case.dataset is not None:
            text = f"{task.name} brings its own questions"
            yield error("N-03", "Dataset not taken", text, at=at, hint="remove the dataset")
        return
    if case.dataset is None:
        text = f"{task.name} asks questions of your own"
        hint = "set dataset to a local .jsonl file, ${dataset.<name>} or s3://…"
        yield error(
            "N-03", "Missing dataset", text, at=case.at("evaluation", "task"), hint=hint
        )
    elif isinstance(case.dataset, str) and not case.dataset.endswith(".jsonl"):
        text = f'"{case.dataset}" is no .jsonl file: one object per line, one file'
        yield error("N-03", "Not a dataset", text, at=at)


def _sections(case: Case) -> Iterator[Diagnostic]:
    task = str(case.get("evaluation", "task"))
    if "processor" in case.sections and task != "gen_qa":
        text = f"processor is for gen_qa, and the task is {task}"
        yield error("N-08", "Section not taken", text, at=case.at("processor"))
    if "rl_env" in case.sections and task != "rft_eval":
        text = f"rl_env is for rft_eval, and the task is {task}"
        yield error("N-08", "Section not taken", text, at=case.at("rl_env"))
    if task == "rft_eval" and "rl_env" not in case.sections:
        text = "rft_eval needs rl_env.reward_lambda_arn"
        yield error("N-08", "Missing section", text, at=case.at("evaluation", "task"))
    yield from _scorer(case)


def _scorer(case: Case) -> Iterator[Diagnostic]:
    preset, function = (
        case.get("processor", key) for key in ("preset_reward_function", "lambda_arn")
    )
    at = case.at("processor", "preset_reward_function")
    if preset and function:
        text = f"preset_reward_function = {preset} and lambda_arn are two scorers"
        yield error("N-08", "Two scorers", text, at=at, hint="keep one of them")
    if preset and case.nova is not None and not case.nova.reasoning:
        text = f"presets are for nova-2-lite, not for {case.nova.name}"
        yield error("N-08", "Preset not for this model", text, at=at)


def _functions(case: Case) -> Iterator[Diagnostic]:
    for section, key in (
        ("processor", "lambda_arn"), ("rl_env", "reward_lambda_arn"), ("run", "eval_lambda_arn"),
    ):  # fmt: skip
        arn = case.get(section, key)
        if isinstance(arn, str):
            yield from function_problems(arn, case.at(section, key), case.platform == SMHP)


def _platform(case: Case) -> Iterator[Diagnostic]:
    made_on = platform_of(case.model) if isinstance(case.model, str) else ""
    if made_on and made_on != case.platform:
        there = "HyperPod" if made_on == SMHP else "a training job"
        text = f"the checkpoint was made on {there}, and can be evaluated only there"
        yield error("N-13", "Checkpoint of another platform", text, at=case.at("model"))


def _instance(case: Case, nova: NovaModel) -> Iterator[Diagnostic]:
    yield from instance_problems(
        case.config.instance_type,
        (nova.instances, nova.older_instances),
        f"an evaluation of {nova.name}",
        case.at("instance_type"),
        unlisted=case.config.unlisted_instance,
    )
