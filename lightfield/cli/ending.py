"""How every command ends, whatever becomes of its standard streams."""

import os
import sys
from collections.abc import Generator
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from typing import TextIO

PROGRAM = "python -m lightfield"


@contextmanager
def clean_end() -> Generator[None, None, None]:
    """Make the standard streams usable, and end the program without a traceback if the block fails.

    Raises:
        SystemExit: 1 after an error, which is shown in one line, or silently if the reader of the output has gone;
            130 after Ctrl-C.
    """
    from lightfield.errors import LightfieldError

    _make_streams_usable()
    try:
        try:
            yield
        finally:
            sys.stdout.flush()  # here, where a failure can be handled
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    except BrokenPipeError:
        raise SystemExit(1) from None
    except (OSError, LightfieldError) as error:
        _show(error)
        raise SystemExit(1) from None
    finally:
        _give_up_if_broken(sys.stdout)
        _give_up_if_broken(sys.stderr)


def _make_streams_usable() -> None:
    """Replace characters that standard output cannot encode, and streams that are closed."""
    stdout = sys.stdout
    if isinstance(stdout, TextIOWrapper):
        # argparse ignores that a write fails: with PYTHONUNBUFFERED too, leave writing to `flush`
        stdout.reconfigure(errors="replace", write_through=False)
    sys.stdout = stdout or _discarding()
    sys.stderr = sys.stderr or _discarding()


def _show(error: Exception) -> None:
    reason = error.strerror if isinstance(error, OSError) else None
    with suppress(OSError):
        print(f"{PROGRAM}: error: {reason or error}", file=sys.stderr)


def _give_up_if_broken(stream: TextIO) -> None:
    """Let the interpreter, which flushes the stream once more, write what is left to nowhere."""
    try:
        stream.flush()
    except OSError:
        with suppress(OSError):
            os.dup2(_nowhere(), stream.fileno())


def _discarding() -> TextIO:
    return open(_nowhere(), "w", encoding="utf-8", closefd=False)


def _nowhere() -> int:
    return os.open(os.devnull, os.O_WRONLY)
