"""Contacts: people.

API page: https://docs.lightfield.app/api/resources/contact/
"""

from msgspec.json import Decoder

from lightfield._operations import M, Raw, Stream, view
from lightfield.models import Contact, Page
from lightfield.models.write import Fields, LinkChanges

from ._records import Enriched, Historic, Records


class Contacts(Records[M, Contact, Fields, LinkChanges], Enriched[M, Contact], Historic[M]):
    """``client.contact``."""

    _path = "/v1/contacts"
    _one: Decoder[Contact] = Decoder(Contact)
    _page: Decoder[Page[Contact]] = Decoder(Page[Contact])
    with_raw_response: "view[Contacts[Raw[M]]]" = view("raw")
    with_streaming_response: "view[Contacts[Stream[M]]]" = view("streamed")
