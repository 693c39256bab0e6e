import json
from typing import Any

import pytest

from support.local_aws import ACCOUNT, REGION, ROLE, message_of, refused, running, zipped
from support.sagemaker_requests import BUCKET, NOVA, QWEN, Workshop, model_arn

_IMAGE = {"TrainingImage": "image:1", "TrainingInputMode": "File"}
_RESOURCES = {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 5}
_CLASSIC = {"ServerlessJobConfig": None, "MlflowConfig": None}


def _message(shop: Workshop, request: dict[str, Any]) -> str:
    given = {key: value for key, value in request.items() if value is not None}
    return message_of(shop.sagemaker.create_training_job, **given)


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"AlgorithmSpecification": _IMAGE}, "AlgorithmSpecification cannot be specified"),
        ({"Environment": {"A": "b"}}, "Environment cannot be specified together"),
        ({"RetryStrategy": {"MaximumRetryAttempts": 1}}, "RetryStrategy cannot be specified"),
        ({"EnableManagedSpotTraining": True}, "EnableManagedSpotTraining is not supported"),
        (
            {"serverless": {"CustomizationTechnique": None}},
            "CustomizationTechnique is required",
        ),
        (
            {"serverless": {"EvaluationType": "BenchmarkEvaluation"}},
            "EvaluationType is only supported when JobType is Evaluation",
        ),
        ({"serverless": {"JobType": "Evaluation"}}, "EvaluationType is required"),
        ({"InputDataConfig": None}, "InputDataConfig is required"),
        ({"serverless": {"CustomizationTechnique": "RLVR"}}, "RLVR requires EvaluatorArn"),
        ({"serverless": {"CustomizationTechnique": "RLAIF"}}, "judge_model_id"),
        ({"serverless": {"SequenceLength": "1024K"}}, "SequenceLength 1024K is not supported"),
        ({**_CLASSIC}, "Either AlgorithmSpecification or ServerlessJobConfig is required"),
        ({**_CLASSIC, "AlgorithmSpecification": _IMAGE}, "ResourceConfig is required"),
        (
            {
                **_CLASSIC,
                "AlgorithmSpecification": {"TrainingInputMode": "File"},
                "ResourceConfig": _RESOURCES,
            },
            "Exactly one of TrainingImage and AlgorithmName",
        ),
        (
            {
                "ServerlessJobConfig": None,
                "AlgorithmSpecification": _IMAGE,
                "ResourceConfig": _RESOURCES,
            },
            "MlflowConfig is only supported together with ServerlessJobConfig",
        ),
    ],
)
def test_members_that_exclude_or_need_each_other_are_refused(
    shop: Workshop, members: dict[str, Any], words: str
) -> None:
    assert words in _message(shop, shop.with_data().tuning("job") | _merged(shop, members))


def _merged(shop: Workshop, members: dict[str, Any]) -> dict[str, Any]:
    if "serverless" not in members:
        return members
    request = shop.tuning("job", serverless=members["serverless"])
    return {"ServerlessJobConfig": request["ServerlessJobConfig"]}


def test_an_evaluation_takes_no_technique(shop: Workshop) -> None:
    request = shop.evaluation("job", serverless={"CustomizationTechnique": "SFT"})
    assert "CustomizationTechnique is only supported" in _message(shop, request)


def test_base_models_come_from_the_public_hub(shop: Workshop) -> None:
    shop.with_data()
    private = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:hub-content/hub/Model/mine/1.0.0"
    request = shop.tuning("job", serverless={"BaseModelArn": private})
    words = "Only SageMakerPublicHub is supported for Serverless Training Job"
    assert _message(shop, request) == words
    absent = shop.tuning("job", serverless={"BaseModelArn": model_arn("absent")})
    assert refused(shop.sagemaker.create_training_job, **absent)[0] == "ResourceNotFound"


def test_a_model_without_a_recipe_for_the_technique_is_refused(shop: Workshop) -> None:
    shop.with_data()
    request = shop.tuning("job", NOVA, serverless={"CustomizationTechnique": "DPO"})
    assert "CustomizationTechnique DPO with Peft LORA" in _message(shop, request)


def test_judges_do_not_run_under_nova(shop: Workshop) -> None:
    request = shop.evaluation("job", NOVA, serverless={"EvaluationType": "LLMAJEvaluation"})
    assert "EvaluationType LLMAJEvaluation is not supported" in _message(shop, request)


def test_the_group_must_exist(shop: Workshop) -> None:
    arn = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:model-package-group/none"
    request = shop.with_data().tuning("job", ModelPackageConfig={"ModelPackageGroupArn": arn})
    assert _message(shop, request) == f"ModelPackageGroup {arn} does not exist."


def test_the_data_must_exist(shop: Workshop) -> None:
    words = f'No S3 objects found under S3 URL "s3://{BUCKET}/data/train.jsonl"'
    assert words in _message(shop, shop.tuning("job"))


def test_the_output_bucket_must_exist(shop: Workshop) -> None:
    request = shop.with_data().tuning("job", OutputDataConfig={"S3OutputPath": "s3://none/out"})
    assert "Access denied to OutputDataConfig S3 bucket" in _message(shop, request)


