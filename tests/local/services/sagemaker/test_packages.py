from support.local_aws import message_of, refused
from support.sagemaker_requests import Workshop


def _group(shop: Workshop, name: str) -> dict[str, str]:
    return {"ModelPackageGroupName": name}


def test_a_group_is_described_by_name_and_arn(shop: Workshop) -> None:
    arn = shop.group("models", ModelPackageGroupDescription="Mine")
    for name in ("models", arn):
        described = shop.sagemaker.describe_model_package_group(ModelPackageGroupName=name)
        assert described["ModelPackageGroupStatus"] == "Completed"
        assert described["ModelPackageGroupDescription"] == "Mine"


def test_a_missing_group_is_a_validation_error(shop: Workshop) -> None:
    call = shop.sagemaker.describe_model_package_group
    assert refused(call, **_group(shop, "none")) == ("ValidationException", 400)
    assert message_of(call, **_group(shop, "none")).endswith("does not exist.")


def test_a_group_name_can_be_used_once(shop: Workshop) -> None:
    shop.group("models")
    call = shop.sagemaker.create_model_package_group
    assert refused(call, **_group(shop, "models")) == ("ValidationException", 400)
    assert "already exists" in message_of(call, **_group(shop, "models"))


def test_a_group_with_packages_cannot_be_deleted(shop: Workshop) -> None:
    sagemaker = shop.sagemaker
    shop.group("models")
    arn = sagemaker.create_model_package(**_group(shop, "models"))["ModelPackageArn"]
    delete = sagemaker.delete_model_package_group
    assert refused(delete, **_group(shop, "models")) == ("ConflictException", 400)
    sagemaker.delete_model_package(ModelPackageName=arn)
    delete(**_group(shop, "models"))
    assert refused(delete, **_group(shop, "models"))[0] == "ValidationException"


def test_package_versions_count_up_and_are_not_given_out_again(shop: Workshop) -> None:
    sagemaker = shop.sagemaker
    shop.group("models")
    arns = [
        sagemaker.create_model_package(**_group(shop, "models"))["ModelPackageArn"]
        for _ in range(11)
    ]
    assert arns[10].endswith("model-package/models/11")
    sagemaker.delete_model_package(ModelPackageName=arns[10])
    again = sagemaker.create_model_package(**_group(shop, "models"))["ModelPackageArn"]
    assert again.endswith("model-package/models/12")
    listing = sagemaker.list_model_packages(**_group(shop, "models"), MaxResults=100)
    versions = [row["ModelPackageVersion"] for row in listing["ModelPackageSummaryList"]]
    assert versions == [*range(1, 11), 12]
    assert sagemaker.list_model_packages()["ModelPackageSummaryList"] == []


def test_a_package_is_described_and_updated(shop: Workshop) -> None:
    sagemaker = shop.sagemaker
    shop.group("models")
    arn = sagemaker.create_model_package(
        **_group(shop, "models"), CustomerMetadataProperties={"a": "1", "b": "2"}
    )["ModelPackageArn"]
    sagemaker.update_model_package(
        ModelPackageArn=arn,
        ModelApprovalStatus="Approved",
        CustomerMetadataProperties={"c": "3"},
        CustomerMetadataPropertiesToRemove=["a"],
    )
    described = sagemaker.describe_model_package(ModelPackageName=arn)
    assert described["ModelApprovalStatus"] == "Approved"
    assert described["CustomerMetadataProperties"] == {"b": "2", "c": "3"}
    assert described["ModelPackageVersion"] == 1


def test_a_missing_package_is_a_validation_error(shop: Workshop) -> None:
    shop.group("models")
    for name in ("none", "arn:aws:sagemaker:eu-west-1:000000000000:model-package/models/1"):
        call = shop.sagemaker.describe_model_package
        assert "does not exist" in message_of(call, ModelPackageName=name)


def test_a_package_needs_a_name_or_a_group(shop: Workshop) -> None:
    create = shop.sagemaker.create_model_package
    assert "Exactly one of" in message_of(create)
    assert "does not exist" in message_of(create, **_group(shop, "none"))
    create(ModelPackageName="single")
    assert "already exists" in message_of(create, ModelPackageName="single")
    rows = shop.sagemaker.list_model_packages()["ModelPackageSummaryList"]
    assert [row["ModelPackageName"] for row in rows] == ["single"]


def test_the_same_token_makes_one_package(shop: Workshop) -> None:
    shop.group("models")
    create = shop.sagemaker.create_model_package
    arns = {
        create(**_group(shop, "models"), ClientToken="t")["ModelPackageArn"] for _ in range(2)
    }
    assert len(arns) == 1


def test_groups_are_listed_by_name(shop: Workshop) -> None:
    for name in ("b-1", "a-1", "c-2"):
        shop.group(name)
    rows = shop.sagemaker.list_model_package_groups(NameContains="-1", SortBy="Name")
    names = [row["ModelPackageGroupName"] for row in rows["ModelPackageGroupSummaryList"]]
    assert names == ["a-1", "b-1"]
