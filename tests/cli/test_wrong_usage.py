"""What a new user types wrong: exit 1, a sentence, and the way out. No subprocess, no AWS."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from nvx.cli.main import run
from support.project import REPOSITORY


@pytest.fixture(autouse=True)
def _in_a_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(REPOSITORY / "stacks/quickstart", tmp_path / "stacks/quickstart")
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("plann", 'no command "plann". Did you mean "plan"?'),
        ("plan --locl", "Did you mean '--local'?"),
        ("plan --refresh some", "'some' is not one of 'none', 'normal', 'full'"),
        ("plan --parallelism 0", "0 is not in the range"),
        ("plan nosuch", "hint: give the path of a stack"),
        ("validate --var account", '"account" is not name=value'),
        ("validate --var acount=1", 'Did you mean "account"?'),
        ("validate --var-file none.toml", "none.toml"),
        ("plan --local --endpoint-url http://127.0.0.1:1", "Options exclude each other"),
        ("show nothing --local", "write kind.name, such as fine_tune.support"),
        ("show fine_tune.conversions --local", "`nvx status` lists what is recorded"),
        ("output --local --name modl", "Unknown output"),
        ("state foo", "No such command 'foo'"),
        ("show", "Missing argument 'ADDRESS'"),
    ],
)
def test_a_wrong_command_line_is_exit_1_with_a_way_out(
    line: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(line.split()) == 1
    captured = capsys.readouterr()
    assert said in captured.err
    assert captured.out == ""
    assert "bug" not in captured.err


def test_a_wrong_option_is_a_diagnostic_in_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["plan", "--json", "--locl"]) == 1
    (found,) = json.loads(capsys.readouterr().out)
    assert (found["severity"], found["code"]) == ("error", "usage")
    assert "--local" in found["detail"]


def test_a_damaged_state_says_which_file_and_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    state = tmp_path / "state/000000000000/us-west-2"
    state.mkdir(parents=True)
    (state / "quickstart.json").write_text("garbage\n")
    assert run(["status", "--local"]) == 1
    err = capsys.readouterr().err
    assert "The state is damaged" in err
    assert "quickstart.json" in err
    assert "hint: put the file back from a backup" in err


def test_a_wrong_row_is_said_where_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "stacks/quickstart/data/conversions.jsonl"
    data.write_text(data.read_text().replace('"assistant"', '"asistant"', 1))
    assert run(["validate"]) == 1
    err = capsys.readouterr().err
    assert "stacks/quickstart/data/conversions.jsonl:1:" in err
    assert '"asistant"; allowed: "user", "assistant"' in err


def test_help_fits_80_columns(capsys: pytest.CaptureFixture[str]) -> None:
    from nvx.cli.main import COMMANDS

    for words in [[], *([name] for name in COMMANDS)]:
        assert run([*words, "--help"]) == 0
        lines = capsys.readouterr().out.splitlines()
        assert [line for line in lines if len(line) > 80] == [], words
