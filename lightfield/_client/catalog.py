"""Every resource of the API, once: what a client of any mode offers."""

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, Literal, Self

from msgspec.json import Decoder

from lightfield._operations.operation import M, Resource, operation
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

_ANYTHING: Decoder[JSON] = Decoder()


class Catalog(Resource[M]):
    """The resources of the API, in one mode."""

    def __init__(self) -> None:
        super().__init__(self)

    def _sibling(self, **state: object) -> Self:
        """Make a client with other state, which binds resources of its own."""
        sibling = self.__new__(type(self))
        sibling.__dict__.update(state, _performer=sibling, _raw=False)
        return sibling

    def perform(self, request: Request[Any], /) -> Any:
        """Perform one request."""
        raise NotImplementedError

    def run(self, resource: Any, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        """Run a coroutine function of a resource."""
        raise NotImplementedError

    def walk(self, resource: Any, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        """Iterate an asynchronous generator function of a resource."""
        raise NotImplementedError

    @cached_property
    def account(self) -> Accounts[M]:
        """Companies."""
        return Accounts(self)

    @cached_property
    def auth(self) -> Auth[M]:
        """The API key itself."""
        return Auth(self)

    @cached_property
    def channel(self) -> Channels[M]:
        """Channels of Slack, Microsoft Teams and LinkedIn."""
        return Channels(self)

    @cached_property
    def contact(self) -> Contacts[M]:
        """People."""
        return Contacts(self)

    @cached_property
    def email(self) -> Emails[M]:
        """E-mails: read, log, draft and send them."""
        return Emails(self)

    @cached_property
    def enrichment_run(self) -> EnrichmentRuns[M]:
        """Finding out more about accounts and contacts, in the background."""
        return EnrichmentRuns(self)

    @cached_property
    def file(self) -> Files[M]:
        """Files: upload and download them."""
        return Files(self)

    @cached_property
    def list(self) -> Lists[M]:
        """Lists of accounts, contacts or opportunities."""
        return Lists(self)

    @cached_property
    def meeting(self) -> Meetings[M]:
        """Meetings that took place."""
        return Meetings(self)

    @cached_property
    def member(self) -> Members[M]:
        """The members of the workspace."""
        return Members(self)

    @cached_property
    def merge(self) -> Merges[M]:
        """Merging two records into one."""
        return Merges(self)

    @cached_property
    def message(self) -> Messages[M]:
        """Messages in channels."""
        return Messages(self)

    @cached_property
    def note(self) -> Notes[M]:
        """Notes."""
        return Notes(self)

    @cached_property
    def object(self) -> Objects[M]:
        """Records of types that the workspace has defined."""
        return Objects(self)

    @cached_property
    def opportunity(self) -> Opportunities[M]:
        """Deals with an account, on their way through a pipeline."""
        return Opportunities(self)

    @cached_property
    def sender(self) -> Senders[M]:
        """Mailboxes and LinkedIn accounts that sequences send from. A preview of the API."""
        return Senders(self)

    @cached_property
    def sequence(self) -> Sequences[M]:
        """What is sent to whom, step by step. A preview of the API."""
        return Sequences(self)

    @cached_property
    def task(self) -> Tasks[M]:
        """Tasks."""
        return Tasks(self)

    @cached_property
    def workflow_run(self) -> WorkflowRuns[M]:
        """Runs of workflows."""
        return WorkflowRuns(self)

    @operation
    def request(
        self,
        method: Literal["GET", "POST", "DELETE"],
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: JSONObject | None = None,
        category: Category | None = None,
    ) -> Request[JSON]:
        """Reach an endpoint that has no operation here, and get its JSON as it is.

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
