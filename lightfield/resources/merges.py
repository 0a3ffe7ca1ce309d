"""Merges of two records into one.

API page: https://docs.lightfield.app/api/resources/merge/
"""

from typing import TypeVar, Unpack, cast

from msgspec.json import Decoder

from lightfield._official.spelling import spelled
from lightfield._operations import Awaits, CallOptions, M, Raw, Resource, Stream, operation, procedure, view
from lightfield._operations.polling import DEADLINE, poll_until_done
from lightfield._protocol.builders import get, path_segment, write
from lightfield._protocol.request import Request
from lightfield.models import Account, Contact, CustomRecord, Merge, MergeResult, Opportunity, wire
from lightfield.models.write import MergeOptions, Resolutions

R = TypeVar("R")

_MERGE = Decoder(Merge)
_ACCOUNTS, _CONTACTS = Decoder(MergeResult[Account]), Decoder(MergeResult[Contact])
_OBJECTS, _OPPORTUNITIES = Decoder(MergeResult[CustomRecord]), Decoder(MergeResult[Opportunity])


class Merges(Resource[M]):
    """``client.merge``. The primary record keeps its id, the duplicate goes to the trash.

    ``field_resolutions`` says by slug whose value a field keeps: ``primary``, ``duplicate`` or ``{"value": ...}``;
    ``options={"multiSelectUnion": True}`` keeps the options of both. A merge is not retried if it may have
    taken effect.
    """

    _path = "/v1/merges"
    with_raw_response: "view[Merges[Raw[M]]]" = view("raw")
    with_streaming_response: "view[Merges[Stream[M]]]" = view("streamed")

    @operation
    def get_merge(self, id: str, **_: Unpack[CallOptions]) -> Request[Merge]:
        """Fetch a merge and the progress of its clean-up."""
        return get(f"{self._path}/{path_segment(id)}", _MERGE)

    @operation
    def merge_accounts(
        self,
        *,
        duplicate_id: str,
        primary_id: str,
        field_resolutions: Resolutions | None = None,
        options: MergeOptions | None = None,
        **_: Unpack[CallOptions],
    ) -> Request[MergeResult[Account]]:
        """Merge two accounts."""
        return _merge("accounts", _ACCOUNTS, duplicate_id, primary_id, field_resolutions, options)

    @operation
    def merge_contacts(
        self,
        *,
        duplicate_id: str,
        primary_id: str,
        field_resolutions: Resolutions | None = None,
        options: MergeOptions | None = None,
        **_: Unpack[CallOptions],
    ) -> Request[MergeResult[Contact]]:
        """Merge two contacts."""
        return _merge("contacts", _CONTACTS, duplicate_id, primary_id, field_resolutions, options)

    @operation
    def merge_object_values(
        self,
        entity_slug: str,
        *,
        duplicate_id: str,
        primary_id: str,
        field_resolutions: Resolutions | None = None,
        options: MergeOptions | None = None,
        **_: Unpack[CallOptions],
    ) -> Request[MergeResult[CustomRecord]]:
        """Merge two records of a custom type."""
        kind = f"objects/{path_segment(entity_slug, 'entity_slug')}"
        return _merge(kind, _OBJECTS, duplicate_id, primary_id, field_resolutions, options)

    @operation
    def merge_opportunities(
        self,
        *,
        duplicate_id: str,
        primary_id: str,
        field_resolutions: Resolutions | None = None,
        options: MergeOptions | None = None,
        **_: Unpack[CallOptions],
    ) -> Request[MergeResult[Opportunity]]:
        """Merge two opportunities of the same account."""
        return _merge("opportunities", _OPPORTUNITIES, duplicate_id, primary_id, field_resolutions, options)

    @procedure
    async def wait(self, id: str, *, deadline: float | None = DEADLINE) -> Merge:
        """Wait for a merge to end, whatever its status. Raise ``WaitTimeoutError`` after ``deadline`` seconds."""
        fetch = cast("Merges[Awaits]", self).get_merge
        return await poll_until_done(lambda: fetch(id), self._awaiting.sleep, deadline)


def _merge(
    kind: str,
    decoder: Decoder[MergeResult[R]],
    duplicate: str,
    primary: str,
    resolutions: Resolutions | None,
    options: MergeOptions | None,
) -> Request[MergeResult[R]]:
    path_segment(duplicate, "duplicate_id")
    path_segment(primary, "primary_id")
    body = {"primaryId": primary, "duplicateId": duplicate}
    body["fieldResolutions"] = spelled("field_resolutions", resolutions, Resolutions)
    body["options"] = spelled("options", options, wire.MergeOptions)
    return write(f"/v1/{kind}/merge", decoder, body)
