"""A server that takes no more slots, while its address leads to another by now: the pace moves on to that one."""

import asyncio
import logging
import re
import socket
from collections.abc import Iterator

import pytest

from lightfield.integrations.redis import RECONNECT_INTERVAL, RedisLimits
from lightfield.testing import Sandbox
from tests.client.both import Connect, awaited, blocking, until
from tests.sharing.forwarder import Forwarder
from tests.sharing.server import HOST, RedisServer
from tests.sharing.test_sharing_outages import AVAILABLE, said

RATE = 40
REFUSALS = {
    "READONLY": "READONLY You can't write against a read only replica.",
    "READONLY-in-a-script": "ERR Error running script (call to f_6d): @user_script:13: @user_script: 13: -READONLY You "
    "can't write against a read only replica.",
    "LOADING": "LOADING Redis is loading the dataset in memory",
    "MASTERDOWN": "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
    "NOAUTH": "NOAUTH Authentication required.",
    "WRONGPASS": "WRONGPASS invalid username-password pair or user is disabled.",
    "NOPERM": "NOPERM this user has no permissions to run the 'evalsha' command",
    "NOREPLICAS": "NOREPLICAS Not enough good replicas to write.",
    "MISCONF": "MISCONF Redis is configured to save RDB snapshots, but it is currently not able to persist on disk.",
    "OOM": "OOM command not allowed when used memory > 'maxmemory'.",
    "BUSY": "BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.",
    "UNKILLABLE": "UNKILLABLE Sorry the script already executed write commands against the dataset.",
    "CLUSTERDOWN": "CLUSTERDOWN The cluster is down",
    "MOVED": "MOVED 3999 127.0.0.1:6381",
    "max-clients": "ERR max number of clients reached",
    "unknown": "WHATEVER comes next",
}


@pytest.fixture
def other_server() -> Iterator[RedisServer]:
    with RedisServer() as running:
        yield running


def replicate(replica: RedisServer, master: RedisServer) -> None:
    """Make an empty server a replica, without files."""
    master.do("CONFIG", "SET", "repl-diskless-sync", "yes")
    master.do("CONFIG", "SET", "repl-diskless-sync-delay", "0")
    replica.do("CONFIG", "SET", "repl-diskless-load", "on-empty-db")
    replica.do("REPLICAOF", HOST, str(master.port))


def in_step(replica: RedisServer, master: RedisServer) -> bool:
    """Whether a replica has all that its master has."""
    offset = re.search(r"master_repl_offset:(\d+)", master.do("INFO", "replication"))
    status = replica.do("INFO", "replication")
    return "master_link_status:up" in status and offset is not None and f"slave_repl_offset:{offset[1]}" in status


def fail_over(master: RedisServer, replica: RedisServer, address: Forwarder) -> None:
    """Make a replica the master, let the address lead there, and demote the master, in a millisecond."""
    with (
        socket.create_connection((HOST, replica.port)) as to_replica,
        socket.create_connection((HOST, master.port)) as to_master,
    ):
        to_replica.sendall(b"REPLICAOF NO ONE\r\n")
        assert to_replica.recv(64).startswith(b"+OK")
        address.target = replica
        to_master.sendall(f"REPLICAOF {HOST} {replica.port}\r\n".encode())
        assert to_master.recv(64).startswith(b"+OK")


async def test_a_fleet_follows_its_address_to_the_new_master(
    redis_server: RedisServer, other_server: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    replicate(other_server, redis_server)
    await until(lambda: in_step(other_server, redis_server))
    async with Forwarder(redis_server).listen() as address:
        limits = RedisLimits(address.url, read=RATE)
        async with (
            Sandbox(opportunities=70, rate_limit=RATE) as sandbox,
            awaited(sandbox.base_url, rate_limits=limits) as one,
            blocking(sandbox.base_url, rate_limits=limits) as other,
        ):
            ids = sandbox.opportunity_ids
            bulk = asyncio.gather(*(client.opportunity.retrieve_many(ids) for client in (one, other)))
            await until(lambda: len(sandbox.requests) >= RATE)
            fail_over(redis_server, other_server, address)
            results = await bulk
        assert [(len(result.values), result.errors) for result in results] == [(70, {})] * 2
        assert len(sandbox.requests) - sandbox.throttled == 140
        assert sandbox.throttled <= 2  # the last slots may not have reached the replica
    assert address.connections == 4
    assert other_server.slots() >= 60
    assert said(caplog) == []


async def test_a_demoted_server_is_left_as_soon_as_its_address_leads_elsewhere(
    connect: Connect, redis_server: RedisServer, other_server: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    async with (
        Forwarder(redis_server).listen() as address,
        Sandbox(opportunities=1) as sandbox,
        connect(sandbox.base_url, rate_limits=RedisLimits(address.url)) as client,
    ):
        id = sandbox.opportunity_ids[0]
        await client.opportunity.retrieve(id)
        await asyncio.to_thread(redis_server.do, "REPLICAOF", HOST, str(other_server.port))
        await client.opportunity.retrieve(id)
        await until(lambda: len(said(caplog)) == 1)
        address.target = other_server
        async with asyncio.timeout(3 * RECONNECT_INTERVAL):
            while AVAILABLE not in said(caplog):
                await client.opportunity.retrieve(id)
    assert other_server.slots() >= 1
    assert len(said(caplog)) == 2


@pytest.mark.parametrize("refusal", REFUSALS)
async def test_after_a_refusal_a_slot_is_taken_on_a_new_connection(
    connect: Connect, redis_server: RedisServer, refusal: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with (
        Forwarder(redis_server, refusal=REFUSALS[refusal], refused=1).listen() as address,
        Sandbox(opportunities=1) as sandbox,
        connect(sandbox.base_url, rate_limits=RedisLimits(f"{address.url}?socket_timeout=9")) as client,
    ):
        await client.opportunity.retrieve(sandbox.opportunity_ids[0])
        assert (address.connections, said(caplog)) == (2, [])
    assert redis_server.slots() >= 1


@pytest.mark.parametrize("refusal", ["READONLY", "LOADING", "NOAUTH", "unknown"])
async def test_refusals_on_new_connections_too_are_an_outage(
    connect: Connect, redis_server: RedisServer, refusal: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with (
        Forwarder(redis_server, refusal=REFUSALS[refusal], refused=2).listen() as address,
        Sandbox(opportunities=1) as sandbox,
        connect(sandbox.base_url, rate_limits=RedisLimits(address.url)) as client,
    ):
        async with asyncio.timeout(3 * RECONNECT_INTERVAL):
            while AVAILABLE not in said(caplog):
                await client.opportunity.retrieve(sandbox.opportunity_ids[0])
        assert address.connections == 3
    outage, end = said(caplog)
    assert re.fullmatch(r"Redis is unavailable \(\w+Error\): using a local rate limit\.", outage)
    assert end == AVAILABLE


async def test_a_password_that_changes_is_an_outage_until_it_is_changed_back(
    connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with RedisServer(password="hunter2") as server:
        limits = RedisLimits(server.url)
        async with Sandbox(opportunities=1) as sandbox, connect(sandbox.base_url, rate_limits=limits) as client:
            id = sandbox.opportunity_ids[0]
            await client.opportunity.retrieve(id)
            server.change_password("another")
            await client.opportunity.retrieve(id)
            await until(lambda: "Redis is unavailable (AuthenticationError): using a local rate limit." in said(caplog))
            server.change_password("hunter2")
            async with asyncio.timeout(3 * RECONNECT_INTERVAL):
                while AVAILABLE not in said(caplog):
                    await client.opportunity.retrieve(id)
    assert "hunter2" not in caplog.text
