"""Write the questions of this stack: capitals, whose answers everybody can check."""

from __future__ import annotations

import json
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


def content() -> str:
    """The file: a row a line."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows())


if __name__ == "__main__":
    TARGET.write_text(content(), encoding="utf-8")
