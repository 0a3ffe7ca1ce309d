"""Lists of accounts, contacts or opportunities.

API page: https://docs.lightfield.app/api/resources/list/
"""

from typing import TypeVar, Unpack

from msgspec.json import Decoder

from lightfield._official.spelling import spelled
from lightfield._operations import CallOptions, M, Raw, Stream, operation, view
from lightfield._protocol.builders import changes, get, path_segment, write
from lightfield._protocol.queries import page_query
from lightfield._protocol.request import Request
from lightfield.models import Account, Contact, List, Opportunity, Page, wire
from lightfield.models.write import ListFields, ListMemberChanges, ListMembers, NewList

from ._documents import Deletable, Listable
from ._records import Editable

T = TypeVar("T")
_ACCOUNTS, _CONTACTS, _OPPORTUNITIES = Decoder(Page[Account]), Decoder(Page[Contact]), Decoder(Page[Opportunity])


class Lists(Listable[M, List], Editable[M, List, ListFields, ListMemberChanges], Deletable[M, List]):
    """``client.list``. Deleting a list keeps its members; the API cannot restore it."""

    _path = "/v1/lists"
    _one: Decoder[List] = Decoder(List)
    _shapes = (wire.ListFields, wire.ListMemberChanges)
    _page: Decoder[Page[List]] = Decoder(Page[List])
    with_raw_response: "view[Lists[Raw[M]]]" = view("raw")
    with_streaming_response: "view[Lists[Stream[M]]]" = view("streamed")

    @operation
    def create(
        self, *, fields: NewList, relationships: ListMembers | None = None, **_: Unpack[CallOptions]
    ) -> Request[List]:
        """Create a list.

        Args:
            fields: ``$name`` and ``$objectType`` (``$account``, ``$contact`` or ``$opportunity``) are required.
            relationships: Its members: ``$accounts``, ``$contacts`` or ``$opportunities``.
        """
        members = spelled("relationships", relationships, wire.ListMembers)
        body = changes(spelled("fields", fields, wire.NewList), members)
        return write(self._items, self._one, body, "fields", retry_safety="with_key")

    @operation
    def list_accounts(
        self, list_id: str, *, limit: int | None = None, offset: int | None = None, **_: Unpack[CallOptions]
    ) -> Request[Page[Account]]:
        """List one page of the accounts in a list, newest first."""
        return self._members(list_id, "accounts", _ACCOUNTS, page_query(limit, offset))

    @operation
    def list_contacts(
        self, list_id: str, *, limit: int | None = None, offset: int | None = None, **_: Unpack[CallOptions]
    ) -> Request[Page[Contact]]:
        """List one page of the contacts in a list, newest first."""
        return self._members(list_id, "contacts", _CONTACTS, page_query(limit, offset))

    @operation
    def list_opportunities(
        self, list_id: str, *, limit: int | None = None, offset: int | None = None, **_: Unpack[CallOptions]
    ) -> Request[Page[Opportunity]]:
        """List one page of the opportunities in a list, newest first."""
        return self._members(list_id, "opportunities", _OPPORTUNITIES, page_query(limit, offset))

    def _members(self, list_id: str, kind: str, page: Decoder[Page[T]], query: str) -> Request[Page[T]]:
        return get(f"{self._items}/{path_segment(list_id, 'list_id')}/{kind}", page, "Search", query)
