"""Transfers of a file's bytes to and from the storage, which is not the API.

The API hands out signed addresses, which anyone may use who knows them. A request to one has exactly the headers that
belong to it: no key, no API version. An address is shown nowhere; messages name the host. Bytes are streamed, so that a
file of any size takes little memory, and a transfer that fails for a passing reason starts again.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, suppress
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec.json import Decoder

from lightfield._aio.caught import Caught
from lightfield._config.config import Config
from lightfield._config.hosts import is_loopback
from lightfield._http.stream import decompressed
from lightfield._protocol.builders import get
from lightfield._protocol.decoding import status_error
from lightfield._protocol.redaction import Secret
from lightfield._protocol.request import Request
from lightfield._protocol.response import Response
from lightfield._retry.budget import Budget
from lightfield._retry.policy import Call, retry_call
from lightfield.errors import APIError, APIResponseValidationError, APITimeoutError, LightfieldError
from lightfield.models import FileUpload, FileURL

from .download import DownloadTarget
from .expected import Announcement, ExpectedSize, is_framed
from .progress import IDLE_TIMEOUT, TransferHook, TransferProgress
from .upload import UploadSource

if TYPE_CHECKING:
    from yarl import URL

    from lightfield._http.lazy_transport import LazyTransport


T = TypeVar("T")
Send = Callable[[Request[Any]], Awaitable[Any]]

_ANNOUNCEMENT, _URL = Decoder(Announcement), Decoder(FileURL)
_CHUNK = 256 * 1024
_MAX_ERROR_BODY = 64 * 1024
_CODE = re.compile(rb"<Code>([A-Za-z0-9.]{1,60})</Code>")
_SHOWN = frozenset({"content-length", "content-type", "date", "retry-after"})
_FRAMING = frozenset({"transfer-encoding", "connection", "expect", "upgrade", "te", "trailer"})
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_TRANSFER: Request[Any] = Request("GET", "/", Decoder(), "Read")
"""Stands for a transfer when the retry policy asks what may be repeated."""


class Storage:
    """Transfers to and from signed addresses."""

    def __init__(self, transport: "LazyTransport", config: Config, budget: Budget) -> None:
        self._transport = transport
        self._config = config
        self._budget = budget

    async def put(self, ticket: FileUpload, source: UploadSource, hook: TransferHook | None) -> str | None:
        """Store the bytes of a source, and return their MD5 in hexadecimal, if one attempt has read them all.

        Raises:
            APIStatusError: The storage refused them.
            APIConnectionError: No response arrived.
            LightfieldValueError: The source cannot be read, or its size has changed.
        """
        what = f"PUT to {self._host(Secret(ticket.upload_url))}"
        _check_headers(ticket)

        async def attempt(call: Call) -> str | None:
            progress = TransferProgress(hook, source.size)
            response = await self._attempt(self._send(ticket, source, progress), progress, what, "sending")
            already_stored = response.status == 412 and call.retries > 0  # by an attempt whose response was lost
            if not (200 <= response.status < 300 or already_stored):
                raise status_error(what, response)
            return source.md5

        return await self._retry(attempt)

    async def download(self, send: Send, path: str, target: DownloadTarget, hook: TransferHook | None) -> int:
        """Write the bytes of the file at a path of the API to a target, and return their number.

        Raises:
            LightfieldError: As ``get``, or as ``send``, which sends a request to the API.
        """
        try:
            await target.open()
            announced = await send(get(path, _ANNOUNCEMENT))
            link = await send(get(f"{path}/url", _URL))
            return await self.get(Secret(link.url), target, announced.size_bytes, hook)
        finally:
            await target.discard()

    async def get(self, at: Secret, target: DownloadTarget, size: int | None, hook: TransferHook | None) -> int:
        """Write the bytes at an address to a target, and return their number.

        Args:
            at: The signed address.
            target: An open target.
            size: The number of bytes that the API announced; None or 0 if it is not known.
            hook: Told of the progress.

        Raises:
            APIStatusError: The storage refused.
            APIConnectionError: Not all of them arrived, or they are more than allowed.
            APIResponseValidationError: They are more than announced.
            LightfieldValueError: They cannot be written.
        """
        what = f"GET from {self._host(at)}"
        expected = ExpectedSize(what, size, self._config.max_download_bytes if target.in_memory else None)

        async def attempt(_: Call) -> int:
            await target.start()
            progress = TransferProgress(hook, expected.announced)
            refusal = await self._attempt(self._receive(at, target, expected, progress), progress, what, "receiving")
            if refusal is not None:
                raise _refusal(what, refusal)
            return progress.done

        done = await self._retry(attempt)
        await target.finish()
        return done

    async def _send(self, ticket: FileUpload, source: UploadSource, progress: TransferProgress) -> Response:
        to, body = _address(Secret(ticket.upload_url)), _body(source, progress)
        headers = {name: value for name, value in ticket.upload_headers.items() if name.lower() != "content-length"}
        headers["Content-Length"] = str(source.size)
        async with self._transport.opened.external.exchange("PUT", to, body, headers) as response:
            return await _redacted(response)

    async def _receive(
        self, at: Secret, target: DownloadTarget, expected: ExpectedSize, progress: TransferProgress
    ) -> Response | None:
        expected.check_allowed(expected.announced or 0)
        async with self._transport.opened.external.exchange("GET", _address(at)) as response:
            if response.status != 200:
                return await _redacted(response)
            encoding = expected.check_head(response)
            if progress.total is None and encoding == "identity":
                progress.total = response.content_length
            read = partial(response.content.read, _CHUNK)
            async with aclosing(decompressed(read, encoding, may_be_empty=is_framed(response))) as chunks:
                async for chunk in chunks:
                    expected.check_received(progress.done + len(chunk))
                    await target.write(chunk)
                    progress.add(len(chunk))
            expected.check_whole(progress.done)
            return None

    async def _attempt(self, action: Awaitable[T], progress: TransferProgress, what: str, phase: str) -> T:
        """Make one attempt, as long as bytes are transferred; raise what failed on our side as it is."""
        fault = progress.fault
        try:
            async with asyncio.timeout(IDLE_TIMEOUT) as progress.idle:
                return await self._transport.opened.translated(action, what, phase)
        except TimeoutError:
            fault.error = APITimeoutError(f"{what}: no data in {progress.timeout:g} s while {phase}")
        except Exception as error:  # noqa: BLE001 # raised below, without the frames that hold the address
            unsendable = isinstance(error, ValueError) and not isinstance(error, LightfieldError)
            if unsendable and not fault.error:
                fault.error = APIResponseValidationError(f"{what}: the address or headers cannot be used (not shown)")
            fault.error = fault.error or error.with_traceback(None)
        raise fault.take()

    async def _retry(self, attempt: Callable[[Call], Awaitable[T]]) -> T:
        """Make attempts as the retry policy decides; a transfer may always be repeated."""
        call = Call(_TRANSFER, self._config, self._budget, asyncio.get_running_loop().time())
        try:
            return await attempt(call)
        except APIError as error:
            caught = Caught(error)
        return await retry_call(call, caught, attempt, self._transport.waiters.sleep)

    def _host(self, signed: Secret) -> str:
        """Return the host of a signed address; refuse clear text unless the API uses it, and may with that host."""
        scheme, host = _origin(signed)
        clear = scheme == "http" and self._config.base_url.lower().startswith("http:")
        if not host or not (scheme == "https" or (clear and (self._config.allow_http or is_loopback(host)))):
            raise APIResponseValidationError("The API returned an address that is not https (not shown).")
        return host


def _address(signed: Secret) -> "URL":
    from yarl import URL

    return URL(signed.reveal(), encoded=True)


def _origin(signed: Secret) -> tuple[str, str | None]:
    """Return the scheme and the host, if there is one."""
    with suppress(ValueError):
        address = _address(signed)
        return address.scheme, address.host
    return "", None


def _check_headers(ticket: FileUpload) -> None:
    """Refuse headers that are malformed, or would change how the body is framed."""
    if unfit := [name for name, value in ticket.upload_headers.items() if not _may_be_sent(name, value)]:
        raise APIResponseValidationError(
            f"The API returned a header for the storage that cannot be sent: {unfit[0]!a:.60}."
        )


def _may_be_sent(name: str, value: str) -> bool:
    return bool(_NAME.fullmatch(name)) and not _CONTROL.search(value) and name.lower() not in _FRAMING


async def _body(source: UploadSource, progress: TransferProgress) -> AsyncIterator[bytes]:
    try:
        async for chunk in source.chunks():
            yield chunk
            progress.add(len(chunk))
    except Exception as error:
        progress.fault.error = progress.fault.error or error
        raise


def _refusal(what: str, response: Response) -> APIError:
    """Return the error for a response that has no file in it."""
    if not 200 <= response.status < 300:
        return status_error(what, response)
    error = APIResponseValidationError(f"{what}: status {response.status}, which is not a whole file")
    error.status_code = response.status
    return error


async def _redacted(response: Any) -> Response:
    """Return what an error needs of a response; the rest may echo the signed address."""
    code = _CODE.search(await response.content.read(_MAX_ERROR_BODY))
    headers = {name: value for name, value in response.headers.items() if name.lower() in _SHOWN}
    return Response(response.status, headers, code[1] if code else b"")
