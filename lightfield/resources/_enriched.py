"""What accounts and contacts have in common: they are enriched once they are created."""

from typing import Generic

from msgspec.json import Decoder

from lightfield._operation import M, Resource, operation
from lightfield._request import Request, write
from lightfield.models.write import Fields, Links

from ._documents import R
from ._records import changes


class Enriched(Resource[M], Generic[M, R]):
    """Records that Lightfield enriches."""

    one: Decoder[R]

    @operation
    def create(
        self,
        *,
        fields: Fields,
        relationships: Links | None = None,
        skip_enrichment: bool | None = None,
    ) -> Request[R]:
        """Create a record.

        Args:
            fields: Values by key, such as ``{"$name": "Acme"}``. An account needs a ``$name``.
            relationships: Ids by key, such as ``{"$owner": "mem_1"}``.
            skip_enrichment: Whether to leave it as it is; enriching is metered. Wise for loads of 50 records and more.
        """
        body = changes(fields, relationships) | {"skipEnrichment": skip_enrichment}
        return write(self._items, self.one, body, repeat="with_key")
