"""What a judge job leaves behind: a line for each prompt, and the definitions of its metrics."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

from nvx.local.context import AwsError, Context, Params
from nvx.local.services.sagemaker.arns import bucket_and_key
from nvx.local.services.sagemaker.inputs import json_rows, read_object
from nvx.local.services.sagemaker.scores import Question, Subject, score

_MOST_PROMPTS = 1000


def leave_evaluation_outputs(ctx: Context, doc: Params) -> None:
    """Write the results of a job; AwsError where its data cannot be used."""
    automated = doc["Request"]["evaluationConfig"]["automated"]
    root = _root(doc)
    _put(ctx, f"{root}/amazon-bedrock-evaluations-permission-check", b"")
    custom = automated.get("customMetricConfig", {}).get("customMetrics", [])
    for metric in custom:
        name = metric["customMetricDefinition"]["name"]
        _put(ctx, f"{root}/custom_metrics/{name}.json", json.dumps(metric).encode())
    for config in automated["datasetMetricConfigs"]:
        _leave_records(ctx, doc, config)


def _leave_records(ctx: Context, doc: Params, config: Params) -> None:
    source, precomputed = _source(doc)
    name, uri = config["dataset"]["name"], config["dataset"]["datasetLocation"]["s3Uri"]
    rows = json_rows(read_object(ctx, uri))
    if not 1 <= len(rows) <= _MOST_PROMPTS:
        raise AwsError(
            "Data", f"{uri} has {len(rows)} prompts; 1 to {_MOST_PROMPTS} are allowed."
        )
    records = [_record(doc, row, config["metricNames"], precomputed) for row in rows]
    lines = b"".join(json.dumps(record).encode() + b"\n" for record in records)
    unique = hashlib.sha256(f"{doc['Arn']}/{name}".encode()).hexdigest()
    uuid = "-".join((unique[:8], unique[8:12], unique[12:16], unique[16:20], unique[20:32]))
    place = f"{_root(doc)}/models/{source}/taskTypes/{config['taskType']}/datasets/{name}"
    _put(ctx, f"{place}/{uuid}_output.jsonl", lines)


def _source(doc: Params) -> tuple[str, bool]:
    """The name of what answers, and whether its answers come with the prompts."""
    model = doc["Request"]["inferenceConfig"]["models"][0]
    if "precomputedInferenceSource" in model:
        return str(model["precomputedInferenceSource"]["inferenceSourceIdentifier"]), True
    return str(model["bedrockModel"]["modelIdentifier"]).rpartition("/")[2], False


def _record(doc: Params, row: Params, metrics: Sequence[str], precomputed: bool) -> Params:
    if not isinstance(row.get("prompt"), str):
        raise AwsError("Data", "every line needs a prompt that is text.")
    source, _ = _source(doc)
    answers = row.get("modelResponses") if precomputed else [_answer(row, source)]
    if not _is_answered_by(answers, source):
        raise AwsError(
            "Data",
            f"every line needs exactly one of modelResponses, with the identifier {source}.",
        )
    known = {key: row[key] for key in ("prompt", "referenceResponse", "category") if key in row}
    return {
        "inputRecord": known,
        "modelResponses": answers,
        "automatedEvaluationResult": {
            "scores": [_judged(doc, row, source, metric) for metric in metrics]
        },
        "simulated": True,
    }


def _answer(row: Params, source: str) -> Params:
    return {
        "response": f"A simulated answer to: {row['prompt'][:80]}",
        "modelIdentifier": source,
    }


def _is_answered_by(answers: object, source: str) -> bool:
    return (
        isinstance(answers, list)
        and len(answers) == 1
        and isinstance(answers[0], dict)
        and answers[0].get("modelIdentifier") == source
        and isinstance(answers[0].get("response"), str)
    )


def _judged(doc: Params, row: Params, source: str, metric: str) -> Params:
    automated = doc["Request"]["evaluationConfig"]["automated"]
    own = not metric.startswith("Builtin.")
    config = automated["customMetricConfig"] if own else automated
    judge = config["evaluatorModelConfig"]["bedrockEvaluatorModels"][0]["modelIdentifier"]
    value: float | None = score(Subject(source, None), Question(judge, row["prompt"]), metric)
    if own and not _has_numbers(automated, metric):
        value = None
    details = [{"modelIdentifier": judge, "explanation": f"Simulated: {metric}."}]
    return {"metricName": metric, "result": value, "evaluatorDetails": details}


def _has_numbers(automated: Params, name: str) -> bool:
    """Whether a custom metric has a scale of numbers: without one there are only explanations."""
    for metric in automated["customMetricConfig"]["customMetrics"]:
        definition = metric["customMetricDefinition"]
        if definition["name"] == name:
            scale = definition.get("ratingScale", [])
            return any("floatValue" in item["value"] for item in scale)
    return False


def _root(doc: Params) -> str:
    request = doc["Request"]
    job_id = doc["Arn"].rpartition("/")[2]
    return f"{request['outputDataConfig']['s3Uri'].rstrip('/')}/{request['jobName']}/{job_id}"


def _put(ctx: Context, uri: str, data: bytes) -> None:
    bucket, key = bucket_and_key(uri)
    ctx.call("s3", "PutObject", {"Bucket": bucket, "Key": key, "Body": data})
