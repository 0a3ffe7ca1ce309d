"""Opportunities: deals with an account, on their way through a pipeline.

API page: https://docs.lightfield.app/api/resources/opportunity/
"""

from typing import ClassVar

from msgspec.json import Decoder

from lightfield._operation import AwaitsRaw, BlocksRaw, M, raw_mode
from lightfield.models import Opportunity

from ._records import Records


class Opportunities(Records[M, Opportunity]):
    """``client.opportunity``."""

    path: ClassVar[str] = "/v1/opportunities"
    one: Decoder[Opportunity] = Decoder(Opportunity)
    with_raw_response: "raw_mode[Opportunities[AwaitsRaw], Opportunities[BlocksRaw]]" = raw_mode()
