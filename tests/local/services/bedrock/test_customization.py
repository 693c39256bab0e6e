"""Foundation models, inference profiles, and jobs that customize a model."""

from __future__ import annotations

from typing import Any

import pytest

from support.bedrock_requests import BUCKET, JUDGE, LONG, BedrockWorkshop
from support.local_aws import ACCOUNT, ROLE, refused


def request(name: str = "tune", **members: Any) -> dict[str, Any]:
    return {
        "jobName": name,
        "customModelName": f"{name}-model",
        "roleArn": ROLE,
        "baseModelIdentifier": JUDGE,
        "trainingDataConfig": {"s3Uri": f"s3://{BUCKET}/prompts.jsonl"},
        "outputDataConfig": {"s3Uri": f"s3://{BUCKET}/tuned"},
        **members,
    }


def test_a_job_makes_a_model(workshop: BedrockWorkshop) -> None:
    client = workshop.bedrock
    arn = client.create_model_customization_job(
        **request(hyperParameters={"epochCount": "2"}, clientRequestToken="token-1")
    )["jobArn"]
    again = client.create_model_customization_job(
        **request(hyperParameters={"epochCount": "2"}, clientRequestToken="token-1")
    )
    assert again["jobArn"] == arn
    assert client.get_model_customization_job(jobIdentifier="tune")["status"] == "InProgress"
    workshop.cloud.server.advance(LONG)
    job = client.get_model_customization_job(jobIdentifier=arn)
    assert job["status"] == "Completed"
    assert ":custom-model/amazon.nova-pro-v1:0/" in job["outputModelArn"]
    assert job["hyperParameters"] == {"epochCount": "2"}
    (row,) = client.list_model_customization_jobs()["modelCustomizationJobSummaries"]
    assert row["customModelName"] == "tune-model"
    client.tag_resource(resourceARN=job["outputModelArn"], tags=[{"key": "team", "value": "a"}])
    assert client.list_tags_for_resource(resourceARN=arn)["tags"] == []


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"baseModelIdentifier": "amazon.nova-premier-v1:0"}, "ValidationException"),
        ({"trainingDataConfig": {"s3Uri": f"s3://{BUCKET}/absent"}}, "ValidationException"),
        ({"outputDataConfig": {"s3Uri": "s3://absent-bucket/x"}}, "ValidationException"),
        ({"roleArn": f"arn:aws:iam::{ACCOUNT}:role/absent"}, "ValidationException"),
        ({"name": "tune", "customModelName": "other"}, "ConflictException"),
        ({"customModelName": "tune-model"}, "ConflictException"),
    ],
    ids=str,
)
def test_requests_that_could_not_run_are_refused(
    workshop: BedrockWorkshop, members: dict[str, Any], code: str
) -> None:
    client = workshop.bedrock
    client.create_model_customization_job(**request())
    sent = request(**{"name": "second", **members})
    assert refused(client.create_model_customization_job, **sent) == (code, 400)


def test_jobs_are_stopped_once(workshop: BedrockWorkshop) -> None:
    client = workshop.bedrock
    client.create_model_customization_job(**request())
    client.stop_model_customization_job(jobIdentifier="tune")
    workshop.cloud.server.advance(LONG)
    assert client.get_model_customization_job(jobIdentifier="tune")["status"] == "Stopped"
    stop = client.stop_model_customization_job
    assert refused(stop, jobIdentifier="tune") == ("ConflictException", 400)
    assert refused(stop, jobIdentifier="absent") == ("ResourceNotFoundException", 404)


@pytest.mark.parametrize("status", ["Failed", "Stopped"])
def test_ends_can_be_asked_for(workshop: BedrockWorkshop, status: str) -> None:
    client = workshop.bedrock
    tags = [{"key": "nvx-local:outcome", "value": status}]
    client.create_model_customization_job(**request(jobTags=tags))
    workshop.cloud.server.advance(LONG)
    job = client.get_model_customization_job(jobIdentifier="tune")
    assert job["status"] == status
    assert ("failureMessage" in job) is (status == "Failed")


def test_models_say_how_long_they_live(workshop: BedrockWorkshop) -> None:
    get = workshop.bedrock.get_foundation_model
    active = get(modelIdentifier=JUDGE)["modelDetails"]["modelLifecycle"]
    ended = get(modelIdentifier="anthropic.claude-v2:1")["modelDetails"]["modelLifecycle"]
    assert active == {"status": "ACTIVE"}
    assert ended["status"] == "LEGACY"
    assert ended["endOfLifeTime"].year == 2025
    assert refused(get, modelIdentifier=f"eu.{JUDGE}") == ("ResourceNotFoundException", 404)


def test_models_are_listed_by_what_they_can(workshop: BedrockWorkshop) -> None:
    listed = workshop.bedrock.list_foundation_models
    everything = {model["modelId"] for model in listed()["modelSummaries"]}
    tuned = {m["modelId"] for m in listed(byCustomizationType="FINE_TUNING")["modelSummaries"]}
    meta = {m["modelId"] for m in listed(byProvider="meta")["modelSummaries"]}
    assert JUDGE in tuned < everything
    assert meta
    assert all(name.startswith("meta.") for name in meta)
    assert listed(byOutputModality="IMAGE")["modelSummaries"] == []


def test_profiles_lead_to_models(workshop: BedrockWorkshop) -> None:
    client = workshop.bedrock
    profile = client.get_inference_profile(inferenceProfileIdentifier=f"eu.{JUDGE}")
    assert profile["models"][0]["modelArn"].endswith(f"foundation-model/{JUDGE}")
    listed = client.list_inference_profiles()["inferenceProfileSummaries"]
    assert profile["inferenceProfileId"] in {row["inferenceProfileId"] for row in listed}
    assert (
        client.list_inference_profiles(typeEquals="APPLICATION")["inferenceProfileSummaries"]
        == []
    )
    for name in (JUDGE, f"us.{JUDGE}", "eu.mistral.mistral-large-2402-v1:0"):
        assert refused(client.get_inference_profile, inferenceProfileIdentifier=name) == (
            "ResourceNotFoundException",
            404,
        )
