from typing import Any

import pytest

from support.local_aws import ACCOUNT, REGION, ROLE, message_of, refused, running
from support.sagemaker_requests import BUCKET, LLAMA, MLFLOW, NOVA, QWEN, Workshop, model_arn

_WALK = [
    (0.0, "InProgress", "Starting"),
    (0.3, "InProgress", "Downloading"),
    (0.3, "InProgress", "Training"),
    (3.1, "InProgress", "Uploading"),
    (0.5, "Completed", "Completed"),
]


def _create(shop: Workshop, name: str, **members: Any) -> str:
    request = shop.tuning(name, **members)
    return str(shop.sagemaker.create_training_job(**request)["TrainingJobArn"])


def test_a_fine_tune_walks_through_its_statuses(shop: Workshop) -> None:
    _create(shop.with_data(), "job")
    seen = []
    for seconds, _, _ in _WALK:
        shop.advance(seconds)
        job = shop.job("job")
        seen.append((seconds, job["TrainingJobStatus"], job["SecondaryStatus"]))
    assert seen == _WALK
    transitions = shop.job("job")["SecondaryStatusTransitions"]
    assert [item["Status"] for item in transitions] == [state for _, _, state in _WALK]
    assert all(item["StartTime"] <= item["EndTime"] for item in transitions)


def test_a_completed_fine_tune_leaves_a_package_an_object_and_log_lines(shop: Workshop) -> None:
    group = shop.group("models")
    _create(shop.with_data(), "job", ModelPackageConfig={"ModelPackageGroupArn": group})
    assert "OutputModelPackageArn" not in shop.job("job")
    shop.advance()
    job = shop.job("job")
    assert job["OutputModelPackageArn"].endswith("model-package/models/1")
    package = shop.sagemaker.describe_model_package(
        ModelPackageName=job["OutputModelPackageArn"]
    )
    container = package["InferenceSpecification"]["Containers"][0]
    assert container["BaseModel"]["HubContentName"] == NOVA
    assert container["BaseModel"]["RecipeName"] == f"{NOVA}_sft_lora"
    assert container["ModelDataSource"]["S3DataSource"]["S3Uri"].startswith(
        job["ModelArtifacts"]["S3ModelArtifacts"]
    )
    assert shop.get_json("out/job/output/model/manifest.json")["simulated"] is True
    logs = shop.cloud.client("logs")
    streams = logs.describe_log_streams(
        logGroupName="/aws/sagemaker/TrainingJobs", logStreamNamePrefix="job/"
    )
    assert [stream["logStreamName"] for stream in streams["logStreams"]] == ["job/algo-1"]


def test_progress_and_tokens_follow_the_size_of_the_data(shop: Workshop) -> None:
    numbers = {"max_epochs": "2", "global_batch_size": "32"}
    _create(shop.with_data(), "job", model=QWEN, HyperParameters=numbers)
    assert "ProgressInfo" not in shop.job("job")
    shop.advance(2)
    halfway = shop.job("job")["ProgressInfo"]
    assert (halfway["TotalStepCountPerEpoch"], halfway["MaxEpoch"]) == (3, 2)
    shop.advance()
    job = shop.job("job")
    assert job["ProgressInfo"]["CurrentEpoch"] == 1
    assert job["BillableTokenCount"] > 0
    assert job["TrainingEndTime"] > job["TrainingStartTime"] > job["CreationTime"]


def test_a_description_echoes_the_request_and_adds_what_the_service_adds(
    shop: Workshop,
) -> None:
    request = shop.with_data().tuning(
        "job",
        HyperParameters={"learning_rate": "1e-05"},
        VpcConfig={"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1"]},
        Tags=[{"Key": "a", "Value": "b"}],
    )
    shop.sagemaker.create_training_job(**request)
    job = shop.job("job")
    for member in (
        "HyperParameters",
        "VpcConfig",
        "InputDataConfig",
        "OutputDataConfig",
        "RoleArn",
    ):
        assert job[member] == request[member]
    assert job["MlflowConfig"] == MLFLOW
    assert set(job["MlflowDetails"]) == {"MlflowExperimentId", "MlflowRunId"}
    assert job["StoppingCondition"] == {"MaxRuntimeInSeconds": 86400}
    assert job["ServerlessJobConfig"]["BaseModelArn"] == model_arn(NOVA, "1.2.0")
    assert "Tags" not in job
    tags = shop.sagemaker.list_tags(ResourceArn=job["TrainingJobArn"])["Tags"]
    assert tags == [{"Key": "a", "Value": "b"}]


