import hashlib
import json
from pathlib import Path

import pytest

from nvx.core.diagnostics import Diagnostic, Severity
from nvx.data.scan import Scan, hash_file, scan_file


def converse(question: str = "How many metres is 5 km?", answer: str = "5000 m") -> object:
    return {
        "schemaVersion": "bedrock-conversation-2024",
        "system": [{"text": "Answer with the number and the unit."}],
        "messages": [
            {"role": "user", "content": [{"text": question}]},
            {"role": "assistant", "content": [{"text": answer}]},
        ],
    }


def line(row: object) -> bytes:
    return json.dumps(row, ensure_ascii=False).encode()


def scan(folder: Path, data: bytes, name: str = "tickets.jsonl", **rules: str | None) -> Scan:
    path = folder / name
    path.write_bytes(data)
    rules.setdefault("technique", "sft")
    return scan_file(path, display=name, **rules)


def said(problem: Diagnostic) -> str:
    return f"{problem.location}: {problem.severity}: {problem.summary}: {problem.detail}"


def test_a_right_file_gives_hash_size_and_rows(tmp_path: Path) -> None:
    data = b"\n".join([line(converse())] * 3) + b"\n"
    assert scan(tmp_path, data) == Scan(hashlib.sha256(data).hexdigest(), len(data), 3)


def test_crlf_and_a_missing_last_newline_are_right(tmp_path: Path) -> None:
    data = b"\r\n".join([line(converse("¿Cuánto?"))] * 3)
    found = scan(tmp_path, data)
    assert (found.rows, found.problems) == (3, ())


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", "tickets.jsonl: error: Empty dataset: the file has no rows"),
        (b"\n\n", "tickets.jsonl: error: Empty dataset: the file has no rows"),
        (
            line(converse()) + b"\n{nope}\n",
            "tickets.jsonl:2:2: error: Invalid JSON: unexpected character, expected a string key",
        ),
        (
            line(converse()) + b'\n{"messages": "caf\xe9"}',
            "tickets.jsonl:2:18: error: Invalid UTF-8: byte 0xe9 is not UTF-8",
        ),
        (
            b'{"a": "\0"}',
            "tickets.jsonl:1:8: error: Invalid JSON: a NUL byte, which JSON does not allow",
        ),
        (
            b"\xef\xbb\xbf" + line(converse()),
            "tickets.jsonl:1:1: error: Byte order mark: the file begins with a byte order mark",
        ),
        (
            "{}".encode("utf-16"),
            "tickets.jsonl: error: Not UTF-8: the file is UTF-16",
        ),
        (
            line(converse()) + b"\n\n" + line(converse()) + b"\n\n",
            "tickets.jsonl:2:1: warning: Blank line: blank lines between rows are skipped here; "
            "some trainers count them as rows",
        ),
        (
            b"[1]",
            "tickets.jsonl:1:1: error: Row does not fit its technique: "
            "the row is a list; it must be an object",
        ),
    ],
)
def test_what_is_wrong_with_the_bytes_is_said_at_its_place(
    tmp_path: Path, data: bytes, expected: str
) -> None:
    found = scan(tmp_path, data, family="nova")
    assert [said(problem) for problem in found.problems] == [expected]
    assert found.sha256 == hashlib.sha256(data).hexdigest()


def test_the_first_twenty_wrong_rows_are_shown_and_the_rest_counted(tmp_path: Path) -> None:
    found = scan(tmp_path, b"{}\n" * 1_224, family="nova")
    assert found.wrong_rows == 1_224
    assert len(found.problems) == 21
    assert said(found.problems[0]) == (
        "tickets.jsonl:1:1: error: Row does not fit its technique: "
        'the row has no key "messages", which is required'
    )
    assert said(found.problems[-1]) == (
        "tickets.jsonl:21:1: error: More rows are wrong: and 1,204 more rows are wrong"
    )


def test_a_wrong_row_among_right_ones_points_at_the_value(tmp_path: Path) -> None:
    wrong = b'{"messages": [{"role": "usr", "content": [{"text": "x"}]}, {}]}'
    data = line(converse()) + b"\n" + wrong + b"\n" + line(converse()) + b"\n"
    found = scan(tmp_path, data)
    assert found.rows == 3
    assert [said(problem) for problem in found.problems] == [
        "tickets.jsonl:2:24: error: Row does not fit its technique: "
        'messages[0].role is "usr"; allowed: "user", "assistant"'
    ]
    assert found.problems[0].line_text == wrong.decode()


def test_two_lines_never_make_one_row(tmp_path: Path) -> None:
    right = line(converse())
    data = right[:10] + b"\n" + right[10:] + b"\n" + right + b"],[" + right + b"\n"
    found = scan(tmp_path, data)
    assert (found.rows, found.wrong_rows) == (3, 3)


def test_a_line_beyond_the_bound_is_a_wrong_row_and_the_next_is_checked(tmp_path: Path) -> None:
    data = b'"' + b"x" * 17 * 1024 * 1024 + b'"\n' + line(converse()) + b"\n{}\n"
    found = scan(tmp_path, data, family="nova")
    assert found.rows == 3
    assert [said(problem) for problem in found.problems] == [
        "tickets.jsonl:1:1: error: Row too long: a row may have at most 16,777,216 bytes",
        "tickets.jsonl:3:1: error: Row does not fit its technique: "
        'the row has no key "messages", which is required',
    ]


def test_a_file_beyond_the_limit_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    with path.open("wb") as file:
        file.write(b"prompt,completion\na,b\n")
        file.truncate(1024**3 + 1)
    found = scan_file(path, technique="sft", display="large.csv")
    assert said(found.problems[-1]) == (
        "large.csv: error: File too large: "
        "the file has 1,073,741,825 bytes; at most 1,073,741,824 are allowed"
    )


@pytest.mark.parametrize("name", ["missing.jsonl", "."])
def test_a_file_that_cannot_be_read_is_a_problem(tmp_path: Path, name: str) -> None:
    found = scan_file(tmp_path / name, technique=None, display=name)
    assert found.sha256 == ""
    assert [problem.severity for problem in found.problems] == [Severity.ERROR]


def test_an_unknown_suffix_names_the_known_ones(tmp_path: Path) -> None:
    found = scan(tmp_path, b"{}", "tickets.txt")
    assert said(found.problems[0]) == (
        'tickets.txt: error: Unknown dataset format: ".txt" is none of .jsonl, .json, .csv'
    )


def test_a_hash_is_the_sha256_of_the_bytes(tmp_path: Path) -> None:
    path = tmp_path / "data.bin"
    path.write_bytes(bytes(range(256)) * 5_000)
    assert hash_file(path) == hashlib.sha256(path.read_bytes()).hexdigest()
