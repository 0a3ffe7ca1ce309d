"""How much may a client spend on retries? So that an outage of the API is not answered with a storm of requests."""

import logging

_THROTTLED = 5
_FAILED = 14
_log = logging.getLogger("lightfield")


class Budget:
    """What a client and its siblings may spend: a retry costs, a call that succeeds at once gives 1 back.

    Args:
        size: What it holds when full; None for a budget without end.
    """

    def __init__(self, size: int | None) -> None:
        self.size = size
        self.spent: int = 0
        self._warned = False

    def try_spend(self, kind: str) -> bool:
        """Pay for a retry after a failure of that kind, and say whether there was enough."""
        if self.size is None:
            return True
        price = _THROTTLED if kind in {"throttled", "in_progress"} else _FAILED
        if self.spent + price > self.size:
            if not self._warned:
                _log.warning("The retry budget is exhausted: calls that fail are not tried again until others succeed.")
            self._warned = True
            return False
        self.spent += price
        self._warned = False
        return True
