"""Resources that can only be read: members, channels, messages.

API pages: https://docs.lightfield.app/api/resources/member/ and the like
"""

from msgspec.json import Decoder

from lightfield._operations import M, Raw, Stream, view
from lightfield.models import Channel, Member, Message, Page

from ._documents import Listable


class Members(Listable[M, Member]):
    """``client.member``: the members of the workspace."""

    _path = "/v1/members"
    _one: Decoder[Member] = Decoder(Member)
    _page: Decoder[Page[Member]] = Decoder(Page[Member])
    with_raw_response: "view[Members[Raw[M]]]" = view("raw")
    with_streaming_response: "view[Members[Stream[M]]]" = view("streamed")


class Channels(Listable[M, Channel]):
    """``client.channel``: the channels of Slack, Microsoft Teams and LinkedIn that the key can see."""

    _path = "/v1/channels"
    _one: Decoder[Channel] = Decoder(Channel)
    _page: Decoder[Page[Channel]] = Decoder(Page[Channel])
    with_raw_response: "view[Channels[Raw[M]]]" = view("raw")
    with_streaming_response: "view[Channels[Stream[M]]]" = view("streamed")


class Messages(Listable[M, Message]):
    """``client.message``: messages in channels, without content that the key cannot read."""

    _path = "/v1/messages"
    _one: Decoder[Message] = Decoder(Message)
    _page: Decoder[Page[Message]] = Decoder(Page[Message])
    with_raw_response: "view[Messages[Raw[M]]]" = view("raw")
    with_streaming_response: "view[Messages[Stream[M]]]" = view("streamed")
