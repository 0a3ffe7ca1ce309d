"""Aliases under the official SDK's names of response types."""

from . import models

AccountCreateResponse = models.Account
AccountDefinitionsResponse = models.Definitions
AccountDeleteResponse = models.Account
AccountFieldHistoryResponse = models.FieldHistory
AccountListResponse = models.Page[models.Account]
AccountRestoreResponse = models.Account
AccountRetrieveResponse = models.Account
AccountUpdateResponse = models.Account
AuthValidateResponse = models.Validation
ChannelListResponse = models.Page[models.Channel]
ChannelRetrieveResponse = models.Channel
ContactCreateResponse = models.Contact
ContactDefinitionsResponse = models.Definitions
ContactDeleteResponse = models.Contact
ContactFieldHistoryResponse = models.FieldHistory
ContactListResponse = models.Page[models.Contact]
ContactRestoreResponse = models.Contact
ContactRetrieveResponse = models.Contact
ContactUpdateResponse = models.Contact
EmailDeleteResponse = models.Email
EmailDraftResponse = models.Drafted
EmailListResponse = models.Page[models.Email]
EmailLogResponse = models.Email
EmailRestoreResponse = models.Email
EmailRetrieveResponse = models.Email
EmailSendResponse = models.Sent
EnrichmentRunEnrichResponse = models.Enrichment
EnrichmentRunGetEnrichmentRunResponse = models.EnrichmentRun
FileCancelResponse = models.File
FileCompleteResponse = models.File
FileCreateResponse = models.FileUpload
FileListResponse = models.Page[models.File]
FileRetrieveResponse = models.File
FileURLResponse = models.FileURL
ListCreateResponse = models.List
ListDeleteResponse = models.List
ListListAccountsResponse = models.Page[models.Account]
ListListContactsResponse = models.Page[models.Contact]
ListListOpportunitiesResponse = models.Page[models.Opportunity]
ListListResponse = models.Page[models.List]
ListRetrieveResponse = models.List
ListUpdateResponse = models.List
MeetingCreateResponse = models.Meeting
MeetingDefinitionsResponse = models.Definitions
MeetingDeleteResponse = models.Meeting
MeetingListResponse = models.Page[models.Meeting]
MeetingRestoreResponse = models.Meeting
MeetingRetrieveResponse = models.Meeting
MeetingUpdateResponse = models.Meeting
MemberListResponse = models.Page[models.Member]
MemberRetrieveResponse = models.Member
MergeGetMergeResponse = models.Merge
MergeMergeAccountsResponse = models.MergeResult[models.Account]
MergeMergeContactsResponse = models.MergeResult[models.Contact]
MergeMergeObjectValuesResponse = models.MergeResult[models.CustomRecord]
MergeMergeOpportunitiesResponse = models.MergeResult[models.Opportunity]
MessageListResponse = models.Page[models.Message]
MessageRetrieveResponse = models.Message
NoteCreateResponse = models.Note
NoteDefinitionsResponse = models.Definitions
NoteDeleteResponse = models.Note
NoteListResponse = models.Page[models.Note]
NoteRestoreResponse = models.Note
NoteRetrieveResponse = models.Note
NoteUpdateResponse = models.Note
ObjectCreateResponse = models.CustomRecord
ObjectDefinitionsResponse = models.Definitions
ObjectDeleteResponse = models.CustomRecord
ObjectFieldHistoryResponse = models.FieldHistory
ObjectListDefinitionsResponse = models.Listing[models.ObjectType]
ObjectListResponse = models.Page[models.CustomRecord]
ObjectRestoreResponse = models.CustomRecord
ObjectRetrieveResponse = models.CustomRecord
ObjectUpdateResponse = models.CustomRecord
OpportunityCreateResponse = models.Opportunity
OpportunityDefinitionsResponse = models.Definitions
OpportunityDeleteResponse = models.Opportunity
OpportunityFieldHistoryResponse = models.FieldHistory
OpportunityListResponse = models.Page[models.Opportunity]
OpportunityRestoreResponse = models.Opportunity
OpportunityRetrieveResponse = models.Opportunity
OpportunityUpdateResponse = models.Opportunity
SenderListResponse = models.Page[models.Sender]
SenderMarkHealthyResponse = models.Sender
SenderRetrieveResponse = models.Sender
SenderUpdateResponse = models.Sender
SequenceActivateResponse = models.Sequence
SequenceCreateResponse = models.SequenceDraft
SequenceDeactivateResponse = models.Sequence
SequenceDiscardDraftResponse = models.DraftDiscarded
SequenceListEnrollmentsResponse = models.Page[models.Enrollment]
SequenceListMessagesResponse = models.Page[models.SequenceMessage]
SequenceListResponse = models.Page[models.Sequence]
SequenceListTemplateVariablesResponse = models.Page[models.TemplateVariable]
SequencePublishDraftResponse = models.Sequence
SequenceRetrieveDraftResponse = models.SequenceDraft
SequenceRetrieveEnrollmentResponse = models.Enrollment
SequenceRetrieveMessageResponse = models.SequenceMessage
SequenceRetrievePerformanceResponse = models.SequencePerformance
SequenceRetrieveResponse = models.Sequence
SequenceRetrieveTestResponse = models.SequenceTest
SequenceStartTestResponse = models.SequenceTest
SequenceUpdateDraftResponse = models.SequenceDraft
SequenceUpdateEnrollmentsResponse = models.EnrollmentChanges
TaskCreateResponse = models.Task
TaskDefinitionsResponse = models.Definitions
TaskDeleteResponse = models.Task
TaskListResponse = models.Page[models.Task]
TaskRestoreResponse = models.Task
TaskRetrieveResponse = models.Task
TaskUpdateResponse = models.Task
WorkflowRunStatusResponse = models.WorkflowStatus

