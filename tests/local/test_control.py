from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from nvx.local.client import Control, ControlError
from nvx.local.server import LocalAws
from nvx.local.settings import PRESETS, Outcome, Settings
from support.local_clients import client, raw


@pytest.fixture
def aws() -> Iterator[LocalAws]:
    with LocalAws() as server:
        yield server


@pytest.fixture
def api(aws: LocalAws) -> Control:
    return Control(aws.url, aws.token)


CHANGES: list[tuple[str, str]] = [
    ("POST", "faults"),
    ("DELETE", "faults"),
    ("POST", "clock"),
    ("POST", "config"),
    ("DELETE", "calls"),
    ("POST", "reset"),
    ("POST", "stop"),
]


@pytest.mark.parametrize(("method", "name"), CHANGES)
@pytest.mark.parametrize("token", ["", "wrong", "é"])
def test_whatever_changes_something_needs_the_token(
    aws: LocalAws, method: str, name: str, token: str
) -> None:
    stranger = Control(aws.url, token)
    with pytest.raises(ControlError, match="lacks the token"):
        stranger.post(name) if method == "POST" else stranger.delete(name)


def test_anyone_may_ask_for_the_health(aws: LocalAws) -> None:
    health = Control(aws.url).get("health")
    assert health["status"] == "ok"
    assert health["url"] == aws.url


def test_faults_are_added_listed_and_cleared(api: Control) -> None:
    api.post("faults", {"rule": "op=ListHubs do=drop"})
    api.post("faults", {"op": "ListHubs", "do": "reset"})
    added = api.post("faults", {"rules": [{"do": "garbage"}, "do=hang"]})
    assert [rule["do"] for rule in added] == ["drop", "reset", "garbage", "hang"]
    assert api.get("faults") == added
    assert api.delete("faults") == []
    assert "drop_after" in api.get("effects")["effects"]


def test_one_wrong_rule_adds_none(api: Control) -> None:
    with pytest.raises(ControlError, match="The fault cannot be used"):
        api.post("faults", {"rules": ["do=drop", "do=nothing"]})
    assert api.get("faults") == []


def test_the_clock_goes_forward_only(api: Control, aws: LocalAws) -> None:
    before = aws.clock.now()
    api.post("clock", {"advance": 3600})
    assert (aws.clock.now() - before).total_seconds() >= 3600
    for wrong in (-1, "x", True, 1e300):
        with pytest.raises(ControlError):
            api.post("clock", {"advance": wrong})
    assert api.get("health")["status"] == "ok"


@pytest.mark.parametrize("preset", sorted(PRESETS))
def test_a_preset_is_a_set_of_settings_and_others_come_on_top(
    api: Control, preset: str
) -> None:
    config = api.post(
        "config",
        {
            "preset": preset,
            "speed": 6000,
            "outcomes": [{"match": "*bad*", "status": "Failed", "reason": "on purpose"}],
        },
    )
    assert config["speed"] == 6000
    assert {name: config[name] for name in PRESETS[preset]} == PRESETS[preset]
    assert config["outcomes"][0]["status"] == "Failed"
    assert api.get("config") == config


@pytest.mark.parametrize(
    "wrong",
    [
        {"preset": "nice"},
        {"colour": "red"},
        {"speed": 0},
        {"speed": "fast"},
        {"lag": -1},
        {"lag": None},
        {"strict": "yes"},
        {"max_running": "x"},
        {"throttle": {"*": [0, 1]}},
        {"throttle": {"*": 3}},
        {"throttle": "nothing"},
        {"outcomes": [{"status": "Failed"}]},
        {"outcomes": 7},
    ],
)
def test_a_setting_that_makes_no_sense_changes_nothing(
    api: Control, wrong: dict[str, Any]
) -> None:
    before = api.get("config")
    with pytest.raises(ControlError):
        api.post("config", {"list_lag": 9, **wrong})
    assert api.get("config") == before


def test_the_throttle_may_be_that_of_a_preset(api: Control) -> None:
    config = api.post("config", {"throttle": "aws-like", "max_running": None})
    assert config["throttle"] == PRESETS["aws-like"]["throttle"]


def test_a_reset_forgets_resources_and_seeds_anew(api: Control, aws: LocalAws) -> None:
    with client(aws.url, "s3") as s3:
        seeded = [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]
        s3.create_bucket(Bucket="mine")
        api.post("faults", {"rule": "do=drop op=Nothing"})
        api.post("reset")
        assert [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]] == seeded
    assert api.get("faults") == []
    assert [call["operation"] for call in api.get("calls")] == ["ListBuckets"]
    assert api.delete("calls") == []
    assert api.get("bad_output") == []


def test_a_blob_is_read_by_its_hash(aws: LocalAws) -> None:
    sha = aws.blobs.put(b"data")
    assert raw(aws, "GET", f"/_nvx/blobs/{sha}") == (200, b"data")
    for name in ("0" * 64, "..%2F..%2Ftoken"):
        assert raw(aws, "GET", f"/_nvx/blobs/{name}")[0] == 404


def test_stop_is_a_request_that_the_waiting_process_obeys(api: Control, aws: LocalAws) -> None:
    assert api.post("stop") == {"status": "stopping"}
    aws.wait()


@pytest.mark.parametrize("body", [b"{", b"[]", b"[" * 99999, b"\xff"])
def test_a_body_that_is_no_object_is_refused(aws: LocalAws, body: bytes) -> None:
    status, answer = raw(aws, "POST", "/_nvx/clock", body, X_Nvx_Token=aws.token)
    assert status == 400
    assert json.loads(answer)["code"] == "ValidationException"


def test_an_unknown_control_call_is_refused(api: Control) -> None:
    with pytest.raises(ControlError, match="No control call GET /_nvx/secrets"):
        api.get("secrets")


def test_quirks_have_sources(api: Control) -> None:
    quirks = api.get("quirks")
    assert quirks
    assert all(quirk["shape"] and quirk["rule"] and quirk["source"] for quirk in quirks)


def test_an_outcome_is_used_up_and_a_tag_comes_first() -> None:
    settings = Settings()
    settings.update(
        {
            "outcomes": [
                {"match": "*:training-job/bad-*", "status": "Failed", "times": 1},
                {"match": "bad-*", "status": "Stopped"},
            ]
        }
    )
    arn = "arn:aws:sagemaker:us-east-1:000000000000:training-job/bad-1"
    found = [settings.outcome_of(arn, "bad-1") for _ in range(3)]
    assert [outcome.status if outcome else None for outcome in found] == [
        "Failed",
        "Stopped",
        "Stopped",
    ]
    assert settings.outcome_of("good") is None
    tagged = settings.outcome_of("good", tags={"nvx-local:outcome": "Failed"})
    assert isinstance(tagged, Outcome)
    assert tagged.status == "Failed"
