"""The options of a client, as read-only attributes."""

from typing import Never

from lightfield._config.config import Config
from lightfield._protocol.timeout import Timeout


class Unreadable:
    """The API key of a client, which can be neither read nor changed."""

    def __get__(self, instance: object, owner: type[object]) -> Never:
        raise AttributeError("The API key of a client cannot be read.")

    def __set__(self, instance: object, value: object) -> Never:
        raise AttributeError("The API key of a client cannot be changed: use client.copy(api_key=...).")


class Attributes:
    """Read-only attributes of a client."""

    api_key: Unreadable = Unreadable()

    @property
    def _settings(self) -> Config:
        raise NotImplementedError

    @property
    def base_url(self) -> str:
        """The URL of the API."""
        return self._settings.base_url

    @property
    def timeout(self) -> Timeout:
        """The limits of one attempt."""
        return self._settings.timeout

    @property
    def max_retries(self) -> int:
        """Retries after transient failures."""
        return self._settings.max_retries
