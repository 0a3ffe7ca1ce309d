"""Sequences: outreach in steps. A preview of the API.

API pages: https://docs.lightfield.app/api/resources/sequence/, https://docs.lightfield.app/sequences/using-the-api/
"""

from collections.abc import Sequence
from typing import Unpack, cast

from msgspec.json import Decoder

from lightfield import models
from lightfield._official.spelling import spelled
from lightfield._operations import Awaits, CallOptions, M, Raw, Stream, operation, procedure, view
from lightfield._operations.polling import DEADLINE, poll_until_done
from lightfield._protocol.builders import check_strings, get, path_segment, write
from lightfield._protocol.filters import Filters
from lightfield._protocol.queries import page_query
from lightfield._protocol.request import Request
from lightfield.models import wire
from lightfield.models.document import JSONObject
from lightfield.models.write import DefinitionChange, Members, NewDefinition

from ._documents import Listable

_DRAFT = Decoder(models.SequenceDraft)
_GONE = Decoder(models.DraftDiscarded)
_ENROLLMENT = Decoder(models.Enrollment)
_ENROLLMENTS = Decoder(models.Page[models.Enrollment])
_CHANGES = Decoder(models.EnrollmentChanges)
_MESSAGE = Decoder(models.SequenceMessage)
_MESSAGES = Decoder(models.Page[models.SequenceMessage])
_PERFORMANCE = Decoder(models.SequencePerformance)
_TEST = Decoder(models.SequenceTest)
_VARIABLES = Decoder(models.Page[models.TemplateVariable])


