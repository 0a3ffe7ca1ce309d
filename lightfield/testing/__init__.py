"""How do I test code that calls Lightfield, without Lightfield?

``Sandbox`` is a real HTTP server on 127.0.0.1 that speaks the documented wire format: bearer keys, the version
header, rate limits with their headers, both shapes of error body, and made-up records that are the same for the same
seed. It keeps what is written to it. It runs on a thread of its own, so blocking and asyncio tests use it alike::

    from lightfield import AsyncLightfield, Lightfield
    from lightfield.testing import Sandbox

    def test_blocking() -> None:
        with Sandbox(opportunities=3) as sandbox:
            identifier = sandbox.opportunity_ids[0]
            with Lightfield(api_key=sandbox.api_key, base_url=sandbox.base_url) as client:
                assert client.opportunity.retrieve(identifier).id == identifier

    async def test_awaited() -> None:
        async with Sandbox(rate_limit=None) as sandbox:
            async with AsyncLightfield(api_key=sandbox.api_key, base_url=sandbox.base_url) as client:
                await client.opportunity.retrieve(sandbox.opportunity_ids[0])

It knows accounts, contacts, opportunities, meetings, notes, tasks, lists, members, emails and the custom type
``project``, with their filters, definitions, field history and trash; merges, idempotency keys, and files together with
the storage that their bytes go to. Enrichment and workflow runs end after a few looks; nothing is enriched. It has no
sequences, senders, channels and messages. ``Sandbox.records``, ``ids``, ``trash``, ``definitions``, ``files`` and
``content`` look into it.

Where the API's documentation is silent, the sandbox chooses:

- It checks the key first, then the rate, the version, the path, the idempotency key, the body and the record. A request
  without the key and a throttled one use up nothing. A known path with another method is answered 405
  ``method_not_allowed`` with an ``Allow`` header.
- A write takes effect at once, also in lists. All of it does, or none. A record in the trash is not found, and cannot
  be pointed at. A new record is never older than another of its type.
- A filter on a field that the definitions do not have is refused; so is any other unknown parameter of a list, while
  other calls ignore them. An unset field meets no operator, hence every negated one. ``contains`` means one of the
  values, not a part of it.
- Relationships that two types keep for each other change at both ends. ``add`` does not push out the record that a
  ``HAS_ONE`` relationship holds: 422. What the API sets by itself cannot be written: 400.
- A new opportunity is in the first stage, and its status follows from its stage. The key belongs to the first member.
  Meetings are not matched with contacts, and ``autoCreateRecords`` and ``skipEnrichment`` have no effect.
- A merge gives the primary what it lacks, and makes whatever pointed at the duplicate point at the primary.
- An ``Idempotency-Key`` is remembered for as long as the sandbox lives, and taken (409) until its call was answered.
- Sent emails are among the emails; only logged ones can be deleted (403 for others). Drafts are not kept.
- Completing a completed file again does nothing. Uploads do not expire.
"""

from ._sandbox import Sandbox

__all__ = ["Sandbox"]