def test_a_job_name_can_be_used_once_until_the_job_is_deleted(shop: Workshop) -> None:
    request = shop.with_data().tuning("job")
    create = shop.sagemaker.create_training_job
    create(**request)
    assert refused(create, **request) == ("ResourceInUse", 400)
    assert "already exists" in message_of(create, **request)
    shop.advance()
    shop.sagemaker.delete_training_job(TrainingJobName="job")
    assert shop.job("job")["TrainingJobStatus"] == "Deleting"
    assert refused(create, **request) == ("ResourceInUse", 400)
    shop.advance(1)
    create(**request)


def test_a_missing_job_is_a_validation_error(shop: Workshop) -> None:
    sagemaker = shop.sagemaker
    for call in (
        sagemaker.describe_training_job,
        sagemaker.stop_training_job,
        sagemaker.delete_training_job,
    ):
        assert refused(call, TrainingJobName="none") == ("ValidationException", 400)
        assert message_of(call, TrainingJobName="none") == "Requested resource not found."


def test_a_stopped_job_leaves_nothing(shop: Workshop) -> None:
    group = shop.group()
    _create(shop.with_data(), "job", ModelPackageConfig={"ModelPackageGroupArn": group})
    shop.advance(1)
    shop.sagemaker.stop_training_job(TrainingJobName="job")
    shop.sagemaker.stop_training_job(TrainingJobName="job")
    assert shop.job("job")["TrainingJobStatus"] == "Stopping"
    shop.advance(1)
    job = shop.job("job")
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Stopped", "Stopped")
    assert "OutputModelPackageArn" not in job
    message = message_of(shop.sagemaker.stop_training_job, TrainingJobName="job")
    assert message == "The request was rejected because the training job is in status Stopped."


def test_a_running_job_cannot_be_deleted(shop: Workshop) -> None:
    _create(shop.with_data(), "job")
    assert (
        refused(shop.sagemaker.delete_training_job, TrainingJobName="job")[0] == "ResourceInUse"
    )


def test_the_package_of_a_deleted_job_stays(shop: Workshop) -> None:
    group = shop.group()
    _create(shop.with_data(), "job", ModelPackageConfig={"ModelPackageGroupArn": group})
    shop.advance()
    package = shop.job("job")["OutputModelPackageArn"]
    shop.sagemaker.delete_training_job(TrainingJobName="job")
    shop.advance(1)
    assert refused(shop.sagemaker.describe_training_job, TrainingJobName="job")[0] == (
        "ValidationException"
    )
    assert shop.sagemaker.describe_model_package(ModelPackageName=package)


def test_a_group_that_is_asked_first_knows_the_package_of_a_finished_job(
    shop: Workshop,
) -> None:
    group = shop.group("models")
    _create(shop.with_data(), "job", ModelPackageConfig={"ModelPackageGroupArn": group})
    shop.advance()
    rows = shop.sagemaker.list_model_packages(ModelPackageGroupName="models")
    assert len(rows["ModelPackageSummaryList"]) == 1


@pytest.mark.parametrize(
    ("status", "final", "secondary"),
    [
        ("Failed", "Failed", "Failed"),
        ("Stopped", "Stopped", "Stopped"),
        ("MaxRuntimeExceeded", "Stopped", "MaxRuntimeExceeded"),
    ],
)
def test_a_job_ends_as_its_outcome_says(status: str, final: str, secondary: str) -> None:
    outcome = {"match": "*training-job/bad-*", "status": status, "reason": "AlgorithmError: x"}
    with running() as cloud:
        cloud.server.settings.update({"outcomes": [{**outcome, "times": 1}]})
        shop = Workshop(cloud).with_data()
        _create(shop, "good-1")
        _create(shop, "bad-1")
        _create(shop, "bad-2")
        shop.advance()
        job = shop.job("bad-1")
        assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == (final, secondary)
        assert job.get("FailureReason") == ("AlgorithmError: x" if final == "Failed" else None)
        assert shop.job("bad-2")["TrainingJobStatus"] == "Completed"
        assert shop.job("good-1")["TrainingJobStatus"] == "Completed"


