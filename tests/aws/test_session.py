"""The door to AWS, against the local one."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from nvx.aws.reads import ALLOWED_READS
from nvx.aws.session import Aws, AwsSettings, NotARead
from nvx.core.cloud import CloudError, Rejected
from nvx.local.server import LocalAws
from support.clock import FakeClock
from support.fake_calls import model_of


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with LocalAws() as server:
        yield server.url


def _aws(url: str, *, read_only: bool = False, region: str = "us-west-2") -> Aws:
    settings = AwsSettings(
        region=region, endpoint_url=url, local=True, read_only=read_only, attempts=1
    )
    return Aws(settings, FakeClock())


def test_caller_is_known(url: str) -> None:
    aws = _aws(url)
    caller = aws.identity()
    aws.close()
    assert (caller.account, caller.partition, caller.region) == (
        "000000000000",
        "aws",
        "us-west-2",
    )
    assert aws.identity() is caller


def test_reading_door_lets_reads_pass_and_nothing_else(url: str) -> None:
    aws = _aws(url, read_only=True)
    assert aws.call("sagemaker", "ListTrainingJobs", {})["TrainingJobSummaries"] == []
    with pytest.raises(NotARead, match=r"sagemaker\.CreateModelPackageGroup"):
        aws.call("sagemaker", "CreateModelPackageGroup", {"ModelPackageGroupName": "g"})
    with pytest.raises(NotARead, match=r"s3\.CreateBucket"):
        aws.client("s3").create_bucket(Bucket="bucket-of-nobody")
    aws.close()


def test_one_client_for_each_service_also_from_many_threads(url: str) -> None:
    aws = _aws(url)
    found: list[object] = []
    threads = [
        threading.Thread(target=lambda: found.append(aws.client("sagemaker"))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    aws.close()
    assert len({id(client) for client in found}) == 1


def test_unknown_profile_is_rejected() -> None:
    aws = Aws(AwsSettings(region="us-west-2", profile="no-such-profile"), FakeClock())
    with pytest.raises(Rejected, match="no-such-profile"):
        aws.call("sts", "GetCallerIdentity", {})


def test_local_door_needs_no_configuration(
    url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "broken").write_text("no [configuration")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "broken"))
    monkeypatch.setenv("AWS_PROFILE", "no-such-profile")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    aws = _aws(url)
    assert aws.identity().account == "000000000000"
    aws.close()


def test_nobody_listening_is_no_answer() -> None:
    aws = _aws("http://127.0.0.1:9")
    with pytest.raises(CloudError, match="no answer"):
        aws.identity()
    aws.close()


def test_every_allowed_read_is_an_operation_of_its_service() -> None:
    unknown = [
        (service, operation)
        for service, operation in sorted(ALLOWED_READS)
        if operation not in model_of(service).operation_names
    ]
    assert unknown == []


def test_every_allowed_read_has_the_verb_of_a_read() -> None:
    verbs = ("Describe", "Get", "Head", "List", "Search", "Filter", "Simulate")
    assert [name for _, name in ALLOWED_READS if not name.startswith(verbs)] == []


def test_kinds_and_doors_are_imported_without_botocore() -> None:
    code = (
        "import sys, nvx.kinds, nvx.aws.session, nvx.kinds.common.sources;"
        "sys.exit(any(name in sys.modules for name in ('boto3', 'botocore')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
