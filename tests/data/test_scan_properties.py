import hashlib
import json
from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nvx.data.converse import check_sft, is_plain_sft
from nvx.data.elements import ListError, split_elements
from nvx.data.findings import Findings
from nvx.data.formats import NOVA, OPEN, TECHNIQUES, format_of
from nvx.data.lines import split_lines
from nvx.data.locate import offset_of
from nvx.data.rules import RowRules
from nvx.data.scan import READERS, Scan, scan_chunks
from nvx.data.shapes import RowCheck, RowError

WORDS = ["user", "assistant", "system", "x", "", "é\n", "preferred", "non-preferred", "png"]
KEYS = [
    *("schemaVersion", "system", "messages", "role", "content", "text", "candidates"),
    *("preferenceLabel", "toolConfig", "tools", "toolUse", "toolResult", "image", "format"),
    *("source", "prompt", "completion", "chosen", "rejected", "reward_model", "ground_truth"),
    *("reference_answer", "id", "extra_info", "json", "reasoningContent", "s3Location", "uri"),
]
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-9, 9), st.sampled_from(WORDS)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(KEYS), inner, max_size=4)
    ),
    max_leaves=12,
)
TEXT = st.fixed_dictionaries({"text": st.sampled_from(WORDS)})
TURN = st.fixed_dictionaries(
    {"role": st.sampled_from(WORDS[:3]), "content": st.lists(TEXT | VALUES, max_size=2)}
)
NEARLY = st.fixed_dictionaries(
    {
        "messages": st.tuples(
            st.fixed_dictionaries({"role": st.just("user"), "content": st.lists(TEXT)}), TURN
        ).map(list)
        | st.lists(TURN | VALUES, max_size=3)
    },
    optional={
        "schemaVersion": st.sampled_from(WORDS) | VALUES,
        "system": st.lists(TEXT, max_size=2) | VALUES,
        "other": VALUES,
    },
)
PIECES = st.sampled_from(
    [
        *(b"\n", b"\r\n", b"[", b"]", b"],\n[", b"{", b"}", b",", b'"', b"\\", b"\0", b" "),
        *(b"\xef\xbb\xbf", b"\xff\xfe", b"\xe9", b'{"a": 1}', b"prompt,completion\n", b"a,b"),
        b'{"messages": [{"role": "user", "content": [{"text": "q"}]}, '
        b'{"role": "assistant", "content": [{"text": "\\u00e9"}]}]}',
        b'{"prompt": "p", "completion": "c"}',
    ]
)
CONTENT = st.binary(max_size=60) | st.lists(PIECES, max_size=14).map(b"".join)
FORMATS = st.tuples(
    st.sampled_from([*READERS]),
    st.sampled_from([*TECHNIQUES, None]),
    st.sampled_from([NOVA, OPEN, None]),
)


def cut(data: bytes, at: list[int]) -> Iterator[bytes]:
    places = sorted({0, *(place % (len(data) + 1) for place in at), len(data)})
    for begin, end in pairwise(places):
        yield data[begin:end]


def refusal(check: RowCheck, row: object) -> RowError | None:
    try:
        check(row)
    except RowError as problem:
        return problem
    return None


def scan(data: bytes, at: list[int], form: tuple[str, str | None, str | None]) -> Scan:
    suffix, technique, family = form
    return scan_chunks(cut(data, at), suffix, RowRules(technique, family), Findings("data"))


@given(CONTENT, FORMATS, st.lists(st.integers(0, 999), max_size=6))
def test_a_scan_of_any_bytes_raises_nothing_and_does_not_depend_on_chunks(
    data: bytes, form: tuple[str, str | None, str | None], at: list[int]
) -> None:
    whole = scan(data, [], form)
    assert whole.sha256 == hashlib.sha256(data).hexdigest()
    assert whole.size == len(data)
    assert whole.wrong_rows <= whole.rows
    assert scan(data, at, form) == whole
    assert scan(data, [*range(len(data))], form) == whole


@given(st.lists(VALUES | NEARLY | st.just("\n"), min_size=1, max_size=6), FORMATS)
def test_a_block_of_rows_is_judged_as_its_rows_are_one_by_one(
    rows: list[object], form: tuple[str, str | None, str | None]
) -> None:
    _, technique, family = form
    check = format_of(technique, family or NOVA).check
    wrong = sum(refusal(check, row) is not None for row in rows)
    data = b"\n".join(json.dumps(row).encode() for row in rows)
    found = scan(data, [], (".jsonl", technique, family or NOVA))
    assert (found.rows, found.wrong_rows) == (len(rows), wrong)


@given(NEARLY | VALUES)
def test_a_row_that_is_surely_right_is_right(row: object) -> None:
    if is_plain_sft(row):
        check_sft(row)


@given(VALUES | NEARLY, st.sampled_from([*TECHNIQUES, None]), st.sampled_from([NOVA, OPEN]))
def test_a_wrong_row_is_said_at_a_place_that_is_in_it(
    row: object, technique: str | None, family: str
) -> None:
    problem = refusal(format_of(technique, family).check, row)
    if problem is not None:
        text = json.dumps(row, indent=1)
        assert 0 <= offset_of(text, problem.at) < len(text)
        assert problem.text


@given(st.lists(st.binary(max_size=12)), st.integers(6, 9))
def test_lines_are_those_of_split_without_the_too_long_ones(
    chunks: list[bytes], longest: int
) -> None:
    small = [chunk[:longest] for chunk in chunks]
    lines = b"".join(small).split(b"\n")
    if not lines[-1]:
        lines.pop()
    expected = [line if len(line) <= longest else None for line in lines]
    assert [*split_lines(small, longest=longest)] == expected


@given(
    st.lists(VALUES, max_size=5), st.none() | st.integers(0, 3), st.lists(st.integers(0, 999))
)
def test_the_elements_of_a_list_are_its_values_wherever_it_is_cut(
    values: list[object], indent: int | None, at: list[int]
) -> None:
    data = json.dumps(values, indent=indent).encode()
    assert [json.loads(element.text) for element in split_elements(cut(data, at))] == values


@given(VALUES, st.data())
def test_a_path_into_a_value_leads_to_its_text(value: object, data: st.DataObject) -> None:
    text = json.dumps(value, indent=2)
    at: tuple[str | int, ...] = ()
    while isinstance(value, dict | list) and value:
        part = data.draw(
            st.sampled_from([*value] if isinstance(value, dict) else range(len(value)))
        )
        at, value = (*at, part), value[part]
    found, _ = json.JSONDecoder().raw_decode(text, offset_of(text, at))
    assert found == value


def test_of_equal_keys_the_last_is_located() -> None:
    assert offset_of('{"a": 1, "a": 2}', ("a",)) == 14


def test_an_element_beyond_the_bound_ends_the_reading() -> None:
    with pytest.raises(ListError, match="at most 8 bytes"):
        [*split_elements([b'["' + b"x" * 20], longest=8)]


@pytest.mark.parametrize(
    "text", ['{"a": ' + "[" * 5000, '{"a": ' + "9" * 5000 + ', "b": 1}', "{"]
)
def test_text_that_cannot_be_followed_gives_the_place_reached(text: str) -> None:
    assert offset_of(text, ("b",)) == 0
