"""Accounts: companies.

API page: https://docs.lightfield.app/api/resources/account/
"""

from msgspec.json import Decoder

from lightfield._operations import M, Raw, Stream, view
from lightfield.models import Account, Page
from lightfield.models.write import Fields, LinkChanges

from ._records import Enriched, Historic, Records


class Accounts(Records[M, Account, Fields, LinkChanges], Enriched[M, Account], Historic[M]):
    """``client.account``."""

    _path = "/v1/accounts"
    _one: Decoder[Account] = Decoder(Account)
    _page: Decoder[Page[Account]] = Decoder(Page[Account])
    with_raw_response: "view[Accounts[Raw[M]]]" = view("raw")
    with_streaming_response: "view[Accounts[Stream[M]]]" = view("streamed")
