"""What evaluation jobs leave behind: result files with simulated scores."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from nvx.local.context import AwsError, Context, Params
from nvx.local.services.sagemaker.inputs import channel_rows
from nvx.local.services.sagemaker.jobs import ended_at
from nvx.local.services.sagemaker.samples import reference_of, text_of
from nvx.local.services.sagemaker.scores import (
    TEXT_METRICS,
    Question,
    Scores,
    Subject,
    benchmarks,
    mean_of,
    measured,
)

_MODEL = "model"
_DEFAULT_TASK = "mmlu"
"""What a job without a task is: Studio describes the smallest job as MMLU."""


class OutputFile(NamedTuple):
    """A file below the output folder of a job."""

    path: str
    data: bytes


def subject_of(doc: Params) -> Subject:
    """What a job evaluates."""
    config = doc["Request"].get("ModelPackageConfig", {})
    return Subject(doc["Plan"]["BaseModel"], config.get("SourceModelPackageArn"))


def directory_of(doc: Params) -> str:
    """The folder of the results: the hyperparameter `name`, or the word None, as on AWS."""
    name: str = doc["Request"].get("HyperParameters", {}).get("name", "None")
    return f"{name}/eval_results"


def evaluation_files(ctx: Context, doc: Params) -> list[OutputFile]:
    """The result files of a benchmark, a custom scorer or an inference run."""
    hyperparameters = doc["Request"].get("HyperParameters", {})
    if hyperparameters.get("task") == "inference_only":
        return [_inference(ctx, doc)]
    if doc["Request"]["ServerlessJobConfig"]["EvaluationType"] == "CustomScorerEvaluation":
        return [_custom_results(doc), _inference(ctx, doc)]
    if hyperparameters.get("task") == "gen_qa":
        return [_results(doc, _text_scores(doc)), _inference(ctx, doc)]
    return [_results(doc, _benchmark_scores(doc))]


def as_json(value: Any) -> bytes:
    """A value as a JSON file."""
    return json.dumps(value, indent=2, ensure_ascii=False).encode() + b"\n"


def as_json_lines(rows: list[Params]) -> bytes:
    """Rows as a JSONL file."""
    return b"".join(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in rows)


def _results(doc: Params, results: dict[str, Scores], **said: Any) -> OutputFile:
    stamp = ended_at(doc).strftime("%Y-%m-%dT%H-%M-%S")
    body = {
        "simulated": True,
        **said,
        "config_general": {"model_name": doc["Plan"]["BaseModel"], "job_name": doc["Name"]},
        "results": results,
    }
    return OutputFile(f"{directory_of(doc)}/results_{stamp}.json", as_json(body))


def _benchmark_scores(doc: Params) -> dict[str, Scores]:
    hyperparameters = doc["Request"].get("HyperParameters", {})
    task = hyperparameters.get("task", _DEFAULT_TASK)
    known = benchmarks().get(task)
    if known is None:
        raise AwsError("AlgorithmError", f"unknown evaluation task {task}")
    if known["nova_only"] and not doc["Plan"]["Nova"]:
        raise AwsError("AlgorithmError", f"task {task} is only supported for Nova models")
    asked = [
        part.strip() for part in hyperparameters.get("subtask", "").split(",") if part.strip()
    ]
    unknown = sorted(set(asked) - set(known["subtasks"]))
    if unknown:
        raise AwsError("AlgorithmError", f"task {task} has no subtask {', '.join(unknown)}")
    label = f"custom|{task}_{hyperparameters.get('strategy', known['strategy'])}"
    subject, metric = subject_of(doc), known["metric"]
    scores = {
        f"{label}{f'_{part}' if part else ''}|0": measured(
            subject, Question(task, part), metric, known["questions"]
        )
        for part in asked or known["subtasks"] or [""]
    }
    return {**scores, "all": mean_of(list(scores.values()))}


def _text_scores(doc: Params) -> dict[str, Scores]:
    question = Question("gen_qa", _data_of(doc))
    scores: Scores = {}
    for metric in TEXT_METRICS:
        scores |= measured(subject_of(doc), question, metric, doc["Plan"]["Rows"])
    return {"custom|gen_qa_gen_qa|0": scores, "all": scores}


def _custom_results(doc: Params) -> OutputFile:
    """The scorer's own numbers where it was run; the text metrics are simulated in any case."""
    text, scored = _text_scores(doc)["all"], doc.get("Scores") or {}
    scores = {**text, **(scored or _simulated_reward(doc))}
    said: Params = {}
    if scored:
        said = {
            "scored_on": "the reference answers of the dataset, in place of a model's",
            "simulated_metrics": sorted(text.keys() - scored.keys()),
        }
    return _results(doc, {"custom|gen_qa_gen_qa|0": scores, "all": scores}, **said)


def _simulated_reward(doc: Params) -> Scores:
    request = doc["Request"]
    hyperparameters = request.get("HyperParameters", {})
    scorer = request["ServerlessJobConfig"].get("EvaluatorArn") or hyperparameters.get(
        "preset_reward_function", ""
    )
    question = Question(scorer, _data_of(doc))
    scores = measured(subject_of(doc), question, "aggregate_reward_score", doc["Plan"]["Rows"])
    return {**scores, "byoc_failure_count": 0.0}


def _data_of(doc: Params) -> str:
    return json.dumps(doc["Request"].get("InputDataConfig", []), sort_keys=True)


def _inference(ctx: Context, doc: Params) -> OutputFile:
    rows = [_answer(row, place) for place, row in enumerate(channel_rows(ctx, doc["Request"]))]
    return OutputFile(f"{directory_of(doc)}/inference_output.jsonl", as_json_lines(rows))


def _answer(row: Params, place: int) -> Params:
    asked = next((row[name] for name in ("query", "prompt", "messages") if name in row), "")
    gold = reference_of(row)
    answer = {"response": f"Simulated answer {place + 1}.", "modelIdentifier": _MODEL}
    record: Params = {"prompt": text_of(asked), "modelResponses": [answer]}
    return {**record, "referenceResponse": gold} if gold else record
