"""What a client offers, found by looking at it."""

import inspect
from typing import Any

from lightfield._client.catalog import Catalog
from lightfield._operations.operation import operation
from lightfield._operations.resource import Resource


def resources(catalog: Catalog[Any]) -> dict[str, Resource[Any]]:
    """Find the resources of a catalogue, by name."""
    public = (name for name in dir(Catalog) if not name.startswith(("_", "with_")))
    values = {name: getattr(catalog, name) for name in public}
    return {name: value for name, value in values.items() if isinstance(value, Resource)}


def operations(catalog: Catalog[Any]) -> dict[str, Any]:
    """Find the operations of every resource, by the names that the API gives them."""
    return {
        f"{name}.{member}": getattr(resource, member)
        for name, resource in resources(catalog).items()
        for member, value in inspect.getmembers_static(type(resource))
        if isinstance(value, operation)
    }