__all__ = [
    "AccountCreateResponse",
    "AccountDefinitionsResponse",
    "AccountDeleteResponse",
    "AccountFieldHistoryResponse",
    "AccountListResponse",
    "AccountRestoreResponse",
    "AccountRetrieveResponse",
    "AccountUpdateResponse",
    "AuthValidateResponse",
    "ChannelListResponse",
    "ChannelRetrieveResponse",
    "ContactCreateResponse",
    "ContactDefinitionsResponse",
    "ContactDeleteResponse",
    "ContactFieldHistoryResponse",
    "ContactListResponse",
    "ContactRestoreResponse",
    "ContactRetrieveResponse",
    "ContactUpdateResponse",
    "EmailDeleteResponse",
    "EmailDraftResponse",
    "EmailListResponse",
    "EmailLogResponse",
    "EmailRestoreResponse",
    "EmailRetrieveResponse",
    "EmailSendResponse",
    "EnrichmentRunEnrichResponse",
    "EnrichmentRunGetEnrichmentRunResponse",
    "FileCancelResponse",
    "FileCompleteResponse",
    "FileCreateResponse",
    "FileListResponse",
    "FileRetrieveResponse",
    "FileURLResponse",
    "ListCreateResponse",
    "ListDeleteResponse",
    "ListListAccountsResponse",
    "ListListContactsResponse",
    "ListListOpportunitiesResponse",
    "ListListResponse",
    "ListRetrieveResponse",
    "ListUpdateResponse",
    "MeetingCreateResponse",
    "MeetingDefinitionsResponse",
    "MeetingDeleteResponse",
    "MeetingListResponse",
    "MeetingRestoreResponse",
    "MeetingRetrieveResponse",
    "MeetingUpdateResponse",
    "MemberListResponse",
    "MemberRetrieveResponse",
    "MergeGetMergeResponse",
    "MergeMergeAccountsResponse",
    "MergeMergeContactsResponse",
    "MergeMergeObjectValuesResponse",
    "MergeMergeOpportunitiesResponse",
    "MessageListResponse",
    "MessageRetrieveResponse",
    "NoteCreateResponse",
    "NoteDefinitionsResponse",
    "NoteDeleteResponse",
    "NoteListResponse",
    "NoteRestoreResponse",
    "NoteRetrieveResponse",
    "NoteUpdateResponse",
    "ObjectCreateResponse",
    "ObjectDefinitionsResponse",
    "ObjectDeleteResponse",
    "ObjectFieldHistoryResponse",
    "ObjectListDefinitionsResponse",
    "ObjectListResponse",
    "ObjectRestoreResponse",
    "ObjectRetrieveResponse",
    "ObjectUpdateResponse",
    "OpportunityCreateResponse",
    "OpportunityDefinitionsResponse",
    "OpportunityDeleteResponse",
    "OpportunityFieldHistoryResponse",
    "OpportunityListResponse",
    "OpportunityRestoreResponse",
    "OpportunityRetrieveResponse",
    "OpportunityUpdateResponse",
    "SenderListResponse",
    "SenderMarkHealthyResponse",
    "SenderRetrieveResponse",
    "SenderUpdateResponse",
    "SequenceActivateResponse",
    "SequenceCreateResponse",
    "SequenceDeactivateResponse",
    "SequenceDiscardDraftResponse",
    "SequenceListEnrollmentsResponse",
    "SequenceListMessagesResponse",
    "SequenceListResponse",
    "SequenceListTemplateVariablesResponse",
    "SequencePublishDraftResponse",
    "SequenceRetrieveDraftResponse",
    "SequenceRetrieveEnrollmentResponse",
    "SequenceRetrieveMessageResponse",
    "SequenceRetrievePerformanceResponse",
    "SequenceRetrieveResponse",
    "SequenceRetrieveTestResponse",
    "SequenceStartTestResponse",
    "SequenceUpdateDraftResponse",
    "SequenceUpdateEnrollmentsResponse",
    "TaskCreateResponse",
    "TaskDefinitionsResponse",
    "TaskDeleteResponse",
    "TaskListResponse",
    "TaskRestoreResponse",
    "TaskRetrieveResponse",
    "TaskUpdateResponse",
    "WorkflowRunStatusResponse",
]
