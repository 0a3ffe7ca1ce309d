"""What a client resets in a forked process.

Its connections belong to the parent. In the child their sockets are redirected to the null device, so that no request,
TLS shutdown or finalizer of the child reaches the parent's server, or removes a socket from the parent's event loop,
whose epoll the child shares. Lanes may be locked by a thread that the child does not have, so it gets new ones.
"""

from weakref import WeakKeyDictionary

from lightfield._aio.fork import register_fork_reset
from lightfield._config.config import Config
from lightfield._http.lazy_transport import LazyTransport
from lightfield._pacing.registry import Gates, gates

_clients: WeakKeyDictionary[LazyTransport, tuple[Config, Gates]] = WeakKeyDictionary()
"""What each client shares with its siblings, by its transport."""

_from_parent: list[object] = []
"""Never collected in the child: finalizers would close what belongs to the parent."""


def track_client(transport: LazyTransport, config: Config, own_gates: Gates) -> None:
    """Register a client to be reset in forked processes."""
    _clients[transport] = config, own_gates


def _reset_clients() -> None:
    if not _clients:
        return
    from lightfield._http.sockets import redirect_sockets_to_devnull

    try:
        redirect_sockets_to_devnull()
    finally:
        for transport, (config, own_gates) in tuple(_clients.items()):
            _from_parent.extend([transport.detach_after_fork(), *own_gates.values()])
            own_gates.update(gates(config))


register_fork_reset(_reset_clients)
