from datetime import UTC, datetime, timedelta
from typing import Any

from support.local_aws import Cloud
from support.sagemaker_requests import Workshop


def _create(shop: Workshop, name: str, **members: Any) -> str:
    request = shop.tuning(name, **members)
    return str(shop.sagemaker.create_training_job(**request)["TrainingJobArn"])


def test_jobs_are_listed_newest_first(shop: Workshop) -> None:
    shop.with_data()
    for name in ("b", "a", "c"):
        _create(shop, name)
    rows = shop.sagemaker.list_training_jobs()["TrainingJobSummaries"]
    assert [row["TrainingJobName"] for row in rows] == ["c", "a", "b"]
    by_name = shop.sagemaker.list_training_jobs(SortBy="Name", SortOrder="Ascending")
    assert [row["TrainingJobName"] for row in by_name["TrainingJobSummaries"]] == [
        "a",
        "b",
        "c",
    ]


def test_jobs_are_filtered_by_status_and_time(shop: Workshop) -> None:
    _create(shop.with_data(), "old")
    shop.advance()
    _create(shop, "new")
    names = {
        status: [
            row["TrainingJobName"]
            for row in shop.sagemaker.list_training_jobs(StatusEquals=status)[
                "TrainingJobSummaries"
            ]
        ]
        for status in ("InProgress", "Completed", "Failed")
    }
    assert names == {"InProgress": ["new"], "Completed": ["old"], "Failed": []}
    edge = shop.job("new")["CreationTime"] - timedelta(seconds=1)
    later = shop.sagemaker.list_training_jobs(CreationTimeAfter=edge)["TrainingJobSummaries"]
    assert [row["TrainingJobName"] for row in later] == ["new"]
    never = datetime(2000, 1, 1, tzinfo=UTC)
    before = shop.sagemaker.list_training_jobs(LastModifiedTimeBefore=never)
    assert before["TrainingJobSummaries"] == []


def test_250_jobs_come_in_pages_that_are_filtered_before_they_are_cut(shop: Workshop) -> None:
    shop.with_data()
    for number in range(250):
        prefix = "keep" if number % 2 else "drop"
        _create(shop, f"{prefix}-{number:03d}")
    pages = shop.sagemaker.get_paginator("list_training_jobs").paginate(
        NameContains="keep-", PaginationConfig={"PageSize": 50}
    )
    sizes, names = [], []
    for number, page in enumerate(pages):
        sizes.append(len(page["TrainingJobSummaries"]))
        names += [row["TrainingJobName"] for row in page["TrainingJobSummaries"]]
        # A job that comes between two pages moves nothing.
        _create(shop, f"keep-late-{number}")
    assert sizes == [50, 50, 25]
    assert names == [f"keep-{number:03d}" for number in reversed(range(1, 250, 2))]
    assert len(shop.sagemaker.list_training_jobs()["TrainingJobSummaries"]) == 10


def test_jobs_live_on_when_the_server_is_looked_at_from_another_region(cloud: Cloud) -> None:
    _create(Workshop(cloud).with_data(), "job")
    elsewhere = cloud.client("sagemaker", region="us-east-1")
    assert elsewhere.list_training_jobs()["TrainingJobSummaries"] == []
