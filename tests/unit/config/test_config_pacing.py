"""Are the options of pacing checked before anything is sent, with words that say what is wrong?"""

from typing import Any, cast

import pytest

from lightfield import AsyncLightfield, Lightfield, LightfieldTypeError, LightfieldValueError, RateLimits
from lightfield._config.config import Config, override, resolve

KEY = "sk_lf_key"
CLIENTS = pytest.mark.parametrize("kind", [AsyncLightfield, Lightfield])


def config(**options: Any) -> Config:
    given: Any = {"api_key": KEY, **options}
    return resolve(given)


@pytest.mark.parametrize(
    "options",
    [
        {"rate_limit_share": 1},
        {"rate_limit_share": 0.001},
        {"max_rps": 0.1},
        {"max_rps": 10_000},
        {"max_rps": None},
        {"rate_limit_group": "a"},
        {"rate_limit_group": None},
        {"rate_limits": None},
        {"rate_limits": RateLimits(read=0.5)},
        {"priority": "bulk"},
        {"on_wait": print},
        {"on_wait": None},
    ],
    ids=str,
)
def test_good_options_are_taken_as_they_are(options: dict[str, Any]) -> None:
    found = config(**options)
    assert {name: getattr(found, name) for name in options} == options


def test_by_default_a_client_is_interactive_and_takes_all() -> None:
    found = config()
    assert (found.priority, found.rate_limit_share, found.max_rps) == ("interactive", 1.0, None)
    assert (found.rate_limit_group, found.on_wait) == (None, None)


BAD = [
    ({"rate_limit_share": 0}, LightfieldValueError, "rate_limit_share must be above 0"),
    ({"rate_limit_share": -0.5}, LightfieldValueError, "rate_limit_share must be above 0"),
    ({"rate_limit_share": 1.5}, LightfieldValueError, "rate_limit_share must be above 0 and at most 1"),
    ({"rate_limit_share": float("nan")}, LightfieldValueError, "rate_limit_share must be above 0"),
    ({"rate_limit_share": "x"}, LightfieldTypeError, "rate_limit_share must be a number, not str"),
    ({"rate_limit_share": None}, LightfieldTypeError, "rate_limit_share must be a number, not NoneType"),
    ({"rate_limit_share": True}, LightfieldTypeError, "rate_limit_share must be a number, not bool"),
    ({"max_rps": 0}, LightfieldValueError, "max_rps must be above 0"),
    ({"max_rps": float("inf")}, LightfieldValueError, "max_rps must be above 0 and finite"),
    ({"max_rps": "5"}, LightfieldTypeError, "max_rps must be a number, not str"),
    ({"rate_limit_group": ""}, LightfieldValueError, "rate_limit_group is empty"),
    ({"rate_limit_group": 5}, LightfieldTypeError, "rate_limit_group must be a string, not int"),
    ({"priority": "urgent"}, LightfieldValueError, "priority must be interactive or bulk, not 'urgent'"),
    ({"priority": None}, LightfieldValueError, "priority must be interactive or bulk, not None"),
    ({"priority": ["bulk"]}, LightfieldValueError, "priority must be interactive or bulk"),
    ({"on_wait": 5}, LightfieldTypeError, "on_wait must be callable, not int"),
    ({"rate_limits": 25}, LightfieldTypeError, "rate_limits must be RateLimits or None, not int"),
    ({"rate_limits": RateLimits(write=0)}, LightfieldValueError, "rate_limits.write must be above 0"),
    ({"rate_limits": RateLimits(search=float("nan"))}, LightfieldValueError, "rate_limits.search must be above 0"),
]


@CLIENTS
@pytest.mark.parametrize(("options", "error", "message"), BAD, ids=str)
def test_bad_options_are_refused_before_any_request(
    kind: type[AsyncLightfield | Lightfield], options: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error) as caught:
        kind(api_key=KEY, **options)
    assert message in str(caught.value)
    assert KEY not in str(caught.value)


@CLIENTS
@pytest.mark.parametrize("options", [{"priority": "urgent"}, {"on_wait": 5}], ids=str)
def test_bad_options_of_a_sibling_are_refused(
    kind: type[AsyncLightfield | Lightfield], options: dict[str, Any]
) -> None:
    client = kind(api_key=KEY, base_url="http://localhost:1")
    with pytest.raises((LightfieldValueError, LightfieldTypeError)):
        cast("Any", client).with_options(**options)


@pytest.mark.parametrize("name", ["rate_limits", "rate_limit_group", "rate_limit_share", "max_rps"])
def test_what_concerns_the_lane_is_no_option_of_a_sibling(name: str) -> None:
    with pytest.raises(LightfieldTypeError, match=name):
        override(config(), cast("Any", {name: None}))
