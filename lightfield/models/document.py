"""What every document of the API has in common: its way back to the wire."""

from collections.abc import Mapping
from typing import TypeAlias

import msgspec

JSON = str | int | float | bool | None | list["JSON"] | dict[str, "JSON"]
"""Any JSON value."""

JSONObject: TypeAlias = Mapping[str, object]
"""The members of a JSON object, to send."""


class Document(msgspec.Struct, frozen=True, gc=False, rename="camel", kw_only=True):
    """A document of the API, or a part of one."""

    def to_dict(self) -> dict[str, JSON]:
        """Give the document in its wire shape: camel case keys, keys that were absent left out."""
        document: dict[str, JSON] = msgspec.to_builtins(self)
        return document

    def to_json(self) -> str:
        """Give the document as JSON in its wire shape."""
        return msgspec.json.encode(self).decode()
