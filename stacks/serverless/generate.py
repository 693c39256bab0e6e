"""Write the data of this stack: purchases at a till, with totals and change that are computed.

Prices are in cents, so every sum is exact. Nothing here is random: the same program writes the
same bytes.

    python stacks/serverless/generate.py
"""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

TARGET = Path(__file__).parent / "data"
PRICES = {
    "apple": 45,
    "loaf of bread": 289,
    "bar of chocolate": 179,
    "bag of coffee": 649,
    "bottle of milk": 119,
    "jar of honey": 575,
    "lemon": 60,
    "newspaper": 310,
    "pack of rice": 235,
    "tin of tomatoes": 99,
}
NOTES = (500, 1000, 2000, 5000)
TASK = "You work at a till. End with the amount alone, boxed: \\boxed{1.25}."
GREETINGS = ("Good morning!", "Hello.", "Good evening!")

Row = dict[str, object]
Sale = tuple[str, int, int]
"""A question, the sum to pay in cents, and the change in cents."""


def sales() -> Iterator[Sale]:
    """Purchases of two things, paid with the smallest note that is enough."""
    goods = sorted(PRICES)
    for index in range(240):
        first, second = goods[index % 10], goods[(index * 3 + index // 10 + 1) % 10]
        count, more = index % 3 + 1, index % 4 + 1
        total = count * PRICES[first] + more * PRICES[second]
        note = next(note for note in NOTES if note >= total)
        ask = (
            f"A customer buys {spelled(count, first)} at {euros(PRICES[first])} each and"
            f" {spelled(more, second)} at {euros(PRICES[second])} each, and pays with a note of"
            f" {euros(note)}. How much is the change?"
        )
        yield ask, total, note - total


def spelled(count: int, thing: str) -> str:
    """A count of things: `1 lemon`, `2 × lemon`."""
    return f"1 {thing}" if count == 1 else f"{count} × {thing}"


def euros(cents: int) -> str:
    """An amount as people write it."""
    return f"{cents // 100}.{cents % 100:02}"


def answer(total: int, change: int) -> str:
    """The way to the change, and the change."""
    return f"The goods cost {euros(total)}. The change is \\boxed{{{euros(change)}}}."


def receipts(rows: Iterable[Sale]) -> Iterator[Row]:
    """Conversations: what an open-weight model is tuned with by SFT."""
    for ask, total, change in rows:
        yield {
            "messages": [
                {"role": "system", "content": TASK},
                {"role": "user", "content": ask},
                {"role": "assistant", "content": answer(total, change)},
            ]
        }


def pairs(rows: Iterable[Sale]) -> Iterator[Row]:
    """An answer that greets and explains, against one that is curt: what DPO learns from."""
    for index, (ask, total, change) in enumerate(rows):
        greeting = GREETINGS[index % len(GREETINGS)]
        yield {
            "prompt": f"{TASK}\n{ask}",
            "chosen": f"{greeting} {answer(total, change)}",
            "rejected": f"\\boxed{{{euros(change)}}}",
        }


def problems(rows: Iterable[Sale]) -> Iterator[Row]:
    """Prompts with a checkable result: what reinforcement learning rewards."""
    for index, (ask, _, change) in enumerate(rows):
        yield {
            "data_source": "till",
            "prompt": [{"role": "system", "content": TASK}, {"role": "user", "content": ask}],
            "ability": "math",
            "reward_model": {"style": "rule", "ground_truth": euros(change)},
            "extra_info": {"index": index, "answer": euros(change)},
        }


def exam(rows: Iterable[Sale]) -> Iterator[Row]:
    """Questions that no training set holds, with the answers that a scorer compares with."""
    for ask, total, change in rows:
        yield {"system": TASK, "query": ask, "response": answer(total, change)}


def files() -> dict[str, str]:
    """Name → content of every file of data."""
    known = list(dict.fromkeys(sales()))
    parts = {
        "receipts.jsonl": receipts(known[:80]),
        "pairs.jsonl": pairs(known[20:84]),
        "problems.jsonl": problems(known[40:200]),
        "exam.jsonl": exam(known[200:240]),
    }
    return {
        name: "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows)
        for name, rows in parts.items()
    }


if __name__ == "__main__":
    TARGET.mkdir(exist_ok=True)
    for file, text in files().items():
        (TARGET / file).write_bytes(text.encode())
