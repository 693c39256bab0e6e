"""Write the data of this stack: questions on the planets, with answers from one table.

Years are in days of the Earth, distances from the Sun in millions of kilometres. Source: NASA Planetary
Fact Sheet. Nothing here is random: the same program writes the same bytes.

    python stacks/llm-judge/generate.py
"""

import json
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

TARGET = Path(__file__).parent / "data"

# Name: days of a year, distance from the Sun, moons that the fact sheet counts.
PLANETS = {
    "Mercury": (88.0, 57.9, 0),
    "Venus": (224.7, 108.2, 0),
    "Earth": (365.2, 149.6, 1),
    "Mars": (687.0, 228.0, 2),
    "Jupiter": (4331.0, 778.5, 95),
    "Saturn": (10747.0, 1432.0, 146),
    "Uranus": (30589.0, 2867.0, 28),
    "Neptune": (59800.0, 4515.0, 16),
}

Pair = tuple[str, str]


def facts() -> Iterator[Pair]:
    """What the table says of one planet."""
    for name, (days, distance, moons) in PLANETS.items():
        yield (
            f"How long is a year on {name}?",
            f"A year on {name} has {days:g} days of the Earth.",
        )
        yield (
            f"How far is {name} from the Sun?",
            f"{name} is {distance:g} million kilometres from the Sun.",
        )
        has = "no moons" if not moons else "1 moon" if moons == 1 else f"{moons} moons"
        yield f"How many moons has {name}?", f"{name} has {has}."


def comparisons() -> Iterator[Pair]:
    """What the table says of two planets."""
    for (near, first), (far, second) in combinations(PLANETS.items(), 2):
        yield (
            f"Which is closer to the Sun, {far} or {near}?",
            f"{near}: it is {first[1]:g} million kilometres away, {far} {second[1]:g} million.",
        )


def files() -> dict[str, str]:
    """Name → content of every file of data; the exam has the comparisons that training has not."""
    known, compared = list(facts()), list(comparisons())
    training = [{"prompt": ask, "completion": answer} for ask, answer in known + compared[::2]]
    exam = [
        {"query": ask, "response": answer, "category": "comparison"}
        for ask, answer in compared[1::2]
    ]
    return {
        name: "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows)
        for name, rows in (("training.jsonl", training), ("exam.jsonl", exam))
    }


if __name__ == "__main__":
    TARGET.mkdir(exist_ok=True)
    for file, text in files().items():
        (TARGET / file).write_bytes(text.encode())
