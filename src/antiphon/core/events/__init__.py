"""Everything that can go on the record: one class per kind of event, each with its sentence, by noun."""

import msgspec

from antiphon.core.events.access import (
    AccessChanged,
    ConfigurationApplied,
)
from antiphon.core.events.alerts import (
    AlertEnded,
    AlertFired,
    AlertJoined,
)
from antiphon.core.events.auditing import AuditCleared, AuditFound
from antiphon.core.events.calls import (
    CallEnded,
    CallGiven,
    CallOverdue,
    CallOwed,
    CallTried,
    CallWarned,
)
from antiphon.core.events.closing import (
    ReviewOpened,
    StabilityReached,
    StabilityReset,
    StabilityStarted,
)
from antiphon.core.events.event import Event
from antiphon.core.events.follow_ups import (
    FollowUpApproved,
    FollowUpEnded,
    FollowUpPrepared,
    FollowUpSent,
    FollowUpVoided,
)
from antiphon.core.events.incidents import (
    EntityAffected,
    EntityCleared,
    ImpactStated,
    IncidentCancelled,
    IncidentClosed,
    IncidentDeclared,
    IncidentMerged,
    IncidentReopened,
    IncidentResolved,
    IncidentTakenIn,
    PriorityChanged,
    SeverityChanged,
    StateChanged,
)
from antiphon.core.events.maintenance import MaintenanceChanged
from antiphon.core.events.paging import (
    PageAcknowledged,
    PagingExhausted,
    PagingStarted,
    PagingStopped,
    PersonPaged,
    StepReachedNobody,
)
from antiphon.core.events.promises import (
    PromiseBroken,
    PromiseKept,
    PromiseMade,
    PromiseReleased,
    PromiseWarned,
)
from antiphon.core.events.reactions import (
    ReplyAnswered,
    ReplyReceived,
    VersionWished,
)
from antiphon.core.events.reports import CustomerReported
from antiphon.core.events.social import PostAsked, PostMade, PostQueued
from antiphon.core.events.telling import (
    ApprovalAsked,
    ApprovalBypassed,
    ApprovalOverdue,
    ApprovalVoided,
    DraftPrepared,
    FactRecorded,
    HoldingSent,
    TextReturned,
    UpdatePublished,
    VersionApproved,
)
from antiphon.core.events.tracks import (
    ChangeRecorded,
    NoteAdded,
    RoleAssigned,
    TaskAdded,
    TaskDone,
    TaskGiven,
    TrackDone,
    TrackMoved,
    TrackOpened,
    WorkaroundAdded,
    WorkaroundRemoved,
)
from antiphon.core.events.verdicts import (
    Answered,
    AnswerGiven,
    AnswerRequested,
    Evidence,
    QuestionsAsked,
    VerdictOverridden,
    VerdictReached,
)

KINDS: dict[str, type[Event]] = {cls.kind_of(): cls for cls in Event.__subclasses__()}
if len(KINDS) != len(Event.__subclasses__()):
    raise RuntimeError("Two event classes share a kind: give each its own tag in core/events/")


def encode(event: Event) -> str:
    """The event as the JSON text that is stored and hashed."""
    return msgspec.json.encode(event).decode()


def decode(text: str | bytes) -> Event:
    """The event back from its stored text; unknown kinds raise `msgspec.ValidationError`."""
    kind = msgspec.json.decode(text, type=_Tag).kind
    if kind not in KINDS:
        raise msgspec.ValidationError(f"Unknown event kind {kind!r}")
    return msgspec.json.decode(text, type=KINDS[kind])


class _Tag(msgspec.Struct):
    kind: str


__all__ = [
    "KINDS",
    "AccessChanged",
    "AlertEnded",
    "AlertFired",
    "AlertJoined",
    "AnswerGiven",
    "AnswerRequested",
    "Answered",
    "ApprovalAsked",
    "ApprovalBypassed",
    "ApprovalOverdue",
    "ApprovalVoided",
    "AuditCleared",
    "AuditFound",
    "CallEnded",
    "CallGiven",
    "CallOverdue",
    "CallOwed",
    "CallTried",
    "CallWarned",
    "ChangeRecorded",
    "ConfigurationApplied",
    "CustomerReported",
    "DraftPrepared",
    "EntityAffected",
    "EntityCleared",
    "Event",
    "Evidence",
    "FactRecorded",
    "FollowUpApproved",
    "FollowUpEnded",
    "FollowUpPrepared",
    "FollowUpSent",
    "FollowUpVoided",
    "HoldingSent",
    "ImpactStated",
    "IncidentCancelled",
    "IncidentClosed",
    "IncidentDeclared",
    "IncidentMerged",
    "IncidentReopened",
    "IncidentResolved",
    "IncidentTakenIn",
    "MaintenanceChanged",
    "NoteAdded",
    "PageAcknowledged",
    "PagingExhausted",
    "PagingStarted",
    "PagingStopped",
    "PersonPaged",
    "PostAsked",
    "PostMade",
    "PostQueued",
    "PriorityChanged",
    "PromiseBroken",
    "PromiseKept",
    "PromiseMade",
    "PromiseReleased",
    "PromiseWarned",
    "QuestionsAsked",
    "ReplyAnswered",
    "ReplyReceived",
    "ReviewOpened",
    "RoleAssigned",
    "SeverityChanged",
    "StabilityReached",
    "StabilityReset",
    "StabilityStarted",
    "StateChanged",
    "StepReachedNobody",
    "TaskAdded",
    "TaskDone",
    "TaskGiven",
    "TextReturned",
    "TrackDone",
    "TrackMoved",
    "TrackOpened",
    "UpdatePublished",
    "VerdictOverridden",
    "VerdictReached",
    "VersionApproved",
    "VersionWished",
    "WorkaroundAdded",
    "WorkaroundRemoved",
    "decode",
    "encode",
]
