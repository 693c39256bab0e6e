"""Names of hubs, versions and ARNs, listings."""

from __future__ import annotations

from typing import Any

import pytest

from nvx.aws.hub import Content, Hub, Shelf, registry, version_in, with_version, without_version
from nvx.core.cloud import AlreadyExists, NotFound, Throttled
from support.fake_calls import FakeCalls

ARN = "arn:aws:sagemaker:us-west-2:123456789012:hub-content/HUB/DataSet/name"
SHELF = Shelf("HUB", "DataSet")


@pytest.mark.parametrize(
    ("region", "account", "expected"),
    [
        ("us-east-1", "123456789012", "7U5IV8K26TMMDPHOPL4QIUEGPCT02ORFB7UBN5LS0C081NODQ780"),
        ("us-west-2", "123456789012", "9IVHFNP5DC9J8QGIQ193ESR91NUC4JAR4I5AJ4H7K80LM5BEHKM0"),
        ("us-east-1", "000000000000", "7J012IOTI8HMV66N3AFACU294UCIE0AQ28F601SIM1LU609KHDPG"),
        ("eu-west-1", "111122223333", "PEP0QAEMT2JP78JG912EGOLCBFJ7MVODF1OCH3GLDVDTA072VRNG"),
    ],
)
def test_name_of_the_registry(region: str, account: str, expected: str) -> None:
    assert registry(region, account) == expected


def _row(name: str, version: str) -> dict[str, object]:
    return {
        "HubContentName": name,
        "HubContentArn": f"{ARN}/{version}",
        "HubContentVersion": version,
        "HubContentStatus": "Available",
    }


def test_versions_compare_as_numbers() -> None:
    rows = [_row("a", version) for version in ("10.0.0", "2.0.0", "9.9.9")]
    calls = FakeCalls({"sagemaker.ListHubContentVersions": [{"HubContentSummaries": rows}]})
    found = Hub(calls).versions(SHELF, "a")
    assert [content.version for content in found] == ["2.0.0", "9.9.9", "10.0.0"]
    assert [content.major for content in found] == [2, 9, 10]


def test_arns_with_and_without_version() -> None:
    assert with_version(ARN, "3.0.0") == f"{ARN}/3.0.0"
    assert with_version(f"{ARN}/3.0.0", "3.0.0") == f"{ARN}/3.0.0"
    assert without_version(f"{ARN}/3.0.0") == ARN
    assert without_version(ARN) == ARN
    assert (version_in(f"{ARN}/3.0.0"), version_in(ARN)) == ("3.0.0", "")
    assert Content("a", ARN, "odd", "Available").number == (0, 0, 0)


def test_listing_takes_every_page_and_the_newer_of_two_rows() -> None:
    calls = FakeCalls(
        {
            "sagemaker.ListHubContents": [
                {"HubContentSummaries": [_row("a", "2.0.0")], "NextToken": "t"},
                {"HubContentSummaries": [], "NextToken": "u"},
                {"HubContentSummaries": [_row("a", "10.0.0"), _row("b", "1.0.0")]},
            ]
        }
    )
    found = Hub(calls).newest(SHELF, "demo-")
    assert {name: content.version for name, content in found.items()} == {
        "a": "10.0.0",
        "b": "1.0.0",
    }
    assert {params["NameContains"] for _, params in calls.sent} == {"demo-"}


def test_text_that_no_filter_may_hold_is_not_sent() -> None:
    calls = FakeCalls({"sagemaker.ListHubContents": [{"HubContentSummaries": []}]})
    Hub(calls).newest(SHELF, "a_b")
    assert "NameContains" not in calls.sent[0][1]


def test_absence_is_an_answer() -> None:
    gone = [NotFound("no")]
    calls = FakeCalls(
        {
            f"sagemaker.{name}": gone
            for name in (
                "DescribeHub",
                "DescribeHubContent",
                "ListHubContents",
                "ListHubContentVersions",
                "DeleteHubContent",
            )
        }
    )
    hub = Hub(calls)
    assert hub.status("HUB") == ""
    assert hub.describe(SHELF, "a") is None
    assert hub.newest(SHELF) == {}
    assert hub.versions(SHELF, "a") == ()
    hub.delete(SHELF, "a", "1.0.0")


def test_half_a_listing_is_no_listing() -> None:
    pages: list[Any] = [
        {"HubContentSummaries": [_row("a", "1.0.0")], "NextToken": "t"},
        Throttled("slow"),
    ]
    calls = FakeCalls({"sagemaker.ListHubContents": pages})
    with pytest.raises(Throttled):
        Hub(calls).newest(SHELF)


def test_hub_that_somebody_else_created_is_as_good() -> None:
    Hub(FakeCalls({"sagemaker.CreateHub": [AlreadyExists("yes")]})).create("HUB", "shown")
