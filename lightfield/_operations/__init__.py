"""Operations: described once, performed in any mode. Resources are written with what is exported here."""

from .call_options import CallOptions
from .operation import iteration, operation, procedure
from .resource import Awaits, Blocks, Describes, M, Raw, Resource, Stream, rebind, view

__all__ = [
    "Awaits",
    "Blocks",
    "CallOptions",
    "Describes",
    "M",
    "Raw",
    "Resource",
    "Stream",
    "iteration",
    "operation",
    "procedure",
    "rebind",
    "view",
]
