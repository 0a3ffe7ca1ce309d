"""Emails.

API pages: https://docs.lightfield.app/api/resources/email/, https://docs.lightfield.app/using-the-api/emails-and-attachments/
"""

from collections.abc import Mapping, Sequence
from typing import Unpack

from msgspec.json import Decoder

from lightfield._official.spelling import spelled
from lightfield._operations import CallOptions, M, Raw, Stream, operation, view
from lightfield._protocol.builders import changes, check_strings, write
from lightfield._protocol.request import Request
from lightfield.models import Drafted, Email, Page, Sent, wire
from lightfield.models.document import JSONObject
from lightfield.models.write import LoggedEmail, MessageBody

from ._documents import Listable, Restorable

_DRAFTED, _SENT = Decoder(Drafted), Decoder(Sent)


class Emails(Listable[M, Email], Restorable[M, Email]):
    """``client.email``. Only logged emails can be deleted and restored; listings leave out ``$body``."""

    _path = "/v1/emails"
    _one: Decoder[Email] = Decoder(Email)
    _page: Decoder[Page[Email]] = Decoder(Page[Email])
    with_raw_response: "view[Emails[Raw[M]]]" = view("raw")
    with_streaming_response: "view[Emails[Stream[M]]]" = view("streamed")

    @operation
    def draft(
        self,
        *,
        from_: str,
        attachments: Sequence[str] | None = None,
        bcc: Sequence[str] | None = None,
        cc: Sequence[str] | None = None,
        message_body: MessageBody | None = None,
        subject: str | None = None,
        to: Sequence[str] | None = None,
        **_: Unpack[CallOptions],
    ) -> Request[Drafted]:
        """Create a draft in a mailbox. Parameters are those of ``send``; one beside ``from_`` is required."""
        body = _mail(from_, message_body, subject, to=to, cc=cc, bcc=bcc, attachments=attachments)
        return write(f"{self._path}/draft", _DRAFTED, body, "from", retry_safety="with_key")

    @operation
    def log(
        self,
        *,
        fields: LoggedEmail,
        auto_create_records: bool | None = None,
        headers: Mapping[str, str] | None = None,
        **_: Unpack[CallOptions],
    ) -> Request[Email]:
        """Log an email that was sent elsewhere, between a member and an external person.

        Args:
            fields: ``$from``, ``$sentAt`` and one of ``$to``, ``$cc``, ``$bcc`` are required.
            auto_create_records: Whether accounts and contacts are created for unknown participants.
            headers: Its headers, up to 64 KB. A known ``Message-ID`` raises ``ConflictError``.
        """
        body = changes(spelled("fields", fields, wire.LoggedEmail), None)
        body |= {"autoCreateRecords": auto_create_records, "headers": headers}
        return write(f"{self._path}/log", self._one, body, "fields", retry_safety="with_key")

    @operation
    def send(
        self,
        *,
        from_: str,
        message_body: MessageBody,
        subject: str,
        to: Sequence[str],
        attachments: Sequence[str] | None = None,
        bcc: Sequence[str] | None = None,
        cc: Sequence[str] | None = None,
        **_: Unpack[CallOptions],
    ) -> Request[Sent]:
        """Send a new email. It is never retried if it may have been sent already: the failure is raised.

        Args:
            from_: An address of a mailbox that the key's owner has connected.
            message_body: ``{"content": ..., "contentType": "HTML" or "TEXT"}``.
            subject: Its subject.
            to: 1 to 500 addresses.
            attachments: Ids of up to 5 files.
            bcc: Addresses.
            cc: Addresses.
        """
        body = _mail(from_, message_body, subject, to=to, cc=cc, bcc=bcc, attachments=attachments)
        return write(f"{self._path}/send", _SENT, body, "from", "to", "subject", "messageBody", retry_safety="never")


def _mail(sender: str, body: MessageBody | None, subject: str | None, **lists: Sequence[str] | None) -> JSONObject:
    checked = {name: check_strings(name, values) for name, values in lists.items()}
    message = spelled("message_body", body, wire.MessageBody)
    return {"from": sender, "messageBody": message, "subject": subject, **checked}
