import pytest

from nvx.data.formats import NOVA, OPEN, format_of, guess_family
from nvx.data.shapes import RowError

TEXT = [{"text": "x"}]
ASK = {"role": "user", "content": TEXT}
SAY = {"role": "assistant", "content": TEXT}
CHAT = [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]
CHOICE = {
    "role": "assistant",
    "candidates": [
        {"content": TEXT, "preferenceLabel": "preferred"},
        {"content": TEXT, "preferenceLabel": "non-preferred"},
    ],
}


def block(**part: object) -> dict[str, object]:
    return {"messages": [{"role": "user", "content": [part]}, SAY]}


RIGHT: list[tuple[str | None, str, object]] = [
    ("sft", NOVA, {"messages": [ASK, SAY]}),
    ("sft", NOVA, {"system": [], "messages": [ASK, SAY, ASK, SAY]}),
    (
        "sft",
        NOVA,
        block(image={"format": "png", "source": {"s3Location": {"uri": "s3://b/k"}}}),
    ),
    (
        "sft",
        NOVA,
        block(video={"format": "mp4", "source": {"s3Location": {"uri": "s3://b/k"}}}),
    ),
    (
        "sft",
        NOVA,
        block(document={"format": "pdf", "source": {"s3Location": {"localPath": "k"}}}),
    ),
    (
        "sft",
        NOVA,
        block(toolResult={"toolUseId": "1", "content": [{"json": {}}, {"text": ""}]}),
    ),
    ("sft", NOVA, block(toolUse={"toolUseId": "1", "name": "f", "input": {}})),
    ("sft", NOVA, block(reasoningContent={"reasoningText": {"text": "so"}})),
    (
        "sft",
        NOVA,
        {
            "toolConfig": {"tools": [{"toolSpec": {"name": "f", "inputSchema": {"json": {}}}}]},
            "messages": [ASK, SAY],
        },
    ),
    ("dpo", NOVA, {"messages": [ASK, CHOICE]}),
    ("dpo", NOVA, {"messages": [ASK, SAY, ASK, CHOICE]}),
    ("rlvr", NOVA, {"messages": [{"role": "user", "content": "q"}], "reference_answer": "4"}),
    (
        "rlvr",
        NOVA,
        {
            "id": "1",
            "messages": [{"role": "system", "content": "s"}, {"role": "user", "content": "q"}],
            "reference_answer": {"a": 4},
            "tools": [],
            "level": 3,
        },
    ),
    ("sft", OPEN, {"messages": CHAT, "source": "kept"}),
    ("sft", OPEN, {"prompt": "p", "completion": CHAT, "system": "s"}),
    ("dpo", OPEN, {"prompt": "p", "chosen": "a", "rejected": "b"}),
    ("dpo", OPEN, {"chosen": CHAT, "rejected": CHAT}),
    (
        "rlvr",
        OPEN,
        {"data_source": "d", "prompt": CHAT[:1], "reward_model": {"ground_truth": 4}},
    ),
    (None, OPEN, {"query": "q", "response": "r"}),
    (None, NOVA, {"text": "free"}),
    (None, NOVA, {"messages": [{"role": "tool", "content": 1}]}),
]

