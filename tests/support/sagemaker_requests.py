"""Requests to SageMaker as nvx and other clients send them."""

from __future__ import annotations

import json
from typing import Any

from support.local_aws import ACCOUNT, REGION, ROLE, Cloud

BUCKET = f"sagemaker-{REGION}-{ACCOUNT}"
NOVA = "nova-textgeneration-lite-v2"
LLAMA = "meta-textgeneration-llama-3-2-1b-instruct"
QWEN = "huggingface-reasoning-qwen3-06b"
MLFLOW = {
    "MlflowResourceArn": f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:mlflow-app/app-EXAMPLE",
    "MlflowExperimentName": "exam",
}
_DEFAULT_SPEED = 600.0
LONG_ENOUGH = 60.0
"""Wall seconds after which every job of the default speed is over."""


def model_arn(name: str, version: str = "1.0.0") -> str:
    """The ARN of a public model."""
    return (
        f"arn:aws:sagemaker:{REGION}:aws:hub-content/SageMakerPublicHub/Model/{name}/{version}"
    )


def token(letter: str) -> str:
    """A request token."""
    return letter * 32


def evaluation_step(name: str, model: str = QWEN, **arguments: Any) -> dict[str, Any]:
    """A Training step that runs a benchmark."""
    return {
        "Name": name,
        "Type": "Training",
        "Arguments": {
            "RoleArn": ROLE,
            "ServerlessJobConfig": {
                "BaseModelArn": model_arn(model),
                "AcceptEula": True,
                "JobType": "Evaluation",
                "EvaluationType": "BenchmarkEvaluation",
            },
            "StoppingCondition": {"MaxRuntimeInSeconds": 86400},
            "HyperParameters": {"task": "gpqa", "evaluation_metric": "accuracy"},
            "OutputDataConfig": {
                "S3OutputPath": f"s3://{BUCKET}/eval",
                "CompressionType": "NONE",
            },
            **arguments,
        },
    }


def chain(*names: str) -> list[dict[str, Any]]:
    """Benchmark steps that come one after the other."""
    steps = [evaluation_step(name) for name in names]
    for earlier, later in zip(names, steps[1:], strict=False):
        later["DependsOn"] = [earlier]
    return steps


def definition(*steps: dict[str, Any], **members: Any) -> str:
    """A pipeline definition."""
    document = {
        "Version": "2020-12-01",
        "Metadata": {},
        "Parameters": [],
        "MlflowConfig": MLFLOW,
        "Steps": list(steps),
        **members,
    }
    return json.dumps(document)


