"""The values of an initial opportunity, each from dice of its own."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import partial

from lightfield.testing._crm.definitions import Option
from lightfield.testing._crm.documents import Value
from lightfield.testing._crm.pipelines import stage_values
from lightfield.testing._crm.timestamps import format_timestamp
from lightfield.testing._data import documented, vocabulary
from lightfield.testing._data.draws import Draw
from lightfield.testing._data.names import address, contact_id, domain

_COMPANY, _DEAL, _STAGE, _AMOUNT, _CLOSING, _NEXT_STEP, _INTERACTION, _SITUATION, _CONCERN, _OUTLOOK = range(3, 13)
_PRIORITY, _PRODUCTS, _APPROVED, _ADDRESS, _CITY, _STREET, _FLOOR, _LINKS, _EMAILS, _PHONE = range(13, 23)
_SIGNED, _SIGNATORY, _SURNAME, OWNER, CREATOR, _CHAMPION, _EVALUATOR, FOLLOWS, LINK = range(23, 32)
UPDATE, EXTERNAL_ID, TASKS, NOTES, MEETINGS = range(32, 37)
_PRICE, _DAYS, _SINCE, _PROBABILITY = slice(37, 40), slice(40, 42), slice(42, 46), slice(46, 48)
_TENDERS = slice(48, 50), slice(50, 52)
UPDATED, EXTERNAL_NUMBER = slice(52, 56), slice(56, 59)

_MAILBOXES = ("finance", "legal", "office")


def company(draw: Draw) -> str:
    """Return the company that an opportunity is about."""
    return draw.choice(_COMPANY, vocabulary.COMPANIES) if draw.position else vocabulary.DOCUMENTED_COMPANY


def champions(draw: Draw) -> list[str]:
    """Return the id of the champion, or none."""
    first, _ = draw.choice(_CHAMPION, vocabulary.CONTACTS)
    return draw.maybe(_CHAMPION, 80, [contact_id(company(draw), first)]) or []


def evaluators(draw: Draw) -> list[str]:
    """Return the id of the evaluator, who is not the champion, or none."""
    champion, others = draw.dice[_CHAMPION], len(vocabulary.CONTACTS) - 1
    first, _ = vocabulary.CONTACTS[(champion + 1 + draw.dice[_EVALUATOR] % others) % len(vocabulary.CONTACTS)]
    return draw.maybe(_EVALUATOR, 50, [contact_id(company(draw), first)]) or []


def _name(draw: Draw) -> Value:
    return f"{company(draw)} - {draw.choice(_DEAL, vocabulary.DEALS)}"


def _amount(draw: Draw) -> Value:
    price = draw.number(_PRICE, 10_000_000)
    return draw.maybe(_AMOUNT, 90, draw.choice(_AMOUNT, (1_000 + price // 25, price // 2_500 * 100, price / 100)))


def _close_date(draw: Draw) -> Value:
    closing = draw.created().date() + timedelta(days=1 + draw.number(_DAYS, 239))
    return draw.maybe(_CLOSING, 90, f"{closing.isoformat()}T10:00:00.000Z")


def _next_step(draw: Draw) -> Value:
    return draw.maybe(_NEXT_STEP, 80, draw.choice(_NEXT_STEP, vocabulary.NEXT_STEPS))


def _last_interaction(draw: Draw) -> Value:
    return draw.maybe(_INTERACTION, 80, format_timestamp(draw.later(_SINCE, days=60)))


def _summary(draw: Draw) -> Value:
    about = company(draw)
    heading = f"## {draw.choice(_DEAL, vocabulary.DEALS)} for {about}"
    situation = draw.choice(_SITUATION, vocabulary.SITUATIONS).format(company=about)
    outlook = f"**Outlook:** {draw.choice(_OUTLOOK, vocabulary.OUTLOOKS)}"
    return f"{heading}\n\n{situation}\n\n{draw.choice(_CONCERN, vocabulary.CONCERNS)}\n\n{outlook}"


def _priority(draw: Draw) -> Value:
    return draw.maybe(_PRIORITY, 90, 1 + draw.dice[_PRIORITY] % 5)


def _win_probability(draw: Draw) -> Value:
    return draw.number(_PROBABILITY, 10_000) / 100


def _products(draw: Draw) -> Value:
    return [product for index, product in enumerate(vocabulary.PRODUCTS) if draw.dice[_PRODUCTS] >> index & 1][:3]


def _approved(draw: Draw) -> Value:
    return draw.choice(_APPROVED, (True, False, None))


def _billing_address(draw: Draw) -> Value:
    city, street = draw.choice(_CITY, vocabulary.CITIES), draw.choice(_STREET, vocabulary.STREETS)
    return draw.maybe(_ADDRESS, 90, address(city, street, draw.maybe(_FLOOR, 20, "Floor 3")))


def _documents(draw: Draw) -> Value:
    start = f"https://{domain(company(draw))}/tenders/"
    return [f"{start}{draw.number(dice, 10_000)}" for dice in _TENDERS[: draw.choice(_LINKS, (1, 2))]]


def _billing_contacts(draw: Draw) -> Value:
    first = draw.dice[_EMAILS] % 3
    boxes = [_MAILBOXES[first], _MAILBOXES[first - 1]][: draw.choice(_EMAILS, (1, 2))]
    return [f"{box}@{domain(company(draw))}" for box in boxes]


def _switchboard(draw: Draw) -> Value:
    return [f"+1202555{100 + draw.dice[_PHONE] % 100:04}"]  # reserved for fiction


def _signatory(draw: Draw) -> Value:
    first, last = draw.choice(_SIGNATORY, vocabulary.CONTACTS)
    name: Value = {"firstName": first, "lastName": draw.maybe(_SURNAME, 80, last)}
    return draw.maybe(_SIGNED, 80, name)


def fields(stages: Sequence[Option]) -> Mapping[str, tuple[str, Callable[[Draw], Value]]]:
    """Return the value type of each field, and how its value is drawn, where the stage is one of these."""
    staged = [{"$stage": stage["id"], **stage_values(stage)} for stage in stages]
    first = next((each for each in staged if each["$stage"] == documented.STAGE), None)

    def choose(draw: Draw) -> dict[str, Value]:
        return draw.choice(_STAGE, staged) if draw.position or first is None else first

    derived = {key: ("SINGLE_SELECT", partial(_staged, choose, key)) for key in staged[0]}
    return {"$name": _FIELDS["$name"], **derived, **_FIELDS}


def _staged(choose: Callable[[Draw], dict[str, Value]], key: str, draw: Draw) -> Value:
    return choose(draw)[key]


_FIELDS: dict[str, tuple[str, Callable[[Draw], Value]]] = {
    "$name": ("TEXT", _name),
    "$amount": ("CURRENCY", _amount),
    "$closeDate": ("DATETIME", _close_date),
    "$nextStep": ("TEXT", _next_step),
    "$lastInteractionAt": ("DATETIME", _last_interaction),
    "$opportunitySummary": ("MARKDOWN", _summary),  # its key is not documented
    "priority": ("NUMBER", _priority),
    "win-probability": ("NUMBER", _win_probability),
    "products": ("MULTI_SELECT", _products),
    "approved": ("CHECKBOX", _approved),
    "billing-address": ("ADDRESS", _billing_address),
    "documents": ("URL", _documents),
    "billing-contacts": ("EMAIL", _billing_contacts),
    "switchboard": ("TELEPHONE", _switchboard),
    "signatory": ("FULL_NAME", _signatory),
}
