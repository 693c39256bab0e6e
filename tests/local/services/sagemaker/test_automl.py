"""AutoML jobs that tune a model: what is refused, how they go on, what they leave."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from support.local_aws import ACCOUNT, REGION, ROLE, Cloud, message_of, refused, running

BUCKET = f"sagemaker-{REGION}-{ACCOUNT}"
LONG = 60.0
ROWS = "input,output\n" + "".join(f"what is {n}?,{n}\n" for n in range(20))


class Workshop:
    """Clients, training data, and requests on it."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.sagemaker = cloud.client("sagemaker")
        self.s3 = cloud.client("s3")
        self.put("train.csv", ROWS)

    def put(self, key: str, text: str) -> None:
        self.s3.put_object(Bucket=BUCKET, Key=key, Body=text.encode())

    def request(self, name: str = "job", **members: Any) -> dict[str, Any]:
        config = {"BaseModelName": "Dolly3B", **members.pop("config", {})}
        return {
            "AutoMLJobName": name,
            "AutoMLJobInputDataConfig": [channel("train.csv")],
            "OutputDataConfig": {"S3OutputPath": f"s3://{BUCKET}/out"},
            "RoleArn": ROLE,
            "AutoMLProblemTypeConfig": {"TextGenerationJobConfig": config},
            **members,
        }

    def start(self, name: str = "job", **members: Any) -> str:
        request = self.request(name, **members)
        return str(self.sagemaker.create_auto_ml_job_v2(**request)["AutoMLJobArn"])

    def job(self, name: str = "job") -> Any:
        return self.sagemaker.describe_auto_ml_job_v2(AutoMLJobName=name)

    def refusal(self, **members: Any) -> tuple[str, int]:
        return refused(self.sagemaker.create_auto_ml_job_v2, **self.request(**members))


def channel(key: str, **members: Any) -> dict[str, Any]:
    source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/{key}"}
    return {"DataSource": {"S3DataSource": source}, **members}


@pytest.fixture
def workshop() -> Iterator[Workshop]:
    with running() as cloud:
        yield Workshop(cloud)


def test_a_job_goes_through_its_statuses_and_leaves_a_candidate(workshop: Workshop) -> None:
    arn = workshop.start(Tags=[{"Key": "team", "Value": "a"}])
    assert arn == f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:automl-job/job"
    first = workshop.job()
    assert first["AutoMLJobStatus"] == "InProgress"
    assert first["AutoMLJobSecondaryStatus"] == "Starting"
    assert first["AutoMLProblemTypeConfigName"] == "TextGeneration"
    assert "BestCandidate" not in first
    workshop.cloud.server.advance(1)
    assert workshop.job()["AutoMLJobSecondaryStatus"] == "TrainingModels"
    workshop.cloud.server.advance(LONG)
    last = workshop.job()
    assert (last["AutoMLJobStatus"], last["AutoMLJobSecondaryStatus"]) == (
        "Completed",
        "Completed",
    )
    metrics = last["BestCandidate"]["CandidateProperties"]["CandidateMetrics"]
    assert [(m["StandardMetricName"], m["Set"]) for m in metrics] == [
        ("Rouge1", "Validation"),
        ("Rouge2", "Validation"),
        ("RougeL", "Validation"),
        ("RougeLSum", "Validation"),
        ("Perplexity", "Validation"),
        ("TrainingLoss", "Train"),
        ("ValidationLoss", "Validation"),
    ]
    uri = last["BestCandidate"]["InferenceContainerDefinitions"]["GPU"][0]["ModelDataUrl"]
    key = uri.removeprefix(f"s3://{BUCKET}/")
    assert b"simulated" in workshop.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()
    tags = workshop.sagemaker.list_tags(ResourceArn=arn)["Tags"]
    assert tags == [{"Key": "team", "Value": "a"}]
    candidates = workshop.sagemaker.list_candidates_for_auto_ml_job(AutoMLJobName="job")
    assert candidates["Candidates"] == [last["BestCandidate"]]


def test_the_effective_model_is_told_where_none_was_named(workshop: Workshop) -> None:
    request = workshop.request()
    del request["AutoMLProblemTypeConfig"]["TextGenerationJobConfig"]["BaseModelName"]
    workshop.sagemaker.create_auto_ml_job_v2(**request)
    resolved = workshop.job()["ResolvedAttributes"]["AutoMLProblemTypeResolvedAttributes"]
    assert resolved["TextGenerationResolvedAttributes"]["BaseModelName"] == "Falcon7BInstruct"


