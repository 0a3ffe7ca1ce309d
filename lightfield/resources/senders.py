"""Senders: the mailboxes and LinkedIn accounts that sequences send from. A preview of the API.

API page: https://docs.lightfield.app/api/resources/sender/
"""

from typing import Unpack

from msgspec.json import Decoder

from lightfield._official.spelling import spelled
from lightfield._operations import CallOptions, M, Raw, Stream, operation, view
from lightfield._protocol.builders import path_segment, write
from lightfield._protocol.request import Request
from lightfield.models import Page, Sender, wire
from lightfield.models.document import JSONObject
from lightfield.models.write import SenderPacing

from ._documents import Listable


class Senders(Listable[M, Sender]):
    """``client.sender``. Filters: ``channel``, ``health``, ``owner``, ``archived``."""

    _path = "/v1/senders"
    _one: Decoder[Sender] = Decoder(Sender)
    _page: Decoder[Page[Sender]] = Decoder(Page[Sender])
    with_raw_response: "view[Senders[Raw[M]]]" = view("raw")
    with_streaming_response: "view[Senders[Stream[M]]]" = view("streamed")

    @operation
    def update(self, id: str, *, pacing: SenderPacing, **_: Unpack[CallOptions]) -> Request[Sender]:
        """Replace the pacing of a sender.

        Args:
            id: The sender's id.
            pacing: The pace of each channel; what is left out is removed.

        Raises:
            ConflictError: The sender is archived.
        """
        body = {"pacing": spelled("pacing", pacing, wire.SenderPacing)}
        return write(f"{self._items}/{path_segment(id)}", self._one, body, "pacing")

    @operation
    def mark_healthy(self, id: str, *, body: JSONObject | None = None, **_: Unpack[CallOptions]) -> Request[Sender]:
        """Mark a sender as healthy."""
        return write(f"{self._items}/{path_segment(id)}/mark_healthy", self._one, body)
