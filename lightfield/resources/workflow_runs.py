"""Workflow runs.

API page: https://docs.lightfield.app/api/resources/workflow_run/
"""

from collections.abc import Collection
from typing import Unpack, cast

from msgspec.json import Decoder

from lightfield._operations import Awaits, CallOptions, M, Raw, Resource, Stream, operation, procedure, view
from lightfield._operations.polling import DEADLINE, FINISHED, poll_until_done
from lightfield._protocol.builders import get, path_segment
from lightfield._protocol.request import Request
from lightfield.models import WorkflowStatus

_STATUS = Decoder(WorkflowStatus)


class WorkflowRuns(Resource[M]):
    """``client.workflow_run``."""

    _path = "/v1/workflowRun"
    with_raw_response: "view[WorkflowRuns[Raw[M]]]" = view("raw")
    with_streaming_response: "view[WorkflowRuns[Stream[M]]]" = view("streamed")

    @operation
    def status(self, run_id: str, **_: Unpack[CallOptions]) -> Request[WorkflowStatus]:
        """Fetch the status of a run."""
        return get(f"{self._path}/{path_segment(run_id, 'run_id')}/status", _STATUS)

    @procedure
    async def wait(
        self, run_id: str, *, deadline: float | None = DEADLINE, ends: Collection[str] = FINISHED
    ) -> WorkflowStatus:
        """Wait until a run has ended, successfully or not.

        The API does not document its final statuses. The usual ones are known; ``ends`` replaces them, in any case.

        Raises:
            WaitTimeoutError: It has not ended after ``deadline`` seconds.
        """
        fetch = cast("WorkflowRuns[Awaits]", self).status
        return await poll_until_done(lambda: fetch(run_id), self._awaiting.sleep, deadline, ends)
