"""What becomes of a client in a forked process?

It begins afresh. Its connections are the parent's: in the child each leads nowhere, so that no request, no end of TLS
and no finalizer of the child reaches the parent's server, or unhooks a socket from the parent's loop, with which the
child shares what the kernel watches. Lanes may be locked by a thread that the child has not; it has lanes of its own.
"""

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from lightfield._aio.fork import reset_after_fork
from lightfield._config.config import Config
from lightfield._pacing.registry import Gates, gates

if TYPE_CHECKING:
    from lightfield._http.transport import Transport


_clients: WeakKeyDictionary["Transport", tuple[Config, Gates]] = WeakKeyDictionary()
"""What each client shares with its siblings."""

_of_the_parent: list[object] = []
"""Never collected in the child: finalizers would tidy up what is not the child's."""


def track_client(transport: "Transport", config: Config, own_gates: Gates) -> None:
    """Have a client begin afresh in every process that is forked off."""
    _clients[transport] = config, own_gates


def _begin_afresh() -> None:
    if not _clients:
        return
    from lightfield._http.sockets import redirect_sockets_to_devnull

    try:
        redirect_sockets_to_devnull()
    finally:
        for transport, (config, own_gates) in tuple(_clients.items()):
            _of_the_parent.extend([transport.detach_after_fork(), *own_gates.values()])
            own_gates.update(gates(config))


reset_after_fork(_begin_afresh)
