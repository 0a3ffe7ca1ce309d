"""Resources that can only be read: members, channels, messages.

API pages: https://docs.lightfield.app/api/resources/member/ and the like
"""

from msgspec.json import Decoder

from lightfield._operations.operation import AwaitsRaw, BlocksRaw, M, raw_mode
from lightfield.models import Channel, Member, Message, Page

from ._documents import Listable


class Members(Listable[M, Member]):
    """``client.member``: the members of the workspace."""

    _path = "/v1/members"
    _one: Decoder[Member] = Decoder(Member)
    _page: Decoder[Page[Member]] = Decoder(Page[Member])
    with_raw_response: "raw_mode[Members[AwaitsRaw], Members[BlocksRaw]]" = raw_mode()


class Channels(Listable[M, Channel]):
    """``client.channel``: the channels of Slack, Microsoft Teams and LinkedIn that the key can see."""

    _path = "/v1/channels"
    _one: Decoder[Channel] = Decoder(Channel)
    _page: Decoder[Page[Channel]] = Decoder(Page[Channel])
    with_raw_response: "raw_mode[Channels[AwaitsRaw], Channels[BlocksRaw]]" = raw_mode()


class Messages(Listable[M, Message]):
    """``client.message``: messages in channels, without content that the key cannot read."""

    _path = "/v1/messages"
    _one: Decoder[Message] = Decoder(Message)
    _page: Decoder[Page[Message]] = Decoder(Page[Message])
    with_raw_response: "raw_mode[Messages[AwaitsRaw], Messages[BlocksRaw]]" = raw_mode()
