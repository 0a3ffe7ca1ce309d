"""The resources of the API, listed once for clients of any mode."""

from collections.abc import Mapping
from functools import cached_property
from threading import RLock
from typing import Any, ClassVar, Literal, Self, TypeVar, Unpack

from msgspec.json import Decoder

from lightfield import resources
from lightfield._aio.fork import register_fork_reset
from lightfield._official.verbs import Body, RequestOptions, endpoint_request
from lightfield._operations.call_options import CallOptions
from lightfield._operations.operation import operation
from lightfield._operations.performer import Performer
from lightfield._operations.resource import Bound, M, Raw, Resource, Stream, view
from lightfield._protocol.builders import describe
from lightfield._protocol.request import Category, Request
from lightfield.models.document import JSON, JSONObject

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
    def account(self) -> "resources.Accounts[M]":
        """Companies."""
        return resources.Accounts(self._performer)

    @cached_property
    def auth(self) -> "resources.Auth[M]":
        """The API key."""
        return resources.Auth(self._performer)

    @cached_property
    def channel(self) -> "resources.Channels[M]":
        """Channels of Slack, Microsoft Teams and LinkedIn."""
        return resources.Channels(self._performer)

    @cached_property
    def contact(self) -> "resources.Contacts[M]":
        """People."""
        return resources.Contacts(self._performer)

    @cached_property
    def email(self) -> "resources.Emails[M]":
        """Emails: read, log, draft and send them."""
        return resources.Emails(self._performer)

    @cached_property
    def enrichment_run(self) -> "resources.EnrichmentRuns[M]":
        """Enrichment of accounts and contacts, in the background."""
        return resources.EnrichmentRuns(self._performer)

    @cached_property
    def file(self) -> "resources.Files[M]":
        """Files: upload and download them."""
        return resources.Files(self._performer)

    @cached_property
    def list(self) -> "resources.Lists[M]":
        """Lists of accounts, contacts or opportunities."""
        return resources.Lists(self._performer)

    @cached_property
    def meeting(self) -> "resources.Meetings[M]":
        """Past meetings."""
        return resources.Meetings(self._performer)

    @cached_property
    def member(self) -> "resources.Members[M]":
        """The members of the workspace."""
        return resources.Members(self._performer)

    @cached_property
    def merge(self) -> "resources.Merges[M]":
        """Merges of two records into one."""
        return resources.Merges(self._performer)

    @cached_property
    def message(self) -> "resources.Messages[M]":
        """Messages in channels."""
        return resources.Messages(self._performer)

    @cached_property
    def note(self) -> "resources.Notes[M]":
        """Notes."""
        return resources.Notes(self._performer)

    @cached_property
    def object(self) -> "resources.Objects[M]":
        """Records of the custom types of the workspace."""
        return resources.Objects(self._performer)

    @cached_property
    def opportunity(self) -> "resources.Opportunities[M]":
        """Deals with an account, in a pipeline."""
        return resources.Opportunities(self._performer)

    @cached_property
    def sender(self) -> "resources.Senders[M]":
        """Mailboxes and LinkedIn accounts that sequences send from. A preview of the API."""
        return resources.Senders(self._performer)

    @cached_property
    def sequence(self) -> "resources.Sequences[M]":
        """Outreach in steps. A preview of the API."""
        return resources.Sequences(self._performer)

    @cached_property
    def task(self) -> "resources.Tasks[M]":
        """Tasks."""
        return resources.Tasks(self._performer)

    @cached_property
    def workflow_run(self) -> "resources.WorkflowRuns[M]":
        """Workflow runs."""
        return resources.WorkflowRuns(self._performer)

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


def _renew_locks() -> None:
    """Replace the locks that Python 3.11 gives to cached properties: a thread of the parent process may hold them."""
    for value in vars(Catalog).values():
        if isinstance(value, cached_property):
            vars(value)["lock"] = RLock()


register_fork_reset(_renew_locks)
