"""What a completed job leaves behind: objects in its output location, a model package."""

from __future__ import annotations

import gzip
import io
import tarfile

from nvx.local.context import Context, Params
from nvx.local.services.sagemaker.arns import bucket_and_key, last_part
from nvx.local.services.sagemaker.evaluation_outputs import (
    OutputFile,
    as_json,
    evaluation_files,
)
from nvx.local.services.sagemaker.judge_outputs import judge_files
from nvx.local.services.sagemaker.packages import register_package
from nvx.local.services.sagemaker.recipe_jobs import is_recipe_job
from nvx.local.services.sagemaker.recipe_outputs import recipe_files
from nvx.local.services.sagemaker.training_views import artifacts_uri

_NOTE = {"simulated": True, "note": "Made by a local AWS: there are no weights in here."}


def leave_outputs(ctx: Context, doc: Params) -> Params:
    """Write the outputs of a job that is complete; what its description says of them."""
    serverless = doc["Request"].get("ServerlessJobConfig")
    if is_recipe_job(doc["Request"]):
        return _leave_recipe(ctx, doc)
    if serverless is None:
        _put(ctx, artifacts_uri(doc), _archive([OutputFile("model.json", as_json(_NOTE))]))
        return {}
    if serverless["JobType"] == "FineTuning":
        return _leave_model(ctx, doc)
    judged = serverless["EvaluationType"] == "LLMAJEvaluation"
    _put_files(ctx, doc, judge_files(ctx, doc) if judged else evaluation_files(ctx, doc))
    return {}


def _leave_model(ctx: Context, doc: Params) -> Params:
    uri = artifacts_uri(doc)
    _put(ctx, f"{uri}/manifest.json", as_json({**_NOTE, "job": doc["Name"]}))
    if not doc["Plan"]["Nova"]:
        _put(ctx, f"{uri}/checkpoints/hf_merged/config.json", as_json(_NOTE))
    group = doc["Request"].get("ModelPackageConfig", {}).get("ModelPackageGroupArn")
    if group is None:
        return {}
    base = {
        "HubContentName": doc["Plan"]["BaseModel"],
        "HubContentVersion": doc["Plan"]["BaseModelVersion"],
        "RecipeName": doc["Plan"]["RecipeName"],
    }
    source = {"S3Uri": f"{uri}/", "S3DataType": "S3Prefix", "CompressionType": "None"}
    container = {
        "BaseModel": base,
        "IsCheckpoint": False,
        "ModelDataSource": {"S3DataSource": source},
    }
    arn = register_package(
        ctx,
        {
            "ModelPackageGroupName": last_part(group),
            "ModelPackageDescription": f"Made by training job {doc['Name']}",
            "InferenceSpecification": {"Containers": [container]},
        },
    )
    return {"OutputModelPackageArn": arn}


def _leave_recipe(ctx: Context, doc: Params) -> Params:
    """A recipe packs what it leaves, unless it is told not to."""
    packed = doc["Request"]["OutputDataConfig"].get("CompressionType", "GZIP") == "GZIP"
    _put_files(ctx, doc, recipe_files(ctx, doc), packed=packed)
    return {}


def _put_files(
    ctx: Context, doc: Params, files: list[OutputFile], *, packed: bool = False
) -> None:
    config = doc["Request"]["OutputDataConfig"]
    folder = f"{config['S3OutputPath'].rstrip('/')}/{doc['Name']}/output"
    if packed or config.get("CompressionType") == "GZIP":
        _put(ctx, f"{folder}/output.tar.gz", _archive(files))
        return
    for file in files:
        _put(ctx, f"{folder}/output/{file.path}", file.data)


def _put(ctx: Context, uri: str, data: bytes) -> None:
    bucket, key = bucket_and_key(uri)
    ctx.call("s3", "PutObject", {"Bucket": bucket, "Key": key, "Body": data})


def _archive(files: list[OutputFile]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for file in files:
            entry = tarfile.TarInfo(file.path)
            entry.size = len(file.data)
            archive.addfile(entry, io.BytesIO(file.data))
    return gzip.compress(packed.getvalue(), mtime=0)
