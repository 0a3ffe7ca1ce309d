"""Validation and normalization of field values."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Annotated, Any, TypedDict, cast

import msgspec

from lightfield.testing._http.errors import invalid_param
from lightfield.testing._http.strictness import refuse_unknown

from .addresses import email, profile, url
from .countries import COUNTRIES
from .definitions import FieldDefinition
from .documents import Value
from .selects import matching, options
from .telephone import telephone
from .timestamps import normalized_timestamp

_MAX_SAFE_INTEGER = 2**53 - 1


class _Address(TypedDict, total=False):
    street: str | None
    street2: str | None
    city: str | None
    state: str | None
    postalCode: str | None
    country: str | None
    latitude: Annotated[float, msgspec.Meta(ge=-90, le=90)] | None
    longitude: Annotated[float, msgspec.Meta(ge=-180, le=180)] | None


class _FullName(TypedDict, total=False):
    firstName: str | None
    lastName: str | None


def parse_value(value: object, definition: FieldDefinition, param: str, *, strict: bool) -> Value:
    """Validate a value and return it as the API stores it; null clears the field.

    Args:
        value: What was sent.
        definition: The definition of the field.
        param: The name of the field in errors.
        strict: Whether unknown members of addresses and names are refused rather than ignored.

    Raises:
        WireError: 400 if the definition does not allow the value.
    """
    if value is None:
        return None
    value_type = definition["valueType"]
    try:
        parsed = _PARSERS.get(value_type, _unchecked)(value, definition)
    except (msgspec.ValidationError, ValueError) as error:
        raise invalid_param(param, f"expected {value_type}, {error}") from None
    if strict and value_type in _STRUCTURED:
        refuse_unknown(value, _STRUCTURED[value_type], param)
    return parsed


def display_value(value: Value, definition: FieldDefinition | None) -> str:
    """Return a value as the CRM displays it: labels of options, parts of a name."""
    if value is None:
        return ""
    if isinstance(value, dict):
        return format_parts(value)
    labels = {option["id"]: option["label"] for option in options(definition)}
    if isinstance(value, list):
        return ", ".join(labels.get(item, item) for item in value)
    return labels.get(value, value) if isinstance(value, str) else msgspec.json.encode(value).decode()


def format_parts(value: Mapping[str, str | float | None]) -> str:
    """Join the parts of a full name or an address."""
    parts = [str(part) for name, part in value.items() if part is not None and not name.endswith("tude")]
    return (" " if "firstName" in value else ", ").join(parts)


def _text(value: object, _: FieldDefinition) -> Value:
    return msgspec.convert(value, str)


def _number(value: object, _: FieldDefinition) -> Value:
    number = msgspec.convert(value, int | float)
    if abs(number) > _MAX_SAFE_INTEGER or round(number, 2) != number:
        raise ValueError("with at most two decimals and 15 digits")
    return number


def _boolean(value: object, _: FieldDefinition) -> Value:
    return msgspec.convert(value, bool)


def _datetime(value: object, _: FieldDefinition) -> Value:
    return normalized_timestamp(msgspec.convert(value, str))


def _texts(check: Callable[[str], str], value: object, definition: FieldDefinition) -> Value:
    sent = msgspec.convert(value, str | list[str])
    items = [check(item) for item in ([sent] if isinstance(sent, str) else sent)]
    if definition["typeConfiguration"].get("multipleValues"):
        return items
    if len(items) > 1:
        raise ValueError("the field holds a single value")
    return items[0] if items else None


def _telephones(value: object, definition: FieldDefinition) -> Value:
    return _texts(telephone, msgspec.convert(value, list[str]), definition)


def _profile(value: object, definition: FieldDefinition) -> Value:
    return profile(msgspec.convert(value, str), definition["typeConfiguration"].get("handleService", ""))


def _address(value: object, _: FieldDefinition) -> Value:
    sent = msgspec.convert(value, _Address)
    country = sent.get("country")
    if country is not None and country not in COUNTRIES:
        raise ValueError(f"{country!r} is not an ISO 3166-1 alpha-2 country code")
    return {name: part if isinstance(part := sent.get(name), str | float | int) else None for name in _ADDRESS_PARTS}


def _full_name(value: object, _: FieldDefinition) -> Value:
    sent = msgspec.convert(value, _FullName)
    return {"firstName": sent.get("firstName"), "lastName": sent.get("lastName")}


def _option(value: object, definition: FieldDefinition) -> Value:
    return _option_id(msgspec.convert(value, str), definition)


def _options(value: object, definition: FieldDefinition) -> Value:
    sent = msgspec.convert(value, list[str])
    return list(dict.fromkeys(_option_id(item, definition) for item in sent))


def _option_id(text: str, definition: FieldDefinition) -> str:
    for option in matching(definition, text):
        return option["id"]
    raise ValueError(f"no option has the id or the label {text!r}")


def _unchecked(value: object, _: FieldDefinition) -> Value:
    return cast("Value", value)


_STRUCTURED: Mapping[str, Any] = {"ADDRESS": _Address, "FULL_NAME": _FullName}
_ADDRESS_PARTS = tuple(_Address.__annotations__)
_PARSERS: Mapping[str, Callable[[object, FieldDefinition], Value]] = {
    "TEXT": _text,
    "MARKDOWN": _text,
    "HTML": _text,
    "SOCIAL_HANDLE": _profile,
    "NUMBER": _number,
    "CURRENCY": _number,
    "CHECKBOX": _boolean,
    "DATETIME": _datetime,
    "EMAIL": partial(_texts, email),
    "TELEPHONE": _telephones,
    "URL": partial(_texts, url),
    "ADDRESS": _address,
    "FULL_NAME": _full_name,
    "SINGLE_SELECT": _option,
    "MULTI_SELECT": _options,
}
