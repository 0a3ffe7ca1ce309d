"""What runs coroutines for blocking code: a portal, or nothing but Python where they wait for nothing."""

from collections.abc import AsyncGenerator, Coroutine, Generator
from typing import Any, Protocol, TypeVar

T = TypeVar("T")


class Runner(Protocol):
    """What runs coroutines and asynchronous generators for blocking code."""

    def call(self, coroutine: Coroutine[Any, Any, T], /) -> T:
        """Run a coroutine and return its result."""
        ...

    def iterate(self, results: AsyncGenerator[T, None], /) -> Generator[T, None, None]:
        """Iterate an asynchronous generator."""
        ...


class InMemory:
    """Runs coroutines that wait for nothing, without an event loop."""

    def call(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine and return its result."""
        try:
            coroutine.send(None)
        except StopIteration as done:
            result: T = done.value
            return result
        raise NotImplementedError("The coroutine waits for something.")

    def iterate(self, results: AsyncGenerator[T, None]) -> Generator[T, None, None]:
        """Iterate an asynchronous generator."""
        while True:
            try:
                yield self.call(results.asend(None))
            except StopAsyncIteration:
                return