def test_names_are_unique_without_regard_to_case(workshop: Workshop) -> None:
    workshop.start("Support")
    assert workshop.refusal(name="support") == ("ResourceInUse", 400)
    assert workshop.job("SUPPORT")["AutoMLJobName"] == "Support"


def test_a_job_that_is_not_there(workshop: Workshop) -> None:
    absent = {"AutoMLJobName": "absent"}
    client = workshop.sagemaker
    for call in (
        client.describe_auto_ml_job_v2,
        client.stop_auto_ml_job,
        client.list_candidates_for_auto_ml_job,
    ):
        assert refused(call, **absent) == ("ResourceNotFound", 400)


@pytest.mark.parametrize(
    "members",
    [
        {"AutoMLJobObjective": {"MetricName": "F1"}},
        {"OutputDataConfig": {"S3OutputPath": f"s3://{BUCKET}/{'x' * 600}"}},
        {"config": {"CompletionCriteria": {"MaxCandidates": 2}}},
        {"config": {"BaseModelName": "Falcon7bInstruct"}},
        {"config": {"BaseModelName": "Llama2-7B"}},
        {"config": {"TextGenerationHyperParameters": {"epochs": "1"}}},
        {"config": {"TextGenerationHyperParameters": {"epochCount": "11"}}},
        {"config": {"TextGenerationHyperParameters": {"learningRate": "two"}}},
        {"ModelDeployConfig": {"AutoGenerateEndpointName": True, "EndpointName": "a"}},
        {"ModelDeployConfig": {"AutoGenerateEndpointName": False}},
        {"DataSplitConfig": {"ValidationFraction": 1.0}},
        {"AutoMLJobInputDataConfig": [channel("train.csv", ChannelType="validation")]},
        {"AutoMLJobInputDataConfig": [channel("train.csv"), channel("train.csv")]},
        {"AutoMLJobInputDataConfig": [channel("train.csv", ContentType="text/plain")]},
        {"AutoMLJobInputDataConfig": [channel("train.csv", CompressionType="Gzip")]},
        {"AutoMLJobInputDataConfig": [channel("absent.csv")]},
        {
            "AutoMLJobInputDataConfig": [
                channel("train.csv"),
                channel("train.csv", ChannelType="validation"),
            ],
            "DataSplitConfig": {"ValidationFraction": 0.2},
        },
        {
            "AutoMLJobInputDataConfig": [
                channel("train.csv", ContentType="text/csv"),
                channel(
                    "train.csv",
                    ChannelType="validation",
                    ContentType="x-application/vnd.amazon+parquet",
                ),
            ],
        },
        {"RoleArn": f"arn:aws:iam::{ACCOUNT}:role/absent-role"},
    ],
    ids=str,
)
def test_requests_that_could_not_run_are_refused(
    workshop: Workshop, members: dict[str, Any]
) -> None:
    assert workshop.refusal(**members) == ("ValidationException", 400)


def test_a_licence_can_be_accepted(workshop: Workshop) -> None:
    access = {"ModelAccessConfig": {"AcceptEula": True}}
    workshop.start(config={"BaseModelName": "Llama2-7B", **access})


def test_other_problems_are_said_to_be_unknown_here(workshop: Workshop) -> None:
    request = workshop.request()
    request["AutoMLProblemTypeConfig"] = {"TabularJobConfig": {"TargetAttributeName": "a"}}
    call = workshop.sagemaker.create_auto_ml_job_v2
    assert refused(call, **request) == ("NotImplementedByLocalAws", 501)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("prompt,answer\na,b\n", "columns input and output"),
        ("input,output\n" + "a,b\n" * 1001, "1001 rows; at most 1000"),
        ("input,output\n" + f"{'x' * 5000},b\n" * 3, "longer than the 1024 tokens"),
        ("input,output\na,b,c\n", "exactly two values"),
    ],
)
def test_data_that_cannot_be_used_fails_the_job(
    workshop: Workshop, text: str, words: str
) -> None:
    workshop.put("bad.csv", text)
    workshop.start(
        AutoMLJobInputDataConfig=[channel("bad.csv")], config={"BaseModelName": "Falcon7B"}
    )
    workshop.cloud.server.advance(LONG)
    job = workshop.job()
    assert job["AutoMLJobStatus"] == "Failed"
    assert words in job["FailureReason"]


