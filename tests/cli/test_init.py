"""`nvx init`: a first stack that works as it is, and never overwrites anything."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from nvx.cli.main import run
from support.project import REPOSITORY, project

STARTER = REPOSITORY / "src/nvx/cli/starter"
WRITTEN = (
    ".gitignore",
    "stacks/first/data/answers.jsonl",
    "stacks/first/first.toml",
    "stacks/first/rewards/exact.py",
)


def files_below(root: Path) -> list[str]:
    return sorted(str(p.relative_to(root)) for p in root.rglob("*") if p.is_file())


def roman(number: int) -> str:
    signs = {1000: "M", 900: "CM", 500: "D", 400: "CD", 100: "C", 90: "XC", 50: "L", 40: "XL"}
    signs |= {10: "X", 9: "IX", 5: "V", 4: "IV", 1: "I"}
    text = ""
    for value, sign in signs.items():
        text, number = text + sign * (number // value), number % value
    return text


def rows() -> list[tuple[str, str]]:
    """Question and answer of every row."""
    found = []
    for line in (STARTER / "answers.jsonl").read_text().splitlines():
        user, assistant = json.loads(line)["messages"]
        found.append((user["content"][0]["text"], assistant["content"][0]["text"]))
    return found


def scorer() -> Any:
    spec = importlib.util.spec_from_file_location("starter_exact", STARTER / "exact.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_new_project_is_valid_applies_without_an_account_and_then_is_as_declared(
    tmp_path: Path,
) -> None:
    with project(tmp_path) as made:
        assert made.nvx("init").code == 0
        validated = made.nvx("validate")
        assert (validated.code, validated.out) == (0, "first: valid (5 resources)\n")
        made.apply()
        assert made.plan() == {}
        assert made.paid() == 2


def test_init_says_what_it_wrote_and_what_to_do_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["init", "a project"]) == 0
    assert files_below(tmp_path / "a project") == list(WRITTEN)
    out = capsys.readouterr().out
    assert all(f"wrote a project/{name}" in out for name in WRITTEN)
    assert "  cd 'a project'\n  nvx plan --local\n" in out


def test_init_twice_is_refused_and_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["init"]) == 0
    stack = tmp_path / "stacks/first/first.toml"
    stack.write_text("mine")
    assert run(["init"]) == 1
    assert stack.read_text() == "mine"
    err = capsys.readouterr().err
    assert "Files are in the way" in err
    assert "Nothing was written" in err


def test_init_keeps_a_gitignore_and_says_what_it_lacks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".gitignore").write_text("dist/\n")
    assert run(["init"]) == 0
    assert (tmp_path / ".gitignore").read_text() == "dist/\n"
    out = capsys.readouterr().out
    assert "kept  .gitignore: add these lines to it" in out
    assert "state/000000000000/" in out


def test_every_answer_of_the_starter_is_right() -> None:
    assert len(rows()) == 40
    for question, answer in rows():
        if answer.isdigit():
            numeral = next(word for word in re.findall(r"\b[IVXLCDM]+\b", question))
            assert roman(int(answer)) == numeral, question
        else:
            (number,) = re.findall(r"\d+", question)
            assert roman(int(number)) == answer, question


def test_the_starters_reward_function_scores_right_half_right_and_wrong() -> None:
    module = scorer()

    def scored(said: object, wanted: object) -> Any:
        messages = [{"role": "assistant", "content": said}]
        sample = {"id": "1", "messages": messages, "reference_answer": wanted}
        return module.lambda_handler([sample], None)[0]["aggregate_reward_score"]

    assert scored("MCMXCIV", "MCMXCIV") == 1.0
    assert scored([{"text": "It is XIV."}], {"text": "XIV"}) == 1.0
    assert scored("14", "XIV") == 0.5
    assert scored("XV", "XIV") == 0.0
    assert scored("no idea", "XIV") == 0.0
    assert scored(None, None) == 0.0
    assert module.lambda_handler({"body": '["rubbish"]'}, None)[0]["id"] == ""


@pytest.mark.soak
def test_the_wheel_holds_the_starter_and_the_catalogue(tmp_path: Path) -> None:
    build = ("-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation")
    target = ("--wheel-dir", str(tmp_path), str(REPOSITORY))
    subprocess.run([sys.executable, *build, *target], check=True)
    (wheel,) = tmp_path.glob("nvx-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        packed = set(archive.namelist())
    sources = (p for p in (REPOSITORY / "src/nvx").rglob("*") if p.is_file())
    expected = {
        str(p.relative_to(REPOSITORY / "src")) for p in sources if "__pycache__" not in p.parts
    }
    assert packed >= expected
    assert {f"nvx/cli/starter/{p.name}" for p in STARTER.iterdir() if p.is_file()} <= packed
