"""Write data/tickets.jsonl: tickets to the support desk of a shop, with the desk's answers.

Twelve kinds of ticket, ten customers each; the details of a ticket and of its answer agree.
Nothing here is random: the same program writes the same bytes.

    python stacks/support/generate.py
"""

import json
from pathlib import Path

SYSTEM = (
    "You answer tickets for Fjellro, a web shop for outdoor gear. Two or three sentences: "
    "say what happens next and who does it. Start with the category in brackets."
)
TARGET = Path(__file__).parent / "data" / "tickets.jsonl"

PRODUCTS = [
    "Skarv 45 backpack",
    "Myrull sleeping bag",
    "Tverrå tent",
    "Lommen headlamp",
    "Bekkasin rain jacket",
    "Rype down vest",
    "Kløver camping stove",
    "Sti hiking poles",
    "Nøkk dry bag",
    "Vidde wool base layer",
]
NAMES = ["Ana", "Bilal", "Chloé", "Dmitri", "Elif", "Femi", "Greta", "Hiro", "Inés", "Jonas"]
DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]

TICKETS = [
    (
        "Hi, I ordered the {product} on {day} (order {order}) and the tracking page has said "
        "'label created' ever since. Is it on its way? {name}",
        "[delivery] Your parcel for order {order} was packed, but the carrier has not scanned it "
        "yet. We have asked them to look for it; if nothing moves within two working days we "
        "send a new {product} at no cost.",
    ),
    (
        "The {product} from order {order} arrived today damaged, though the box was fine. I would "
        "like a replacement, not a refund. Photos attached. {name}",
        "[damaged] Thank you for the photos, {name}. A replacement {product} leaves our "
        "warehouse on {day}; please use the enclosed label to send the damaged one back.",
    ),
    (
        "I was charged twice for order {order}: {price} euro on the same day, both still "
        "pending on my card. Can you cancel one of them?",
        "[billing] One of the two amounts of {price} euro is only a reservation and lapses by "
        "itself within five working days. Should both be booked, reply to this message and we "
        "refund the second at once.",
    ),
    (
        "I want to send the {product} back, it is not what I need. Where do I find the return label "
        "for {order}? {name}",
        "[return] You find the label under Orders, {order}, Return an item. We refund "
        "{price} euro to your card within three working days after the {product} is here.",
    ),
    (
        "Your site logs me out as soon as I open the basket. I tried two browsers. My account "
        "is the one with order {order}.",
        "[account] We have ended all sessions of your account, which clears the faulty cookie. "
        "Please sign in once more; if the basket still signs you out, tell us the time and our "
        "developers look at the log.",
    ),
    (
        "Does the {product} come with a repair kit, and can you repair it after the warranty? "
        "I leave for a long tour on {day}. {name}",
        "[product] A small repair kit comes with every {product}. After the warranty "
        "our workshop repairs it for a fixed {fee} euro; for a tour that begins on {day} we "
        "advise to order a spare kit with express delivery.",
    ),
    (
        "I typed the wrong house number for order {order}. It has not been shipped. Can you "
        "change it to 17b? {name}",
        "[delivery] We have changed the house number of order {order} to 17b, {name}. You get a "
        "new confirmation by mail, and the {product} ships on {day} as planned.",
    ),
    (
        "The code SPRING gives me 'not valid for this item' with the {product}, but the "
        "newsletter says 10 percent on everything.",
        "[billing] The newsletter was wrong: the code leaves out items that are already "
        "reduced, such as the {product}. As we announced it we take 10 percent off by hand; "
        "place the order and reply with its number.",
    ),
    (
        "Please delete my account and everything you know about me, order {order} included. "
        "I no longer want your mails. {name}",
        "[account] We have stopped all mails and passed your request to our privacy team, who "
        "delete your account within 30 days. Invoices such as that of order {order} must be "
        "kept for the tax office and are locked until then.",
    ),
    (
        "Only one of the two {product} of order {order} was in the box. The packing list says "
        "two. What now?",
        "[delivery] The second {product} was sent in a parcel of its own, which the packing "
        "list does not show. It is due on {day}; should it not arrive by then, reply here and "
        "we send another one.",
    ),
    (
        "I need an invoice for order {order} with my company's VAT number on it. The download "
        "only has my private name. {name}",
        "[billing] Please reply with the company's name, address and VAT number. Our "
        "bookkeeping then cancels the invoice of order {order} and mails you a new one over "
        "{price} euro within one working day.",
    ),
    (
        "The {product} broke on its second trip, after 14 months. Your page says the warranty "
        "is three years but the form refuses my order {order}. {name}",
        "[warranty] The form refuses orders that were placed as a guest, {name}, but the "
        "warranty of three years holds. We opened case W-{case} for you; send the {product} "
        "with that number and our workshop repairs or replaces it.",
    ),
]


def details(kind: int, customer: int) -> dict[str, object]:
    """What a ticket and its answer have in common."""
    number = 12 * customer + kind
    return {
        "product": PRODUCTS[(customer + 3 * kind) % len(PRODUCTS)],
        "name": NAMES[(customer + kind) % len(NAMES)],
        "day": DAYS[number % len(DAYS)],
        "order": f"F-{40_213 + 37 * number}",
        "price": 29 + (17 * number) % 240,
        "fee": 15 + 5 * (kind % 4),
        "case": 1_000 + 7 * number,
    }


def row(ticket: str, answer: str) -> dict[str, object]:
    """One conversation in the form that Amazon Nova is tuned with."""
    return {
        "schemaVersion": "bedrock-conversation-2024",
        "system": [{"text": SYSTEM}],
        "messages": [
            {"role": "user", "content": [{"text": ticket}]},
            {"role": "assistant", "content": [{"text": answer}]},
        ],
    }


def content() -> str:
    """The data set as text, one row a line."""
    lines = []
    for customer in range(len(NAMES)):
        for kind, (ticket, answer) in enumerate(TICKETS):
            known = details(kind, customer)
            filled = row(ticket.format(**known), answer.format(**known))
            lines.append(json.dumps(filled, ensure_ascii=False) + "\n")
    return "".join(lines)


if __name__ == "__main__":
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_bytes(content().encode())
