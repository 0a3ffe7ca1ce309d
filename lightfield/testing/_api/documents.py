"""Lists of other documents than records."""

from collections.abc import Iterable, Mapping
from typing import Any

from lightfield.testing._crm.document_filters import Filter, document_predicates

from .records import page_bounds
from .routes import Call


def document_page(
    call: Call, collection: str, filters: Mapping[str, Filter], documents: Iterable[Mapping[str, Any]], *hidden: str
) -> dict[str, object]:
    """Return the page of some documents that a query requests, newest first, without the keys that are hidden."""
    predicates = document_predicates(collection, filters, call.query)
    limit, offset = page_bounds(call.query)
    found = [each for each in documents if all(predicate(each) for predicate in predicates)]
    newest = sorted(found, key=_created_at)[::-1]
    data = [without(each, *hidden) for each in newest[offset : offset + limit]]
    return {"data": data, "object": "list", "totalCount": len(found)}


def without(document: Mapping[str, Any], *hidden: str) -> dict[str, Any]:
    """Return a document without some keys."""
    return {key: value for key, value in document.items() if key not in hidden}


def _created_at(document: Mapping[str, Any]) -> str:
    return str(document.get("enrolledAt") or document["createdAt"])
