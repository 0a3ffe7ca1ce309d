"""Sessions of TLS that are resumed, between the two ends of a connection in memory."""

import datetime as dt
import ssl
import time
from contextlib import suppress

import freezegun
import pytest
import trustme

from lightfield._http.resumption import resume_sessions
from tests.faults.certificates import certified, trusting


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA(key_type=trustme.KeyType.ECDSA)


@pytest.fixture
def server(authority: trustme.CA) -> ssl.SSLContext:
    return certified(authority.issue_cert("*.api.example"))


@pytest.fixture
def another(authority: trustme.CA) -> ssl.SSLContext:
    """The same server after a restart: it does not know the sessions of before."""
    return certified(authority.issue_cert("*.api.example"))


@pytest.fixture
def client(authority: trustme.CA) -> ssl.SSLContext:
    context = trusting(authority)
    resume_sessions(context)
    return context


def opened(client: ssl.SSLContext, server: ssl.SSLContext, name: str = "eu.api.example") -> ssl.SSLObject:
    """Connect to a server, which says one word that is not yet read."""
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    ours = client.wrap_bio(to_client, to_server, server_hostname=name)
    theirs = server.wrap_bio(to_server, to_client, server_side=True)
    for end in (ours, theirs, ours, theirs):
        with suppress(ssl.SSLWantReadError):
            end.do_handshake()
    theirs.write(b"hello")
    return ours


def connected(client: ssl.SSLContext, server: ssl.SSLContext, name: str = "eu.api.example") -> ssl.SSLObject:
    """Connect to a server, and read what it says."""
    ours = opened(client, server, name)
    assert ours.read(5) == b"hello"
    return ours


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=["1.2", "1.3"])
def test_a_session_is_resumed_by_all_later_connections(
    client: ssl.SSLContext, server: ssl.SSLContext, version: ssl.TLSVersion
) -> None:
    server.maximum_version = version
    assert [connected(client, server).session_reused for _ in range(4)] == [False, True, True, True]


def test_a_session_is_that_of_one_server(client: ssl.SSLContext, server: ssl.SSLContext) -> None:
    assert not connected(client, server, "a.api.example").session_reused
    assert not connected(client, server, "b.api.example").session_reused
    assert connected(client, server, "a.api.example").session_reused
    assert connected(client, server, "b.api.example").session_reused


def test_a_session_that_is_refused_is_replaced(
    client: ssl.SSLContext, server: ssl.SSLContext, another: ssl.SSLContext
) -> None:
    connected(client, server)
    assert [connected(client, another).session_reused for _ in range(3)] == [False, True, True]


def test_a_certificate_is_verified_without_a_session_of_that_server(
    client: ssl.SSLContext, server: ssl.SSLContext
) -> None:
    """A session that was verified for one name proves nothing for another."""
    connected(client, server)
    with pytest.raises(ssl.SSLCertVerificationError):
        connected(client, server, "another.test")


def test_a_certificate_is_verified_again_after_an_hour(
    client: ssl.SSLContext, server: ssl.SSLContext, another: ssl.SSLContext
) -> None:
    connected(client, server)
    now = time.time()
    with freezegun.freeze_time(dt.datetime.fromtimestamp(now + 3_500, dt.UTC)):
        assert connected(client, server).session_reused
    with freezegun.freeze_time(dt.datetime.fromtimestamp(now + 3_700, dt.UTC)):
        assert not connected(client, server).session_reused
        connected(client, another)
    assert connected(client, another).session_reused  # the new session is kept in place of the old


def test_the_sessions_of_few_servers_are_kept(client: ssl.SSLContext, server: ssl.SSLContext) -> None:
    names = [f"s{number}.api.example" for number in range(17)]
    for name in names:
        connected(client, server, name)
    assert connected(client, server, names[-1]).session_reused
    assert not connected(client, server, names[0]).session_reused


def test_one_session_is_read_for_many_connections(
    authority: trustme.CA, server: ssl.SSLContext, another: ssl.SSLContext
) -> None:
    """Some Pythons leak each session that is read, so there is a limit."""
    client = trusting(authority)
    resume_sessions(client, reads=2)
    for connection in [opened(client, server) for _ in range(3)]:
        connection.read(5)
    assert [connected(client, server).session_reused for _ in range(3)] == [True, True, True]
    assert [connected(client, another).session_reused for _ in range(3)] == [False, True, True]
    assert [connected(client, server).session_reused for _ in range(3)] == [False, False, False]


def test_a_context_keeps_connections_of_its_own_kind(authority: trustme.CA, server: ssl.SSLContext) -> None:
    """As truststore's, which verify the certificate."""

    class Own(ssl.SSLObject):
        pass

    context = trusting(authority)
    context.sslobject_class = Own
    resume_sessions(context)
    assert type(connected(context, server)) is Own
