"""What the API's documents mean, as msgspec Structs: one for each meaning.

Structs are frozen and use Python names; wire names are camel case. Unknown keys are ignored, unknown value types and
enum members are plain strings, ids are opaque.
"""

from .opportunity import Opportunity
from .record import Record
from .value import Address, FieldValue, FullName, Relationship, Value

__all__ = ["Address", "FieldValue", "FullName", "Opportunity", "Record", "Relationship", "Value"]
