"""Evaluators offline: what is checked, what is in the digest, what in the document."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from nvx.core.diagnostics import DiagnosticError, Severity
from nvx.core.resource import Declared
from nvx.kinds.evaluator.code import entry_of
from support.kind_desk import ROLE, STACK, checked, declared, problems

CODE = "def lambda_handler(event, context):\n    return []\n"
FUNCTION = "arn:aws:lambda:us-west-2:123456789012:function:SageMaker-own"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "exact.py").write_text(CODE)
    (tmp_path / "other.py").write_text(CODE + "# more\n")
    (tmp_path / "tone.jinja").write_text("{{ prompt }} {{ response }}")
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "lambda_function.py").write_text(CODE)
    return tmp_path


def _function(folder: Path, **config: Any) -> Declared:
    config = {"source": "exact.py"} | config
    return declared(checked("evaluator", config, folder, variant="reward_function"))


@pytest.mark.parametrize(
    "config",
    [
        {"source": "other.py"},
        {"runtime": "python3.13"},
        {"handler": "lambda_function.other"},
        {"environment": {"MODE": "strict"}},
    ],
)
def test_digest_is_the_code_and_how_it_is_started(folder: Path, config: dict[str, Any]) -> None:
    assert _function(folder, **config).digest != _function(folder).digest


@pytest.mark.parametrize(
    "config",
    [
        {"timeout": 10},
        {"memory": 1024},
        {"lambda_role": ROLE + "Other"},
        {"description": "text"},
        {"tags": {"a": "b"}},
        {"runtime": "python3.12"},
    ],
)
def test_what_is_changed_in_place_is_in_neither_hash(
    folder: Path, config: dict[str, Any]
) -> None:
    one, plain = _function(folder, **config), _function(folder)
    assert (one.digest, one.document) == (plain.digest, plain.document)


@pytest.mark.parametrize("config", [{"domain": "d-1"}, {"name": "named"}])
def test_document_changes_with_what_it_says(folder: Path, config: dict[str, Any]) -> None:
    one, plain = _function(folder, **config), _function(folder)
    assert one.digest == plain.digest
    assert one.document != plain.document


def test_own_function_is_known_by_its_arn(folder: Path) -> None:
    resource = checked("evaluator", {"lambda": FUNCTION}, folder, variant="reward_function")
    assert declared(resource).inputs == {"lambda_arn": FUNCTION}


def test_role_that_runs_the_code_is_recorded(folder: Path) -> None:
    resource = checked("evaluator", {"source": "exact.py"}, folder, variant="reward_function")
    assert declared(resource).circumstance == {"lambda_role": ROLE}
    stack = replace(STACK, lambda_role=ROLE + "Lambda")
    assert declared(resource, stack).circumstance == {"lambda_role": ROLE + "Lambda"}


def test_absent_code_is_a_problem(folder: Path) -> None:
    with pytest.raises(DiagnosticError, match="Source not readable"):
        _function(folder, source="none.py")


@pytest.mark.parametrize(
    ("config", "summary"),
    [
        ({}, "One source is needed"),
        ({"source": "exact.py", "lambda": FUNCTION}, "One source is needed"),
        ({"source": "s3://raw/exact.py"}, "Not local code"),
        ({"lambda": FUNCTION + ":1"}, "Not a function"),
        ({"lambda": "exact"}, "Not a function"),
        ({"lambda": FUNCTION.replace("us-west-2", "eu-west-1")}, "Function elsewhere"),
        ({"lambda": FUNCTION.replace("1234", "9999")}, "Function elsewhere"),
        ({"lambda": FUNCTION, "timeout": 3}, "Setting without effect"),
    ],
)
def test_problem_is_found_offline(folder: Path, config: dict[str, Any], summary: str) -> None:
    resource = checked("evaluator", config, folder, variant="reward_function")
    assert [p.summary for p in problems(resource)] == [summary]


def test_function_that_managed_policies_do_not_cover_is_a_warning(folder: Path) -> None:
    config = {"lambda": FUNCTION.replace("SageMaker-own", "reward")}
    resource = checked("evaluator", config, folder, variant="reward_function")
    assert [p.severity for p in problems(resource)] == [Severity.WARNING]


def test_some_role_is_needed_to_run_code(folder: Path) -> None:
    resource = checked("evaluator", {"source": "exact.py"}, folder, variant="reward_function")
    found = problems(resource, replace(STACK, role=""))
    assert [p.summary for p in found] == ["Missing setting"]


def test_digest_of_a_prompt_is_its_bytes(folder: Path) -> None:
    def prompt(**config: Any) -> Declared:
        config = {"source": "tone.jinja"} | config
        return declared(checked("evaluator", config, folder, variant="reward_prompt"))

    assert prompt(domain="d-1").digest == prompt().digest
    assert prompt(domain="d-1").document != prompt().document
    (folder / "tone.jinja").write_text("{{ response }}")
    before = prompt().digest
    (folder / "tone.jinja").write_text("{{ response }}!")
    assert prompt().digest != before


@pytest.mark.parametrize(
    ("handler", "entry"),
    [
        ("lambda_function.lambda_handler", "lambda_function.py"),
        ("package.module.run", "package/module.py"),
    ],
)
def test_handler_names_the_file_that_lambda_starts(handler: str, entry: str) -> None:
    assert entry_of(handler) == entry
