"""The API key.

API page: https://docs.lightfield.app/api/resources/auth/
"""

from typing import Unpack

from msgspec.json import Decoder

from lightfield._operations import CallOptions, M, Raw, Resource, Stream, operation, view
from lightfield._protocol.builders import get
from lightfield._protocol.request import Request
from lightfield.models import Validation

_VALIDATION = Decoder(Validation)


class Auth(Resource[M]):
    """``client.auth``."""

    with_raw_response: "view[Auth[Raw[M]]]" = view("raw")
    with_streaming_response: "view[Auth[Stream[M]]]" = view("streamed")

    @operation
    def validate(self, **_: Unpack[CallOptions]) -> Request[Validation]:
        """Fetch the scopes of the key. Needs no scope."""
        return get("/v1/auth/validate", _VALIDATION)
