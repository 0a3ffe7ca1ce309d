"""Enrichment of accounts and contacts, in the background.

API page: https://docs.lightfield.app/api/resources/enrichment_run/
"""

from collections.abc import Sequence
from typing import Unpack, cast

from msgspec.json import Decoder

from lightfield._operations import Awaits, CallOptions, M, Raw, Resource, Stream, operation, procedure, view
from lightfield._operations.polling import DEADLINE, poll_until_done
from lightfield._protocol.builders import check_strings, get, path_segment, write
from lightfield._protocol.request import Request
from lightfield.models import Enrichment, EnrichmentRun

_ENRICHMENT, _RUN = Decoder(Enrichment), Decoder(EnrichmentRun)


class EnrichmentRuns(Resource[M]):
    """``client.enrichment_run``. Enrichment is metered."""

    _path = "/v1/enrichmentRun"
    with_raw_response: "view[EnrichmentRuns[Raw[M]]]" = view("raw")
    with_streaming_response: "view[EnrichmentRuns[Stream[M]]]" = view("streamed")

    @operation
    def enrich(
        self, entity_id: str, *, entity_slug: str, fields: Sequence[str] | None = None, **_: Unpack[CallOptions]
    ) -> Request[Enrichment]:
        """Start enriching an account or contact.

        Args:
            entity_id: Its id.
            entity_slug: ``accounts`` or ``contacts``.
            fields: What to find out, such as ``["email", "title"]``, without ``$``; by default everything.

        Raises:
            ConflictError: Another run has just claimed the record.
        """
        path = f"{self._path}/{path_segment(entity_slug, 'entity_slug')}/{path_segment(entity_id, 'entity_id')}"
        return write(path, _ENRICHMENT, {"fields": check_strings("fields", fields)})

    @operation
    def get_enrichment_run(self, run_id: str, **_: Unpack[CallOptions]) -> Request[EnrichmentRun]:
        """Fetch a run and its progress."""
        return get(f"{self._path}/{path_segment(run_id, 'run_id')}", _RUN)

    @procedure
    async def wait(self, run_id: str, *, deadline: float | None = DEADLINE) -> EnrichmentRun:
        """Wait for a run to end, whatever its status. Raise ``WaitTimeoutError`` after ``deadline`` seconds."""
        fetch = cast("EnrichmentRuns[Awaits]", self).get_enrichment_run
        return await poll_until_done(lambda: fetch(run_id), self._awaiting.sleep, deadline)
