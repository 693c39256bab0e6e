import json
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

from nvx.data.scan import scan_file
from nvx.data.tree import build_zip

STACKS = Path(__file__).parents[2] / "stacks"
DATA = {"quickstart": "data/conversions.jsonl", "support": "data/tickets.jsonl"}
NOVA_BATCH = 32  # rows that one training batch of Nova Lite 2 needs at least


def load(stack: str, name: str) -> ModuleType:
    spec = spec_from_file_location(f"{stack}_{Path(name).stem}", STACKS / stack / name)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def rows(stack: str) -> list[dict[str, list[dict[str, list[dict[str, str]]]]]]:
    return [
        json.loads(line) for line in (STACKS / stack / DATA[stack]).read_bytes().splitlines()
    ]


def sample(expected: str, answer: str) -> dict[str, object]:
    messages = [{"role": "user", "content": "?"}, {"role": "assistant", "content": answer}]
    return {"id": "a", "messages": messages, "reference_answer": expected}


def reward(stack: str, expected: str, answer: str) -> float:
    [found] = load(stack, "rewards/exact.py").lambda_handler([sample(expected, answer)], None)
    assert found["id"] == "a"
    score = found["aggregate_reward_score"]
    assert isinstance(score, float)
    return score


@pytest.mark.parametrize("stack", DATA)
def test_the_committed_data_is_what_the_generator_writes(stack: str) -> None:
    committed = (STACKS / stack / DATA[stack]).read_bytes()
    assert committed == load(stack, "generate.py").content().encode()


@pytest.mark.parametrize("stack", DATA)
def test_every_row_is_right_and_none_is_twice(stack: str) -> None:
    path = STACKS / stack / DATA[stack]
    found = scan_file(path, technique="sft", family="nova", display=path.name)
    assert found.problems == ()
    assert found.rows >= NOVA_BATCH
    asked = [row["messages"][0]["content"][0]["text"] for row in rows(stack)]
    assert len(set(asked)) == len(asked) == found.rows


@pytest.mark.parametrize("stack", DATA)
def test_the_reward_gives_every_right_answer_full_marks(stack: str) -> None:
    handler = load(stack, "rewards/exact.py").lambda_handler
    answers = [row["messages"][1]["content"][0]["text"] for row in rows(stack)]
    scores = handler([sample(answer, answer) for answer in answers], None)
    assert [score["aggregate_reward_score"] for score in scores] == [1.0] * len(answers)


@pytest.mark.parametrize(
    ("expected", "answer", "score"),
    [
        ("41.01 ft", "41.01 ft", 1.0),
        ("41.01 ft", "That is 12.5 m × 3.2808 = 41.0 feet.", 1.0),
        ("1600 m²", "1,600 square metres", 1.0),
        ("0.0007413 acre", "0.00074 acres", 1.0),
        ("41.01 ft", "41.01 m", 0.5),
        ("41.01 ft", "41.01", 0.5),
        ("41.01 ft", "42 ft", 0.0),
        ("-40 °F", "-40 ° F", 1.0),
        ("-40 °F", "40 °F", 0.0),
        ("-40 °F", "9" * 999, 0.0),
        ("1927-07-09", "It is 9 July 1927.", 1.0),
        ("1927-07-09", "July 9th, 1927", 1.0),
        ("1927-07-09", "1927-09-07", 0.0),
        ("1927-07-09", "31 February 1927", 0.0),
        ("Saturday", "It was a saturday", 1.0),
        ("Saturday", "Sunday", 0.0),
        ("Saturday", "", 0.0),
    ],
)
def test_the_quickstart_reward_knows_values_units_and_dates(
    expected: str, answer: str, score: float
) -> None:
    assert reward("quickstart", expected, answer) == score


def test_the_support_reward_falls_with_category_and_facts() -> None:
    right = "[billing] We refund 29 euro of order F-40213 on Monday."
    other = "[return] We refund 30 euro of order F-40213 on Monday."
    assert 1.0 > reward("support", right, other) > reward("support", right, "No idea.") >= 0.0


@pytest.mark.parametrize("stack", DATA)
@pytest.mark.parametrize("wrap", ["batch", "body", "input", None])
def test_a_reward_takes_every_wrapping_of_a_batch(stack: str, wrap: str | None) -> None:
    handler = load(stack, "rewards/exact.py").lambda_handler
    batch = [sample("5 m", "5 m"), {"id": 7}, None]
    event = {wrap: json.dumps(batch) if wrap == "body" else batch} if wrap else batch
    scores = handler(event, None)
    assert [score["id"] for score in scores] == ["a", "7", ""]
    assert [score["aggregate_reward_score"] for score in scores] == [1.0, 0.0, 0.0]


def test_the_quickstart_reward_reads_open_weight_rows() -> None:
    module = load("quickstart", "rewards/exact.py")
    row = {"response": "5 metres", "reward_model": {"ground_truth": "5 m"}}
    assert module.score(row)["aggregate_reward_score"] == 1.0
    content = [{"text": "5"}, {"text": "m"}]
    nova = {"messages": [{"role": "assistant", "content": content}]}
    gold = {"reference_answer": {"text": "5 m"}}
    assert module.score({**nova, **gold})["aggregate_reward_score"] == 1.0


@pytest.mark.parametrize("stack", DATA)
def test_a_reward_fits_into_a_function(stack: str) -> None:
    assert build_zip(STACKS / stack / "rewards" / "exact.py").startswith(b"PK")
