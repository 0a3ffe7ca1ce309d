"""The API key.

API page: https://docs.lightfield.app/api/resources/auth/
"""

from msgspec.json import Decoder

from lightfield._operations.operation import AwaitsRaw, BlocksRaw, M, Resource, operation, raw_mode
from lightfield._protocol.builders import get
from lightfield._protocol.request import Request
from lightfield.models import Validation

_VALIDATION = Decoder(Validation)


class Auth(Resource[M]):
    """``client.auth``."""

    with_raw_response: "raw_mode[Auth[AwaitsRaw], Auth[BlocksRaw]]" = raw_mode()

    @operation
    def validate(self) -> Request[Validation]:
        """Fetch the scopes of the key. Needs no scope."""
        return get("/v1/auth/validate", _VALIDATION)
