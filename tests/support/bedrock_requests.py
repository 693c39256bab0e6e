"""Requests to Bedrock, and the data that they name."""

from __future__ import annotations

import json
from typing import Any

from support.local_aws import ACCOUNT, REGION, ROLE, Cloud

BUCKET = f"sagemaker-{REGION}-{ACCOUNT}"
JUDGE = "amazon.nova-pro-v1:0"
CUSTOM_ONLY_JUDGE = "mistral.mistral-large-2407-v1:0"
TONE: dict[str, Any] = {
    "customMetricDefinition": {
        "name": "tone",
        "instructions": "Is it kind? {{prompt}} {{prediction}}",
        "ratingScale": [
            {"definition": "kind", "value": {"floatValue": 1.0}},
            {"definition": "rude", "value": {"floatValue": 0.0}},
        ],
    }
}
LONG = 60.0


class BedrockWorkshop:
    """Clients, prompts, and requests on them."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.bedrock = cloud.client("bedrock")
        self.s3 = cloud.client("s3")
        self.put("prompts.jsonl", [{"prompt": f"{n} + 1?"} for n in range(3)])

    def put(self, key: str, rows: list[Any]) -> None:
        """Put rows as JSONL."""
        body = "".join(json.dumps(row) + "\n" for row in rows).encode()
        self.s3.put_object(Bucket=BUCKET, Key=key, Body=body)

    def request(self, name: str = "exam", **members: Any) -> dict[str, Any]:
        """A judge job; `metrics`, `automated`, `model`, `key` change parts of it."""
        judge = {"bedrockEvaluatorModels": [{"modelIdentifier": members.pop("judge", JUDGE)}]}
        uri = f"s3://{BUCKET}/{members.pop('key', 'prompts.jsonl')}"
        config = {
            "taskType": "General",
            "dataset": {"name": "prompts", "datasetLocation": {"s3Uri": uri}},
            "metricNames": members.pop("metrics", ["Builtin.Correctness"]),
        }
        automated = {
            "datasetMetricConfigs": [config],
            "evaluatorModelConfig": judge,
            **members.pop("automated", {}),
        }
        model = members.pop("model", {"bedrockModel": {"modelIdentifier": JUDGE}})
        return {
            "jobName": name,
            "roleArn": ROLE,
            "evaluationConfig": {"automated": automated},
            "inferenceConfig": {"models": [model]},
            "outputDataConfig": {"s3Uri": f"s3://{BUCKET}/results"},
            **members,
        }

    def start(self, name: str = "exam", **members: Any) -> str:
        """Start a judge job; its ARN."""
        made = self.bedrock.create_evaluation_job(**self.request(name, **members))
        return str(made["jobArn"])

    def job(self, arn: str) -> Any:
        """One judge job."""
        return self.bedrock.get_evaluation_job(jobIdentifier=arn)

    def keys(self, prefix: str) -> list[str]:
        """The keys below a prefix."""
        listing = self.s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix)
        return [item["Key"] for item in listing.get("Contents", [])]

    def records(self, prefix: str) -> list[Any]:
        """The lines of the one result file below a prefix."""
        (key,) = [key for key in self.keys(prefix) if key.endswith("_output.jsonl")]
        body = self.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()
        return [json.loads(line) for line in body.splitlines()]


def custom(judge: str = JUDGE, *metrics: dict[str, Any]) -> dict[str, Any]:
    """The custom part of a judge job."""
    return {
        "customMetricConfig": {
            "customMetrics": list(metrics or (TONE,)),
            "evaluatorModelConfig": {"bedrockEvaluatorModels": [{"modelIdentifier": judge}]},
        }
    }