class Workshop:
    """A cloud with data, a group, and short ways to start things in it."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.sagemaker = cloud.client("sagemaker")
        self.s3 = cloud.client("s3")

    def advance(self, seconds: float = LONG_ENOUGH) -> None:
        """Let as much happen as in so many wall seconds at the default speed."""
        self.cloud.server.advance(seconds * _DEFAULT_SPEED / self.cloud.server.settings.speed)

    def put(self, key: str, rows: list[dict[str, Any]]) -> str:
        """Put rows into the default bucket; the URI."""
        body = b"".join(json.dumps(row).encode() + b"\n" for row in rows)
        self.s3.put_object(Bucket=BUCKET, Key=key, Body=body)
        return f"s3://{BUCKET}/{key}"

    def get_json(self, key: str) -> Any:
        """The JSON in an object of the default bucket."""
        with self.s3.get_object(Bucket=BUCKET, Key=key)["Body"] as body:
            return json.loads(body.read())

    def keys(self, prefix: str) -> list[str]:
        """The keys below a prefix of the default bucket."""
        listing = self.s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix)
        return [item["Key"] for item in listing.get("Contents", [])]

    def group(self, name: str = "group", **members: Any) -> str:
        """Make a model package group; its ARN."""
        made = self.sagemaker.create_model_package_group(ModelPackageGroupName=name, **members)
        return str(made["ModelPackageGroupArn"])

    def hub(self, name: str = "hub") -> str:
        """Make a hub and wait for it; its ARN."""
        arn = self.sagemaker.create_hub(HubName=name, HubDescription="A hub")["HubArn"]
        self.advance(1)
        return str(arn)

    def import_dataset(self, name: str, version: str | None = "1.0.0", **members: Any) -> str:
        """Import a dataset into the hub; its ARN."""
        document = {
            "DatasetType": "CUSTOMER_PROVIDED",
            "DatasetRoleArn": ROLE,
            "DatasetS3Bucket": BUCKET,
            "DatasetS3Prefix": "data/train.jsonl",
            "DatasetContextS3Uri": '""',
            "ConversationId": "default-conversation",
            "ConversationCheckpointId": "default-checkpoint",
            "Dependencies": [],
        }
        return self.import_content("DataSet", name, document, version, **members)

    def import_evaluator(self, name: str, kind: str = "RewardFunction") -> str:
        """Import an evaluator into the hub; its ARN."""
        reference = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:SageMaker-score"
        content = json.dumps({"Reference": reference, "EvaluatorType": kind})
        document = {"SubType": "AWS/Evaluator", "JsonContent": content}
        return self.import_content("JsonDoc", name, document, "1.0.0")

    def import_content(
        self, kind: str, name: str, document: Any, version: str | None, **members: Any
    ) -> str:
        """Import a document into the hub; its ARN."""
        numbered = {} if version is None else {"HubContentVersion": version}
        answer = self.sagemaker.import_hub_content(
            HubName="hub",
            HubContentType=kind,
            HubContentName=name,
            DocumentSchemaVersion="2.0.0",
            HubContentDocument=json.dumps(document),
            **numbered,
            **members,
        )
        return str(answer["HubContentArn"])

    def tuning(self, name: str, model: str = NOVA, **members: Any) -> dict[str, Any]:
        """The request of a serverless fine-tune on an object of the default bucket."""
        serverless = {
            "BaseModelArn": model_arn(model),
            "JobType": "FineTuning",
            "CustomizationTechnique": "SFT",
            "Peft": "LORA",
            **members.pop("serverless", {}),
        }
        source = {
            "S3DataType": "S3Prefix",
            "S3Uri": f"s3://{BUCKET}/data/train.jsonl",
            "S3DataDistributionType": "FullyReplicated",
        }
        return {
            "TrainingJobName": name,
            "RoleArn": ROLE,
            "InputDataConfig": [
                {"ChannelName": "train", "DataSource": {"S3DataSource": source}}
            ],
            "OutputDataConfig": {"S3OutputPath": f"s3://{BUCKET}/out"},
            "ServerlessJobConfig": {k: v for k, v in serverless.items() if v is not None},
            "MlflowConfig": MLFLOW,
            **members,
        }

    def evaluation(self, name: str, model: str = QWEN, **members: Any) -> dict[str, Any]:
        """The request of a serverless benchmark without a pipeline."""
        arguments = evaluation_step(name, model)["Arguments"]
        arguments["ServerlessJobConfig"] |= members.pop("serverless", {})
        return {"TrainingJobName": name, "MlflowConfig": MLFLOW, **arguments, **members}

    def with_data(self) -> Workshop:
        """The same, with a hundred rows of training data."""
        self.put(
            "data/train.jsonl",
            [{"query": f"{n} + 1", "response": f"{n + 1}"} for n in range(100)],
        )
        return self

    def job(self, name: str) -> Any:
        """The description of a job."""
        return self.sagemaker.describe_training_job(TrainingJobName=name)

    def pipeline(self, name: str, text: str, **members: Any) -> str:
        """Make a pipeline; its ARN."""
        members = {"ClientRequestToken": token("c"), "RoleArn": ROLE, **members}
        made = self.sagemaker.create_pipeline(
            PipelineName=name, PipelineDefinition=text, **members
        )
        return str(made["PipelineArn"])

    def start(self, name: str, letter: str = "s", **members: Any) -> str:
        """Start an execution; its ARN."""
        answer = self.sagemaker.start_pipeline_execution(
            PipelineName=name, ClientRequestToken=token(letter), **members
        )
        return str(answer["PipelineExecutionArn"])

    def execution(self, arn: str) -> Any:
        """The description of an execution."""
        return self.sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn)

    def steps(self, arn: str) -> dict[str, Any]:
        """The steps of an execution, by name."""
        listing = self.sagemaker.list_pipeline_execution_steps(PipelineExecutionArn=arn)
        return {step["StepName"]: step for step in listing["PipelineExecutionSteps"]}
