"""Write data/: questions about parcels, once alone and once with the answers of a help desk.

Nothing here is random: the same program writes the same bytes.

    python stacks/bedrock/generate.py
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

TARGET = Path(__file__).parent / "data"
SOURCE = "desk-2025"

ZONES = {"Norway": 4, "Germany": 5, "Portugal": 7, "Greece": 9, "Canada": 12}
WEIGHTS = (1, 2, 5, 10, 18)


def price(zone: int, kilograms: int) -> int:
    """What a parcel costs, in euro: a base by zone, and one more for each kilogram above the first."""
    return zone + kilograms - 1


def questions() -> Iterator[tuple[str, str, str]]:
    """A question, the right answer, and what the desk said."""
    for country, zone in ZONES.items():
        for kilograms in WEIGHTS:
            cost = price(zone, kilograms)
            yield (
                f"A parcel costs {zone} euro to {country}, and 1 euro more for each kilogram above"
                f" the first. What does a parcel of {kilograms} kg cost?",
                f"{cost} euro",
                f"That would be {cost} euro, with tracking."
                if kilograms < 18
                else f"{zone} euro.",
            )


def files() -> Mapping[str, str]:
    """The files of the folder by name."""
    plain, answered = [], []
    for prompt, answer, said in questions():
        row = {"prompt": prompt, "referenceResponse": answer, "category": "prices"}
        response = {"response": said, "modelIdentifier": SOURCE}
        plain.append(json.dumps(row) + "\n")
        answered.append(json.dumps({**row, "modelResponses": [response]}) + "\n")
    return {"questions.jsonl": "".join(plain), "answered.jsonl": "".join(answered)}


if __name__ == "__main__":
    TARGET.mkdir(exist_ok=True)
    for name, text in files().items():
        (TARGET / name).write_text(text, "utf-8")
