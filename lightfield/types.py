"""The official names of response types, as aliases of ours."""

from .models import Opportunity as OpportunityRetrieveResponse

__all__ = ["OpportunityRetrieveResponse"]
