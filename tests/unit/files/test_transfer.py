"""May a transfer go on as long as bytes move, and no longer?"""

import asyncio
import io
from collections.abc import Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import pytest

from lightfield import APITimeoutError, LightfieldError, LightfieldTypeError, LightfieldValueError, Transfer
from lightfield._files.progress import IDLE_TIMEOUT, RESPONSE_TIMEOUT, TransferProgress, check, within_deadline
from lightfield._files.upload import MAX_UPLOAD, UploadSource
from tests.clock import run

T = TypeVar("T")


def elapsed(act: Callable[[TransferProgress], object]) -> float:
    """Let a meter be used in a transfer that then stands still; say after how many seconds it was stopped."""

    async def transfer() -> float:
        loop = asyncio.get_running_loop()
        began, meter = loop.time(), TransferProgress(None, 10)
        with suppress(TimeoutError):
            async with asyncio.timeout(IDLE_TIMEOUT) as meter.idle:
                act(meter)
                await loop.create_future()
        return loop.time() - began

    return run(transfer())


def test_what_stands_still_is_stopped() -> None:
    assert elapsed(lambda _: None) == pytest.approx(IDLE_TIMEOUT)
    assert elapsed(lambda meter: meter.add(9)) == pytest.approx(IDLE_TIMEOUT)


def test_after_the_last_byte_there_is_more_patience() -> None:
    assert elapsed(lambda meter: meter.add(10)) == pytest.approx(RESPONSE_TIMEOUT)


def test_what_moves_now_and_then_goes_on() -> None:
    async def transfer() -> int:
        meter = TransferProgress(None, None)
        async with asyncio.timeout(IDLE_TIMEOUT) as meter.idle:
            for _ in range(20):
                await asyncio.sleep(0.9 * IDLE_TIMEOUT)
                meter.add(1)
        meter.add(1)  # over: nothing to put off
        return meter.done

    assert run(transfer()) == 21


def test_a_hook_is_told_and_its_failure_noted() -> None:
    seen: list[Transfer] = []
    meter = TransferProgress(seen.append, 10)
    run(_add(meter))
    assert seen == [Transfer(4, 10)]

    def fail(_: Transfer) -> None:
        raise KeyError("mine")

    failing = TransferProgress(fail, 10)
    with pytest.raises(LightfieldError, match="The progress hook failed"):
        run(_add(failing))
    assert isinstance(failing.fault.error, KeyError)


async def _add(meter: TransferProgress) -> None:
    meter.add(4)


def test_a_deadline_is_said_on_the_error() -> None:
    async def stand() -> None:
        await asyncio.get_running_loop().create_future()

    with pytest.raises(APITimeoutError, match="The upload did not end in 5 s") as caught:
        run(within_deadline(stand(), 5.0, "upload"))
    assert caught.value.deadline_exceeded
    assert caught.value.__context__ is None


def test_a_timeout_of_somebody_else_is_not_taken_for_the_deadline() -> None:
    async def fail() -> None:
        raise TimeoutError("theirs")

    with pytest.raises(TimeoutError, match="theirs"):
        run(within_deadline(fail(), 5.0, "upload"))


async def test_options_are_checked() -> None:
    check(None, None)
    check(print, 0.5)
    with pytest.raises(LightfieldTypeError, match="progress"):
        check(5, None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    with pytest.raises(LightfieldValueError, match="deadline"):
        check(None, 0)


class Failing(io.BytesIO):
    """Cannot be read past its first 200,000 bytes."""

    def read(self, size: int | None = -1, /) -> bytes:
        if self.tell() > 200_000:
            raise OSError(5, "Input/output error")
        return super().read(size)


def test_a_file_that_fails_while_it_is_read_is_a_clear_error() -> None:
    async def drain() -> int:
        return sum([len(chunk) async for chunk in UploadSource(Failing(bytes(600_000)), "a").chunks()])

    with pytest.raises(LightfieldValueError, match="cannot be read: Input/output error"):
        run_for_real(drain)


def test_a_digest_is_of_all_bytes_or_none() -> None:
    async def digests() -> tuple[str | None, str | None]:
        source = UploadSource(bytes(600_000), "a")
        chunks = source.chunks()
        await anext(chunks)
        early = source.md5
        async for _ in chunks:
            pass
        return early, source.md5

    assert run_for_real(digests) == (None, "d70a839b87633a3e431d5df5c4a027d7")


def run_for_real(main: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run on a real clock: files are read on threads, which a virtual one does not wait for."""
    return asyncio.run(main())


def test_a_file_may_be_large_but_not_too_large(tmp_path: Path) -> None:
    path = tmp_path / "large"
    with path.open("wb") as file:
        file.truncate(MAX_UPLOAD)
    source = UploadSource(path)
    assert source.size == MAX_UPLOAD
    source.close()
    with path.open("ab") as file:
        file.write(b"x")
    with pytest.raises(LightfieldValueError, match="1 byte to 512 MB"):
        UploadSource(path)
