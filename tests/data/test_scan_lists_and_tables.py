import json
from pathlib import Path

import pytest

from nvx.data.scan import Scan, scan_file

ROW = {"prompt": 'Say "[,]" {twice}', "completion": "[,] [,]"}


def scan(folder: Path, data: str, name: str, technique: str | None = "sft") -> Scan:
    path = folder / name
    path.write_text(data)
    return scan_file(path, technique=technique, family="open", display=name)


def said(found: Scan) -> list[str]:
    return [f"{problem.location}: {problem.detail}" for problem in found.problems]


@pytest.mark.parametrize("indent", [None, 2])
def test_a_list_of_rows_is_right_however_it_is_laid_out(
    tmp_path: Path, indent: int | None
) -> None:
    found = scan(tmp_path, json.dumps([ROW] * 3, indent=indent) + "\n", "a.json")
    assert (found.rows, found.problems) == (3, ())


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("", ["a.json: the file has no rows"]),
        ("[]", ["a.json: the file has no rows"]),
        ("[ \n ]\n", ["a.json: the file has no rows"]),
        ('{"a": 1}', ["a.json:1:1: a .json dataset must be one list of objects: [ … ]"]),
        ("\n[", ["a.json:2:1: the list is not closed: it has no last ]"]),
        ("[{}}", ["a.json:1:1: a } closes the list; it must be a ]"]),
        ("[\n]\n\nx", ["a.json:4:1: there is more after the list's last ]"]),
        (
            '[\n  {"prompt": "p", "completion": "c"},\n  {"prompt": 7, "completion": "c"}\n]',
            ["a.json:3:14: prompt is the number 7; it must be text or a list of messages"],
        ),
        (
            '[\n  {"prompt": "p",\n   "completion": null}\n]',
            ["a.json:3:18: completion is null; it must be text or a list of messages"],
        ),
        (
            '[{"prompt": "p", "completion": "c"}, ]',
            ["a.json:1:38: there is no value here"],
        ),
    ],
)
def test_what_is_wrong_with_a_list_is_said_at_its_place(
    tmp_path: Path, data: str, expected: list[str]
) -> None:
    assert said(scan(tmp_path, data, "a.json")) == expected


@pytest.mark.parametrize(
    ("data", "rows", "expected"),
    [
        ("prompt,completion\na,b\n\nc,d\n", 2, []),
        ('prompt,completion\n"a\nb",c\n', 1, []),
        ("", 0, ["t.csv:1:1: the first line must name the columns"]),
        (
            "prompt,answer\na,b\n",
            0,
            [
                't.csv:1:1: with these columns, the row has no key "completion", '
                "which is required"
            ],
        ),
        ("prompt,prompt\na,b\n", 0, ['t.csv:1:1: the column "prompt" is there twice']),
        (
            'prompt,completion\n"a\nb",c\nd\n',
            2,
            ["t.csv:4:1: the row has 1 values for 2 columns"],
        ),
        ('prompt,completion\n"a\n', 0, ["t.csv:2:1: unexpected end of data"]),
    ],
)
def test_a_table_of_rows_is_checked(
    tmp_path: Path, data: str, rows: int, expected: list[str]
) -> None:
    found = scan(tmp_path, data, "t.csv")
    assert (found.rows, said(found)) == (rows, expected)


def test_a_table_cannot_hold_what_needs_structure(tmp_path: Path) -> None:
    found = scan(tmp_path, "prompt\na\n", "t.csv", technique="rlvr")
    assert said(found) == [
        "t.csv: technique rlvr takes rows of prompt and reward_model, "
        "which a .csv file cannot hold"
    ]
