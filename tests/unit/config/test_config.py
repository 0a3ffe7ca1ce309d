"""Are options checked before anything is sent, and does argument go before environment before default?"""

from functools import partial
from typing import TYPE_CHECKING, Any, cast

import pytest

from lightfield import RateLimits, Timeout
from lightfield._config.checks import checked_hook
from lightfield._config.config import BASE_URL, Config, override, resolve
from lightfield.errors import LightfieldError, LightfieldTypeError, LightfieldValueError
from tests.ids import lasting

if TYPE_CHECKING:
    from lightfield._config.options import Options

KEY = "sk_lf_key"


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LIGHTFIELD_API_KEY", raising=False)
    monkeypatch.delenv("LIGHTFIELD_BASE_URL", raising=False)


def config(**options: Any) -> Config:
    return resolve(cast("Options", {"api_key": KEY, **options}))


def refusal(**options: Any) -> LightfieldError:
    with pytest.raises(LightfieldError) as caught:
        config(**options)
    return caught.value


def where(found: Config) -> tuple[str, str]:
    return found.api_key.reveal(), found.base_url


@pytest.mark.parametrize("key", ["My API Key", "sk_lf_abc", "x", "~!", "a" * 4_000])
def test_keys_of_visible_ascii_are_taken_as_they_are(key: str) -> None:
    assert config(api_key=key).api_key.reveal() == key


BAD_KEYS = [
    "",
    "   ",
    "\t",
    "k\r\nX: y",
    "k\n",
    "k\ry",
    "k\0y",
    "clé",
    "k\u2028y",
    " k",
    "k ",
    "k\x7f",
    "\x80k",
    "\uff4b",
]


@pytest.mark.parametrize("key", BAD_KEYS)
def test_keys_that_cannot_travel_in_a_header_are_refused(key: str) -> None:
    error = refusal(api_key=key)
    assert isinstance(error, LightfieldValueError)
    assert isinstance(error, ValueError)


@pytest.mark.parametrize("key", [5, b"key", True, ["key"]])
def test_keys_of_another_type_are_refused(key: object) -> None:
    error = refusal(api_key=key)
    assert isinstance(error, LightfieldTypeError)
    assert isinstance(error, TypeError)


def test_a_missing_key_is_refused_naming_both_ways_to_give_it() -> None:
    message = str(refusal(api_key=None))
    assert "api_key" in message
    assert "LIGHTFIELD_API_KEY" in message


def test_the_argument_goes_before_the_environment_before_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    assert resolve({"api_key": KEY}).base_url == BASE_URL
    monkeypatch.setenv("LIGHTFIELD_API_KEY", "from-environment")
    monkeypatch.setenv("LIGHTFIELD_BASE_URL", "https://environment.test")
    assert where(resolve({})) == ("from-environment", "https://environment.test")
    assert where(resolve({"api_key": KEY, "base_url": "https://argument.test"})) == (KEY, "https://argument.test")


def test_none_asks_for_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIGHTFIELD_API_KEY", "from-environment")
    monkeypatch.setenv("LIGHTFIELD_BASE_URL", "https://environment.test")
    assert where(resolve({"api_key": None, "base_url": None})) == ("from-environment", "https://environment.test")


def test_an_empty_key_is_not_replaced_by_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIGHTFIELD_API_KEY", "from-environment")
    assert "empty" in str(refusal(api_key=""))


