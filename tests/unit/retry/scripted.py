"""A server that fails as it is told, for tests of what the client does then. No network, no decoding: outcomes only."""

import asyncio
from collections.abc import Awaitable, Callable
from itertools import pairwise
from typing import TYPE_CHECKING, Any, cast

import msgspec
import pytest
from msgspec.json import Decoder
from multidict import CIMultiDict

from lightfield import APIConnectionError, APIError, APIResponseValidationError
from lightfield._aio.caught import Caught
from lightfield._config.config import resolve
from lightfield._protocol.builders import get
from lightfield._protocol.decoding import error_class
from lightfield._protocol.request import RetrySafety, Reuse
from lightfield._retry.budget import Budget
from lightfield._retry.policy import Call, retry_call
from tests.clock import START, run

if TYPE_CHECKING:
    from lightfield._config.options import Options

Failure = Callable[[], BaseException]


def refused(status: int, asked: float | None = None, type: str = "") -> Failure:
    def make() -> APIError:
        error = error_class(status)(f"status {status}", status_code=status, body={"type": type}, headers=CIMultiDict())
        error.retry_after = asked
        return error

    return make


def unsent() -> APIError:
    error = APIConnectionError("cannot connect")
    error.sent = False
    return error


def lost() -> APIError:
    return APIConnectionError("connection lost")


def stale() -> APIError:
    error = APIConnectionError("connection lost")
    error.stale = True
    return error


def garbled() -> APIError:
    return APIResponseValidationError("no JSON")


def a_call(retry_safety: RetrySafety = "idempotent", due: float | None = None, **options: Any) -> Call:
    config = resolve(cast("Options", {"api_key": "k", **options}))
    request = msgspec.structs.replace(get("/v1/things", Decoder()), retry_safety=retry_safety)
    return Call(request, config, Budget(config.retry_budget), START, deadline=due)


class Server:
    """Fails in the ways it is told, the last one for ever, or succeeds when it comes to None."""

    def __init__(
        self,
        *failures: Failure | None,
        takes: float = 0.0,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.failures = failures
        self.takes = takes
        self.sleep = sleep
        self.times: list[float] = []
        self.reuse: list[Reuse] = []
        """Which pooled connections each attempt might use."""

    async def attempt(self, call: Call) -> str:
        """Make one attempt, which like the transport's never outlives the call."""
        now = asyncio.get_running_loop().time()
        self.times.append(now)
        self.reuse.append(call.reuse)
        await asyncio.sleep(self.takes if call.deadline is None else min(self.takes, call.deadline - now))
        failure = self.failures[min(len(self.times), len(self.failures)) - 1]
        if failure is not None:
            raise failure()
        return "result"

    async def serve(self, call: Call) -> str:
        """Perform a call as the client does."""
        try:
            return await self.attempt(call)
        except APIError as error:
            caught = Caught(error)
        return await retry_call(call, caught, self.attempt, self.sleep)

    def refuse(self, call: Call) -> APIError:
        """Perform a call that fails."""
        with pytest.raises(APIError) as caught:
            run(self.serve(call))
        return caught.value

    @property
    def waits(self) -> list[float]:
        return [later - earlier for earlier, later in pairwise(self.times)]