def test_a_tag_lets_a_job_fail(shop: Workshop) -> None:
    _create(shop.with_data(), "job", Tags=[{"Key": "nvx-local:outcome", "Value": "Failed"}])
    shop.advance()
    assert shop.job("job")["TrainingJobStatus"] == "Failed"
    assert "nvx-local:outcome" in shop.job("job")["FailureReason"]


def test_a_job_whose_output_bucket_goes_away_fails(shop: Workshop) -> None:
    shop.with_data()
    other = {"Bucket": "short-lived"}
    place = {"LocationConstraint": REGION}
    shop.s3.create_bucket(**other, CreateBucketConfiguration=place)
    _create(shop, "job", OutputDataConfig={"S3OutputPath": "s3://short-lived/out"})
    shop.s3.delete_bucket(**other)
    shop.advance()
    job = shop.job("job")
    assert job["TrainingJobStatus"] == "Failed"
    assert job["FailureReason"].startswith("NoSuchBucket")


def test_the_quota_of_running_jobs_refuses_one_more() -> None:
    with running(max_running=2) as cloud:
        shop = Workshop(cloud).with_data()
        for number in range(2):
            _create(shop, f"job-{number}")
        create = shop.sagemaker.create_training_job
        assert refused(create, **shop.tuning("job-2")) == ("ResourceLimitExceeded", 400)
        message = message_of(create, **shop.tuning("job-2"))
        assert "is 2 Instances, with current utilization of 2 Instances" in message
        shop.advance()
        _create(shop, "job-2")


def test_a_classic_job_runs(shop: Workshop) -> None:
    request = {
        "TrainingJobName": "classic",
        "RoleArn": ROLE,
        "AlgorithmSpecification": {
            "TrainingImage": f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/image:1",
            "TrainingInputMode": "File",
        },
        "Environment": {"A": "b"},
        "OutputDataConfig": {"S3OutputPath": f"s3://{BUCKET}/out"},
        "ResourceConfig": {
            "InstanceType": "ml.m5.large",
            "InstanceCount": 1,
            "VolumeSizeInGB": 5,
        },
        "StoppingCondition": {"MaxRuntimeInSeconds": 60},
    }
    shop.sagemaker.create_training_job(**request)
    shop.sagemaker.update_training_job(
        TrainingJobName="classic", RemoteDebugConfig={"EnableRemoteDebug": True}
    )
    shop.advance()
    job = shop.job("classic")
    assert job["TrainingJobStatus"] == "Completed"
    assert job["Environment"] == {"A": "b"}
    assert job["RemoteDebugConfig"] == {"EnableRemoteDebug": True}
    assert shop.keys("out/classic/") == ["out/classic/output/model.tar.gz"]
    update = shop.sagemaker.update_training_job
    message = message_of(
        update, TrainingJobName="classic", RemoteDebugConfig={"EnableRemoteDebug": False}
    )
    assert "in status Completed" in message


def test_a_gated_model_needs_its_licence_accepted(shop: Workshop) -> None:
    shop.with_data()
    create = shop.sagemaker.create_training_job
    for serverless in ({}, {"AcceptEula": False}):
        message = message_of(create, **shop.tuning("job", LLAMA, serverless=serverless))
        assert "AcceptEula" in message
    create(**shop.tuning("job", LLAMA, serverless={"AcceptEula": True}))


def test_a_job_may_continue_from_a_package(shop: Workshop) -> None:
    group = shop.group("models")
    _create(shop.with_data(), "first", ModelPackageConfig={"ModelPackageGroupArn": group})
    shop.advance()
    source = shop.job("first")["OutputModelPackageArn"]
    config = {"ModelPackageGroupArn": group, "SourceModelPackageArn": source}
    _create(shop, "second", ModelPackageConfig=config)
    shop.advance()
    assert shop.job("second")["OutputModelPackageArn"].endswith("/models/2")
