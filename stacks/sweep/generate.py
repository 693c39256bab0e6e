"""Write data/numerals.jsonl: numbers as Roman numerals and back, each answer computed.

Nothing here is random: the same program writes the same bytes.

    python stacks/sweep/generate.py
"""

import json
from pathlib import Path

SYSTEM = "Convert between numbers and Roman numerals. Give only the result."
TARGET = Path(__file__).parent / "data" / "numerals.jsonl"
ROWS = 160
STEP = 1597
"""Shares no factor with 3999, so that steps of it reach every number from 1 to 3999."""

SYMBOLS = [
    (1000, "M"),
    (900, "CM"),
    (500, "D"),
    (400, "CD"),
    (100, "C"),
    (90, "XC"),
    (50, "L"),
    (40, "XL"),
    (10, "X"),
    (9, "IX"),
    (5, "V"),
    (4, "IV"),
    (1, "I"),
]


def roman(number: int) -> str:
    """A number from 1 to 3999 as a Roman numeral."""
    written = ""
    for value, symbol in SYMBOLS:
        count, number = divmod(number, value)
        written += symbol * count
    return written


def row(index: int) -> dict[str, object]:
    """One question in the form that Amazon Nova is tuned with; every other one is the way back."""
    number = index * STEP % 3999 + 1
    question, answer = f"Write {number} as a Roman numeral.", roman(number)
    if index % 2:
        question, answer = f"Which number is {roman(number)}?", str(number)
    return {
        "schemaVersion": "bedrock-conversation-2024",
        "system": [{"text": SYSTEM}],
        "messages": [
            {"role": "user", "content": [{"text": question}]},
            {"role": "assistant", "content": [{"text": answer}]},
        ],
    }


def content() -> str:
    """The data set as text, one row a line."""
    return "".join(json.dumps(row(index)) + "\n" for index in range(ROWS))


if __name__ == "__main__":
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_bytes(content().encode())
