"""Decoding of a response into a Struct or an exception."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Generic, TypeVar

import msgspec

from lightfield._aio.caught import Caught
from lightfield.errors import (
    APIResponseValidationError,
    APIStatusError,
    AuthenticationError,
    BadRequestError,
    ConflictError,
    InternalServerError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    UnprocessableEntityError,
    one_line,
)

from .display import ShownByRepr
from .error_body import error_details
from .misfit import misfit
from .redaction import Secret, mask_bytes, mask_text
from .request import Request
from .response import Response

_URL = re.compile(rb"(https?:\\?/\\?/[^\s\"?<]*)(\?[^\s\"<]*)?")
"""Matches URLs with a query. A signed URL grants access, so its signature must never be shown."""

_BY_STATUS: Mapping[int, type[APIStatusError]] = MappingProxyType(
    {
        400: BadRequestError,
        401: AuthenticationError,
        403: PermissionDeniedError,
        404: NotFoundError,
        409: ConflictError,
        422: UnprocessableEntityError,
        429: RateLimitError,
    },
)

_MAX_EXPLAINED = 1024 * 1024
"""Bytes of the largest body that is searched for the place that does not fit."""

T_co = TypeVar("T_co", covariant=True)


class Exchange(ShownByRepr, msgspec.Struct, Generic[T_co], frozen=True):
    """A request and the response to it, undecoded."""

    request: Request[T_co]
    response: Response
    retries_taken: int
    key: Secret | None = None

    def decode(self, content: bytes) -> T_co:
        """Decode the body, as a call without ``with_raw_response`` does.

        Raises:
            APIResponseValidationError: The body does not match the API's documentation.
        """
        whole = getattr(self.request.decoder, "is_whole_response", False)
        request = msgspec.structs.replace(self.request, form="response" if whole else "decoded")
        response = msgspec.structs.replace(self.response, content=content, body=None)
        try:
            decoded: T_co = read(request, response, 0, self.key)
        except APIResponseValidationError as error:
            error.request, error.outcome_unknown = self.response.request, request.method != "GET"
            error.idempotency_key = error.request and error.request.headers.get("Idempotency-Key")
            caught = Caught(error.with_traceback(None))
        else:
            return decoded
        del content, response  # they may echo the key, and the traceback holds this frame
        raise caught.take()

    def __repr__(self) -> str:
        return f"<Exchange {self.response.status} to {self.request!r}>"


def read(request: Request[Any], response: Response, retries_taken: int, key: Secret | None = None) -> Any:
    """Return the decoded response. Errors do not show ``key``, even if the server echoed it.

    Raises:
        APIStatusError: The status is not 2xx.
        APIResponseValidationError: The status is 2xx, but the body does not match the API's documentation.
    """
    if not 200 <= response.status < 300:
        raise status_error(f"{request.method} {request.path}", _masked(response, key))
    if request.form != "decoded":
        return response if request.form == "response" else Exchange(request, response, retries_taken, key)
    try:
        return request.decoder.decode(response.content)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        if not response.content and _takes_null(request.decoder):
            return None
        caught = Caught(_validation_error(request, _masked(response, key), error))
    raise caught.take()


def _takes_null(decoder: Any) -> bool:
    """Return whether null is a result, for which an empty body stands."""
    try:
        return decoder.decode(b"null") is None
    except msgspec.MsgspecError:
        return False


def _masked(response: Response, key: Secret | None) -> Response:
    from multidict import CIMultiDict

    if key is None:
        return response
    headers = CIMultiDict((name, mask_text(value, key)) for name, value in response.headers.items())
    return Response(response.status, headers, mask_bytes(response.content, key))


def _validation_error(request: Request[Any], response: Response, reason: Exception) -> APIResponseValidationError:
    content = _URL.sub(lambda url: url[1] + b"?..." * bool(url[2]), response.content)
    start = one_line(content[:200].decode(errors="replace"), 120) or "nothing"
    decoder: object = request.decoder  # of another kind for text, bytes and the models of others
    shape = request.decoder.type if type(decoder) is msgspec.json.Decoder else object
    explanation, cause = _explain(response.content, shape, reason)
    error = APIResponseValidationError(
        f"{request.method} {request.path}: status {response.status}, but the body is not what the API documents: "
        f"{one_line(explanation, 160)}; it begins with: {start}",
    )
    error.status_code = response.status
    error.body = content
    error.__cause__ = cause
    return error


def _explain(content: bytes, shape: Any, reason: Exception) -> tuple[str, Exception]:
    """Return what is wrong in our own words, whatever msgspec raised, and the cause without the content."""
    try:
        content.decode()
    except UnicodeDecodeError as error:
        bad = error.object[error.start : error.end]  # error.object is the whole body, which may echo the key
        cause = UnicodeDecodeError("utf-8", bad, 0, len(bad), error.reason)
        return f"it is not UTF-8 from byte {error.start} on", cause
    if isinstance(reason, RecursionError):
        return "it is nested too deeply", reason
    found = misfit(content, shape) if len(content) <= _MAX_EXPLAINED else None
    if found is None:
        unfit = isinstance(reason, msgspec.ValidationError)
        return f"it {'does not fit' if unfit else 'cannot be read as JSON'}: {reason}", reason
    return f"{found.path} " + (f"does not fit: {found.reason}" if found.reason else "is missing"), reason


def status_error(request_line: str, response: Response) -> APIStatusError:
    """Return the exception for an error status; ``request_line`` is the method and path."""
    from multidict import CIMultiDict

    from .retry_after import retry_after

    text = response.text
    try:
        body: object = msgspec.json.decode(response.content)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        body = text
    details = error_details(body)
    message = details.get("message")
    summary = one_line(message if isinstance(message, str) else text, 200)
    if 300 <= response.status < 400:
        summary = f"redirects are not followed; Location: {one_line(_redirect_target(response), 120)}"
    kind = details.get("type")
    label = f"{response.status} {one_line(kind, 40)}" if isinstance(kind, str) else str(response.status)
    error = error_class(response.status)(
        f"{label}: {summary} [{request_line}]",
        status_code=response.status,
        body=body,
        headers=CIMultiDict(response.headers),
    )
    error.response = msgspec.structs.replace(response, headers=error.headers)
    error.retry_after = retry_after(error.headers)
    return error


def error_class(status: int) -> type[APIStatusError]:
    return InternalServerError if status >= 500 else _BY_STATUS.get(status, APIStatusError)


def _redirect_target(response: Response) -> str:
    return response.headers.get("Location", "none").partition("?")[0]
