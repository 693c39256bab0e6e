import json
from typing import Any

import pytest

from support.local_aws import ACCOUNT, REGION, ROLE, message_of, refused, running
from support.sagemaker_requests import BUCKET, Workshop

_ROWS = {"HubName": "hub", "HubContentType": "DataSet", "HubContentName": "rows"}


@pytest.fixture
def full(shop: Workshop) -> Workshop:
    shop.hub()
    return shop


def test_an_import_becomes_available(full: Workshop) -> None:
    arn = full.import_dataset("rows", HubContentSearchKeywords=["nvx-sha256:0f"])
    assert arn == f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:hub-content/hub/DataSet/rows/1.0.0"
    described = full.sagemaker.describe_hub_content(**_ROWS)
    assert described["HubContentStatus"] == "Importing"
    full.advance(1)
    described = full.sagemaker.describe_hub_content(**_ROWS)
    assert described["HubContentStatus"] == "Available"
    assert described["HubContentSearchKeywords"] == ["nvx-sha256:0f"]
    assert json.loads(described["HubContentDocument"])["DatasetS3Bucket"] == BUCKET
    assert "FailureReason" not in described


def test_the_newest_version_is_the_highest_number(full: Workshop) -> None:
    for version in ("1.0.10", "1.0.2", "1.0.9"):
        full.import_dataset("rows", version)
    assert full.sagemaker.describe_hub_content(**_ROWS)["HubContentVersion"] == "1.0.10"
    older = full.sagemaker.describe_hub_content(**_ROWS, HubContentVersion="1.0.2")
    assert older["HubContentVersion"] == "1.0.2"
    listing = full.sagemaker.list_hub_contents(HubName="hub", HubContentType="DataSet")
    assert [row["HubContentVersion"] for row in listing["HubContentSummaries"]] == ["1.0.10"]
    versions = full.sagemaker.list_hub_content_versions(**_ROWS, MinVersion="1.0.9")
    rows = versions["HubContentSummaries"]
    assert sorted(row["HubContentVersion"] for row in rows) == ["1.0.10", "1.0.9"]


def test_an_import_without_a_version_is_the_next_major(full: Workshop) -> None:
    assert full.import_dataset("rows", None).endswith("/1.0.0")
    assert full.import_dataset("rows", None).endswith("/2.0.0")
    assert full.import_dataset("rows", "7.1.3").endswith("/7.1.3")
    assert full.import_dataset("rows", None).endswith("/8.0.0")


def test_a_version_can_be_imported_once(full: Workshop) -> None:
    full.import_dataset("rows")
    document = full.sagemaker.describe_hub_content(**_ROWS)["HubContentDocument"]
    again = refused(
        full.sagemaker.import_hub_content,
        **_ROWS,
        HubContentVersion="1.0.0",
        DocumentSchemaVersion="2.0.0",
        HubContentDocument=document,
    )
    assert again == ("ResourceInUse", 400)


def test_a_version_whose_dots_are_no_dots_is_refused(full: Workshop) -> None:
    document = {"SubType": "AWS/Evaluator", "JsonContent": "{}"}
    message = message_of(
        full.import_content, kind="JsonDoc", name="x", document=document, version="1a0b0"
    )
    assert "HubContentVersion 1a0b0" in message


@pytest.mark.parametrize(
    ("kind", "document", "words"),
    [
        ("DataSet", {}, "required key [DatasetRoleArn] not found"),
        ("DataSet", {"Extra": 1}, "required key"),
        ("JsonDoc", {"SubType": "AWS/Evaluator"}, "required key [JsonContent] not found"),
        (
            "JsonDoc",
            {"SubType": "AWS/Evaluator", "JsonContent": "{"},
            "JsonContent is not valid JSON",
        ),
        (
            "JsonDoc",
            {"SubType": "AWS/Evaluator", "JsonContent": '{"EvaluatorType":"Other"}'},
            "EvaluatorType must be one of RewardFunction, RewardPrompt",
        ),
        (
            "JsonDoc",
            {"SubType": "AWS/Evaluator", "JsonContent": '{"EvaluatorType":"RewardPrompt"}'},
            "Reference must name",
        ),
        (
            "JsonDoc",
            {"SubType": "x", "JsonContent": "{}", "More": 1},
            "extraneous key [More] is not permitted",
        ),
        ("JsonDoc", {"SubType": 1, "JsonContent": "{}"}, "SubType must be a string"),
        ("Notebook", [1], "HubContentDocument must be a JSON object"),
    ],
)
def test_a_document_that_breaks_its_schema_is_refused(
    full: Workshop, kind: str, document: Any, words: str
) -> None:
    message = message_of(
        full.import_content, kind=kind, name="x", document=document, version="1.0.0"
    )
    assert words in message


