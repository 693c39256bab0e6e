"""The steps of an evaluation that a model judges: answers are collected, then judged. Pure."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from nvx.kinds.evaluation.step import training_step
from nvx.kinds.evaluation.terms import Judge, Package, Terms

BASE_INFERENCE = "EvaluateBaseInferenceModel"
TUNED_INFERENCE = "EvaluateCustomInferenceModel"
BASE_METRICS = "EvaluateBaseModelMetrics"
TUNED_METRICS = "EvaluateCustomModelMetrics"

_DECODING = {"max_new_tokens": "8192", "temperature": "0", "top_k": "-1", "top_p": "1.0"}
"""How the judge answers: nobody can choose it. Source: SageMaker Python SDK 3.27."""


def judge_steps(terms: Terms, judge: Judge) -> list[dict[str, Any]]:
    """Two steps for each model: the answers of both models first, as the service lists them."""
    models: list[tuple[str, Package | None]] = []
    if terms.package is None or terms.compare_base:
        models.append(("base", None))
    if terms.package is not None:
        models.append(("custom", terms.package))
    answers = [_inference(terms, who, package) for who, package in models]
    return answers + [_metrics(terms, judge, who, package) for who, package in models]


def _inference(terms: Terms, who: str, package: Package | None) -> dict[str, Any]:
    """The job that collects answers; its name becomes the folder of its results."""
    folder = _folder(who)
    asked = {"name": folder, "task": "inference_only"}
    as_benchmark = replace(terms, evaluation_type="BenchmarkEvaluation")
    step = training_step(_step_of(who, "Inference"), as_benchmark, package, asked)
    step["Arguments"]["TrainingJobName"] = folder
    return step


def _metrics(terms: Terms, judge: Judge, who: str, package: Package | None) -> dict[str, Any]:
    """The job that has the answers judged. It reads no channel and runs in no network of ours."""
    before = _step_of(who, "Inference")
    name = _joined("-", f"{who}-llmaj-eval", {"Get": "Execution.PipelineExecutionId"})
    asked: dict[str, Any] = {
        "name": name,
        "judge_model_id": judge.model,
        "inference_data_s3_path": _joined(
            "",
            {"Get": f"Steps.{before}.OutputDataConfig.S3OutputPath"},
            "/",
            {"Get": f"Steps.{before}.TrainingJobName"},
            "/output/output/",
            _folder(who),
            "/eval_results/inference_output.jsonl",
        ),
        "output_path": terms.output,
        "llmaj_metrics": json.dumps(list(judge.metrics), separators=(",", ":")),
        **_DECODING,
    }
    if judge.custom_uri:
        asked["custom_metrics"] = judge.custom_uri
    alone = replace(terms, channel=None, vpc=None)
    step = training_step(_step_of(who, "Metrics"), alone, package, asked)
    step["Arguments"]["TrainingJobName"] = name
    return {**step, "DependsOn": [before]}


def _step_of(who: str, phase: str) -> str:
    steps = {
        ("base", "Inference"): BASE_INFERENCE,
        ("custom", "Inference"): TUNED_INFERENCE,
        ("base", "Metrics"): BASE_METRICS,
        ("custom", "Metrics"): TUNED_METRICS,
    }
    return steps[who, phase]


def _folder(who: str) -> str:
    return f"{who.capitalize()}Inference"


def _joined(separator: str, *values: Any) -> dict[str, Any]:
    return {"Std:Join": {"On": separator, "Values": list(values)}}
