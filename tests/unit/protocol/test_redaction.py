"""Is the API key nowhere to be seen: in no message, text, pickle or traceback?"""

import copy
import pickle
import traceback
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

import msgspec
import pytest

from lightfield import AsyncLightfield, Lightfield
from lightfield._config.config import resolve
from lightfield._protocol.redaction import Secret
from lightfield.errors import LightfieldError, LightfieldUsageError

if TYPE_CHECKING:
    from lightfield._config.options import Options

KEY = "sk_lf_hunter2"

HOLDERS: dict[str, Callable[[], object]] = {
    "secret": lambda: Secret(KEY),
    "config": lambda: resolve({"api_key": KEY}),
    "awaited client": lambda: AsyncLightfield(api_key=KEY),
    "blocking client": lambda: Lightfield(api_key=KEY),
    "sibling": lambda: AsyncLightfield(api_key=KEY).with_options(timeout=1),
    "blocking sibling": lambda: Lightfield(api_key=KEY).with_options(timeout=1),
    "resource": lambda: AsyncLightfield(api_key=KEY).opportunity,
    "raw resource": lambda: Lightfield(api_key=KEY).opportunity.with_raw_response,
    "rate limits": lambda: AsyncLightfield(api_key=KEY).rate_limits,
    "request": lambda: AsyncLightfield(api_key=KEY).plan.opportunity.retrieve("opp_1"),
}
UNPICKLED = ["secret", "config", "awaited client", "blocking client", "sibling", "blocking sibling", "resource"]


@pytest.mark.parametrize("name", HOLDERS)
def test_texts_of_whatever_holds_the_key_do_not_show_it(name: str) -> None:
    holder = HOLDERS[name]()
    assert "hunter2" not in f"{holder} {holder!r} {holder!s} {[holder]} {holder!a}"


@pytest.mark.parametrize("name", UNPICKLED)
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_whatever_holds_the_key_refuses_to_be_pickled(name: str, protocol: int) -> None:
    holder = HOLDERS[name]()
    with pytest.raises(LightfieldUsageError, match="cannot be pickled"):
        pickle.dumps(holder, protocol)


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy])
def test_the_key_cannot_be_copied(duplicate: Callable[[Secret], Secret]) -> None:
    with pytest.raises(LightfieldUsageError):
        duplicate(Secret(KEY))


@pytest.mark.parametrize("encode", [msgspec.json.encode, msgspec.to_builtins, msgspec.msgpack.encode])
def test_a_config_with_the_key_cannot_be_encoded(encode: Callable[[object], object]) -> None:
    with pytest.raises(TypeError) as caught:
        encode(resolve({"api_key": KEY}))
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    "key", [f"{KEY}\r\n", f"{KEY}\0", f"{KEY}é", f"{KEY}\u2028", f" {KEY}", f"{KEY} ", KEY.encode()]
)
def test_a_refused_key_is_not_shown(key: Any) -> None:
    with pytest.raises(LightfieldError) as caught:
        resolve({"api_key": key})
    assert "hunter2" not in "".join(traceback.format_exception(caught.value))
    assert "hunter2" not in repr(caught.value.args)


@pytest.mark.parametrize(
    "option",
    [
        {"timeout": "soon"},
        {"deadline": -1},
        {"max_retries": -1},
        {"rate_limits": 25},
        {"base_url": "x"},
        {"debug": True},
    ],
)
def test_no_refused_option_shows_the_key(option: dict[str, object]) -> None:
    with pytest.raises(LightfieldError) as caught:
        resolve(cast("Options", {"api_key": KEY, **option}))
    assert "hunter2" not in "".join(traceback.format_exception(caught.value))


def test_the_key_can_be_revealed_on_purpose() -> None:
    assert Secret(KEY).reveal() == KEY
