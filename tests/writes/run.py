"""``python -m tests.writes.run [writes]``: so many faulted writes, and one line on what came of them.

It fails if a write was done twice, or if a caller was told something untrue.
"""

import logging
import sys
import time

from tests.writes.machine import KINDS, drive
from tests.writes.model import Tally

_BLOCKING = 0.05
"""The part of the writes that the blocking client makes: they take real time."""


def main(enough: int) -> None:
    logging.getLogger("lightfield").setLevel(logging.ERROR)  # a budget that runs out is nothing special here
    total, begun = Tally(), time.monotonic()
    try:
        drive(KINDS["blocking"], int(enough * _BLOCKING), total)
        drive(KINDS["awaited"], enough, total)
    finally:
        print(f"{total}; {time.monotonic() - begun:.0f} s")  # noqa: T201


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
