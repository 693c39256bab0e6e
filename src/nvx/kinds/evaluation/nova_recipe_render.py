"""An evaluation recipe as it is sent: every section with its defaults, in the order of AWS' own. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from nvx.core.values import JsonValue
from nvx.data.nova import NovaModel, Task, answers_of

Plain = Mapping[str, Mapping[str, JsonValue]]

_PROCESSOR: Mapping[str, JsonValue] = {
    "lambda_arn": "",
    "lambda_type": "rft",
    "preprocessing": {"enabled": False},
    "postprocessing": {"enabled": True},
    "aggregation": "average",
}


@dataclass(frozen=True, slots=True)
class Terms:
    """What a recipe says beside its sections."""

    name: str
    nova: NovaModel
    task: Task
    model_path: str
    """A base path, an `s3://` checkpoint or a model package ARN."""
    replicas: int = 1
    data: str = ""
    output: str = ""


def rendered(sections: Plain, terms: Terms) -> Plain:
    """The whole recipe."""
    document: dict[str, Mapping[str, JsonValue]] = {
        "run": _run(sections.get("run", {}), terms),
        "evaluation": _evaluation(sections["evaluation"], terms.task),
        "inference": _inference(sections.get("inference", {}), terms),
    }
    if "processor" in sections:
        document["processor"] = {**_PROCESSOR, **sections["processor"]}
    if "rl_env" in sections:
        document["rl_env"] = sections["rl_env"]
    return document


def subtask_text(written: JsonValue) -> str:
    """The subtasks as a recipe has them: joined by commas."""
    parts = written.split(",") if isinstance(written, str) else written
    if not isinstance(parts, list | tuple):
        return ""
    return ",".join(sorted({str(part).strip() for part in parts} - {""}))


def _run(written: Mapping[str, JsonValue], terms: Terms) -> Mapping[str, JsonValue]:
    tracked = bool(written.get("mlflow_tracking_uri"))
    named = terms.name if tracked else ""
    run: dict[str, JsonValue] = {
        "name": terms.name,
        "model_type": terms.nova.model_type,
        "model_name_or_path": terms.model_path,
        "replicas": terms.replicas,
        "data_s3_path": terms.data,
        "output_s3_path": terms.output,
        "mlflow_tracking_uri": written.get("mlflow_tracking_uri", ""),
        "mlflow_experiment_name": written.get("mlflow_experiment_name", named),
        "mlflow_run_name": written.get("mlflow_run_name", named),
    }
    if "eval_lambda_arn" in written:
        run["eval_lambda_arn"] = written["eval_lambda_arn"]
    return run


def _evaluation(written: Mapping[str, JsonValue], task: Task) -> Mapping[str, JsonValue]:
    asked: dict[str, JsonValue] = {
        "task": task.name,
        "strategy": written.get("strategy", task.strategies[0]),
        "metric": task.metric,
    }
    subtask = subtask_text(written.get("subtask"))
    return {**asked, "subtask": subtask} if subtask else asked


def _inference(written: Mapping[str, JsonValue], terms: Terms) -> Mapping[str, JsonValue]:
    answers: dict[str, JsonValue] = {**answers_of(terms.task, terms.nova), **written}
    if "top_p" in answers:
        answers["top_p"] = float(answers["top_p"])  # type: ignore[arg-type]  # a rule says so
    if terms.nova.reasoning:
        answers.setdefault("reasoning_effort", None)
    return answers
