"""What a client shares with its siblings."""

from lightfield._config.config import Config
from lightfield._http.lazy_transport import LazyTransport
from lightfield._pacing.registry import gates
from lightfield._retry.budget import Budget
from lightfield._retry.policy import preload_tenacity

from .fork import track_client


def connected(config: Config) -> dict[str, object]:
    """Return connections, limits and a retry budget of one's own, as attributes of a client."""
    transport, own_gates = LazyTransport(config, preload_tenacity), gates(config)
    track_client(transport, config, own_gates)
    return {"_config": config, "_transport": transport, "_gates": own_gates, "_budget": Budget(config.retry_budget)}