class Sequences(Listable[M, models.Sequence]):
    """``client.sequence``. Filters: ``status``, ``channels``, ``createdAt`` and others."""

    _path = "/v1/sequences"
    _one: Decoder[models.Sequence] = Decoder(models.Sequence)
    _page: Decoder[models.Page[models.Sequence]] = Decoder(models.Page[models.Sequence])
    with_raw_response: "view[Sequences[Raw[M]]]" = view("raw")
    with_streaming_response: "view[Sequences[Stream[M]]]" = view("streamed")

    @operation
    def create(
        self,
        *,
        definition: NewDefinition,
        name: str,
        reviewers: Sequence[str] | None = None,
        senders: Sequence[str] | None = None,
        **_: Unpack[CallOptions],
    ) -> Request[models.SequenceDraft]:
        """Create a sequence and return its first draft.

        Args:
            definition: What it does: ``description`` and ``steps`` are required.
            name: Its name.
            reviewers: Ids of members.
            senders: Ids of senders.
        """
        body = {
            "name": name,
            "definition": spelled("definition", definition, wire.NewDefinition),
            "reviewers": check_strings("reviewers", reviewers),
            "senders": check_strings("senders", senders),
        }
        return write(self._path, _DRAFT, body, "name", "definition", retry_safety="with_key")

    @operation
    def activate(
        self, id: str, *, body: JSONObject | None = None, **_: Unpack[CallOptions]
    ) -> Request[models.Sequence]:
        """Start sending; a no-op if it is sending.

        Raises:
            ConflictError: The sequence was changed meanwhile.
        """
        return write(self._at(id, "/activate"), self._one, body, retry_safety="idempotent")

    @operation
    def deactivate(
        self, id: str, *, body: JSONObject | None = None, **_: Unpack[CallOptions]
    ) -> Request[models.Sequence]:
        """Stop sending; a no-op if it has stopped."""
        return write(self._at(id, "/deactivate"), self._one, body, retry_safety="idempotent")

    @operation
    def retrieve_draft(self, id: str, **_: Unpack[CallOptions]) -> Request[models.SequenceDraft]:
        """Fetch the open draft; raises ``NotFoundError`` with code ``draft_not_found`` if there is none."""
        return get(self._at(id, "/draft"), _DRAFT)

    @operation
    def update_draft(
        self,
        id: str,
        *,
        definition: DefinitionChange | None = None,
        expected_version: str | None = None,
        name: str | None = None,
        reviewers: Members | None = None,
        senders: Members | None = None,
        **_: Unpack[CallOptions],
    ) -> Request[models.SequenceDraft]:
        """Update the open draft, or create one.

        Args:
            id: The sequence's id.
            definition: The parts to change. A step that is kept keeps its ``id``.
            expected_version: The draft's ``version``; required where one is open.
            name: A new name.
            reviewers: ``{"add": ids, "remove": ids}`` of members.
            senders: The same of senders.

        Raises:
            ConflictError: The draft has another version.
        """
        body = {"name": name, "expectedVersion": expected_version}
        body["definition"] = spelled("definition", definition, wire.DefinitionChange)
        body["reviewers"] = spelled("reviewers", reviewers, Members)
        body["senders"] = spelled("senders", senders, Members)
        return write(self._at(id, "/draft"), _DRAFT, body)

    @operation
    def publish_draft(self, id: str, *, expected_version: str, **_: Unpack[CallOptions]) -> Request[models.Sequence]:
        """Publish the open draft, if it has this version."""
        return write(
            self._at(id, "/draft/publish"), self._one, {"expectedVersion": expected_version}, "expectedVersion"
        )

    @operation
    def discard_draft(
        self, id: str, *, expected_version: str, **_: Unpack[CallOptions]
    ) -> Request[models.DraftDiscarded]:
        """Discard the open draft, if it has this version, and the sequence if it was never published."""
        return write(self._at(id, "/draft/discard"), _GONE, {"expectedVersion": expected_version}, "expectedVersion")

    @operation
    def list_enrollments(
        self,
        id: str,
        *,
        limit: int | None = None,
        offset: int | None = None,
        filters: Filters = None,
        **_: Unpack[CallOptions],
    ) -> Request[models.Page[models.Enrollment]]:
        """List one page of enrollments, newest first. Filters: ``status``, ``contactId`` and others."""
        return get(self._at(id, "/enrollments"), _ENROLLMENTS, "Search", page_query(limit, offset, None, filters))

    @operation
    def retrieve_enrollment(
        self, enrollment_id: str, *, id: str, **_: Unpack[CallOptions]
    ) -> Request[models.Enrollment]:
        """Fetch one enrollment of a sequence."""
        return get(self._at(id, f"/enrollments/{path_segment(enrollment_id, 'enrollment_id')}"), _ENROLLMENT)

    @operation
    def update_enrollments(
        self,
        id: str,
        *,
        add: Sequence[str] | None = None,
        remove: Sequence[str] | None = None,
        **_: Unpack[CallOptions],
    ) -> Request[models.EnrollmentChanges]:
        """Enroll and unenroll contacts, 25 in all at most.

        Args:
            id: The sequence's id.
            add: Ids of contacts to enroll.
            remove: Ids of contacts to take out.
        """
        body = {"add": check_strings("add", add), "remove": check_strings("remove", remove)}
        return write(self._at(id, "/enrollments"), _CHANGES, body)

    @operation
    def list_messages(
        self,
        id: str,
        *,
        limit: int | None = None,
        offset: int | None = None,
        filters: Filters = None,
        **_: Unpack[CallOptions],
    ) -> Request[models.Page[models.SequenceMessage]]:
        """List one page of messages and replies, without content. Filters: ``contactId``, ``status`` and others."""
        return get(self._at(id, "/messages"), _MESSAGES, "Search", page_query(limit, offset, None, filters))

    @operation
    def retrieve_message(
        self, message_id: str, *, id: str, **_: Unpack[CallOptions]
    ) -> Request[models.SequenceMessage]:
        """Fetch one message or reply, with its content."""
        return get(self._at(id, f"/messages/{path_segment(message_id, 'message_id')}"), _MESSAGE)

    @operation
    def list_template_variables(self, **_: Unpack[CallOptions]) -> Request[models.Page[models.TemplateVariable]]:
        """List the variables that templates can use."""
        return get(f"{self._path}/template/variables", _VARIABLES)

    @operation
    def retrieve_performance(self, id: str, **_: Unpack[CallOptions]) -> Request[models.SequencePerformance]:
        """Fetch the performance of a sequence."""
        return get(self._at(id, "/performance"), _PERFORMANCE)

    @operation
    def start_test(
        self, id: str, *, contact_id: str, expected_version: str | None = None, **_: Unpack[CallOptions]
    ) -> Request[models.SequenceTest]:
        """Start a dry run for one contact.

        Args:
            id: The sequence's id.
            contact_id: For whom.
            expected_version: The draft's ``version``, to test the draft.

        Raises:
            RateLimitError: 10 tests run already, or 5 were started within a minute.
        """
        body = {"contactId": contact_id, "expectedVersion": expected_version}
        return write(self._at(id, "/tests"), _TEST, body, "contactId", own_rate_limit=True)

    @operation
    def retrieve_test(self, test_id: str, *, id: str, **_: Unpack[CallOptions]) -> Request[models.SequenceTest]:
        """Fetch a dry run and its progress."""
        return get(self._at(id, f"/tests/{path_segment(test_id, 'test_id')}"), _TEST)

    @procedure
    async def wait_test(self, test_id: str, *, id: str, deadline: float | None = DEADLINE) -> models.SequenceTest:
        """Wait for a dry run to end, whatever its status. Raise ``WaitTimeoutError`` after ``deadline`` seconds."""
        fetch = cast("Sequences[Awaits]", self).retrieve_test
        return await poll_until_done(lambda: fetch(test_id, id=id), self._awaiting.sleep, deadline)

    def _at(self, id: str, below: str) -> str:
        return f"{self._items}/{path_segment(id)}{below}"