@pytest.mark.parametrize("key", ["", " ", "k\n", "clé"])
def test_a_key_from_the_environment_is_checked_too(monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    monkeypatch.setenv("LIGHTFIELD_API_KEY", key)
    assert isinstance(refusal(api_key=None), LightfieldValueError)


def test_an_empty_url_in_the_environment_counts_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIGHTFIELD_BASE_URL", "")
    assert config().base_url == BASE_URL


def test_a_url_from_the_environment_is_checked_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIGHTFIELD_BASE_URL", "http://elsewhere.test")
    assert "in the clear" in str(refusal())


SECONDS = [
    *(pytest.param(value, ValueError, id=str(value)) for value in (0, -1, -0.5, float("nan"), float("inf"))),
    *(pytest.param(value, TypeError, id=repr(value)) for value in (True, "5", [5])),
    pytest.param(10**400, ValueError, id="beyond floats"),
]


@pytest.mark.parametrize(("value", "kind"), SECONDS)
@pytest.mark.parametrize("name", ["timeout", "deadline"])
def test_seconds_that_cannot_work(name: str, value: object, kind: type[Exception]) -> None:
    error = refusal(**{name: value})
    assert isinstance(error, kind)
    assert name in str(error)


@pytest.mark.parametrize(("value", "kind"), SECONDS)
@pytest.mark.parametrize("phase", ["connect", "read", "total"])
def test_phases_of_a_timeout_that_cannot_work(phase: str, value: Any, kind: type[Exception]) -> None:
    error = refusal(timeout=Timeout(**{phase: value}))
    assert isinstance(error, kind)
    assert f"timeout.{phase}" in str(error)


@pytest.mark.parametrize(("value", "kind"), [*SECONDS, pytest.param(None, TypeError, id="None")])
@pytest.mark.parametrize("lane", ["read", "write", "search"])
def test_rate_limits_that_cannot_work(lane: str, value: Any, kind: type[Exception]) -> None:
    error = refusal(rate_limits=RateLimits(**{lane: value}))
    assert isinstance(error, kind)
    assert f"rate_limits.{lane}" in str(error)


@pytest.mark.parametrize(
    ("name", "value", "kind"),
    [
        ("rate_limits", 25, TypeError),
        ("rate_limits", {"read": 25}, TypeError),
        ("max_retries", -1, ValueError),
        ("max_retries", 1.0, TypeError),
        ("max_retries", True, TypeError),
        ("max_retries", "3", TypeError),
    ],
)
def test_other_options_that_cannot_work(name: str, value: object, kind: type[Exception]) -> None:
    error = refusal(**{name: value})
    assert isinstance(error, kind)
    assert name in str(error)


@pytest.mark.parametrize("name", ["api_keys", "verify", "idempotency_key", "Timeout"])
def test_unknown_options_are_refused_by_name(name: str) -> None:
    error = refusal(**{name: "x"})
    assert isinstance(error, LightfieldTypeError)
    assert str(error) == f"Unknown option: {name}."


def test_the_defaults() -> None:
    found = config()
    assert (found.deadline, found.max_retries, found.deadline_from_call) == (120.0, 3, False)
    assert found.timeout == Timeout(connect=5.0, read=None, total=30.0)
    assert found.rate_limits == RateLimits(read=25.0, write=25.0, search=25.0)
    assert (found.base_url, found.idempotency_key) == (BASE_URL, None)


@pytest.mark.parametrize(
    ("timeout", "used"),
    [(5, Timeout(total=5.0)), (None, Timeout(total=None)), (Timeout(read=1.0), Timeout(read=1.0))],
)
def test_a_timeout_is_seconds_for_the_attempt_or_its_phases(timeout: object, used: Timeout) -> None:
    assert config(timeout=timeout).timeout == used


@pytest.mark.parametrize("deadline", [7, 7.0, None])
def test_a_deadline_that_is_given_counts_from_the_call(deadline: float | None) -> None:
    found = config(deadline=deadline)
    assert (found.deadline, found.deadline_from_call) == (deadline, True)


def test_retries_can_be_switched_off() -> None:
    assert config(max_retries=0).max_retries == 0
    assert config(max_retries=None).max_retries == config().max_retries


def test_pacing_can_be_switched_off() -> None:
    assert config(rate_limits=None).rate_limits is None


@pytest.mark.parametrize("key", ["k", "~", "x" * 255, "3f2b8a1e-0000-4000-8000-000000000000"])
def test_an_idempotency_key_is_taken_as_it_is(key: str) -> None:
    assert override(config(), {"idempotency_key": key}).idempotency_key == key


@pytest.mark.parametrize("key", ["", "x" * 256, "a b", "a\r\nX: y", "a\n", "a\0", "é", "\u2028", " a"])
def test_an_idempotency_key_that_cannot_be_a_header_is_refused(key: str) -> None:
    with pytest.raises(LightfieldValueError, match="idempotency_key"):
        override(config(), {"idempotency_key": key})


@pytest.mark.parametrize("key", [None, 5, b"key"])
def test_an_idempotency_key_of_another_type_is_refused(key: Any) -> None:
    with pytest.raises(LightfieldTypeError, match="idempotency_key"):
        override(config(), {"idempotency_key": key})


@pytest.mark.parametrize("name", ["rate_limits", "allow_http", "max_rps"])
def test_a_sibling_cannot_change_what_it_shares(name: str) -> None:
    with pytest.raises(LightfieldTypeError, match=f"^{name} can be set only when a client is made.$"):
        override(config(), cast("Any", {name: None}))


def test_a_sibling_changes_what_it_is_told_and_keeps_the_rest() -> None:
    first = config(timeout=5, deadline=9, max_retries=1)
    second = override(first, {"deadline": None, "idempotency_key": "k"})
    assert (second.timeout, second.deadline, second.max_retries, second.idempotency_key) == (
        first.timeout,
        None,
        1,
        "k",
    )
    assert second.api_key is first.api_key
    assert (first.deadline, first.idempotency_key) == (9.0, None)
    assert override(first, {}) == first


class Hook:
    """An object that can be called."""

    def __call__(self, told: object) -> None: ...

    async def later(self, told: object) -> None: ...


class LaterHook:
    """An object whose call would have to be awaited."""

    async def __call__(self, told: object) -> None: ...


HOOKS: list[Any] = [None, print, Hook(), partial(print, end=""), list[object]().append]


@pytest.mark.parametrize("hook", HOOKS, ids=lasting)
def test_a_hook_is_anything_that_can_be_called(hook: Any) -> None:
    assert checked_hook("progress", hook) is hook


@pytest.mark.parametrize(
    ("hook", "said"),
    [
        (5, "progress must be callable, not int."),
        ("print", "progress must be callable, not str."),
        (True, "progress must be callable, not bool."),
        (Hook().later, "progress must be a plain function, not a coroutine function"),
        (partial(Hook().later, 5), "progress must be a plain function, not a coroutine function"),
        (LaterHook(), "progress must be a plain function, not a coroutine function"),
    ],
    ids=lasting,
)
def test_what_is_no_hook_is_refused(hook: Any, said: str) -> None:
    with pytest.raises(LightfieldTypeError, match=said):
        checked_hook("progress", hook)
