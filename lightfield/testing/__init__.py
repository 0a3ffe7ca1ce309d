"""A sandbox for testing code that calls Lightfield.

``Sandbox`` is a real HTTP server on 127.0.0.1 that implements the documented protocol: bearer keys, the version header,
rate limits with their headers, both formats of error bodies, and fictional records that are determined by the seed. It
keeps what is written to it. It runs on its own thread and works with blocking and asyncio tests alike::

    from lightfield.testing import Sandbox

    def test_blocking() -> None:
        with Sandbox(opportunities=3) as sandbox:
            identifier = sandbox.opportunity_ids[0]
            assert sandbox.client().opportunity.retrieve(identifier).id == identifier

    async def test_awaited() -> None:
        async with Sandbox(rate_limit=None) as sandbox:
            await sandbox.async_client().opportunity.retrieve(sandbox.opportunity_ids[0])

pytest has the fixtures ``lightfield_sandbox``, ``lightfield_client`` and ``async_lightfield_client``.

It supports accounts, contacts, opportunities, meetings, notes, tasks, lists, members, emails, channels, messages and
the custom type ``project``, with filters, definitions, field history and trash; sequences and senders; merges,
idempotency keys, and files including the storage for their contents. Enrichment and workflow runs, and tests of
sequences, complete after a few polls; nothing is enriched, and nothing is sent to anyone. ``Sandbox.records``, ``ids``,
``trash``, ``definitions``, ``files`` and ``content`` give access to its state, ``Sandbox.requests`` to what was sent.

What the sandbox does where the API's documentation leaves the behaviour open is listed in ``docs/testing.md``.
"""

from ._http.faults import Fault
from ._http.recorder import RecordedRequest, RecordedRequests
from ._sandbox import Sandbox

__all__ = ["Fault", "RecordedRequest", "RecordedRequests", "Sandbox"]
