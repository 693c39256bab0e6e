from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest
import tomli
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from nvx.config.locate import Places, PlacesUnder, first_place
from nvx.config.scan import KeyPath, Scanner
from nvx.core.diagnostics import Location
from support.toml_documents import documents


def paths_of(value: object, path: KeyPath = ()) -> Iterator[KeyPath]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield (*path, key)
            yield from paths_of(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield (*path, index)
            yield from paths_of(inner, (*path, index))


def text_at(text: str, place: Location) -> str:
    return text.split("\n")[place.line - 1][place.column - 1 :]


def parsed_or_none(text: str) -> Mapping[str, object] | None:
    try:
        return tomli.loads(text)
    except tomli.TOMLDecodeError:
        return None


def starts_with_key(written: str, key: str) -> bool:
    if written[:1] in ('"', "'"):
        return True
    return written.startswith(key)


@settings(max_examples=400)
@given(documents())
def test_every_key_that_tomli_parses_is_placed_at_its_own_text(text: str) -> None:
    parsed = parsed_or_none(text)
    assume(parsed is not None)
    places = Places("x.toml", text.replace("\r\n", "\n"))
    found = set(paths_of(parsed))
    assert set(places) == found
    for path in found:
        if isinstance(path[-1], str):
            assert starts_with_key(text_at(text, places[path]), path[-1]), path


HEADERS = st.sampled_from(
    ["[a.b]", "  [a.c]", "[a.b.d]", "[e.f] # [a.b]", "[[g.h]]", "[a]", '["a"."b"]', "[ a.c ]"]
)
BODIES = st.sampled_from(
    [
        "x = 1",
        'y = "[a.b]"',
        "z = [\n[1.5],\n['q'],\n]",
        "x . y = { z = [1] }",
        "# [a.c]",
        'w = """\n[a.b]\n"""',
    ]
)


@settings(max_examples=300)
@given(st.lists(st.tuples(HEADERS, st.lists(BODIES, max_size=3)), max_size=5))
def test_a_path_is_at_the_same_place_however_much_of_the_text_was_scanned(
    blocks: list[tuple[str, list[str]]],
) -> None:
    text = "".join("\n".join([header, *bodies, ""]) for header, bodies in blocks)
    assume(parsed_or_none(text) is not None)
    scanned = Scanner(text).run()
    whole = Places("x.toml", text)
    assert len(whole) == len(scanned)
    for path, offset in scanned.items():
        fresh = Places("x.toml", text)
        assert fresh[path] == whole.location(offset)
        assert fresh.header(path) == whole.header(path)


def placed(text: str, *path: str | int) -> str:
    place = Places("x.toml", text)[path]
    return f"{place.line}:{place.column}"


def test_places_count_lines_and_columns_in_characters() -> None:
    text = '"é" = 1\n[a.b]\n  c.d = { e = [1, 2], "f g" = 3 }\n'
    assert placed(text, "é") == "1:1"
    assert placed(text, "a") == "2:2"
    assert placed(text, "a", "b") == "2:4"
    assert placed(text, "a", "b", "c", "d") == "3:5"
    assert placed(text, "a", "b", "c", "d", "e", 1) == "3:19"
    assert placed(text, "a", "b", "c", "d", "f g") == "3:23"


def test_elements_of_arrays_of_tables_are_counted() -> None:
    text = "[[a]]\nx = 1\n[a.b]\ny = 1\n[[a]]\nx = 2\n[[a.c]]\nz = 3\n"
    assert placed(text, "a") == "1:3"
    assert placed(text, "a", 1) == "5:3"
    assert placed(text, "a", 0, "b", "y") == "4:1"
    assert placed(text, "a", 1, "c", 0, "z") == "8:1"


def test_a_header_later_in_the_file_is_the_place_of_its_table() -> None:
    text = "[a.b]\nx = 1\n[a]\ny = 2\n"
    assert placed(text, "a") == "3:2"


def test_header_is_the_bracket() -> None:
    places = Places("x.toml", "  [a.b]\nc.d = 1\n")
    assert places.header(("a", "b")) == Location("x.toml", 1, 3)
    assert places.header(("a", "b", "c")) == Location("x.toml", 2, 1)


def test_a_path_that_is_not_written_is_at_its_nearest_parent() -> None:
    places = Places("x.toml", "[a]\nb = 1\n")
    assert places.at(("a", "z", 3)) == places[("a",)]
    assert places.at(("z",)) == Location("x.toml", 1, 1)


@pytest.mark.parametrize(
    ("text", "index", "column", "line"),
    [
        ('k = "abc"', 1, 7, 1),
        ("k = 'abc'", 2, 8, 1),
        (r'k = "\u00e9\tbc"', 2, 14, 1),
        ('k = """\nabc"""', 1, 2, 2),
        ('k = """a\\\n   bc"""', 1, 4, 2),
        ("k = '''\nab\ncd'''", 3, 1, 3),
        ("k . l = 'ab'", 0, 10, 1),
    ],
)
def test_a_character_of_a_string_is_found_through_escapes(
    text: str, index: int, column: int, line: int
) -> None:
    places = Places("x.toml", text)
    path = max(places, key=len)
    assert places.in_text(path, index) == Location("x.toml", line, column)


def test_a_character_of_an_array_element_is_found() -> None:
    places = Places("x.toml", 'k = [1, "ab"]')
    assert places.in_text(("k", 1), 1) == Location("x.toml", 1, 11)
    assert places.in_text(("k", 0), 0) == places[("k", 0)]
    assert places.in_text(("z",), 0) == Location("x.toml", 1, 1)


def test_places_under_a_table_are_relative_to_it() -> None:
    text = "[a.b]\nc = { d = 1 }\nf = [[7], 'g']\n[e]\n"
    under = PlacesUnder(Places("x.toml", text), ("a", "b"), tomli.loads(text)["a"]["b"])
    assert set(under) == {("c",), ("c", "d"), ("f",), ("f", 0), ("f", 0, 0), ("f", 1)}
    assert len(under) == 6
    assert all(path in under for path in under)
    assert not {(), ("z",), ("c", "e"), ("c", "d", "x"), ("f", 2), "z"} & {
        path
        for path in [(), ("z",), ("c", "e"), ("c", "d", "x"), ("f", 2), "z"]
        if path in under
    }
    assert under[("c", "d")] == Location("x.toml", 2, 7)


def test_the_first_place_of_what_is_written_twice() -> None:
    text = "[a]\nb = 1\n[c]\n[a]\n"
    with pytest.raises(tomli.TOMLDecodeError) as caught:
        tomli.loads(text)
    places = Places("x.toml", text)
    assert first_place(places, caught.value.pos) == Location("x.toml", 1, 1)
    assert first_place(places, 9) is None


def test_a_line_that_does_not_exist_is_empty() -> None:
    places = Places("x.toml", "a = 1\nb = 2")
    assert [places.line_text(n) for n in (0, 1, 2, 3)] == ["", "a = 1", "b = 2", ""]
