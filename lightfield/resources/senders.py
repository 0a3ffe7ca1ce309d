"""Senders: the mailboxes and LinkedIn accounts that sequences send from. A preview of the API.

API page: https://docs.lightfield.app/api/resources/sender/
"""

from msgspec.json import Decoder

from lightfield._operations.operation import AwaitsRaw, BlocksRaw, M, operation, raw_mode
from lightfield._protocol.builders import path_segment, write
from lightfield._protocol.request import Request
from lightfield.models import Page, Sender
from lightfield.models.document import JSONObject
from lightfield.models.write import SenderPacing

from ._documents import Listable


class Senders(Listable[M, Sender]):
    """``client.sender``. Filters: ``channel``, ``health``, ``owner``, ``archived``."""

    _path = "/v1/senders"
    _one: Decoder[Sender] = Decoder(Sender)
    _page: Decoder[Page[Sender]] = Decoder(Page[Sender])
    with_raw_response: "raw_mode[Senders[AwaitsRaw], Senders[BlocksRaw]]" = raw_mode()

    @operation
    def update(self, id: str, *, pacing: SenderPacing) -> Request[Sender]:
        """Replace the pacing of a sender.

        Args:
            id: The sender's id.
            pacing: The pace of each channel; what is left out is removed.

        Raises:
            ConflictError: The sender is archived.
        """
        return write(f"{self._items}/{path_segment(id)}", self._one, {"pacing": pacing}, "pacing")

    @operation
    def mark_healthy(self, id: str, *, body: JSONObject | None = None) -> Request[Sender]:
        """Mark a sender as healthy."""
        return write(f"{self._items}/{path_segment(id)}/mark_healthy", self._one, body)
