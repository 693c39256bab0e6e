from support.local_aws import ROLE, message_of, refused
from support.sagemaker_requests import BUCKET, Workshop

_APP = {"Name": "app", "ArtifactStoreUri": f"s3://{BUCKET}/mlflow", "RoleArn": ROLE}


def test_an_app_is_created_listed_updated_and_deleted(shop: Workshop) -> None:
    sagemaker = shop.sagemaker
    first = sagemaker.create_mlflow_app(**_APP, AccountDefaultStatus="ENABLED")["Arn"]
    second = sagemaker.create_mlflow_app(**_APP)["Arn"]
    assert first != second
    assert sagemaker.describe_mlflow_app(Arn=first)["Status"] == "Creating"
    shop.advance(1)
    created = sagemaker.list_mlflow_apps(Status="Created")["Summaries"]
    assert [row["Arn"] for row in created] == [second, first]
    default = sagemaker.list_mlflow_apps(AccountDefaultStatus="ENABLED")["Summaries"]
    assert [row["Arn"] for row in default] == [first]
    sagemaker.update_mlflow_app(Arn=second, DefaultDomainIdList=["d-abcdef123456"])
    domain = sagemaker.list_mlflow_apps(DefaultForDomainId="d-abcdef123456")["Summaries"]
    assert [(row["Arn"], row["Status"]) for row in domain] == [(second, "Updating")]
    sagemaker.delete_mlflow_app(Arn=first)
    shop.advance(1)
    assert refused(sagemaker.describe_mlflow_app, Arn=first)[0] == "ResourceNotFound"


def test_an_app_needs_a_role(shop: Workshop) -> None:
    role = ROLE.replace("nvx-local-execution", "none")
    words = message_of(shop.sagemaker.create_mlflow_app, **{**_APP, "RoleArn": role})
    assert "Could not assume role" in words