def test_a_running_job_can_be_stopped_and_an_ended_one_cannot(workshop: Workshop) -> None:
    workshop.start()
    workshop.sagemaker.stop_auto_ml_job(AutoMLJobName="job")
    assert workshop.job()["AutoMLJobStatus"] == "Stopping"
    workshop.cloud.server.advance(LONG)
    assert workshop.job()["AutoMLJobStatus"] == "Stopped"
    said = message_of(workshop.sagemaker.stop_auto_ml_job, AutoMLJobName="job")
    assert "in status Stopped" in said


def test_a_job_deploys_what_it_tuned(workshop: Workshop) -> None:
    workshop.start(ModelDeployConfig={"AutoGenerateEndpointName": True})
    workshop.cloud.server.advance(5.5)
    assert workshop.job()["AutoMLJobSecondaryStatus"] == "DeployingModel"
    workshop.cloud.server.advance(LONG)
    name = workshop.job()["ModelDeployResult"]["EndpointName"]
    endpoint = workshop.sagemaker.describe_endpoint(EndpointName=name)
    assert endpoint["EndpointStatus"] == "InService"
    assert endpoint["EndpointArn"].endswith(f":endpoint/{name}")
    config = workshop.sagemaker.describe_endpoint_config(
        EndpointConfigName=endpoint["EndpointConfigName"]
    )
    model = config["ProductionVariants"][0]["ModelName"]
    assert workshop.sagemaker.describe_model(ModelName=model)["ModelName"] == model


def test_a_name_that_is_taken_fails_the_deployment_not_the_job(workshop: Workshop) -> None:
    fixed = {"ModelDeployConfig": {"EndpointName": "mine"}}
    workshop.start("first", **fixed)
    workshop.cloud.server.advance(LONG)
    workshop.start("second", **fixed)
    workshop.cloud.server.advance(LONG)
    job = workshop.job("second")
    assert job["AutoMLJobStatus"] == "Completed"
    assert job["AutoMLJobSecondaryStatus"] == "ModelDeploymentError"
    assert "ModelDeployResult" not in job
    assert job["PartialFailureReasons"]


def test_a_limit_on_the_run_time_drops_the_deployment_or_the_rest(workshop: Workshop) -> None:
    deploy = {"ModelDeployConfig": {"AutoGenerateEndpointName": True}}
    for name, seconds in (("short", 60), ("long", 3300)):
        limit = {"CompletionCriteria": {"MaxAutoMLJobRuntimeInSeconds": seconds}}
        workshop.start(name, config=limit, **deploy)
    workshop.cloud.server.advance(LONG)
    short, long = workshop.job("short"), workshop.job("long")
    assert short["AutoMLJobStatus"] == "Stopped"
    assert short["AutoMLJobSecondaryStatus"] == "MaxAutoMLJobRuntimeReached"
    assert long["AutoMLJobStatus"] == "Completed"
    assert "ModelDeployResult" not in long


@pytest.mark.parametrize("status", ["Failed", "Stopped"])
def test_ends_can_be_asked_for(workshop: Workshop, status: str) -> None:
    workshop.start(Tags=[{"Key": "nvx-local:outcome", "Value": status}])
    workshop.cloud.server.advance(LONG)
    assert workshop.job()["AutoMLJobStatus"] == status


def test_lists_filter_before_they_page(workshop: Workshop) -> None:
    for number in range(12):
        workshop.start(f"{'even' if number % 2 == 0 else 'odd'}-{number:02d}")
    listed = workshop.sagemaker.list_auto_ml_jobs
    first = listed(NameContains="even", MaxResults=4, SortOrder="Ascending")
    rest = listed(
        NameContains="even", MaxResults=4, SortOrder="Ascending", NextToken=first["NextToken"]
    )
    pages = [*first["AutoMLJobSummaries"], *rest["AutoMLJobSummaries"]]
    assert [row["AutoMLJobName"] for row in pages] == [f"even-{n:02d}" for n in range(0, 12, 2)]
    assert "NextToken" not in rest
    assert listed(StatusEquals="Completed")["AutoMLJobSummaries"] == []


def test_a_quota_is_a_quota() -> None:
    with running(max_running=1) as cloud:
        workshop = Workshop(cloud)
        workshop.start("first")
        assert workshop.refusal(name="second") == ("ResourceLimitExceeded", 400)
