"""Judge jobs of Bedrock: tokens, names, refusals, statuses, results, deletion."""

from __future__ import annotations

from typing import Any

import pytest

from support.bedrock_requests import (
    BUCKET,
    CUSTOM_ONLY_JUDGE,
    JUDGE,
    LONG,
    TONE,
    BedrockWorkshop,
    custom,
)
from support.local_aws import ACCOUNT, REGION, refused, running

SOURCE = {"precomputedInferenceSource": {"inferenceSourceIdentifier": "mine"}}


def test_a_job_writes_a_line_for_each_prompt_in_the_layout_of_the_service(
    workshop: BedrockWorkshop,
) -> None:
    arn = workshop.start(metrics=["Builtin.Correctness", "tone"], automated=custom())
    assert workshop.job(arn)["status"] == "InProgress"
    assert workshop.keys("results/") == []
    workshop.cloud.server.advance(LONG)
    job = workshop.job(arn)
    assert (job["status"], job["jobType"]) == ("Completed", "Automated")
    root = f"results/exam/{arn.rpartition('/')[2]}"
    place = f"{root}/models/{JUDGE}/taskTypes/General/datasets/prompts/"
    records = workshop.records(place)
    assert [record["inputRecord"]["prompt"] for record in records] == [
        "0 + 1?",
        "1 + 1?",
        "2 + 1?",
    ]
    scores = records[0]["automatedEvaluationResult"]["scores"]
    assert [score["metricName"] for score in scores] == ["Builtin.Correctness", "tone"]
    assert all(0 <= score["result"] <= 1 for score in scores)
    assert scores[0]["evaluatorDetails"][0]["modelIdentifier"] == JUDGE
    assert all(record["simulated"] for record in records)
    assert f"{root}/custom_metrics/tone.json" in workshop.keys(root)


def test_a_metric_without_numbers_has_explanations_only(workshop: BedrockWorkshop) -> None:
    words = {"definition": "kind", "value": {"stringValue": "kind"}}
    for name, members in (("none", {}), ("words", {"ratingScale": [words]})):
        definition = {"name": "tone", "instructions": "{{prediction}}", **members}
        metric = {"customMetricDefinition": definition}
        workshop.start(name, metrics=["tone"], automated=custom(JUDGE, metric))
    workshop.cloud.server.advance(LONG)
    workshop.bedrock.list_evaluation_jobs()
    for name in ("none", "words"):
        (score,) = workshop.records(f"results/{name}/")[0]["automatedEvaluationResult"][
            "scores"
        ]
        assert score["result"] is None
        assert score["evaluatorDetails"][0]["explanation"]


def test_the_same_token_gives_the_same_job(workshop: BedrockWorkshop) -> None:
    first = workshop.start(clientRequestToken="token-1")
    assert workshop.start(clientRequestToken="token-1") == first
    other = workshop.request("other", clientRequestToken="token-1")
    assert refused(workshop.bedrock.create_evaluation_job, **other) == (
        "ConflictException",
        400,
    )


def test_a_name_is_taken_once(workshop: BedrockWorkshop) -> None:
    workshop.start()
    call = workshop.bedrock.create_evaluation_job
    assert refused(call, **workshop.request()) == ("ConflictException", 400)


@pytest.mark.parametrize(
    "members",
    [
        {"metrics": ["Builtin.Correctnes"]},
        {"metrics": ["tone"]},
        {"automated": custom()},
        {"judge": "amazon.nova-lite-v1:0"},
        {"judge": "meta.unknown-v1:0"},
        {"judge": CUSTOM_ONLY_JUDGE},
        {"key": "absent.jsonl"},
        {"roleArn": f"arn:aws:iam::{ACCOUNT}:role/absent"},
        {"outputDataConfig": {"s3Uri": "s3://absent-bucket/x"}},
        {"jobName": "Not-Lower"},
        {"metrics": ["tone"], "automated": custom(JUDGE, TONE, TONE)},
        {"inferenceConfig": {"models": [SOURCE, SOURCE]}},
    ],
    ids=str,
)
def test_requests_that_could_not_run_are_refused(
    workshop: BedrockWorkshop, members: dict[str, Any]
) -> None:
    call = workshop.bedrock.create_evaluation_job
    assert refused(call, **workshop.request(**members)) == ("ValidationException", 400)


@pytest.mark.parametrize(
    "judge",
    [CUSTOM_ONLY_JUDGE, f"eu.{JUDGE}", f"arn:aws:bedrock:{REGION}::foundation-model/{JUDGE}"],
)
def test_judges_of_custom_metrics_and_their_other_names(
    workshop: BedrockWorkshop, judge: str
) -> None:
    automated = {
        **custom(judge),
        "evaluatorModelConfig": {"bedrockEvaluatorModels": [{"modelIdentifier": judge}]},
    }
    workshop.start(metrics=["tone"], automated=automated)


def test_what_is_not_simulated_is_said(workshop: BedrockWorkshop) -> None:
    call = workshop.bedrock.create_evaluation_job
    request = workshop.request(applicationType="RagEvaluation")
    assert refused(call, **request) == ("NotImplementedByLocalAws", 501)


