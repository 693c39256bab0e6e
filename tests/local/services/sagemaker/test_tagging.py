import pytest

from support.local_aws import ACCOUNT, REGION, message_of, refused
from support.sagemaker_requests import Workshop, definition, evaluation_step

_TAGS = [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]
_ROOT = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}"


def _arns(shop: Workshop) -> list[str]:
    hub = shop.hub()
    content = shop.import_dataset("rows").rpartition("/")[0]
    group = shop.group("models")
    package = shop.sagemaker.create_model_package(ModelPackageGroupName="models")
    job = shop.sagemaker.create_training_job(**shop.with_data().tuning("job"))
    pipeline = shop.pipeline("pipe", definition(evaluation_step("A")))
    execution = shop.start("pipe")
    source = {"SourceUri": "s3://bucket/key"}
    artifact = shop.sagemaker.create_artifact(Source=source, ArtifactType="Model")
    return [
        hub,
        content,
        group,
        package["ModelPackageArn"],
        job["TrainingJobArn"],
        pipeline,
        execution,
        artifact["ArtifactArn"],
    ]


def test_every_resource_takes_tags(shop: Workshop) -> None:
    sagemaker = shop.sagemaker
    for arn in _arns(shop):
        assert sagemaker.add_tags(ResourceArn=arn, Tags=_TAGS)["Tags"] == _TAGS
        sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": "a", "Value": "9"}])
        sagemaker.delete_tags(ResourceArn=arn, TagKeys=["b", "none"])
        assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "a", "Value": "9"}]


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("hub/none", "ResourceNotFound"),
        ("hub-content/none/DataSet/x", "ResourceNotFound"),
        ("hub-content/none", "ResourceNotFound"),
        ("training-job/none", "ValidationException"),
        ("model-package-group/none", "ValidationException"),
        ("model-package/none/1", "ValidationException"),
        ("pipeline/none", "ResourceNotFound"),
        ("pipeline/none/execution/x", "ResourceNotFound"),
        ("artifact/none", "ResourceNotFound"),
        ("mlflow-app/none", "ResourceNotFound"),
        ("nonsense/none", "ValidationException"),
    ],
)
def test_tags_need_a_resource(shop: Workshop, path: str, code: str) -> None:
    assert refused(shop.sagemaker.list_tags, ResourceArn=f"{_ROOT}:{path}") == (code, 400)


def test_versions_and_what_aws_owns_take_no_tags(shop: Workshop) -> None:
    shop.hub()
    version = shop.import_dataset("rows")
    add = shop.sagemaker.add_tags
    assert "without its version" in message_of(add, ResourceArn=version, Tags=_TAGS)
    public = f"arn:aws:sagemaker:{REGION}:aws:hub/SageMakerPublicHub"
    assert refused(add, ResourceArn=public, Tags=_TAGS) == ("ValidationException", 400)


def test_reserved_and_too_many_tags_are_refused(shop: Workshop) -> None:
    arn = shop.group()
    add = shop.sagemaker.add_tags
    reserved = [{"Key": "aws:x", "Value": ""}]
    assert "must not begin with aws:" in message_of(add, ResourceArn=arn, Tags=reserved)
    add(ResourceArn=arn, Tags=[{"Key": f"k{n:02d}", "Value": ""} for n in range(50)])
    more = [{"Key": "one-more", "Value": ""}]
    assert refused(add, ResourceArn=arn, Tags=more) == ("ResourceLimitExceeded", 400)


def test_the_tagging_api_sees_these_tags(shop: Workshop) -> None:
    arn = shop.group("models", Tags=[{"Key": "nvx:stack", "Value": "s"}])
    tagging = shop.cloud.client("resourcegroupstaggingapi")
    found = tagging.get_resources(TagFilters=[{"Key": "nvx:stack", "Values": ["s"]}])
    assert [row["ResourceARN"] for row in found["ResourceTagMappingList"]] == [arn]
