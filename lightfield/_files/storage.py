"""How do a file's bytes get to and from the storage, which is not the API?

The API hands out signed addresses; whoever has one may use it. So they get exactly the headers that belong to them and
none of ours: no key, no version. They are shown nowhere; messages name the host. Bytes are streamed, so a file of any
size takes little memory, and moved again from the start after a passing fault.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec.json import Decoder

from lightfield._aio.caught import Caught
from lightfield._config.config import Config
from lightfield._protocol.decoding import status_error
from lightfield._protocol.redaction import Secret
from lightfield._protocol.request import Request
from lightfield._protocol.response import Response
from lightfield._retry.budget import Budget
from lightfield._retry.policy import Call, retry_call
from lightfield.errors import APIError, APIResponseValidationError, APITimeoutError, LightfieldError

from .download import Target
from .progress import STALL, TransferHook, TransferProgress
from .upload import Reading, Source

if TYPE_CHECKING:
    from yarl import URL

    from lightfield._http.transport import Transport


T = TypeVar("T")

_PART = 256 * 1024
_MAX_ANSWER = 64 * 1024
_CODE = re.compile(rb"<Code>([A-Za-z0-9.]{1,60})</Code>")
_SHOWN = frozenset({"content-length", "content-type", "date", "retry-after"})
_FRAMING = frozenset({"transfer-encoding", "connection", "expect", "upgrade", "te", "trailer"})
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_TRANSFER: Request[Any] = Request("GET", "/", Decoder(), "Read")
"""Stands for a transfer where the retry policy asks what may be repeated."""


class Storage:
    """Moves bytes to and from signed addresses."""

    def __init__(self, transport: "Transport", config: Config, budget: Budget) -> None:
        self._transport = transport
        self._config = config
        self._budget = budget

    async def put(
        self, to: Secret, headers: Mapping[str, str], source: Source, hook: TransferHook | None
    ) -> str | None:
        """Store the bytes of a source, and give their MD5 in hexadecimal, if one attempt has read them all.

        Raises:
            APIStatusError: The storage refused them.
            APIConnectionError: No answer arrived.
            LightfieldValueError: The source cannot be read, or did not hold as many bytes as it was said to.
        """
        what = f"PUT to {self._host(to)}"
        exact = {**_checked(headers), "Content-Length": str(source.size)}
        read = Reading(source)

        async def attempt(call: Call) -> str | None:
            meter = TransferProgress(hook, source.size)
            answer = await self._timed(self._exchange(to, exact, _outgoing(read, meter)), meter, what, "sending")
            stored_before = answer.status == 412 and call.retries > 0  # by an attempt whose answer was lost
            if not (200 <= answer.status < 300 or stored_before):
                raise status_error(what, answer)
            return read.md5

        return await self._persist(attempt)

    async def get(self, at: Secret, target: Target, hook: TransferHook | None) -> int:
        """Fetch bytes into a target, and give their number.

        Raises:
            APIStatusError: The storage refused.
            APIConnectionError: Not all of them arrived.
            LightfieldValueError: They cannot be written there.
        """
        what = f"GET from {self._host(at)}"

        async def attempt(_: Call) -> int:
            await target.begin()
            meter = TransferProgress(hook, None)
            refused = await self._timed(self._collect(at, target, meter), meter, what, "receiving")
            if refused is not None:
                raise status_error(what, refused)
            return meter.done

        try:
            done = await self._persist(attempt)
            await target.finish()
        finally:
            target.discard()
        return done

    async def _exchange(self, to: Secret, headers: Mapping[str, str], body: AsyncIterator[bytes]) -> Response:
        async with self._transport.external.exchange("PUT", _address(to), body, headers) as response:
            return await _answer(response)

    async def _collect(self, at: Secret, target: Target, meter: TransferProgress) -> Response | None:
        async with self._transport.external.exchange("GET", _address(at)) as response:
            if response.status != 200:
                return await _answer(response)
            meter.total = response.content_length
            async for part in response.content.iter_chunked(_PART):
                await target.take(part)
                meter.move(len(part))
            return None

    async def _timed(self, action: Awaitable[T], meter: TransferProgress, what: str, phase: str) -> T:
        """Make one attempt, as long as bytes move; what went wrong on our side is raised as it is."""
        fault: Exception
        try:
            async with asyncio.timeout(STALL) as meter.stall:
                return await self._transport.translated(action, what, phase)
        except TimeoutError:
            fault = APITimeoutError(f"{what}: no byte moved in {meter.patience:g} s while {phase}")
        except LightfieldError as error:
            fault = meter.fault or error.with_traceback(None)
        except ValueError:  # an address, or headers, that aiohttp cannot send
            fault = meter.fault or APIResponseValidationError(f"{what}: the API gave what cannot be sent (not shown)")
        except Exception as error:  # noqa: BLE001 # raised again
            fault = error
        if fault is meter.fault and meter.trace is not None:
            fault.__traceback__ = meter.trace
        try:
            raise fault  # out of the handler: what was caught may hold the address
        finally:
            del fault

    async def _persist(self, attempt: Callable[[Call], Awaitable[T]]) -> T:
        """Make attempts as the retry policy says; a transfer may always be repeated."""
        call = Call(_TRANSFER, self._config, self._budget, asyncio.get_running_loop().time())
        try:
            return await attempt(call)
        except APIError as error:
            caught = Caught(error)
        return await retry_call(call, caught, attempt, self._transport.waiters.sleep)

    def _host(self, where: Secret) -> str:
        """Give the host of a signed address, unless bytes would travel in the clear where the API's do not."""
        try:
            address = _address(where)
            scheme, host = address.scheme, address.host
        except ValueError:
            scheme, host = "", None
        schemes = {"https"} if self._config.base_url.lower().startswith("https:") else {"https", "http"}
        if scheme not in schemes or not host:
            raise APIResponseValidationError("The API gave an address that is not https (not shown).")
        return host


def _address(where: Secret) -> "URL":
    from yarl import URL

    return URL(where.reveal(), encoded=True)


def _checked(headers: Mapping[str, str]) -> Mapping[str, str]:
    """Refuse headers that would change how the bytes are framed, or that are none."""
    for name, value in headers.items():
        if not _NAME.fullmatch(name) or _CONTROL.search(value) or name.lower() in _FRAMING:
            raise APIResponseValidationError(
                f"The API gave a header for the storage that cannot be sent: {name!a:.60}."
            )
    return {name: value for name, value in headers.items() if name.lower() != "content-length"}


async def _outgoing(read: Reading, meter: TransferProgress) -> AsyncIterator[bytes]:
    try:
        async for part in read.parts():
            yield part
            meter.move(len(part))
    except Exception as error:
        meter.fault = error
        raise


async def _answer(response: Any) -> Response:
    """Read what a storage says; of a refusal only its code and what an error needs: the rest may echo the address."""
    said = await response.content.read(_MAX_ANSWER)
    code = _CODE.search(said)
    headers = {name: value for name, value in response.headers.items() if name.lower() in _SHOWN}
    return Response(response.status, headers, code[1] if code else b"")
