"""The catalog of ``client.plan``, whose operations return requests unsent."""

from lightfield._operations.performer import PLANNER
from lightfield._operations.resource import Describes

from .catalog import Catalog


class Plan(Catalog[Describes]):
    """The operations of the API, returning requests unsent."""

    def __init__(self) -> None:
        super().__init__(PLANNER)

    def __repr__(self) -> str:
        return "<Plan>"
