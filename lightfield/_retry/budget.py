"""The retry budget of a client, which keeps an outage of the API from causing a storm of retries."""

import logging

_THROTTLED_COST = 5
_FAILED_COST = 14
_log = logging.getLogger("lightfield")


class Budget:
    """Tokens of a client and its siblings: a retry costs some, a call that succeeds at once returns 1.

    A retry at the time that a throttled request was told (``Retry-After``) costs nothing: the server expects it. Nor
    does the one after a stale connection: the server has not failed.

    Args:
        size: Tokens of a full budget; None for no limit.
    """

    def __init__(self, size: int | None) -> None:
        self.size = size
        self.spent: int = 0
        self._warned = False

    def try_spend(self, kind: str, *, announced: bool = False) -> bool:
        """Spend the tokens for a retry after a failure of this kind; return whether there were enough.

        Args:
            kind: The kind of the failure.
            announced: Whether the server said when to retry.
        """
        if self.size is None or kind == "stale" or (announced and kind == "throttled"):
            return True
        cost = _THROTTLED_COST if kind in {"throttled", "in_progress"} else _FAILED_COST
        if self.spent + cost > self.size:
            if not self._warned:
                _log.warning("The retry budget is exhausted: failed calls are not retried until others succeed.")
            self._warned = True
            return False
        self.spent += cost
        self._warned = False
        return True
