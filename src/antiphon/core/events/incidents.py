"""What happens to an incident itself."""

from datetime import datetime

from antiphon.core.events.event import Event


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
    alert_severity: str = ""
    """The alert's own word that the severity comes from; empty when a person or a program stated it."""

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


class ImpactStated(Event, frozen=True, tag="incident.impact_stated"):
    """`share` of the entity's work, above 0 up to 1, in `region` ("": everywhere)."""

    entity: str
    share: float
    region: str
    reason: str

    def sentence(self) -> str:
        how_much = "wholly" if self.share == 1 else f"to {self.share * 100:.4g} %"
        where = f" in {self.region}" if self.region else ""
        return f"{self.entity} is hit {how_much}{where}" + (f": {self.reason}" if self.reason else "")


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


class IncidentMerged(Event, frozen=True, tag="incident.merged"):
    """It is the same as another (`into`, its number), which goes on for both."""

    milestone = True
    into: int
    reason: str

    def sentence(self) -> str:
        return f"Merged into #{self.into}: {self.reason}"


class IncidentTakenIn(Event, frozen=True, tag="incident.taken_in"):
    """Another incident (`number`) was merged into this one: its alerts, its readers and what they were promised."""

    milestone = True
    number: int
    title: str
    reason: str

    def sentence(self) -> str:
        return f"#{self.number} “{self.title}” was merged into this: {self.reason}"
