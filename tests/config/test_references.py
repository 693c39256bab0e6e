from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nvx.config.references import Name, ReferenceSyntaxError, parse
from nvx.core.address import Address
from nvx.core.values import Reference

TICKETS = Address("dataset", "tickets")


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("${dataset.tickets}", Reference(TICKETS)),
        ("${dataset.tickets.arn}", Reference(TICKETS, "arn")),
        ("${dataset.my-tickets_2.arn}", Reference(Address("dataset", "my-tickets_2"), "arn")),
        (
            '${evaluation.suite["mm}l\\"u"].scores}',
            Reference(Address("evaluation", "suite", 'mm}l"u'), "scores"),
        ),
        ("${var.x}", Name("var", "x")),
        ("${local.x}", Name("local", "x")),
        ("${each.key}", Name("each", "key")),
        ("${each.value.a-b.0}", Name("each", "value", ("a-b", "0"))),
        (
            '${fine_tune.x["${each.key}"].model_arn}',
            Reference(Address("fine_tune", "x", "${each.key}"), "model_arn"),
        ),
        ("${stack.name}", Name("stack", "name")),
        ("", ""),
        ("{{prompt}} costs $5 {x} $", "{{prompt}} costs $5 {x} $"),
        ("$${var.x}", "${var.x}"),
        ("$$${var.x}", "$${var.x}"),
    ],
)
def test_a_text_that_is_one_thing(text: str, part: object) -> None:
    assert [piece.part for piece in parse(text)] == [part]


def test_a_text_with_references_in_it() -> None:
    pieces = parse("s3://${var.b}/$${x}${dataset.tickets.sha256}")
    assert [(p.index, p.part) for p in pieces] == [
        (0, "s3://"),
        (5, Name("var", "b")),
        (13, "/${x}"),
        (19, Reference(TICKETS, "sha256")),
    ]


@pytest.mark.parametrize(
    ("text", "index"),
    [
        ("${", 2),
        ("a ${}", 4),
        ("${ var.x}", 2),
        ("${dataset}", 9),
        ("${dataset.}", 10),
        ("${dataset.x", 11),
        ("${dataset.x.}", 12),
        ("${dataset.x.y.z}", 13),
        ("${dataset.x[0]}", 11),
        ("${var.x.}", 8),
        ("${var.x.y z}", 9),
        ('${var.x["y"]}', 7),
        ("ok ${var.x} ${upper(var.x)}", 19),
    ],
)
def test_bad_syntax_is_told_at_the_character_where_reading_stopped(
    text: str, index: int
) -> None:
    with pytest.raises(ReferenceSyntaxError) as caught:
        parse(text)
    assert caught.value.index == index


@given(st.text('${}.ab["]\\ ', max_size=30))
def test_any_text_is_parsed_or_refused_with_an_index_inside_it(text: str) -> None:
    index = stopped_at(text)
    assert index is None or 0 <= index <= len(text)


def stopped_at(text: str) -> int | None:
    try:
        parse(text)
    except ReferenceSyntaxError as cause:
        return cause.index
    return None


@given(st.text())
def test_literal_text_comes_back_when_its_marks_are_doubled(text: str) -> None:
    assert [p.part for p in parse(text.replace("${", "$${"))] == [text]
