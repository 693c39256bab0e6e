"""What an LLM-as-a-judge job leaves behind: an aggregate, and a line per record."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

from nvx.local.context import AwsError, Context, Params
from nvx.local.services.sagemaker.arns import bucket_and_key
from nvx.local.services.sagemaker.evaluation_outputs import (
    OutputFile,
    as_json,
    as_json_lines,
    directory_of,
    subject_of,
)
from nvx.local.services.sagemaker.inputs import json_rows, read_object
from nvx.local.services.sagemaker.samples import text_of
from nvx.local.services.sagemaker.scores import Question, Subject, score

_FILE = "bedrock_llm_judge_results.json"


def judge_files(ctx: Context, doc: Params) -> list[OutputFile]:
    """The aggregate of a judge job; its per-record file is put beside, as Bedrock does."""
    hyperparameters = doc["Request"].get("HyperParameters", {})
    uri = hyperparameters.get("inference_data_s3_path", "")
    rows = _read(ctx, uri)
    metrics = _metric_names(ctx, hyperparameters)
    judge = hyperparameters.get("judge_model_id")
    if not judge or not metrics:
        raise AwsError("ClientError", "judge_model_id and at least one metric are required")
    subject = subject_of(doc)
    records = [_record(subject, row, metrics, judge) for row in rows]
    name = hyperparameters.get("name", doc["Name"])
    _put_records(ctx, doc, name, records)
    body = {
        "simulated": True,
        "job_name": name,
        "results": {metric: _aggregate(metric, records) for metric in metrics},
    }
    return [OutputFile(f"{directory_of(doc)}/{_FILE}", as_json(body))]


def _read(ctx: Context, uri: str) -> list[Params]:
    try:
        return json_rows(read_object(ctx, uri))
    except AwsError as error:
        raise AwsError(
            "ClientError", f"no inference data at {uri or 'an empty inference_data_s3_path'}"
        ) from error


def _metric_names(ctx: Context, hyperparameters: Params) -> list[str]:
    try:
        names = json.loads(hyperparameters.get("llmaj_metrics", "[]"))
        uri = hyperparameters.get("custom_metrics")
        custom = json.loads(read_object(ctx, uri)) if uri else []
        return [*map(str, names), *(item["customMetricDefinition"]["name"] for item in custom)]
    except (ValueError, TypeError, KeyError) as error:
        raise AwsError("ClientError", f"the metrics cannot be read: {error}") from error


def _record(subject: Subject, row: Params, metrics: Sequence[str], judge: str) -> Params:
    prompt = text_of(row.get("prompt", ""))
    verdict = {"modelIdentifier": judge, "explanation": "Simulated."}
    scores = [
        {
            "metricName": metric,
            "result": score(subject, Question(judge, prompt), metric),
            "evaluatorDetails": [verdict],
        }
        for metric in metrics
    ]
    return {
        "inputRecord": {"prompt": prompt, "referenceResponse": row.get("referenceResponse")},
        "modelResponses": row.get("modelResponses", []),
        "automatedEvaluationResult": {"scores": scores},
        "simulated": True,
    }


def _aggregate(metric: str, records: Sequence[Params]) -> Params:
    values = [
        item["result"]
        for record in records
        for item in record["automatedEvaluationResult"]["scores"]
        if item["metricName"] == metric
    ]
    count = len(values)
    mean = sum(values) / count if count else None
    spread = (
        (sum((value - mean) ** 2 for value in values) / count) ** 0.5
        if mean is not None
        else None
    )
    return {
        "score": None if mean is None else round(mean, 6),
        "std_deviation": None if spread is None else round(spread, 6),
        "total_evaluations": count,
        "passed": count,
        "failed": 0,
    }


def _put_records(ctx: Context, doc: Params, name: str, records: list[Params]) -> None:
    request = doc["Request"]
    path = request["HyperParameters"].get(
        "output_path", request["OutputDataConfig"]["S3OutputPath"]
    )
    bucket, prefix = bucket_and_key(path)
    job_id = hashlib.sha256(doc["Arn"].encode()).hexdigest()
    key = (
        f"{prefix.rstrip('/')}/{name}/{job_id[:12]}/models/model/taskTypes/General/datasets/"
        f"{name}/{job_id[12:44]}_output.jsonl"
    ).lstrip("/")
    ctx.call("s3", "PutObject", {"Bucket": bucket, "Key": key, "Body": as_json_lines(records)})
