"""Write the data of this stack: capitals, whose answers everybody can check."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

CAPITALS = {
    "Argentina": "Buenos Aires", "Australia": "Canberra", "Austria": "Vienna",
    "Belgium": "Brussels", "Brazil": "Brasília", "Canada": "Ottawa", "Chile": "Santiago",
    "Denmark": "Copenhagen", "Egypt": "Cairo", "Ethiopia": "Addis Ababa", "Finland": "Helsinki",
    "France": "Paris", "Germany": "Berlin", "Ghana": "Accra", "Greece": "Athens",
    "Iceland": "Reykjavik", "India": "New Delhi", "Indonesia": "Jakarta", "Ireland": "Dublin",
    "Italy": "Rome", "Japan": "Tokyo", "Kenya": "Nairobi", "Mexico": "Mexico City",
    "Morocco": "Rabat", "Nepal": "Kathmandu", "New Zealand": "Wellington", "Nigeria": "Abuja",
    "Norway": "Oslo", "Pakistan": "Islamabad", "Peru": "Lima", "Poland": "Warsaw",
    "Portugal": "Lisbon", "Senegal": "Dakar", "South Korea": "Seoul", "Spain": "Madrid",
    "Sweden": "Stockholm", "Thailand": "Bangkok", "Turkey": "Ankara", "Uruguay": "Montevideo",
    "Vietnam": "Hanoi",
}  # fmt: skip
TARGET = Path(__file__).parent / "data" / "capitals.jsonl"


def rows() -> list[dict[str, str]]:
    """One question a country."""
    return [
        {
            "system": "Answer with the name of the city alone.",
            "query": f"What is the capital of {country}?",
            "response": city,
            "metadata": country,
        }
        for country, city in CAPITALS.items()
    ]


def lessons() -> list[dict[str, object]]:
    """Two conversations a country, for training: the city asked for, and the country."""
    asked = [
        pair
        for country, city in CAPITALS.items()
        for pair in (
            (f"What is the capital of {country}?", city),
            (f"Which country has the capital {city}?", country),
        )
    ]
    return [
        {
            "schemaVersion": "bedrock-conversation-2024",
            "system": [{"text": "Answer with one name alone."}],
            "messages": [
                {"role": "user", "content": [{"text": question}]},
                {"role": "assistant", "content": [{"text": answer}]},
            ],
        }
        for question, answer in asked
    ]


def lines(many: Sequence[Mapping[str, object]]) -> str:
    """Rows as a file: one a line."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in many)


def content() -> str:
    """The file of questions."""
    return lines(rows())


if __name__ == "__main__":
    TARGET.write_text(content(), encoding="utf-8")
    TARGET.with_name("lessons.jsonl").write_text(lines(lessons()), encoding="utf-8")