def test_answers_that_come_with_the_prompts_are_judged(workshop: BedrockWorkshop) -> None:
    answer = {"response": "two", "modelIdentifier": "mine"}
    workshop.put("answers.jsonl", [{"prompt": "1 + 1?", "modelResponses": [answer]}])
    arn = workshop.start(key="answers.jsonl", model=SOURCE)
    workshop.cloud.server.advance(LONG)
    assert workshop.job(arn)["status"] == "Completed"
    (record,) = workshop.records("results/exam/")
    assert record["modelResponses"] == [answer]


@pytest.mark.parametrize(
    "rows",
    [
        [{"prompt": "a", "modelResponses": [{"response": "x", "modelIdentifier": "other"}]}],
        [{"prompt": "a", "modelResponses": []}],
        [{"prompt": "a"}],
        [{"question": "a"}],
        [],
        [{"prompt": "a"}] * 1001,
    ],
    ids=["identifier", "none", "missing", "prompt", "empty", "many"],
)
def test_rows_that_cannot_be_used_fail_the_job(
    workshop: BedrockWorkshop, rows: list[Any]
) -> None:
    workshop.put("bad.jsonl", rows)
    arn = workshop.start(key="bad.jsonl", model=SOURCE)
    workshop.cloud.server.advance(LONG)
    job = workshop.job(arn)
    assert job["status"] == "Failed"
    assert "cannot be used" in job["failureMessages"][0]


def test_jobs_are_stopped_and_deleted(workshop: BedrockWorkshop) -> None:
    arn = workshop.start(jobTags=[{"key": "team", "value": "a"}])
    client = workshop.bedrock
    (error,) = client.batch_delete_evaluation_job(jobIdentifiers=[arn])["errors"]
    assert error["jobIdentifier"] == arn
    client.stop_evaluation_job(jobIdentifier=arn)
    assert workshop.job(arn)["status"] == "Stopping"
    workshop.cloud.server.advance(LONG)
    assert workshop.job(arn)["status"] == "Stopped"
    assert refused(client.stop_evaluation_job, jobIdentifier=arn) == ("ConflictException", 400)
    deleted = client.batch_delete_evaluation_job(jobIdentifiers=[arn])
    assert deleted["evaluationJobs"] == [{"jobIdentifier": arn, "jobStatus": "Deleting"}]
    assert workshop.job(arn)["status"] == "Deleting"
    workshop.cloud.server.advance(LONG)
    for call in (client.get_evaluation_job, client.stop_evaluation_job):
        assert refused(call, jobIdentifier=arn) == ("ResourceNotFoundException", 404)
    (error,) = client.batch_delete_evaluation_job(jobIdentifiers=[arn])["errors"]
    assert error["code"] == "404"


@pytest.mark.parametrize("status", ["Failed", "Stopped"])
def test_ends_can_be_asked_for(workshop: BedrockWorkshop, status: str) -> None:
    arn = workshop.start(jobTags=[{"key": "nvx-local:outcome", "value": status}])
    workshop.cloud.server.advance(LONG)
    assert workshop.job(arn)["status"] == status


def test_lists_have_five_rows_a_page_whatever_is_asked(workshop: BedrockWorkshop) -> None:
    for number in range(7):
        workshop.start(f"exam-{number}")
    workshop.start("other")
    pages = workshop.bedrock.get_paginator("list_evaluation_jobs").paginate(
        nameContains="exam", maxResults=100, sortOrder="Ascending"
    )
    names = [[row["jobName"] for row in page["jobSummaries"]] for page in pages]
    assert [len(page) for page in names] == [5, 2]
    assert [name for page in names for name in page] == [
        f"exam-{number}" for number in range(7)
    ]
    listed = workshop.bedrock.list_evaluation_jobs(statusEquals="Completed")
    assert listed["jobSummaries"] == []
    (row,) = workshop.bedrock.list_evaluation_jobs(nameContains="other")["jobSummaries"]
    assert row["evaluatorModelIdentifiers"] == [JUDGE]
    assert row["evaluationTaskTypes"] == ["General"]


def test_tags_are_kept_and_changed(workshop: BedrockWorkshop) -> None:
    arn = workshop.start(jobTags=[{"key": "team", "value": "a"}])
    client = workshop.bedrock
    client.tag_resource(resourceARN=arn, tags=[{"key": "env", "value": "b"}])
    client.untag_resource(resourceARN=arn, tagKeys=["team"])
    assert client.list_tags_for_resource(resourceARN=arn)["tags"] == [
        {"key": "env", "value": "b"}
    ]
    absent = arn[:-12] + "0" * 12
    assert refused(client.list_tags_for_resource, resourceARN=absent) == (
        "ResourceNotFoundException",
        404,
    )


def test_a_quota_is_a_quota() -> None:
    with running(max_running=1) as cloud:
        workshop = BedrockWorkshop(cloud)
        workshop.start()
        call = workshop.bedrock.create_evaluation_job
        assert refused(call, **workshop.request("second")) == (
            "ServiceQuotaExceededException",
            400,
        )


def test_results_outlive_the_bucket_only_as_a_failure(workshop: BedrockWorkshop) -> None:
    arn = workshop.start()
    workshop.s3.delete_object(Bucket=BUCKET, Key="prompts.jsonl")
    workshop.cloud.server.advance(LONG)
    assert workshop.job(arn)["status"] == "Failed"
