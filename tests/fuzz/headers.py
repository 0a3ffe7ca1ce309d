"""Take in an answer's headers as a client does, and see that what comes of them makes sense."""

import math
from collections.abc import Mapping

from lightfield._pacing.pace import Pace
from lightfield._pacing.schedule import Demand
from lightfield._protocol.decoding import status_error
from lightfield._protocol.response import Response
from lightfield._protocol.retry_after import retry_after

NOW = 1_000.0


def check_headers(headers: Mapping[str, str], status: int) -> None:
    asked = retry_after(headers)
    assert asked is None or 0 <= asked < math.inf
    error = status_error("GET /v1/things", Response(status, headers, b""))
    assert error.status_code == status
    assert (error.retry_after is None) == (asked is None)
    assert str(error).isprintable()
    assert len(str(error)) < 500
    _check_pace(headers, status)


def _check_pace(headers: Mapping[str, str], status: int) -> None:
    """However often they come, a lane goes on: not for ever faster, and never for long at rest."""
    pace = Pace(25.0)
    for second in range(4):
        slots = [pace.take(NOW + second) for _ in range(2)]
        for slot in slots:
            pace.learn(NOW + second, status, headers, slot)
    rate = pace.rate
    assert pace.limit is not None
    assert rate is not None
    assert 1 <= pace.limit <= 10_000
    assert 0 < rate <= 1.2 * pace.limit
    for length in (1, 1_000):
        assert pace.due(NOW + 3, Demand(length, 1)) <= NOW + 3 + 61
