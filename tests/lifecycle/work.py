"""What worker processes do in tests: it must be importable there."""

from functools import cache
from typing import Any

from lightfield import Lightfield, Request
from lightfield.models import Opportunity

inherited: list[Lightfield] = []
"""Clients that a forked worker has from its parent."""


@cache
def client(url: str) -> Lightfield:
    """Make the client of this process."""
    return Lightfield(api_key="sk_lf_sandbox", base_url=url)


def retrieve(url: str, id: str) -> Opportunity:
    return client(url).opportunity.retrieve(id)


def send(url: str, request: Request[Any]) -> Any:
    return client(url).send(request)


def use(given: object) -> None:
    """Take a client, which cannot be given."""


def retrieve_with_inherited(id: str) -> Opportunity:
    return inherited[0].opportunity.retrieve(id)
