"""Hypothesis strategies for TOML text in all its forms."""

from __future__ import annotations

from hypothesis import strategies as st

_BARE = st.text("abcXYZ019_-", min_size=1, max_size=4)
_ESCAPES = st.sampled_from(["\\n", '\\"', "\\\\", "\\u00e9", "\\U0001F600", "\\t"])
_PLAIN = st.text("ab .#[]{}=,'é😀", max_size=5)
_GAPS = st.sampled_from(["", " ", "  ", "\t"])


def _basic_text() -> st.SearchStrategy[str]:
    return st.lists(st.one_of(_PLAIN, _ESCAPES), max_size=3).map("".join)


def _quoted() -> st.SearchStrategy[str]:
    basic = _basic_text().map(lambda text: f'"{text}"')
    literal = st.text('ab .#[]"=\\é', max_size=5).map(lambda text: f"'{text}'")
    return st.one_of(basic, literal)


def _long() -> st.SearchStrategy[str]:
    body = st.lists(
        st.one_of(
            _PLAIN,
            _ESCAPES,
            st.sampled_from(["\n", '""', '"', "\\\n  ", "\n[x]\n", "\nk = 1\n"]),
        ),
        max_size=4,
    ).map("".join)
    raw = st.lists(
        st.sampled_from(["a", "\n", "''", "'", "\\", '"""', "\n[[y]]\n"]), max_size=4
    )
    return st.one_of(
        body.map(lambda text: f'"""{text}"""'),
        raw.map("".join).map(lambda text: f"'''{text}'''"),
    )


def keys() -> st.SearchStrategy[str]:
    """A key, dotted or not, bare or quoted."""
    part = st.one_of(_BARE, _BARE, _quoted())
    dot = st.builds("{}.{}".format, _GAPS, _GAPS)
    return st.lists(part, min_size=1, max_size=3).flatmap(
        lambda parts: dot.map(lambda joint: joint.join(parts))
    )


_SCALARS = st.one_of(
    st.sampled_from(
        ["1", "-7", "+0", "0xff", "1_000", "1.5", "6e-2", "inf", "-nan", "true", "false"]
    ),
    st.sampled_from(
        ["1979-05-27", "1979-05-27 07:32:00Z", "1979-05-27T07:32:00-07:00", "07:32:01"]
    ),
    _quoted(),
    _long(),
)
_BREAKS = st.sampled_from(["", " ", "\n", "\n\t", " # note ]}\n", "\n# 'it\n\n"])


def _array(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    item = st.builds("{}{}{}".format, _BREAKS, inner, _BREAKS)
    tail = st.sampled_from(["", ",", ",\n"])
    return st.builds(
        lambda items, end: f"[{','.join(items)}{end if items else ''}]",
        st.lists(item, max_size=3),
        tail,
    )


def _table(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pair = st.builds("{}{}{}={}{}{}".format, _BREAKS, keys(), _GAPS, _GAPS, inner, _BREAKS)
    return st.lists(pair, max_size=3).map(lambda pairs: "{" + ",".join(pairs) + "}")


VALUES = st.recursive(
    _SCALARS, lambda inner: st.one_of(_array(inner), _table(inner)), max_leaves=6
)
_ENDS = st.sampled_from(["", " ", "# end", '  # "]"'])


def _statements() -> st.SearchStrategy[str]:
    pair = st.builds("{}{}{}={}{}{}".format, _GAPS, keys(), _GAPS, _GAPS, VALUES, _ENDS)
    table = st.builds("{}[{}{}{}]{}".format, _GAPS, _GAPS, keys(), _GAPS, _ENDS)
    array = st.builds("[[{}{}]]{}".format, _GAPS, keys(), _ENDS)
    return st.one_of(pair, pair, table, array, _ENDS)


def documents() -> st.SearchStrategy[str]:
    """Text that is often, not always, valid TOML."""
    ends = st.sampled_from(["\n", "\r\n"])
    return st.builds(
        lambda lines, end, last: end.join(line.replace("\n", end) for line in lines) + last,
        st.lists(_statements(), max_size=7),
        ends,
        st.sampled_from(["", "\n"]),
    )
