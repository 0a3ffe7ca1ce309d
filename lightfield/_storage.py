"""How do a file's bytes get to and from the storage, which is not the API?

The API hands out signed addresses; whoever has one may use it. So they get exactly the headers that belong to them and
none of ours: no key, no version. They are shown nowhere; messages name the host. Bytes are streamed, so a file of any
size takes little memory, and moved again from the start after a passing fault.
"""

import asyncio
import hashlib
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
from msgspec.json import Decoder

from ._config import Config, checked_seconds
from ._request import Request
from ._response import Response, status_error
from ._retry import Call, persevere
from ._source import Source
from ._target import Target
from .errors import APIError, APIResponseValidationError, APITimeoutError

if TYPE_CHECKING:
    from yarl import URL

    from ._transport import Transport

T = TypeVar("T")

STALL = 60.0
"""Seconds in which at least some bytes must move."""

_PART = 256 * 1024
_LONGEST_REFUSAL = 64 * 1024
_TRANSFER: Request[Any] = Request("GET", "/", Decoder(), "Read")
"""Stands for a transfer where the retry policy asks what may be repeated."""


class Transfer(msgspec.Struct, frozen=True):
    """How far a transfer has come."""

    done: int
    """Bytes moved; it begins anew with each attempt."""

    total: int | None
    """Bytes in all, where that is known."""


TransferHook = Callable[[Transfer], object]
"""Called on the client's event loop after each part."""


@asynccontextmanager
async def bounded(deadline: float | None, what: str) -> AsyncGenerator[None]:
    """Bound several requests and transfers in time.

    Raises:
        APITimeoutError: The deadline has passed.
    """
    limit = asyncio.timeout(checked_seconds("deadline", deadline))
    try:
        async with limit:
            yield
    except TimeoutError:
        if not limit.expired():
            raise
        late = APITimeoutError(f"The {what} did not end in {deadline:g} s.")
        late.deadline_exceeded = True
        raise late from None


class Storage:
    """Moves bytes to and from signed addresses."""

    def __init__(self, transport: "Transport", config: Config) -> None:
        self._transport = transport
        self._config = config

    async def put(self, url: str, headers: Mapping[str, str], source: Source, progress: TransferHook | None) -> str:
        """Store the bytes of a source, and give their MD5 in hexadecimal.

        Raises:
            APIStatusError: The storage refused them.
            APIConnectionError: No answer arrived.
            LightfieldValueError: The source did not hold as many bytes as it was said to.
        """
        address, exact = self._checked(url), {**headers, "Content-Length": str(source.size)}
        what = f"PUT to {address.host}"

        async def attempt(call: Call) -> str:
            digest, meter = hashlib.md5(usedforsecurity=False), _Meter(progress, source.size)
            body = _outgoing(source, digest.update, meter)
            response = await self._timed(self._exchange(address, exact, body), meter, what, "sending")
            if response.status == 412 and call.retries:  # an attempt before this one did store it
                return digest.hexdigest()
            if not 200 <= response.status < 300:
                raise status_error(what, response)
            return digest.hexdigest()

        return await self._persist(attempt)

    async def get(self, url: str, target: Target, progress: TransferHook | None) -> int:
        """Fetch bytes into a target, and give their number.

        Raises:
            APIStatusError: The storage refused.
            APIConnectionError: Not all of them arrived.
            LightfieldValueError: They cannot be written there.
        """
        address = self._checked(url)
        what = f"GET from {address.host}"

        async def attempt(_: Call) -> int:
            await target.begin()
            meter = _Meter(progress, None)
            refused = await self._timed(self._collect(address, target, meter), meter, what, "receiving")
            if refused is not None:
                raise status_error(what, refused)
            return meter.done

        try:
            done = await self._persist(attempt)
            await target.finish()
        finally:
            target.discard()
        return done

    async def _exchange(self, address: "URL", headers: Mapping[str, str], body: AsyncIterator[bytes]) -> Response:
        async with self._transport.stranger.put(address, data=body, headers=headers, allow_redirects=False) as response:
            return await _refusal(response)

    async def _collect(self, address: "URL", target: Target, meter: "_Meter") -> Response | None:
        async with self._transport.stranger.get(address, allow_redirects=False) as response:
            if response.status != 200:
                return await _refusal(response)
            meter.total = response.content_length
            async for part in response.content.iter_chunked(_PART):
                await target.take(part)
                meter.move(len(part))
            return None

    async def _timed(self, action: Awaitable[T], meter: "_Meter", what: str, phase: str) -> T:
        """Make one attempt, as long as bytes move; what went wrong on our side is raised as it is."""
        try:
            async with asyncio.timeout(STALL) as meter.stall:
                return await self._transport.translated(action, what, phase)
        except TimeoutError:
            raise APITimeoutError(f"{what}: no byte moved in {STALL:g} s while {phase}") from None
        except Exception:
            if meter.fault is not None:
                raise meter.fault from None
            raise

    async def _persist(self, attempt: Callable[[Call], Awaitable[T]]) -> T:
        """Make attempts as the retry policy says; a transfer may always be repeated."""
        call = Call(_TRANSFER, self._config)
        try:
            return await attempt(call)
        except APIError as error:
            failure = error
        try:
            return await persevere(call, failure, attempt, self._transport.sleep)
        finally:
            del failure

    def _checked(self, url: str) -> "URL":
        """Give a signed address as it is, unless bytes would travel in the clear where the API's do not."""
        from yarl import URL

        try:
            address = URL(url, encoded=True)
        except ValueError:
            raise APIResponseValidationError("The API gave an address that is none (not shown).") from None
        in_the_clear = address.scheme == "http" and self._config.base_url.lower().startswith("https:")
        if address.scheme not in {"http", "https"} or not address.host or in_the_clear:
            raise APIResponseValidationError("The API gave an address that is not https (not shown).")
        return address


class _Meter:
    """Counts bytes, tells the hook, and puts off the stall."""

    def __init__(self, hook: TransferHook | None, total: int | None) -> None:
        self._hook = hook
        self.done = 0
        self.total = total
        self.stall: asyncio.Timeout | None = None
        self.fault: Exception | None = None
        """What went wrong on our side; whoever moves the bytes knows only that they ended."""

    def move(self, number: int) -> None:
        """Count some more bytes."""
        self.done += number
        if self.stall is not None:
            with suppress(RuntimeError):  # it is over: the answer came before the last byte went
                self.stall.reschedule(asyncio.get_running_loop().time() + STALL)
        if self._hook is not None:
            with self.watching():
                self._hook(Transfer(self.done, self.total))

    @contextmanager
    def watching(self) -> Generator[None]:
        """Note what goes wrong on our side."""
        try:
            yield
        except Exception as error:
            self.fault = error
            raise


async def _outgoing(source: Source, note: Callable[[bytes], object], meter: _Meter) -> AsyncIterator[bytes]:
    with meter.watching():
        async for part in source.parts():
            note(part)
            yield part
            meter.move(len(part))


async def _refusal(response: Any) -> Response:
    return Response(response.status, response.headers, await response.content.read(_LONGEST_REFUSAL))
