"""The calls that a fault is tried with: a read, and a write that carries an ``Idempotency-Key``."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

from lightfield import AsyncLightfield
from tests.faults.server import ID

Call: TypeAlias = Callable[[AsyncLightfield], Awaitable[Any]]
"""Makes the call. What it gives is an Opportunity with the id ``ID``."""


def read(client: AsyncLightfield) -> Awaitable[Any]:
    return client.opportunity.retrieve(ID)


def write(client: AsyncLightfield) -> Awaitable[Any]:
    return client.opportunity.create(fields={"$name": "Acme"}, relationships={"$account": "acc_1"})
