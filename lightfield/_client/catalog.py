"""The resources of the API, listed once for clients of any mode."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any, ClassVar, Literal, Self, TypeVar, Unpack

from msgspec.json import Decoder

from lightfield._official.verbs import Body, RequestOptions, endpoint_request
from lightfield._operations.call_options import CallOptions
from lightfield._operations.operation import operation
from lightfield._operations.performer import Performer
from lightfield._operations.resource import Bound, M, Raw, Resource, Stream, view
from lightfield._protocol.builders import describe
from lightfield._protocol.request import Category, Request
from lightfield.models.document import JSON, JSONObject
from lightfield.resources.accounts import Accounts
from lightfield.resources.auth import Auth
from lightfield.resources.contacts import Contacts
from lightfield.resources.emails import Emails
from lightfield.resources.enrichment_runs import EnrichmentRuns
from lightfield.resources.files import Files
from lightfield.resources.lists import Lists
from lightfield.resources.meetings import Meetings
from lightfield.resources.merges import Merges
from lightfield.resources.notes import Notes
from lightfield.resources.objects import Objects
from lightfield.resources.opportunities import Opportunities
from lightfield.resources.readable import Channels, Members, Messages
from lightfield.resources.senders import Senders
from lightfield.resources.sequences import Sequences
from lightfield.resources.tasks import Tasks
from lightfield.resources.workflow_runs import WorkflowRuns

T = TypeVar("T")

_ANYTHING: Decoder[JSON] = Decoder()


class Catalog(Resource[M]):
    """The resources of the API, in one mode."""

    _derived: ClassVar[frozenset[str]]  # what a client computes of its options: a sibling computes its own
    _slots: ClassVar[tuple[str, ...]]

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        found = [(name, value) for parent in cls.__mro__ for name, value in vars(parent).items()]
        cls._derived = frozenset(name for name, value in found if isinstance(value, cached_property | Bound))
        slots = [[value] if isinstance(value, str) else value for name, value in found if name == "__slots__"]
        cls._slots = tuple({slot for several in slots for slot in several})

    def _copy(self, **state: object) -> Self:
        """Return a copy with other state. It keeps the attributes of a subclass, and binds resources of its own."""
        sibling, own = self.__new__(type(self)), vars(self).items()
        vars(sibling).update({name: value for name, value in own if name not in self._derived}, **state)
        for name in self._slots:
            if hasattr(self, name):
                object.__setattr__(sibling, name, getattr(self, name))
        return sibling

    with_raw_response: "view[Catalog[Raw[M]]]" = view("raw")
    with_streaming_response: "view[Catalog[Stream[M]]]" = view("streamed")

    def _bound_to(self, performer: Performer) -> "Catalog[Any]":
        return Catalog(performer)

    @cached_property
    def account(self) -> Accounts[M]:
        """Companies."""
        return Accounts(self._performer)

    @cached_property
    def auth(self) -> Auth[M]:
        """The API key."""
        return Auth(self._performer)

    @cached_property
    def channel(self) -> Channels[M]:
        """Channels of Slack, Microsoft Teams and LinkedIn."""
        return Channels(self._performer)

    @cached_property
    def contact(self) -> Contacts[M]:
        """People."""
        return Contacts(self._performer)

    @cached_property
    def email(self) -> Emails[M]:
        """Emails: read, log, draft and send them."""
        return Emails(self._performer)

    @cached_property
    def enrichment_run(self) -> EnrichmentRuns[M]:
        """Enrichment of accounts and contacts, in the background."""
        return EnrichmentRuns(self._performer)

    @cached_property
    def file(self) -> Files[M]:
        """Files: upload and download them."""
        return Files(self._performer)

    @cached_property
    def list(self) -> Lists[M]:
        """Lists of accounts, contacts or opportunities."""
        return Lists(self._performer)

    @cached_property
    def meeting(self) -> Meetings[M]:
        """Past meetings."""
        return Meetings(self._performer)

    @cached_property
    def member(self) -> Members[M]:
        """The members of the workspace."""
        return Members(self._performer)

    @cached_property
    def merge(self) -> Merges[M]:
        """Merges of two records into one."""
        return Merges(self._performer)

    @cached_property
    def message(self) -> Messages[M]:
        """Messages in channels."""
        return Messages(self._performer)

    @cached_property
    def note(self) -> Notes[M]:
        """Notes."""
        return Notes(self._performer)

    @cached_property
    def object(self) -> Objects[M]:
        """Records of the custom types of the workspace."""
        return Objects(self._performer)

    @cached_property
    def opportunity(self) -> Opportunities[M]:
        """Deals with an account, in a pipeline."""
        return Opportunities(self._performer)

    @cached_property
    def sender(self) -> Senders[M]:
        """Mailboxes and LinkedIn accounts that sequences send from. A preview of the API."""
        return Senders(self._performer)

    @cached_property
    def sequence(self) -> Sequences[M]:
        """Outreach in steps. A preview of the API."""
        return Sequences(self._performer)

    @cached_property
    def task(self) -> Tasks[M]:
        """Tasks."""
        return Tasks(self._performer)

    @cached_property
    def workflow_run(self) -> WorkflowRuns[M]:
        """Workflow runs."""
        return WorkflowRuns(self._performer)

    @operation
    def request(
        self,
        method: Literal["GET", "POST", "DELETE"],
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: JSONObject | None = None,
        category: Category | None = None,
        **_: Unpack[CallOptions],
    ) -> Request[JSON]:
        """Call an endpoint that has no operation here, and return the decoded JSON.

        Args:
            method: HTTP method.
            path: Percent-encoded path below the base URL, such as ``/v1/opportunities``.
            query: Query parameters, not yet encoded.
            body: JSON body.
            category: Rate-limit category; by default Read for a GET, else Write.

        Raises:
            LightfieldValueError: The method, path or body cannot be sent.
        """
        return describe(method, path, decoder=_ANYTHING, category=category, query=query, body=body)

    @operation
    def get(
        self, path: str, *, cast_to: type[T], options: RequestOptions | None = None, **_: Unpack[CallOptions]
    ) -> Request[T]:
        """Call an endpoint that has no operation here, as the official SDK does.

        Args:
            path: Percent-encoded path below the base URL, such as ``/v1/opportunities``.
            cast_to: The type to decode: ``object`` or ``dict`` for JSON as it is, a Struct, ``str``, ``bytes``, or
                ``Response`` (also that of httpx) for the whole response.
            options: Query, headers, timeout and the like; the options of a call take precedence.

        Raises:
            LightfieldTypeError: The type cannot be decoded.
            LightfieldValueError: The path or an option cannot be sent.
        """
        return endpoint_request("GET", path, cast_to, options)

    @operation
    def post(
        self,
        path: str,
        *,
        cast_to: type[T],
        body: Body = None,
        options: RequestOptions | None = None,
        **_: Unpack[CallOptions],
    ) -> Request[T]:
        """Send a POST with a JSON body; for the rest, see ``get``."""
        return endpoint_request("POST", path, cast_to, options, body)

    @operation
    def delete(
        self,
        path: str,
        *,
        cast_to: type[T],
        body: Body = None,
        options: RequestOptions | None = None,
        **_: Unpack[CallOptions],
    ) -> Request[T]:
        """Send a DELETE; for the rest, see ``get``."""
        return endpoint_request("DELETE", path, cast_to, options, body)
