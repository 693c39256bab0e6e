"""Write data/: dates as people write them and as ISO 8601 does, and questions to ask afterwards.

Nothing here is random: the same program writes the same bytes.

    python stacks/autopilot/generate.py
"""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path

TARGET = Path(__file__).parent / "data"

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
FORMS = (
    "Write {day} {month} {year} as an ISO 8601 date.",
    "When is {month} {day}, {year}? Answer with an ISO 8601 date.",
    "A form says {day}.{number}.{year}. Write it as an ISO 8601 date.",
    "What is the ISO 8601 date of the day after {day} {month} {year}?",
)
NEXT = 3
"""The form that asks for the day after."""


def pair(number: int, first: date) -> tuple[str, str]:
    """One question and its answer."""
    day = first + timedelta(days=17 * number)
    form = number % len(FORMS)
    question = FORMS[form].format(
        day=day.day, month=MONTHS[day.month - 1], number=day.month, year=day.year
    )
    return question, (day + timedelta(days=form == NEXT)).isoformat()


def pairs(count: int, first: date) -> Iterator[tuple[str, str]]:
    """Questions and answers from a day on."""
    return (pair(number, first) for number in range(count))


def files() -> Mapping[str, str]:
    """The files of the folder by name."""
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(("input", "output"))
    writer.writerows(pairs(400, date(1999, 1, 1)))
    questions = [
        json.dumps({"prompt": question, "referenceResponse": answer}) + "\n"
        for question, answer in pairs(24, date(2020, 2, 26))
    ]
    return {"dates.csv": table.getvalue(), "questions.jsonl": "".join(questions)}


if __name__ == "__main__":
    TARGET.mkdir(exist_ok=True)
    for name, text in files().items():
        (TARGET / name).write_text(text, "utf-8")
