from support.local_aws import REGION, Cloud, message_of, refused, running
from support.sagemaker_requests import Workshop


def test_a_hub_is_created_then_in_service_then_deleted(shop: Workshop) -> None:
    sagemaker = shop.sagemaker
    sagemaker.create_hub(HubName="mine", HubDescription="My hub", HubSearchKeywords=["a"])
    assert sagemaker.describe_hub(HubName="mine")["HubStatus"] == "Creating"
    shop.advance(1)
    described = sagemaker.describe_hub(HubName="mine")
    assert (described["HubStatus"], described["HubSearchKeywords"]) == ("InService", ["a"])
    sagemaker.delete_hub(HubName=described["HubArn"])
    assert sagemaker.describe_hub(HubName="mine")["HubStatus"] == "Deleting"
    shop.advance(1)
    assert refused(sagemaker.describe_hub, HubName="mine") == ("ResourceNotFound", 400)


def test_a_hub_name_can_be_used_once(shop: Workshop) -> None:
    shop.hub("mine")
    again = refused(shop.sagemaker.create_hub, HubName="mine", HubDescription="d")
    assert again == ("ResourceInUse", 400)


def test_a_hub_is_updated(shop: Workshop) -> None:
    shop.hub("mine")
    shop.sagemaker.update_hub(HubName="mine", HubDescription="Other")
    assert shop.sagemaker.describe_hub(HubName="mine")["HubStatus"] == "Updating"
    shop.advance(1)
    described = shop.sagemaker.describe_hub(HubName="mine")
    assert (described["HubStatus"], described["HubDescription"]) == ("InService", "Other")


def test_a_hub_with_contents_cannot_be_deleted(shop: Workshop) -> None:
    shop.hub()
    shop.import_dataset("rows")
    assert refused(shop.sagemaker.delete_hub, HubName="hub") == ("ResourceInUse", 400)


def test_hubs_are_listed_with_the_public_one(shop: Workshop) -> None:
    for name in ("b", "a", "c"):
        shop.hub(name)
    listing = shop.sagemaker.list_hubs(SortBy="HubName", SortOrder="Descending", MaxResults=3)
    assert [hub["HubName"] for hub in listing["HubSummaries"]] == ["c", "b", "a"]
    rest = shop.sagemaker.list_hubs(
        SortBy="HubName", SortOrder="Descending", MaxResults=3, NextToken=listing["NextToken"]
    )
    assert [hub["HubName"] for hub in rest["HubSummaries"]] == ["SageMakerPublicHub"]
    named = shop.sagemaker.list_hubs(NameContains="Public")["HubSummaries"]
    assert [hub["HubArn"] for hub in named] == [
        f"arn:aws:sagemaker:{REGION}:aws:hub/SageMakerPublicHub"
    ]


def test_the_public_hub_cannot_be_changed(shop: Workshop) -> None:
    public = {"HubName": "SageMakerPublicHub"}
    assert refused(shop.sagemaker.update_hub, **public)[0] == "AccessDeniedException"
    assert refused(shop.sagemaker.delete_hub, **public)[0] == "AccessDeniedException"
    created = refused(shop.sagemaker.create_hub, **public, HubDescription="d")
    assert created[0] == "ResourceInUse"


def test_hubs_of_other_accounts_and_regions_are_not_found(cloud: Cloud) -> None:
    arn = Workshop(cloud).hub("mine")
    other = cloud.client("sagemaker", account="111122223333")
    assert refused(other.describe_hub, HubName="mine")[0] == "ResourceNotFound"
    assert refused(other.describe_hub, HubName=arn)[0] == "ResourceNotFound"
    elsewhere = cloud.client("sagemaker", region="us-east-1")
    assert "does not exist" in message_of(elsewhere.describe_hub, HubName=arn)


def test_a_new_hub_shows_up_late_where_reads_lag() -> None:
    with running(lag=5.0, list_lag=30.0) as cloud:
        sagemaker = cloud.client("sagemaker")
        cloud.server.advance(60)
        sagemaker.create_hub(HubName="mine", HubDescription="d")
        assert refused(sagemaker.describe_hub, HubName="mine")[0] == "ResourceNotFound"
        cloud.server.advance(6)
        assert sagemaker.describe_hub(HubName="mine")["HubStatus"] == "InService"
        names = [hub["HubName"] for hub in sagemaker.list_hubs()["HubSummaries"]]
        assert names == ["SageMakerPublicHub"]
        cloud.server.advance(30)
        assert len(sagemaker.list_hubs()["HubSummaries"]) == 2
