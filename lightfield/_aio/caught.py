"""An exception between the handler that caught it and the place where it is raised."""


class Caught:
    """Hold an exception until it is raised outside of the handler that caught it.

    Raised there, it is not chained to what was caught, whose frames may hold the API key. Raised with
    ``raise caught.take()``, it is in no local variable of the frame that its traceback holds, so that the two make no
    cycle that only the garbage collector could free.
    """

    __slots__ = ("error",)

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error

    def take(self) -> BaseException:
        """Return the exception and forget it."""
        error, self.error = self.error, None
        assert error is not None  # noqa: S101
        return error
