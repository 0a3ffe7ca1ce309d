"""How do I test code that calls Lightfield, without Lightfield?

``Sandbox`` is a real HTTP server on 127.0.0.1 that speaks the documented wire format: bearer keys, the
version header, rate limits with their headers, both shapes of error body, and made-up opportunities that are
the same for the same seed. It runs on a thread of its own, so blocking and asyncio tests use it alike::

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

Where the API's documentation is silent, the sandbox chooses. It checks the key first, then the rate, the
version, the path and the record. A request without the key and a throttled one use up nothing. A known path
with another method is answered 405 ``method_not_allowed`` with an ``Allow`` header.
"""

from ._sandbox import Sandbox

__all__ = ["Sandbox"]
