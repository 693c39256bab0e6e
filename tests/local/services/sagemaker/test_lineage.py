from support.local_aws import refused
from support.sagemaker_requests import Workshop

_URI = "arn:aws:sagemaker:eu-west-1:000000000000:model-package/models/1"


def test_artifacts_are_found_by_their_source(shop: Workshop) -> None:
    sagemaker = shop.sagemaker
    sources = [{"SourceIdType": "Custom", "Value": _URI}]
    made = [
        sagemaker.create_artifact(
            ArtifactType="Model",
            Source={"SourceUri": uri, "SourceTypes": sources},
            Properties={"ModelPackageArn": uri},
        )["ArtifactArn"]
        for uri in (_URI, "other", _URI)
    ]
    listing = sagemaker.list_artifacts(SourceUri=_URI, MaxResults=1)
    assert [row["ArtifactArn"] for row in listing["ArtifactSummaries"]] == [made[2]]
    rest = sagemaker.list_artifacts(SourceUri=_URI, NextToken=listing["NextToken"])
    assert [row["ArtifactArn"] for row in rest["ArtifactSummaries"]] == [made[0]]
    described = sagemaker.describe_artifact(ArtifactArn=made[0])
    assert described["Properties"] == {"ModelPackageArn": _URI}
    sagemaker.delete_artifact(ArtifactArn=made[0])
    assert refused(sagemaker.describe_artifact, ArtifactArn=made[0])[0] == "ResourceNotFound"


def test_actions_and_contexts_have_names_of_their_own(shop: Workshop) -> None:
    sagemaker = shop.sagemaker
    source = {"SourceUri": "s3://bucket/key"}
    action = {"ActionName": "act", "ActionType": "Evaluation", "Source": source}
    sagemaker.create_action(**action)
    assert refused(sagemaker.create_action, **action) == ("ResourceInUse", 400)
    assert sagemaker.describe_action(ActionName="act")["ActionType"] == "Evaluation"
    sagemaker.create_context(ContextName="ctx", ContextType="Run", Source=source)
    assert sagemaker.describe_context(ContextName="ctx")["ContextType"] == "Run"
    assert refused(sagemaker.describe_context, ContextName="none")[0] == "ResourceNotFound"


def test_associations_are_listed_by_their_ends(shop: Workshop) -> None:
    sagemaker = shop.sagemaker
    source = {"SourceUri": "s3://bucket/key"}
    artifact = sagemaker.create_artifact(ArtifactType="Model", Source=source)["ArtifactArn"]
    action = sagemaker.create_action(ActionName="act", ActionType="Run", Source=source)[
        "ActionArn"
    ]
    ends = {"SourceArn": artifact, "DestinationArn": action}
    for _ in range(2):
        sagemaker.add_association(**ends, AssociationType="ContributedTo")
    for filters in (
        {"SourceArn": artifact},
        {"DestinationType": "Run"},
        {"SourceType": "Model"},
    ):
        (row,) = sagemaker.list_associations(**filters)["AssociationSummaries"]
        assert row["DestinationName"] == "act"
    assert sagemaker.list_associations(SourceArn=action)["AssociationSummaries"] == []
