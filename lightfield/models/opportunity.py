"""Opportunities.

API page: https://docs.lightfield.app/objects-in-lightfield/object-types/
"""

from .record import Record


class Opportunity(Record, frozen=True, gc=False, rename="camel", kw_only=True):
    """A deal with an account.

    Common fields: ``$name`` text, ``$stage`` option, ``$amount`` number, ``$closeDate`` datetime, ``$nextStep`` text.
    Common relationships: ``$account``, ``$owner``, ``$champion``. A workspace may define others of its own.
    """