def test_a_dataset_document_with_a_strange_type_is_refused(full: Workshop) -> None:
    document = {
        "DatasetType": "OTHER",
        "DatasetRoleArn": ROLE,
        "DatasetS3Bucket": BUCKET,
        "DatasetS3Prefix": "k",
    }
    message = message_of(
        full.import_content, kind="DataSet", name="x", document=document, version="1.0.0"
    )
    assert "DatasetType must be one of" in message


def test_a_deleted_version_is_deleting_then_gone(full: Workshop) -> None:
    full.import_dataset("rows", "1.0.0")
    full.import_dataset("rows", "2.0.0")
    full.advance(1)
    full.sagemaker.delete_hub_content(**_ROWS, HubContentVersion="2.0.0")
    assert full.sagemaker.describe_hub_content(**_ROWS)["HubContentStatus"] == "Deleting"
    full.advance(1)
    assert full.sagemaker.describe_hub_content(**_ROWS)["HubContentVersion"] == "1.0.0"
    full.sagemaker.delete_hub_content(**_ROWS, HubContentVersion="1.0.0")
    full.advance(1)
    assert refused(full.sagemaker.describe_hub_content, **_ROWS)[0] == "ResourceNotFound"
    assert refused(full.sagemaker.list_hub_content_versions, **_ROWS)[0] == "ResourceNotFound"
    full.sagemaker.delete_hub(HubName="hub")


def test_a_content_that_is_importing_cannot_be_deleted(full: Workshop) -> None:
    full.import_dataset("rows")
    refusal = refused(full.sagemaker.delete_hub_content, **_ROWS, HubContentVersion="1.0.0")
    assert refusal == ("ResourceInUse", 400)


def test_tags_belong_to_the_name_and_outlive_a_version(full: Workshop) -> None:
    arn = full.import_dataset("rows", "1.0.0", Tags=[{"Key": "team", "Value": "a"}])
    full.import_dataset("rows", "2.0.0", Tags=[{"Key": "more", "Value": "b"}])
    name = arn.rpartition("/")[0]
    tags = full.sagemaker.list_tags(ResourceArn=name)["Tags"]
    assert tags == [{"Key": "more", "Value": "b"}, {"Key": "team", "Value": "a"}]
    assert refused(full.sagemaker.list_tags, ResourceArn=arn)[0] == "ResourceNotFound"


def test_an_update_changes_the_texts_of_a_version(full: Workshop) -> None:
    full.import_dataset("rows")
    full.advance(1)
    full.sagemaker.update_hub_content(
        **_ROWS, HubContentVersion="1.0.0", HubContentDescription="Other"
    )
    assert full.sagemaker.describe_hub_content(**_ROWS)["HubContentDescription"] == "Other"


def test_an_import_fails_where_its_outcome_says_so() -> None:
    outcome = {"match": "*/DataSet/bad/*", "status": "ImportFailed", "reason": "no", "times": 1}
    with running() as cloud:
        cloud.server.settings.update({"outcomes": [outcome]})
        shop = Workshop(cloud)
        shop.hub()
        shop.import_dataset("bad", "1.0.0")
        shop.import_dataset("bad", "2.0.0")
        shop.advance(1)
        rows = shop.sagemaker.list_hub_content_versions(
            HubName="hub", HubContentType="DataSet", HubContentName="bad"
        )["HubContentSummaries"]
        assert [(row["HubContentVersion"], row["HubContentStatus"]) for row in rows] == [
            ("1.0.0", "ImportFailed"),
            ("2.0.0", "Available"),
        ]
        failed = shop.sagemaker.describe_hub_content(
            HubName="hub",
            HubContentType="DataSet",
            HubContentName="bad",
            HubContentVersion="1.0.0",
        )
        assert failed["FailureReason"] == "no"


def test_contents_are_listed_by_page_and_filter(full: Workshop) -> None:
    for number in range(25):
        full.import_dataset(f"set-{number:02d}")
    full.import_dataset("other")
    names: list[str] = []
    token: dict[str, str] = {}
    while True:
        listing = full.sagemaker.list_hub_contents(
            HubName="hub",
            HubContentType="DataSet",
            NameContains="set-",
            SortBy="HubContentName",
            SortOrder="Descending",
            **token,
        )
        assert len(listing["HubContentSummaries"]) <= 10
        names += [row["HubContentName"] for row in listing["HubContentSummaries"]]
        if "NextToken" not in listing:
            break
        token = {"NextToken": listing["NextToken"]}
    assert names == [f"set-{number:02d}" for number in reversed(range(25))]


def test_an_import_into_a_new_hub_is_refused_in_strict_mode_only() -> None:
    for strict in (False, True):
        with running(strict=strict) as cloud:
            shop = Workshop(cloud)
            shop.sagemaker.create_hub(HubName="hub", HubDescription="d")
            if strict:
                call = {"kind": "DataSet", "name": "x", "document": {}, "version": "1.0.0"}
                assert refused(shop.import_content, **call)[0] == "ResourceInUse"
            else:
                assert shop.import_dataset("rows").endswith("/1.0.0")
