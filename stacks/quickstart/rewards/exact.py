"""Score answers on units and dates: 1 for a right one, ½ for a right number without its unit.

Runs as a Lambda function. It is called with samples that hold the chat and the reference
answer, and returns one score for each, in the same order.
"""

import json
import math
import re
from datetime import date

TOLERANCE = 0.005  # relative: answers are rounded

NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?(?:[eE][+-]?\d{1,3})?")
UNIT = re.compile(r"\s*(°\s?[CF]|square metres|nautical miles|[A-Za-zµ²³]+)")
ISO_DATE = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b")
DAY_FIRST = re.compile(r"\b(\d{1,2})(?:st|nd|rd|th)? ([A-Za-z]{3,9}),? (\d{4})\b")
MONTH_FIRST = re.compile(r"\b([A-Za-z]{3,9}) (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})\b")
WEEKDAY = re.compile(r"\b(mon|tues|wednes|thurs|fri|satur|sun)day\b", re.IGNORECASE)

MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
UNITS = {
    "in": ["inch", "inches"],
    "cm": ["centimetre", "centimetres", "centimeters"],
    "ft": ["foot", "feet"],
    "m": ["metre", "metres", "meters"],
    "yd": ["yard", "yards"],
    "mi": ["mile", "miles"],
    "km": ["kilometre", "kilometres", "kilometers"],
    "nmi": ["nautical miles"],
    "lb": ["lbs", "pound", "pounds"],
    "kg": ["kilogram", "kilograms"],
    "oz": ["ounce", "ounces"],
    "g": ["gram", "grams"],
    "gal": ["gallon", "gallons"],
    "l": ["litre", "litres", "liters"],
    "acre": ["acres"],
    "m²": ["square metres", "m2"],
    "kwh": [],
    "mj": ["megajoules"],
    "days": ["day"],
    "°c": [],
    "°f": [],
}
CANONICAL = {name: unit for unit, names in UNITS.items() for name in (unit, *names)}


def lambda_handler(event, context):
    """One score for each sample of the event, in the same order."""
    return [score(sample) for sample in samples(event)]


def samples(event):
    """The samples, bare or in one of the wrappings that have been seen."""
    for key in ("batch", "body", "input"):
        if isinstance(event, dict) and key in event:
            event = event[key]
            break
    if isinstance(event, str):
        event = json.loads(event)
    return event if isinstance(event, list) else [event]


def score(sample):
    """The score of one sample; one that cannot be understood scores 0."""
    answer, expected = answer_of(sample), expected_of(sample)
    value, unit = compare(answer, expected) if expected else (0.0, 0.0)
    brief = 1.0 if answer and len(answer) <= 2 * len(expected) + 10 else 0.0
    return {
        "id": str(sample.get("id", "")) if isinstance(sample, dict) else "",
        "aggregate_reward_score": value * (0.5 + 0.5 * unit),
        "metrics_list": [
            {"name": "value_correct", "value": value, "type": "Reward"},
            {"name": "unit_correct", "value": unit, "type": "Reward"},
            {"name": "brief", "value": brief, "type": "Metric"},
        ],
    }


def answer_of(sample):
    """What the model said: the last assistant message, or the field of other row forms."""
    if not isinstance(sample, dict):
        return ""
    messages = sample.get("messages")
    for message in reversed(messages if isinstance(messages, list) else []):
        if isinstance(message, dict) and message.get("role") == "assistant":
            return text_of(message.get("content"))
    for key in ("model_response", "completion", "response"):
        if key in sample:
            return text_of(sample[key])
    return ""


def expected_of(sample):
    """The right answer: of the row itself, or where open-weight rows keep theirs."""
    if not isinstance(sample, dict):
        return ""
    extra = sample.get("extra_info")
    reward = sample.get("reward_model")
    places = [
        sample.get("reference_answer"),
        extra.get("answer") if isinstance(extra, dict) else None,
        extra.get("reference_answer") if isinstance(extra, dict) else None,
        reward.get("ground_truth") if isinstance(reward, dict) else None,
        sample.get("response") if "model_response" in sample else None,
    ]
    return next((text for place in places if (text := text_of(place))), "")


def text_of(value):
    """Text out of a string, a list of parts, or an object that holds it."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, list):
        return " ".join(filter(None, map(text_of, value)))
    if isinstance(value, dict):
        return next((text_of(value[key]) for key in ("text", "answer") if key in value), "")
    return ""


def compare(answer, expected):
    """Whether value and unit are right, as 0 or 1 each. The last one said is what counts."""
    for read in (last_date, last_weekday):
        wanted = read(expected)
        if wanted is not None:
            right = float(read(answer) == wanted)
            return right, right
    wanted, wanted_unit = last_quantity(expected)
    if wanted is None:
        same = float(answer.casefold() == expected.casefold())
        return same, same
    found, unit = last_quantity(answer)
    if found is None or not math.isclose(found, wanted, rel_tol=TOLERANCE):
        return 0.0, 0.0
    return 1.0, float(unit == wanted_unit)


def last_date(text):
    """The last date in a text, in any of the usual ways to write one."""
    found = [(m.start(), m[1], m[2], m[3]) for m in ISO_DATE.finditer(text)]
    found += [(m.start(), m[3], month_of(m[2]), m[1]) for m in DAY_FIRST.finditer(text)]
    found += [(m.start(), m[3], month_of(m[1]), m[2]) for m in MONTH_FIRST.finditer(text)]
    if not found:
        return None
    _, year, month, day = max(found, key=lambda place: place[0])
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def month_of(name):
    """The number of a month by its first three letters; 0 for anything else."""
    short = name[:3].lower()
    return MONTHS.index(short) + 1 if short in MONTHS else 0


def last_weekday(text):
    """The last weekday named in a text, in lower case."""
    found = WEEKDAY.findall(text)
    return found[-1].lower() if found else None


def last_quantity(text):
    """The last number of a text with its unit, by one name for each unit."""
    numbers = list(NUMBER.finditer(text))
    if not numbers:
        return None, ""
    value = float(numbers[-1][0].replace(",", ""))
    unit = UNIT.match(text, numbers[-1].end())
    name = unit[1].lower().replace("° ", "°") if unit else ""
    return (value if math.isfinite(value) else None), CANONICAL.get(name, name)
