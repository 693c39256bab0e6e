"""Write data/conversions.jsonl: questions on units and dates with answers that are computed.

Every answer follows from the definitions below and from the calendar, so every row can be
checked. Nothing here is random: the same program writes the same bytes.

    python stacks/quickstart/generate.py
"""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from itertools import chain, zip_longest
from pathlib import Path

SYSTEM = (
    "Answer questions on units and dates. Give only the result: a number with its unit, "
    "a date as YYYY-MM-DD, or the name of a weekday."
)
TARGET = Path(__file__).parent / "data" / "conversions.jsonl"

# One unit of the first kind in units of the second: exact by international definition.
FACTORS = [
    ("in", "cm", "2.54"),
    ("ft", "m", "0.3048"),
    ("yd", "m", "0.9144"),
    ("mi", "km", "1.609344"),
    ("nmi", "km", "1.852"),
    ("lb", "kg", "0.45359237"),
    ("oz", "g", "28.349523125"),
    ("gal", "L", "3.785411784"),
    ("acre", "m²", "4046.8564224"),
    ("kWh", "MJ", "3.6"),
]
NAMES = {
    "in": "inches",
    "cm": "centimetres",
    "ft": "feet",
    "m": "metres",
    "yd": "yards",
    "mi": "miles",
    "km": "kilometres",
    "nmi": "nautical miles",
    "lb": "pounds",
    "kg": "kilograms",
    "oz": "ounces",
    "g": "grams",
    "gal": "US gallons",
    "L": "litres",
    "acre": "acres",
    "m²": "square metres",
    "kWh": "kilowatt-hours",
    "MJ": "megajoules",
}
AMOUNTS = ["3", "7.5", "12", "18.25", "40", "66", "125", "250.5", "999", "1600"]
WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
FIRST_DAY = date(1925, 1, 1)

Pair = tuple[str, str]


def conversions() -> Iterator[Pair]:
    """Every amount in every unit, there and back."""
    asks = ["Convert {} {} to {}.", "How many {2} are {0} {1}?", "What is {} {} in {}?"]
    for index, amount in enumerate(AMOUNTS):
        for shift, (small, large, factor) in enumerate(FACTORS):
            ask = asks[(index + shift) % len(asks)]
            there = Decimal(amount) * Decimal(factor)
            back = Decimal(amount) / Decimal(factor)
            yield ask.format(amount, NAMES[small], NAMES[large]), f"{rounded(there)} {large}"
            yield ask.format(amount, NAMES[large], NAMES[small]), f"{rounded(back)} {small}"


def temperatures() -> Iterator[Pair]:
    """Degrees Celsius and Fahrenheit, below zero too."""
    for degrees in range(-40, 120, 10):
        fahrenheit = Decimal(degrees) * 9 / 5 + 32
        celsius = (Decimal(degrees) - 32) * 5 / 9
        yield f"What is {degrees} °C in degrees Fahrenheit?", f"{rounded(fahrenheit)} °F"
        yield f"What is {degrees} °F in degrees Celsius?", f"{rounded(celsius)} °C"


def weekdays() -> Iterator[Pair]:
    """Weekdays of days spread over a century."""
    for index in range(40):
        day = FIRST_DAY + timedelta(days=919 * index)
        yield f"Which day of the week was {spelled(day)}?", WEEKDAYS[day.weekday()]


def spans() -> Iterator[Pair]:
    """Days between two dates, and dates some days after another, over leap years too."""
    for index in range(40):
        start = FIRST_DAY + timedelta(days=881 * index)
        days = 17 + 29 * index
        end = start + timedelta(days=days)
        yield f"How many days is it from {start} to {end}?", f"{days} days"
        yield (
            f"Which date is {days + 1} days after {spelled(end)}?",
            f"{end + timedelta(days + 1)}",
        )


def rounded(value: Decimal) -> str:
    """A value to two decimals, below 1 to four significant digits, without idle zeros."""
    places = 2 if abs(value) >= 1 or not value else 3 - value.adjusted()
    text = f"{value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN):f}"
    return text.rstrip("0").rstrip(".")


def spelled(day: date) -> str:
    """A date in words, the same under every locale."""
    months = (
        "January February March April May June July August September October November December"
    )
    return f"{day.day} {months.split()[day.month - 1]} {day.year}"


def row(question: str, answer: str) -> dict[str, object]:
    """One conversation in the form that Amazon Nova is tuned with."""
    return {
        "schemaVersion": "bedrock-conversation-2024",
        "system": [{"text": SYSTEM}],
        "messages": [
            {"role": "user", "content": [{"text": question}]},
            {"role": "assistant", "content": [{"text": answer}]},
        ],
    }


def pairs() -> list[Pair]:
    """All questions with their answers, the kinds mixed so that any part has some of each."""
    mixed = zip_longest(conversions(), temperatures(), weekdays(), spans())
    return [pair for pair in chain.from_iterable(mixed) if pair is not None]


def content() -> str:
    """The data set as text, one row a line."""
    rows = (json.dumps(row(*pair), ensure_ascii=False) for pair in pairs())
    return "".join(f"{line}\n" for line in rows)


if __name__ == "__main__":
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_bytes(content().encode())
