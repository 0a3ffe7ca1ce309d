"""Opportunities: deals with an account, in a pipeline.

API page: https://docs.lightfield.app/api/resources/opportunity/
"""

from typing import Unpack

from msgspec.json import Decoder

from lightfield._official.spelling import spelled
from lightfield._operations import CallOptions, M, Raw, Stream, operation, view
from lightfield._protocol.builders import changes, write
from lightfield._protocol.request import Request
from lightfield.models import Opportunity, Page
from lightfield.models.write import Fields, LinkChanges, Links

from ._records import Historic, Records


class Opportunities(Records[M, Opportunity, Fields, LinkChanges], Historic[M]):
    """``client.opportunity``."""

    _path = "/v1/opportunities"
    _one: Decoder[Opportunity] = Decoder(Opportunity)
    _page: Decoder[Page[Opportunity]] = Decoder(Page[Opportunity])
    with_raw_response: "view[Opportunities[Raw[M]]]" = view("raw")
    with_streaming_response: "view[Opportunities[Stream[M]]]" = view("streamed")

    @operation
    def create(self, *, fields: Fields, relationships: Links, **_: Unpack[CallOptions]) -> Request[Opportunity]:
        """Create an opportunity.

        Args:
            fields: Values by key; ``$name`` is required. ``$stage`` takes an option's id, or its label.
            relationships: Ids by key; ``$account`` is required.
        """
        body = changes(spelled("fields", fields, Fields), relationships)
        return write(self._items, self._one, body, "fields", "relationships", retry_safety="with_key")
