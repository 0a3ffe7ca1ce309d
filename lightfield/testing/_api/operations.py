"""The operations of the API, each in one line of a table."""

from collections.abc import Mapping
from typing import NamedTuple, cast

from lightfield.testing._http.limits import Category


class Operation(NamedTuple):
    """One operation.

    Attributes:
        name: Its name in the clients, such as ``opportunity.retrieve``.
        method: The HTTP method.
        path: The path; ``{name}`` matches one segment.
        category: The category of the rate limit.
        scopes: What a key must be allowed to do; ``{name}`` is a parameter of the path.
        idempotent: Whether a repeated ``Idempotency-Key`` repeats the first response.
    """

    name: str
    method: str
    path: str
    category: Category
    scopes: tuple[str, ...] = ()
    idempotent: bool = False


def _operation(line: str) -> Operation:
    name, method, path, category, scopes, *idempotent = line.split()
    required = tuple(scopes.split(",")) if scopes != "-" else ()
    return Operation(name, method, path, cast("Category", category), required, bool(idempotent))


_TABLE = """
account.create  POST  /v1/accounts  Write  accounts:create  idempotent
account.retrieve  GET  /v1/accounts/{id}  Read  accounts:read
account.update  POST  /v1/accounts/{id}  Write  accounts:update  idempotent
account.list  GET  /v1/accounts  Search  accounts:read
account.delete  DELETE  /v1/accounts/{id}  Write  accounts:delete
account.definitions  GET  /v1/accounts/definitions  Read  accounts:read
account.field_history  GET  /v1/accounts/{id}/fields/{fieldKey}/history  Read  accounts:read
account.restore  POST  /v1/accounts/{id}/restore  Write  accounts:restore
auth.validate  GET  /v1/auth/validate  Read  -
channel.retrieve  GET  /v1/channels/{id}  Read  channels:read
channel.list  GET  /v1/channels  Search  channels:read
contact.create  POST  /v1/contacts  Write  contacts:create  idempotent
contact.retrieve  GET  /v1/contacts/{id}  Read  contacts:read
contact.update  POST  /v1/contacts/{id}  Write  contacts:update  idempotent
contact.list  GET  /v1/contacts  Search  contacts:read
contact.delete  DELETE  /v1/contacts/{id}  Write  contacts:delete
contact.definitions  GET  /v1/contacts/definitions  Read  contacts:read
contact.field_history  GET  /v1/contacts/{id}/fields/{fieldKey}/history  Read  contacts:read
contact.restore  POST  /v1/contacts/{id}/restore  Write  contacts:restore
email.retrieve  GET  /v1/emails/{id}  Read  emails:read
email.list  GET  /v1/emails  Search  emails:read
email.delete  DELETE  /v1/emails/{id}  Write  emails:delete
email.draft  POST  /v1/emails/draft  Write  emails:create  idempotent
email.log  POST  /v1/emails/log  Write  emails:create  idempotent
email.restore  POST  /v1/emails/{id}/restore  Write  emails:restore
email.send  POST  /v1/emails/send  Write  emails:create  idempotent
enrichment_run.enrich  POST  /v1/enrichmentRun/{entitySlug}/{entityId}  Write  {entitySlug}:update
enrichment_run.get_enrichment_run  GET  /v1/enrichmentRun/{runId}  Read  -
file.create  POST  /v1/files  Write  files:create
file.retrieve  GET  /v1/files/{id}  Read  files:read
file.list  GET  /v1/files  Search  files:read
file.cancel  POST  /v1/files/{id}/cancel  Write  files:create
file.complete  POST  /v1/files/{id}/complete  Write  files:create
file.url  GET  /v1/files/{id}/url  Read  files:read
list.create  POST  /v1/lists  Write  lists:create  idempotent
list.retrieve  GET  /v1/lists/{id}  Read  lists:read
list.update  POST  /v1/lists/{id}  Write  lists:update  idempotent
list.list  GET  /v1/lists  Search  lists:read
list.delete  DELETE  /v1/lists/{id}  Write  lists:delete
list.list_accounts  GET  /v1/lists/{listId}/accounts  Search  lists:read,accounts:read
list.list_contacts  GET  /v1/lists/{listId}/contacts  Search  lists:read,contacts:read
list.list_opportunities  GET  /v1/lists/{listId}/opportunities  Search  lists:read,opportunities:read
meeting.create  POST  /v1/meetings  Write  meetings:create  idempotent
meeting.retrieve  GET  /v1/meetings/{id}  Read  meetings:read
meeting.update  POST  /v1/meetings/{id}  Write  meetings:update  idempotent
meeting.list  GET  /v1/meetings  Search  meetings:read
meeting.delete  DELETE  /v1/meetings/{id}  Write  meetings:delete
meeting.definitions  GET  /v1/meetings/definitions  Read  meetings:read
meeting.restore  POST  /v1/meetings/{id}/restore  Write  meetings:restore
member.retrieve  GET  /v1/members/{id}  Read  members:read
member.list  GET  /v1/members  Search  members:read
merge.get_merge  GET  /v1/merges/{id}  Read  -
merge.merge_accounts  POST  /v1/accounts/merge  Write  accounts:update,accounts:delete
merge.merge_contacts  POST  /v1/contacts/merge  Write  contacts:update,contacts:delete
merge.merge_object_values  POST  /v1/objects/{entitySlug}/merge  Write  custom_objects:update,custom_objects:delete
merge.merge_opportunities  POST  /v1/opportunities/merge  Write  opportunities:update,opportunities:delete
message.retrieve  GET  /v1/messages/{id}  Read  messages:read
message.list  GET  /v1/messages  Search  messages:read
note.create  POST  /v1/notes  Write  notes:create  idempotent
note.retrieve  GET  /v1/notes/{id}  Read  notes:read
note.update  POST  /v1/notes/{id}  Write  notes:update  idempotent
note.list  GET  /v1/notes  Search  notes:read
note.delete  DELETE  /v1/notes/{id}  Write  notes:delete
note.definitions  GET  /v1/notes/definitions  Read  notes:read
note.restore  POST  /v1/notes/{id}/restore  Write  notes:restore
object.create  POST  /v1/objects/{entitySlug}/values  Write  custom_objects:create
object.retrieve  GET  /v1/objects/{entitySlug}/values/{id}  Read  custom_objects:read
object.update  POST  /v1/objects/{entitySlug}/values/{id}  Write  custom_objects:update
object.list  GET  /v1/objects/{entitySlug}  Search  custom_objects:read
object.delete  DELETE  /v1/objects/{entitySlug}/values/{id}  Write  custom_objects:delete
object.definitions  GET  /v1/objects/{entitySlug}/definitions  Read  custom_objects:read
object.field_history  GET  /v1/objects/{entitySlug}/values/{id}/fields/{fieldKey}/history  Read  custom_objects:read
object.list_definitions  GET  /v1/objects  Read  custom_objects:read
object.restore  POST  /v1/objects/{entitySlug}/values/{id}/restore  Write  custom_objects:restore
opportunity.create  POST  /v1/opportunities  Write  opportunities:create  idempotent
opportunity.retrieve  GET  /v1/opportunities/{id}  Read  opportunities:read
opportunity.update  POST  /v1/opportunities/{id}  Write  opportunities:update  idempotent
opportunity.list  GET  /v1/opportunities  Search  opportunities:read
opportunity.delete  DELETE  /v1/opportunities/{id}  Write  opportunities:delete
opportunity.definitions  GET  /v1/opportunities/definitions  Read  opportunities:read
opportunity.field_history  GET  /v1/opportunities/{id}/fields/{fieldKey}/history  Read  opportunities:read
opportunity.restore  POST  /v1/opportunities/{id}/restore  Write  opportunities:restore
sender.retrieve  GET  /v1/senders/{id}  Read  senders:read
sender.update  POST  /v1/senders/{id}  Write  senders:update
sender.list  GET  /v1/senders  Search  senders:read
sender.mark_healthy  POST  /v1/senders/{id}/mark_healthy  Write  senders:update
sequence.create  POST  /v1/sequences  Write  sequences:create  idempotent
sequence.retrieve  GET  /v1/sequences/{id}  Read  sequences:read
sequence.list  GET  /v1/sequences  Search  sequences:read
sequence.activate  POST  /v1/sequences/{id}/activate  Write  sequences:update
sequence.deactivate  POST  /v1/sequences/{id}/deactivate  Write  sequences:update
sequence.discard_draft  POST  /v1/sequences/{id}/draft/discard  Write  sequences:update
sequence.list_enrollments  GET  /v1/sequences/{id}/enrollments  Search  sequences:read
sequence.list_messages  GET  /v1/sequences/{id}/messages  Search  sequences:read
sequence.list_template_variables  GET  /v1/sequences/template/variables  Read sequences:read,contacts:read,accounts:read
sequence.publish_draft  POST  /v1/sequences/{id}/draft/publish  Write  sequences:update
sequence.retrieve_draft  GET  /v1/sequences/{id}/draft  Read  sequences:read
sequence.retrieve_enrollment  GET  /v1/sequences/{id}/enrollments/{enrollmentId}  Read  sequences:read
sequence.retrieve_message  GET  /v1/sequences/{id}/messages/{messageId}  Read  sequences:read
sequence.retrieve_performance  GET  /v1/sequences/{id}/performance  Read  sequences:read
sequence.retrieve_test  GET  /v1/sequences/{id}/tests/{testId}  Read  sequences:read
sequence.start_test  POST  /v1/sequences/{id}/tests  Write  sequences:update
sequence.update_draft  POST  /v1/sequences/{id}/draft  Write  sequences:update
sequence.update_enrollments  POST  /v1/sequences/{id}/enrollments  Write  sequences:update
task.create  POST  /v1/tasks  Write  tasks:create  idempotent
task.retrieve  GET  /v1/tasks/{id}  Read  tasks:read
task.update  POST  /v1/tasks/{id}  Write  tasks:update  idempotent
task.list  GET  /v1/tasks  Search  tasks:read
task.delete  DELETE  /v1/tasks/{id}  Write  tasks:delete
task.definitions  GET  /v1/tasks/definitions  Read  tasks:read
task.restore  POST  /v1/tasks/{id}/restore  Write  tasks:restore
workflow_run.status  GET  /v1/workflowRun/{runId}/status  Read  -
"""
OPERATIONS: Mapping[str, Operation] = {each.name: each for each in map(_operation, _TABLE.strip().splitlines())}
