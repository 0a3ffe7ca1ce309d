"""Ids, domains and addresses that derive from the vocabulary."""

from collections.abc import Sequence

from lightfield.testing._crm.documents import Value
from lightfield.testing._data import documented, vocabulary


def slug(name: str) -> str:
    """Return a name as part of an id."""
    return name.lower().replace(" ", "_").replace("-", "_")


def account_id(company: str) -> str:
    """Return the id of an account."""
    return documented.ACCOUNT if company == vocabulary.DOCUMENTED_COMPANY else f"acc_{slug(company)}"


def contact_id(company: str, first_name: str) -> str:
    """Return the id of a contact."""
    return f"con_{slug(company)}_{first_name.lower()}"


def domain(company: str) -> str:
    """Return the domain of a company."""
    return f"{slug(company).replace('_', '-')}.example"


def address(city: Sequence[str | float | None], street: str, street2: str | None) -> Value:
    """Return an address in one of the vocabulary's cities."""
    name, state, code, country, latitude, longitude = city
    return {
        "street": street,
        "street2": street2,
        "city": name,
        "state": state,
        "postalCode": code,
        "country": country,
        "latitude": latitude,
        "longitude": longitude,
    }
