"""The base of all documents, and their serialization."""

from collections.abc import Mapping
from typing import Any, TypeAlias

import msgspec

JSON = str | int | float | bool | None | list["JSON"] | dict[str, "JSON"]
"""Any JSON value."""

JSONObject: TypeAlias = Mapping[str, object]
"""A JSON object to send."""


class Document(msgspec.Struct, frozen=True, gc=False, rename="camel", kw_only=True):
    """A document of the API, or a part of one."""

    def to_dict(self) -> dict[str, Any]:
        """Return the document in the API's format: camel case keys, absent keys omitted."""
        document: dict[str, Any] = msgspec.to_builtins(self)
        return document

    def to_json(self) -> str:
        """Return the document as a JSON string in the API's format."""
        return msgspec.json.encode(self).decode()
