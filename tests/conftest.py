"""Settings of every test: how long properties are searched, and no AWS of the user's."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "test",
    max_examples=50,
    deadline=None,
    derandomize=True,  # `make test` says the same of the same code; `make soak` looks further
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("soak", max_examples=2000, deadline=None)
settings.load_profile(os.environ.get("NVX_HYPOTHESIS", "test"))


@pytest.fixture(autouse=True)
def _no_aws_of_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [n for n in os.environ if n.startswith(("AWS_", "NVX_VAR_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
