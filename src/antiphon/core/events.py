"""Everything that can go on the record: one class per kind of event, each with its sentence.

An event's fields are plain values (text, numbers, instants, tuples of these). Fields named in
`personal` hold text about people; they are stored beside the chain so that erasing them leaves it
whole. A class that changes its fields gets a new `version` and keeps reading the old one.
"""

from datetime import datetime, timedelta
from typing import ClassVar

import msgspec


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind"):
    """Base of all events. `kind` is the tag; `sentence()` is what the timeline shows."""

    version: ClassVar[int] = 1
    personal: ClassVar[frozenset[str]] = frozenset()
    milestone: ClassVar[bool] = False

    @classmethod
    def kind_of(cls) -> str:
        """The kind as stored, e.g. `incident.declared`."""
        tag = cls.__struct_config__.tag
        assert isinstance(tag, str)
        return tag

    def sentence(self) -> str:
        """One plain sentence for the timeline, inside readers."""
        raise NotImplementedError


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """One of the six answers as it was given, with what it rested on."""

    number: int
    answer: str
    evidence: tuple["Evidence", ...] = ()
    by: str = "catalog"
    confidence: float = 1.0


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """What an answer rests on. `source` is `entity:<name>`, `contract:<uid>`, `clock`, `fact:<uid>`, …"""

    source: str
    text: str


# The incident ------------------------------------------------------------------------------------


class IncidentDeclared(Event, frozen=True, tag="incident.declared"):
    milestone = True
    title: str
    incident_type: str
    area: str
    severity: int
    impact: str
    urgency: str
    priority: str
    nature: str
    detected_at: datetime
    detected_by: str
    entities: tuple[str, ...]
    reason: str

    def sentence(self) -> str:
        practice = "" if self.nature == "real" else f" ({self.nature})"
        return f"Declared SEV{self.severity}{practice}: {self.title}. {self.reason}"


class SeverityChanged(Event, frozen=True, tag="incident.severity_changed"):
    milestone = True
    before: int
    after: int
    reason: str

    def sentence(self) -> str:
        verb = "raised" if self.after < self.before else "lowered"
        return f"Severity {verb} from SEV{self.before} to SEV{self.after}: {self.reason}"


class PriorityChanged(Event, frozen=True, tag="incident.priority_changed"):
    before: str
    after: str
    reason: str

    def sentence(self) -> str:
        return f"Priority changed from {self.before} to {self.after}: {self.reason}"


class EntityAffected(Event, frozen=True, tag="incident.entity_affected"):
    entity: str
    reason: str

    def sentence(self) -> str:
        return f"{self.entity} is affected: {self.reason}"


class EntityCleared(Event, frozen=True, tag="incident.entity_cleared"):
    entity: str
    reason: str

    def sentence(self) -> str:
        return f"{self.entity} is no longer affected: {self.reason}"


class StateChanged(Event, frozen=True, tag="incident.state_changed"):
    milestone = True
    before: str
    after: str
    reason: str

    def sentence(self) -> str:
        return f"State changed from {self.before} to {self.after}: {self.reason}"


class IncidentResolved(Event, frozen=True, tag="incident.resolved"):
    milestone = True
    how: str
    verified: str

    def sentence(self) -> str:
        return f"Resolved. How: {self.how} Verified by: {self.verified}"


class IncidentReopened(Event, frozen=True, tag="incident.reopened"):
    milestone = True
    reason: str

    def sentence(self) -> str:
        return f"Reopened: {self.reason}"


class IncidentClosed(Event, frozen=True, tag="incident.closed"):
    milestone = True
    waivers: tuple[str, ...] = ()

    def sentence(self) -> str:
        return "Closed." + ("" if not self.waivers else f" Waived: {'; '.join(self.waivers)}")


class IncidentCancelled(Event, frozen=True, tag="incident.cancelled"):
    milestone = True
    reason: str

    def sentence(self) -> str:
        return f"Cancelled: {self.reason}"


# Alerts ------------------------------------------------------------------------------------------


class AlertJoined(Event, frozen=True, tag="alert.joined"):
    alert: str
    title: str
    reason: str

    def sentence(self) -> str:
        return f"Alert joined: {self.title}. {self.reason}"


class AlertFired(Event, frozen=True, tag="alert.fired"):
    alert: str
    title: str

    def sentence(self) -> str:
        return f"Alert fires again: {self.title}"


class AlertEnded(Event, frozen=True, tag="alert.ended"):
    alert: str
    title: str

    def sentence(self) -> str:
        return f"Alert ended: {self.title}"


# Verdict -----------------------------------------------------------------------------------------


