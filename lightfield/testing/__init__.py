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

Where the API's documentation leaves the behaviour open, the sandbox behaves as follows:

- It checks the key first, then the rate limit, version, path, scopes, idempotency key, body and record. Requests
  without a valid key and throttled requests consume nothing, those without the scopes what others do. A known path with
  another method is answered 405 ``method_not_allowed`` with an ``Allow`` header.
- Writes are atomic and take effect immediately, also in lists. A record in the trash is not found and cannot be the
  target of a relationship. A new record is never older than another of its type.
- Members of bodies and parameters of queries that are not documented are rejected: 400 ``unknown_field``. With
  ``strict=False`` they are ignored, except fields, relationships and filters that are undefined.
- An unset field matches no operator, hence every negated one. ``contains`` compares whole values, not substrings.
- A required field or relationship cannot be cleared: 422. A second list of the kind ``target`` is a conflict: 409.
- A telephone number that begins with ``+`` must be exact; a local one keeps its digits. A social media profile is a
  URL, not a handle; other URLs may lack their scheme.
- Inverse relationships change at both ends. ``add`` does not replace the record of a ``HAS_ONE`` relationship: 422.
  What the API derives cannot be written: 400.
- A new opportunity is in the first stage of the first pipeline. A stage whose label ends in won or lost closes it.
  Fields that are derived have no history. The key belongs to the first member. Meetings are not matched with
  contacts, and ``autoCreateRecords`` and ``skipEnrichment`` have no effect.
- A merge fills the missing values of the primary and repoints relationships from the duplicate to the primary.
- An ``Idempotency-Key`` is kept for the lifetime of the sandbox; while its first request is in progress: 409.
- Sent emails appear among the emails; only logged ones can be deleted (403 for others). Drafts are not kept.
- Completing a completed file again has no effect.
- Steps of an active sequence that send automatically send at once, whatever the window and the pacing. Waits do not
  end, nobody reviews a message, and nobody replies. An agent's message is its prompt; its permissions are granted.
- A draft is published only if each of its channels has a sender that can send. Contacts on a step that is no longer
  published go on with the next one that is. Publish warnings compare the steps by id, and the settings.
- A test of a sequence runs for two polls. With ``rate_limit=None``, any number may start in a minute; 10 may run.
- ``issues`` have a ``param`` and a ``message``; ``invalidContacts`` a ``contactId`` and a ``reason``.
- The fields of channels are ``$name``, ``$provider`` and ``$private``, those of messages ``$text`` and ``$sentAt``.
  Private channels are for their ``$member``; LinkedIn conversations of others are seen without their text.
- It answers for local hosts only: 421 for a public name, such as a web page could have resolved to 127.0.0.1. A body of
  JSON may have 10 MB (413) and must arrive within 30 seconds (408); heads of requests must within 60 seconds.
"""

from ._http.faults import Fault
from ._http.recorder import RecordedRequest, RecordedRequests
from ._sandbox import Sandbox

__all__ = ["Fault", "RecordedRequest", "RecordedRequests", "Sandbox"]
