"""Whatever aiohttp or the system raises becomes an error of ours."""

import pytest

from lightfield import APIConnectionError
from lightfield._http.faults import Phase, connection_failure


@pytest.mark.parametrize(("phase", "sent"), [(Phase.CONNECTING, False), (Phase.READING, True)])
def test_an_error_of_the_system_is_a_lost_connection_and_its_cause(phase: str, *, sent: bool) -> None:
    reset = ConnectionResetError("reset")
    failure = connection_failure(reset, phase, None)
    assert type(failure) is APIConnectionError
    assert (str(failure), failure.sent, failure.permanent) == (f"connection lost while {phase}: reset", sent, False)
    assert failure.__cause__ is reset