class VerdictReached(Event, frozen=True, tag="verdict.reached"):
    """Saved at each asking that changed an answer. `inputs` is what the questions saw, for replay."""

    milestone = True
    before: str
    after: str
    answers: tuple[Answered, ...]
    inputs: str
    reason: str

    def sentence(self) -> str:
        if self.before == self.after:
            return f"Six questions asked again: still {self.after}. {self.reason}"
        return f"Verdict: {self.after}. {self.reason}"


class VerdictOverridden(Event, frozen=True, tag="verdict.overridden"):
    milestone = True
    before: str
    after: str
    reason: str

    def sentence(self) -> str:
        return f"Verdict set to {self.after} by a person: {self.reason}"


class AnswerGiven(Event, frozen=True, tag="verdict.answer_given"):
    number: int
    answer: str
    reason: str

    def sentence(self) -> str:
        return f"Question {self.number} answered {self.answer}: {self.reason}"


class AnswerRequested(Event, frozen=True, tag="verdict.answer_requested"):
    numbers: tuple[int, ...]
    person: str
    until: datetime

    def sentence(self) -> str:
        which = ", ".join(str(number) for number in self.numbers)
        return f"Question {which} put to {self.person}, answer wanted by {self.until:%H:%M} UTC"


# Tracks, roles, tasks ----------------------------------------------------------------------------


class TrackOpened(Event, frozen=True, tag="track.opened"):
    milestone = True
    track: str
    reason: str

    def sentence(self) -> str:
        return f"The {self.track} track opened: {self.reason}"


class TrackMoved(Event, frozen=True, tag="track.moved"):
    track: str
    before: str
    after: str
    reason: str

    def sentence(self) -> str:
        return f"The {self.track} track is now {self.after}: {self.reason}"


class TrackDone(Event, frozen=True, tag="track.done"):
    milestone = True
    track: str
    reason: str

    def sentence(self) -> str:
        return f"The {self.track} track is done: {self.reason}"


class RoleAssigned(Event, frozen=True, tag="role.assigned"):
    role: str
    person: str

    def sentence(self) -> str:
        return f"{self.person} is {self.role}"


class TaskAdded(Event, frozen=True, tag="task.added"):
    task: str
    track: str
    title: str
    due_at: datetime | None = None

    def sentence(self) -> str:
        return f"Task for the {self.track} track: {self.title}"


class TaskDone(Event, frozen=True, tag="task.done"):
    task: str
    title: str

    def sentence(self) -> str:
        return f"Task done: {self.title}"


class WorkaroundAdded(Event, frozen=True, tag="workaround.added"):
    workaround: str
    title: str

    def sentence(self) -> str:
        return f"Workaround in place: {self.title}"


class WorkaroundRemoved(Event, frozen=True, tag="workaround.removed"):
    workaround: str
    title: str
    waived: bool = False
    owner: str = ""
    until: datetime | None = None

    def sentence(self) -> str:
        if self.waived and self.until:
            return f"Workaround stays, owned by {self.owner} until {self.until:%Y-%m-%d}: {self.title}"
        return f"Workaround removed: {self.title}"


class ChangeRecorded(Event, frozen=True, tag="change.recorded"):
    title: str
    effect: str = ""

    def sentence(self) -> str:
        return f"Change made: {self.title}" + (f" Effect: {self.effect}" if self.effect else "")


class NoteAdded(Event, frozen=True, tag="note.added"):
    personal = frozenset({"text"})
    text: str

    def sentence(self) -> str:
        return self.text


# Paging ------------------------------------------------------------------------------------------


class PagingStarted(Event, frozen=True, tag="paging.started"):
    policy: str
    track: str
    cycle: int

    def sentence(self) -> str:
        return f"Paging for the {self.track} track by policy {self.policy}"


class PersonPaged(Event, frozen=True, tag="paging.person_paged"):
    milestone = True
    person: str
    step: int
    channels: tuple[str, ...]
    reason: str

    def sentence(self) -> str:
        return f"Paged {self.person} by {', '.join(self.channels) or 'no channel'} (step {self.step}): {self.reason}"


class StepReachedNobody(Event, frozen=True, tag="paging.step_reached_nobody"):
    step: int
    reason: str

    def sentence(self) -> str:
        return f"Step {self.step} reached nobody: {self.reason}"


class PageAcknowledged(Event, frozen=True, tag="paging.acknowledged"):
    milestone = True
    person: str
    via: str

    def sentence(self) -> str:
        return f"{self.person} acknowledged by {self.via}"


class PagingExhausted(Event, frozen=True, tag="paging.exhausted"):
    milestone = True
    policy: str
    cycle: int
    reason: str

    def sentence(self) -> str:
        return f"Nobody answered policy {self.policy} in cycle {self.cycle}: {self.reason}"


class PagingStopped(Event, frozen=True, tag="paging.stopped"):
    reason: str

    def sentence(self) -> str:
        return f"Paging stopped: {self.reason}"


# Promises ----------------------------------------------------------------------------------------