def _with_dataset(shop: Workshop, arn: str) -> dict[str, Any]:
    channel = {"ChannelName": "train", "DataSource": {"DatasetSource": {"DatasetArn": arn}}}
    return shop.tuning("job", InputDataConfig=[channel])


def test_a_dataset_must_exist_and_be_available_and_have_its_object(shop: Workshop) -> None:
    shop.hub()
    arn = shop.import_dataset("rows")
    create = shop.sagemaker.create_training_job
    absent = _with_dataset(shop, arn.replace("rows", "none"))
    assert refused(create, **absent)[0] == "ResourceNotFound"
    assert "is in status Importing, not Available" in _message(shop, _with_dataset(shop, arn))
    shop.advance(1)
    assert "No S3 objects found" in _message(shop, _with_dataset(shop, arn))
    shop.with_data()
    create(**_with_dataset(shop, arn))
    shop.advance()
    assert shop.job("job")["TrainingJobStatus"] == "Completed"


def test_an_evaluator_must_be_hub_content_of_the_right_kind(shop: Workshop) -> None:
    shop.hub()
    evaluator = shop.import_evaluator("score")
    dataset = shop.with_data().import_dataset("rows")
    content = {"SubType": "AWS/Specification", "JsonContent": "{}"}
    other = shop.import_content("JsonDoc", "spec", content, "1.0.0")
    shop.advance(1)

    def request(arn: str) -> dict[str, Any]:
        serverless = {"CustomizationTechnique": "RLVR", "EvaluatorArn": arn}
        return shop.tuning("job", QWEN, serverless=serverless)

    function = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:SageMaker-score"
    assert "Invalid HubContentArn format" in _message(shop, request(function))
    assert "Invalid HubContentArn format" in _message(shop, request(dataset))
    assert "is not an evaluator" in _message(shop, request(other))
    shop.sagemaker.create_training_job(**request(evaluator))
    shop.advance()
    # The reward function is looked for by the running job, as on AWS.
    assert shop.job("job")["FailureReason"] == (
        f"ClientError: {function} cannot be used: it does not exist."
    )


def test_a_reward_function_that_exists_can_be_used(shop: Workshop) -> None:
    shop.cloud.client("lambda").create_function(
        FunctionName="SageMaker-score",
        Runtime="python3.12",
        Role=ROLE,
        Handler="lambda_function.lambda_handler",
        Code={
            "ZipFile": zipped(
                lambda_function="def lambda_handler(event, _):\n    return event\n"
            )
        },
    )
    shop.hub()
    evaluator = shop.with_data().import_evaluator("score")
    shop.advance(1)
    serverless = {"CustomizationTechnique": "RLVR", "EvaluatorArn": evaluator}
    shop.sagemaker.create_training_job(**shop.tuning("job", QWEN, serverless=serverless))
    shop.advance()
    assert shop.job("job")["TrainingJobStatus"] == "Completed"


def test_a_serverless_job_without_group_and_experiment_fails(shop: Workshop) -> None:
    request = shop.with_data().tuning("job")
    del request["MlflowConfig"]
    shop.sagemaker.create_training_job(**request)
    shop.advance()
    job = shop.job("job")
    assert job["TrainingJobStatus"] == "Failed"
    assert job["FailureReason"] == (
        "MlflowExperimentName is required when ModelPackageGroupArn is not provided"
    )


@pytest.mark.parametrize(
    ("arn", "words"),
    [
        (f"arn:aws:iam::{ACCOUNT}:role/absent", "Could not assume role"),
        (f"arn:aws:iam::{ACCOUNT}:role/lambda-only", "Could not assume role"),
        ("arn:aws:iam::111122223333:role/theirs", "Cross-account pass role is not allowed"),
    ],
)
def test_the_role_must_exist_and_trust_sagemaker(shop: Workshop, arn: str, words: str) -> None:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "lambda.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": statement})
    iam = shop.cloud.client("iam")
    iam.create_role(RoleName="lambda-only", AssumeRolePolicyDocument=policy)
    assert words in _message(shop, shop.with_data().tuning("job", RoleArn=arn))


def test_a_new_role_can_be_used_after_a_while() -> None:
    with running(iam_lag=10.0) as cloud:
        shop = Workshop(cloud).with_data()
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": ["sagemaker.amazonaws.com"]},
            "Action": "sts:AssumeRole",
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        role = cloud.client("iam").create_role(RoleName="new", AssumeRolePolicyDocument=policy)
        request = shop.tuning("job", RoleArn=role["Role"]["Arn"])
        assert "Could not assume role" in _message(shop, request)
        shop.advance(11)
        shop.sagemaker.create_training_job(**request)


def test_the_model_is_checked_before_anything_else(shop: Workshop) -> None:
    request = shop.tuning("x!", serverless={"JobType": "Nonsense"})
    message = _message(shop, request)
    assert message.startswith("2 validation errors detected: ")
    assert "at 'trainingJobName'" in message
