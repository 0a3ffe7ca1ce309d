"""Event loops: that of the caller, and a new one."""

import asyncio

# Not first with uvloop: a fork that waits for that import would call only a half of what this registers for forks.
import concurrent.futures.thread  # noqa: F401 # pyright: ignore[reportUnusedImport]

from lightfield.errors import LightfieldUsageError

from .fork import no_fork

_ELSEWHERE = (
    "Await an AsyncLightfield in a task of asyncio. Elsewhere, such as under trio, use Lightfield, and call it in a "
    "thread: await trio.to_thread.run_sync(client.opportunity.retrieve, id)."
)


def no_task(advice: str = _ELSEWHERE) -> LightfieldUsageError:
    """Return the error for a call where no task of asyncio is running."""
    return LightfieldUsageError(f"No task of asyncio is running here. {advice}")


def running_loop(advice: str = _ELSEWHERE) -> asyncio.AbstractEventLoop:
    """Return the event loop of the running task.

    Raises:
        LightfieldUsageError: No task of asyncio is running here.
    """
    try:
        task = asyncio.current_task()
    except RuntimeError:  # no event loop of asyncio runs on this thread
        task = None
    if task is None:
        raise no_task(advice)
    return task.get_loop()


def new_loop(*, uvloop: bool = True) -> asyncio.AbstractEventLoop:
    """Return a new event loop: that of uvloop if it may be and is installed, else that of asyncio.

    Raises:
        OSError: Too few file descriptors are left.
    """
    if uvloop:
        try:
            with no_fork():
                from .fast_loop import new_fast_loop

            return new_fast_loop()
        except (ImportError, RuntimeError):  # it is not installed, or cannot be loaded as the interpreter ends
            pass
        except OSError as error:
            raise OSError(error.errno, error.strerror) from None  # without the file that it was to be loaded from
    return asyncio.new_event_loop()


def is_loop_running() -> bool:
    """Return whether an event loop of asyncio runs on this thread."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
