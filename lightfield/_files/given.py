"""What a caller gives to be read or written: a path or an open file."""

import os
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from lightfield.errors import LightfieldError, LightfieldValueError


def path_text(path: Any) -> str:
    """Return a path as ``open`` takes it: of a string its content, whatever its ``__str__`` returns."""
    return str.__str__(os.fsdecode(path))


@contextmanager
def explained(failure: str) -> Generator[None]:
    """Explain what a file or a path raises, which may be anything.

    Raises:
        LightfieldValueError: It raised something else than an error of ours.
    """
    try:
        yield
    except LightfieldError:
        raise
    except Exception as error:
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise LightfieldValueError(f"{failure}: {reason}.") from error