WRONG: list[tuple[str | None, str, object, str]] = [
    ("sft", NOVA, "x", 'the row is "x"; it must be an object'),
    ("sft", NOVA, {}, 'the row has no key "messages", which is required'),
    ("sft", NOVA, {"messages": [ASK]}, "messages has 1 of at least 2 items"),
    (
        "sft",
        NOVA,
        {"messages": [ASK, SAY], "sytem": []},
        'the row has a key "sytem"; allowed: "messages", "schemaVersion", "system", '
        '"toolConfig". Did you mean "system"?',
    ),
    (
        "sft",
        NOVA,
        {"messages": [SAY, ASK]},
        'messages[0].role is "assistant"; the first message must be "user"',
    ),
    ("sft", NOVA, {"messages": [ASK, ASK]}, 'messages[1].role is "user"; roles must alternate'),
    (
        "sft",
        NOVA,
        {"messages": [ASK, SAY, ASK]},
        'messages[2].role is "user"; the last message must be "assistant"',
    ),
    (
        "sft",
        NOVA,
        {"messages": [{"role": "user", "content": "x"}, SAY]},
        'messages[0].content is "x"; it must be a list',
    ),
    (
        "sft",
        NOVA,
        {"messages": [{**ASK, "name": "a"}, SAY]},
        'messages[0] has a key "name"; allowed: "role", "content".',
    ),
    (
        "sft",
        NOVA,
        {"messages": [ASK, CHOICE]},
        "messages[1] has candidates; candidates belong in the last message of a dpo row",
    ),
    (
        "sft",
        NOVA,
        block(text="x", image={}),
        'messages[0].content[0] has "text", "image"; it must have exactly one of "text", '
        '"image", "video", "document", "toolUse", "toolResult", "reasoningContent"',
    ),
    (
        "sft",
        NOVA,
        block(image={"format": "bmp", "source": {}}),
        'messages[0].content[0].image.format is "bmp"; allowed: "jpeg", "png", "gif", "webp"',
    ),
    (
        "sft",
        NOVA,
        block(image={"format": "png", "source": {"s3Location": {}}}),
        'messages[0].content[0].image.source.s3Location has no "uri"',
    ),
    (
        "sft",
        NOVA,
        {"system": "Be brief.", "messages": [ASK, SAY]},
        'system is "Be brief."; it must be a list',
    ),
    (
        "sft",
        NOVA,
        {"toolConfig": {"tools": [{"toolSpec": {"name": "f"}}]}, "messages": [ASK, SAY]},
        'toolConfig.tools[0].toolSpec has no key "inputSchema", which is required',
    ),
    (
        "dpo",
        NOVA,
        {"messages": [ASK, SAY]},
        'messages[1] has a key "content"; allowed: "role", "candidates".',
    ),
    (
        "dpo",
        NOVA,
        {"messages": [ASK, {**CHOICE, "candidates": [CHOICE["candidates"][0]] * 2}]},
        'messages[1].candidates has no candidate labelled "non-preferred"',
    ),
    (
        "dpo",
        NOVA,
        {"messages": [ASK, {"role": "assistant", "candidates": []}]},
        "messages[1].candidates has 0 of at least 2 items",
    ),
    (
        "rlvr",
        NOVA,
        {"messages": [{"role": "system", "content": ""}], "reference_answer": ""},
        'messages has no message with the role "user"',
    ),
    (
        "rlvr",
        NOVA,
        {"messages": CHAT[:1], "reference_answer": 4},
        "reference_answer is the number 4; it must be text or an object",
    ),
    (
        "rlvr",
        NOVA,
        {"messages": [*CHAT, {"role": "system", "content": ""}], "reference_answer": ""},
        "messages[2] is a system message; only the first may be",
    ),
    (
        "sft",
        OPEN,
        {"text": "x"},
        'the row has neither "messages" nor "prompt" and "completion"',
    ),
    ("sft", OPEN, {"prompt": "x"}, 'the row has no key "completion", which is required'),
    (
        "sft",
        OPEN,
        {"messages": [{"role": "bot", "content": ""}]},
        'messages[0].role is "bot"; allowed: "system", "user", "assistant"',
    ),
    ("sft", OPEN, {"messages": [ASK]}, "messages[0].content is a list; it must be a string"),
    (
        "dpo",
        OPEN,
        {"chosen": "a", "rejected": "b"},
        'the row has no key "prompt", which is required',
    ),
    (
        "dpo",
        OPEN,
        {"chosen": "a", "rejected": CHAT},
        "chosen and rejected must both be text or both be lists",
    ),
    ("rlvr", OPEN, {"prompt": "p"}, 'prompt is "p"; it must be a list'),
    (
        "rlvr",
        OPEN,
        {"prompt": CHAT, "reward_model": {}},
        'reward_model has no key "ground_truth", which is required',
    ),
    (
        None,
        OPEN,
        {"question": ""},
        'the row has none of "messages", "prompt", "query", "chosen", "text", "metadata", "input"',
    ),
]


@pytest.mark.parametrize(("technique", "family", "row"), RIGHT)
def test_right_rows_pass(technique: str | None, family: str, row: object) -> None:
    format_of(technique, family).check(row)


@pytest.mark.parametrize(("technique", "family", "row", "text"), WRONG)
def test_wrong_rows_say_what_is_wrong_and_allowed(
    technique: str | None, family: str, row: object, text: str
) -> None:
    with pytest.raises(RowError) as caught:
        format_of(technique, family).check(row)
    assert caught.value.text == text
    assert not format_of(technique, family).surely_right(row)


@pytest.mark.parametrize(("technique", "family", "row"), [r for r in RIGHT if r[0]])
def test_a_file_is_guessed_to_be_of_the_family_that_its_first_row_is_of(
    technique: str | None, family: str, row: object
) -> None:
    assert guess_family(technique, row) == family
