"""The options of a sandbox, and what they may be."""

import os
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Literal, TypeAlias, TypedDict, Unpack, cast, get_args

import msgspec

from lightfield.testing._names import check_name

LimiterKind: TypeAlias = Literal["bucket", "window", "sliding"]

_MAX_OPPORTUNITIES = 1_000_000
_MAX_RATE = 1_000_000_000
_MAX_SECONDS = 1_000_000


class SandboxOptions(TypedDict, total=False):
    """The options of ``Sandbox``."""

    opportunities: int
    seed: int
    rate_limit: int | None
    limiter: LimiterKind
    foreign_traffic: float
    latency: float | tuple[float, float]
    log: Callable[[str], object] | None
    index_lag: float
    port: int
    api_key: str
    keys: Mapping[str, Collection[str]]
    pipelines: Mapping[str, Sequence[str]]
    store: str | os.PathLike[str] | None
    strict: bool
    record_requests: bool


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Checked options."""

    opportunities: int = 200
    seed: int = 0
    rate_limit: int | None = 25
    limiter: LimiterKind = "bucket"
    foreign_traffic: float = 0.0
    latency: float | tuple[float, float] = 0.0
    log: Callable[[str], object] | None = None
    index_lag: float = 0.0
    port: int = 0
    api_key: str = "sk_lf_sandbox"
    keys: Mapping[str, Collection[str]] = {}
    pipelines: Mapping[str, Sequence[str]] = {}
    store: str | os.PathLike[str] | None = None
    strict: bool = True
    record_requests: bool = True

    def __post_init__(self) -> None:
        if self.log is not None and not callable(self.log):
            raise TypeError(f"log must be a function that takes a line, such as print, not {type(self.log).__name__}")
        _check_keys(self.api_key, self.keys)
        _check_int("opportunities", self.opportunities, 0, _MAX_OPPORTUNITIES)
        _check_int("seed", self.seed, -(2**64), 2**64)
        _check_int("port", self.port, 0, 65_535)
        if self.rate_limit is not None:
            _check_int("rate_limit", self.rate_limit, 1, _MAX_RATE)
        if self.limiter not in get_args(LimiterKind):
            raise ValueError(f"limiter must be one of {', '.join(get_args(LimiterKind))}; got {self.limiter!r}")
        _check_number("foreign_traffic", self.foreign_traffic, _MAX_RATE)
        _check_number("index_lag", self.index_lag, _MAX_SECONDS)
        _check_path("store", self.store)
        _check_pipelines(self.pipelines)


def settings(**options: Unpack[SandboxOptions]) -> Settings:
    """Check the options of a sandbox.

    Raises:
        TypeError: There is no such option, or its value is of another type.
        ValueError: An option is out of its range.
    """
    for name in options:
        check_name("option", name, SandboxOptions.__optional_keys__, TypeError)
    return Settings(**options)


def _check_int(name: str, value: object, minimum: int, maximum: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{name} must be an int, not {type(value).__name__}")
    if not minimum <= value <= maximum:
        raise ValueError(f"{name} must be at least {minimum:,} and at most {maximum:,}")


def _check_number(name: str, value: object, maximum: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{name} must be a number, not {type(value).__name__}")
    if not 0 <= value <= maximum:
        raise ValueError(f"{name} must be at least 0 and at most {maximum:,}")


def _check_path(name: str, value: object) -> None:
    if value is not None and not isinstance(value, str | os.PathLike):
        raise TypeError(f"{name} must be the path of a file, not {type(value).__name__}")
    if value in {"", ":memory:"}:
        raise ValueError(f"{name} must be the path of a file, not {value!r}")


def _check_keys(api_key: object, keys: object) -> None:
    if not isinstance(api_key, str):
        raise TypeError(f"api_key must be a str, not {type(api_key).__name__}")
    if not isinstance(keys, Mapping):
        raise TypeError(f"keys must be a mapping of keys to their scopes, not {type(keys).__name__}")


def _check_pipelines(pipelines: object) -> None:
    if not isinstance(pipelines, Mapping):
        raise TypeError(f"pipelines must be a mapping of names to stages, not {type(pipelines).__name__}")
    named = cast("Mapping[object, object]", pipelines)
    _check_labels("the names of pipelines", list(named))
    for name, stages in named.items():
        if not isinstance(stages, Sequence) or isinstance(stages, str):
            raise TypeError(f"the stages of the pipeline {name!r} must be a sequence, not {type(stages).__name__}")
        _check_labels(f"the stages of the pipeline {name!r}", cast("Sequence[object]", stages))
        if not stages:
            raise ValueError(f"the pipeline {name!r} must have at least one stage")


def _check_labels(what: str, labels: Sequence[object]) -> None:
    folded = [" ".join(label.split()).casefold() for label in labels if isinstance(label, str)]
    if len(folded) < len(labels):
        raise TypeError(f"{what} must be strings")
    if not all(folded) or len(set(folded)) < len(folded):
        raise ValueError(f"{what} must differ, without regard to case and white space, and not be blank")
