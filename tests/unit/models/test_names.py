"""Names that records repeat are strings, and in memory once."""

import copy
import json
import pickle
import subprocess
import sys

import msgspec
import pytest

from lightfield.models import FieldValue, Relationship
from lightfield.models.names import Name

MANY = """
import msgspec
from lightfield.models import FieldValue

def decoded(number):
    return msgspec.json.decode(b'{"value": 1, "valueType": "FUTURE_%d"}' % number, type=FieldValue).value_type

names = [decoded(number) for number in range(2_000)]
again = [decoded(number) for number in range(2_000)]
assert names == again == [f"FUTURE_{number}" for number in range(2_000)]
print(sum(one is other for one, other in zip(names, again)))
"""


def field(name: str) -> FieldValue:
    return msgspec.json.decode(json.dumps({"value": 1, "valueType": name}), type=FieldValue)


@pytest.mark.parametrize("name", ["TEXT", "FUTURE", "", "Größe"])
def test_a_name_is_a_string_that_is_decoded_once(name: str) -> None:
    decoded = field(name).value_type
    assert decoded is field(name).value_type is msgspec.convert({"valueType": name}, FieldValue).value_type
    assert (decoded, f"{decoded}", repr(decoded), hash(decoded)) == (name, name, repr(name), hash(name))
    assert json.dumps(decoded) == json.dumps(name)
    assert copy.deepcopy(decoded) is pickle.loads(pickle.dumps(decoded)) is decoded
    assert field(name) == FieldValue(value=1, value_type=name)
    assert hash(field(name)) == hash(FieldValue(value=1, value_type=name))
    assert type(field(name).to_dict()["valueType"]) is str


def test_those_of_relationships_are_too() -> None:
    body = b'{"cardinality": "HAS_ONE", "objectType": "project", "values": []}'
    one, other = (msgspec.json.decode(body, type=Relationship) for _ in range(2))
    assert (one.cardinality, one.object_type) == ("HAS_ONE", "project")
    assert one.cardinality is other.cardinality
    assert one.object_type is other.object_type


@pytest.mark.parametrize("value", [b"1", b"null", b"[]"])
def test_nothing_else_is_a_name(value: bytes) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(b'{"value": 1, "valueType": %s}' % value, type=FieldValue)
    with pytest.raises(ValueError, match="1"):
        Name(1)


def test_unknown_names_take_a_limited_amount_of_memory() -> None:
    shared = subprocess.run([sys.executable, "-c", MANY], capture_output=True, text=True, check=True)
    assert int(shared.stdout) == 1_000