class PromiseMade(Event, frozen=True, tag="promise.made"):
    promise: str
    audience: str
    what: str
    due_at: datetime
    reason: str

    def sentence(self) -> str:
        return f"Promised {self.audience}: {self.what} by {self.due_at:%H:%M} UTC. {self.reason}"


class PromiseWarned(Event, frozen=True, tag="promise.warned"):
    promise: str
    audience: str
    what: str
    due_at: datetime

    def sentence(self) -> str:
        return f"Promise to {self.audience} due at {self.due_at:%H:%M} UTC: {self.what}"


class PromiseKept(Event, frozen=True, tag="promise.kept"):
    milestone = True
    promise: str
    audience: str
    what: str
    margin: timedelta

    def sentence(self) -> str:
        minutes = int(self.margin.total_seconds() // 60)
        return f"Promise to {self.audience} kept with {minutes} min to spare: {self.what}"


class PromiseBroken(Event, frozen=True, tag="promise.broken"):
    milestone = True
    promise: str
    audience: str
    what: str
    due_at: datetime

    def sentence(self) -> str:
        return f"Promise to {self.audience} broken: {self.what} was due at {self.due_at:%H:%M} UTC"


class PromiseReleased(Event, frozen=True, tag="promise.released"):
    promise: str
    audience: str
    what: str
    reason: str

    def sentence(self) -> str:
        return f"Promise to {self.audience} no longer needed ({self.what}): {self.reason}"


# Telling -----------------------------------------------------------------------------------------


class FactRecorded(Event, frozen=True, tag="fact.recorded"):
    fact: str
    name: str
    text: str
    audiences: tuple[str, ...]
    confidence: str
    supersedes: str = ""

    def sentence(self) -> str:
        verb = "Fact corrected" if self.supersedes else "Fact"
        return f"{verb}, {self.name}: {self.text}"


class DraftPrepared(Event, frozen=True, tag="update.drafted"):
    update: str
    moment: str
    audiences: tuple[str, ...]

    def sentence(self) -> str:
        return f"Draft ready ({self.moment.replace('_', ' ')}) for {', '.join(self.audiences)}"


class VersionApproved(Event, frozen=True, tag="update.approved"):
    update: str
    audience: str
    digest: str
    approval: str

    def sentence(self) -> str:
        return f"Text for {self.audience} approved ({self.approval})"


class ApprovalVoided(Event, frozen=True, tag="update.approval_voided"):
    update: str
    audience: str
    reason: str

    def sentence(self) -> str:
        return f"Approval of the text for {self.audience} voided: {self.reason}"


class UpdatePublished(Event, frozen=True, tag="update.published"):
    milestone = True
    update: str
    moment: str
    digests: dict[str, str]
    recipients: dict[str, int]
    next_update_at: datetime | None
    texts: dict[str, str]

    def sentence(self) -> str:
        told = ", ".join(f"{count} {audience}" for audience, count in sorted(self.recipients.items()))
        return f"Update sent ({self.moment.replace('_', ' ')}): {told or 'nobody'}"


class HoldingSent(Event, frozen=True, tag="update.holding_sent"):
    milestone = True
    audience: str
    digest: str
    recipients: int

    def sentence(self) -> str:
        return f"Holding message sent to {self.recipients} {self.audience}"


# Stability, review -------------------------------------------------------------------------------


class StabilityStarted(Event, frozen=True, tag="stability.started"):
    until: datetime

    def sentence(self) -> str:
        return f"All alerts quiet: stable until {self.until:%H:%M} UTC means the gate opens"


class StabilityReset(Event, frozen=True, tag="stability.reset"):
    milestone = True
    reason: str

    def sentence(self) -> str:
        return f"Stability countdown reset: {self.reason}"


class StabilityReached(Event, frozen=True, tag="stability.reached"):
    milestone = True

    def sentence(self) -> str:
        return "Stable long enough: the stability gate is open"


class ReviewOpened(Event, frozen=True, tag="review.opened"):
    milestone = True
    due_at: datetime

    def sentence(self) -> str:
        return f"Review opened, due {self.due_at:%Y-%m-%d %H:%M} UTC"


# Configuration and access ------------------------------------------------------------------------


class ConfigurationApplied(Event, frozen=True, tag="configuration.applied"):
    source: str
    changes: tuple[str, ...]

    def sentence(self) -> str:
        return f"Configuration applied from {self.source}: {len(self.changes)} changes"


class AccessChanged(Event, frozen=True, tag="access.changed"):
    what: str

    def sentence(self) -> str:
        return self.what


KINDS: dict[str, type[Event]] = {cls.kind_of(): cls for cls in Event.__subclasses__()}
if len(KINDS) != len(Event.__subclasses__()):
    raise RuntimeError("Two event classes share a kind: give each its own tag in core/events.py")


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
