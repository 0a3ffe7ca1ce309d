"""Does the fault server do the faults it is told to? Seen from a plain socket."""

import socket
import threading
from contextlib import closing

import pytest
import trustme

from tests.faults.certificates import certified, trusting
from tests.faults.proxy import OPEN, ProxyServer
from tests.faults.server import FIN, ID, RST, STALL, Ever, FaultServer, Reply, header, http

REQUEST = b"POST /v1/things HTTP/1.1\r\nHost: x\r\nX-Name: a b\r\nContent-Length: 3\r\n\r\nabc"


def connected(server: FaultServer) -> "closing[socket.socket]":
    host, _, port = server.address.partition(":")
    return closing(socket.create_connection((host, int(port)), timeout=10))


def ask(server: FaultServer) -> bytes:
    """Send a request and read until the server ends the connection."""
    with connected(server) as connection:
        connection.sendall(REQUEST)
        received = b""
        while chunk := connection.recv(65_536):
            received += chunk
        return received


def test_bytes_are_sent_as_they_are_and_fin_ends_them() -> None:
    with FaultServer([b"one ", 0.01, b"two", FIN]) as server:
        assert ask(server) == b"one two"
    assert server.requests == [REQUEST]
    assert server.connections == 1


def test_rst_resets() -> None:
    with FaultServer(RST) as server, pytest.raises(ConnectionResetError):
        ask(server)


def test_stall_says_nothing_and_notices_that_the_client_hangs_up() -> None:
    with FaultServer(STALL) as server:
        with connected(server) as connection:
            connection.sendall(REQUEST)
            assert server.arrived.wait(10)
            connection.settimeout(0.05)
            with pytest.raises(TimeoutError):
                connection.recv(1)
            assert not server.hung_up.is_set()
        assert server.hung_up.wait(10)


def test_event_holds_the_rest_back() -> None:
    go = threading.Event()
    with FaultServer([b"before ", go, b"after", FIN]) as server, connected(server) as connection:
        connection.sendall(REQUEST)
        assert connection.recv(100) == b"before "
        go.set()
        assert connection.recv(100) == b"after"


def test_ever_goes_on_until_the_client_hangs_up() -> None:
    with FaultServer([b"begin ", Ever(b"again ", 0.001)]) as server:
        with connected(server) as connection:
            connection.sendall(REQUEST)
            received = b""
            while len(received) < 100:
                received += connection.recv(100)
        assert received.startswith(b"begin again again again ")
        assert server.hung_up.wait(10)


def test_ever_ends_with_the_server() -> None:
    with FaultServer(Ever(b"again ")) as server, connected(server) as connection:
        connection.sendall(REQUEST)
        assert server.arrived.wait(10)
    assert server.hung_up.is_set()


def test_port_can_be_taken_again() -> None:
    with FaultServer([b"1", FIN]) as server:
        assert ask(server) == b"1"
    with FaultServer([b"2", FIN], port=server.port) as again:
        assert ask(again) == b"2"
    assert again.address == server.address


def test_proxy_lets_through_both_ways() -> None:
    with FaultServer([b"answer", FIN]) as server, ProxyServer() as proxy, connected(proxy) as connection:
        connection.sendall(f"CONNECT 127.0.0.1:{server.port} HTTP/1.1\r\n\r\n".encode())
        assert connection.recv(100) == OPEN
        connection.sendall(REQUEST)
        assert connection.recv(100) == b"answer"
        assert connection.recv(100) == b""
    assert server.requests == [REQUEST]


def test_replies_go_by_request_and_the_last_stays() -> None:
    with FaultServer(b"1", [b"2", FIN], [b"3", FIN]) as server:
        with connected(server) as connection:
            connection.sendall(REQUEST)
            assert connection.recv(100) == b"1"
            connection.sendall(REQUEST)
            assert connection.recv(100) == b"2"
        assert [ask(server), ask(server)] == [b"3", b"3"]
    assert (len(server.requests), server.connections) == (4, 3)


@pytest.mark.parametrize(("greeting", "seen"), [(b"hello", b"hello"), (FIN, b"")])
def test_greeting_comes_before_any_request(greeting: Reply, seen: bytes) -> None:
    with FaultServer(greeting=greeting) as server, connected(server) as connection:
        assert connection.recv(100) == seen
    assert server.requests == []


def test_tls_is_spoken_with_the_context_given() -> None:
    authority = trustme.CA(key_type=trustme.KeyType.ECDSA)
    with (
        FaultServer(b"secret", tls=certified(authority.issue_cert("localhost"))) as server,
        connected(server) as plain,
        trusting(authority).wrap_socket(plain, server_hostname="localhost") as connection,
    ):
        connection.sendall(REQUEST)
        assert connection.recv(100) == b"secret"
    assert server.base_url == f"https://{server.address}"
    assert server.requests == [REQUEST]


def test_response_is_written_and_headers_are_read() -> None:
    assert http(404, {"a": 1}, {"X-Name": "b"}) == (
        b'HTTP/1.1 404 Some reason\r\nContent-Type: application/json\r\nContent-Length: 8\r\nX-Name: b\r\n\r\n{"a": 1}'
    )
    assert b"Content-Length: 99\r\n\r\nab" in http(200, b"ab", length=99)
    assert header(REQUEST, "x-name") == "a b"
    assert header(REQUEST, ID) is None


@pytest.mark.parametrize("step", [STALL, threading.Event()], ids=["stall", "event"])
def test_stopping_ends_whatever_is_under_way(step: Reply) -> None:
    with FaultServer(step) as server, connected(server) as connection:
        connection.sendall(REQUEST)
        assert server.arrived.wait(10)
    assert server.hung_up.is_set()
