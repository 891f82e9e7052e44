"""The shapes a group of alerts is decided with: what it is, what is known beside it, what may come of it."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from antiphon.core.decision import Decision
from antiphon.core.severity import NO_REACH, Reach, Severity


class GroupState(StrEnum):
    QUIET = "quiet"
    HELD = "held"
    ASKING = "asking"
    DECLARED = "declared"
    SUPPRESSED = "suppressed"
    UNMATCHED = "unmatched"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertView:
    """An alert as the group sees it. `severity` is critical, error, warning, info or none; acknowledged is firing."""

    uid: str
    title: str
    severity: str
    firing: bool
    started_at: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One beginning of one alert."""

    alert: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Planned work (`kind` maintenance) or a silence, already known to cover this group. The end is excluded."""

    kind: str
    name: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentView:
    """What a group needs to know of an incident. `state` as stored; open is all but closed, cancelled, merged."""

    uid: str
    number: int
    state: str
    nature: str = "real"

    @property
    def open(self) -> bool:
        return self.state not in ("closed", "cancelled", "merged")


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Everything else that is known at this moment.

    alerts      all alerts of the group, ended ones included
    entity      the catalog's name for what the alerts are about; empty when it knows none
    named       what the alerts call it, when the catalog knows none
    reason      why no rule matched, from `RuleSet.match`
    windows     planned work and silences that cover the group
    silenced_by the failing parent whose failure explains this one, as a person reads it; empty when none
    incident    the incident the group belongs to
    nearby      another open incident on the same entity, to join rather than open a second one
    """

    alerts: tuple[AlertView, ...]
    entity: str = ""
    named: str = ""
    reason: str = ""
    windows: tuple[Window, ...] = ()
    silenced_by: str = ""
    incident: IncidentView | None = None
    nearby: IncidentView | None = None
    reach: Reach = NO_REACH


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertGroup:
    """Alerts of one rule that belong together.

    first_at    since when something fires without a break; None while quiet
    ended_at    when the last alert ended
    firing      alerts that fired when last looked at
    arrivals    beginnings within the rule's window
    returns     when the condition came back, within FLAP_WINDOW
    until       the next instant the state below can change by time alone
    incident    the incident it was declared as or joined
    joined      alerts that belong to that incident
    settled     why nothing more is opened until the condition ends and comes back (a person's no, a closed incident)
    """

    uid: str
    key: str
    rule: int | None = None
    entity: str = ""
    state: GroupState = GroupState.QUIET
    reason: str = ""
    first_at: datetime | None = None
    ended_at: datetime | None = None
    hold_until: datetime | None = None
    firing: tuple[str, ...] = ()
    arrivals: tuple[Arrival, ...] = ()
    returns: tuple[datetime, ...] = ()
    until: datetime | None = None
    incident: str | None = None
    joined: tuple[str, ...] = ()
    settled: str = ""

    @property
    def wake_at(self) -> datetime | None:
        """The next instant at which time alone changes anything here; None: never."""
        return self.until


# --- what comes of it --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Nothing:
    """Nothing is opened; the group's reason says why."""

    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Declare:
    """Declare an incident with these values; then keep its uid in the group (`declared`). `alert_severity`: the
    alerts' own word that the severity comes from."""

    reason: str
    title: str
    entity: str
    severity: Severity
    severity_reason: str
    incident_type: str
    area: str
    policy: str
    nature: str
    detected_at: datetime
    detected_by: str
    alerts: tuple[str, ...]
    alert_severity: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskPerson:
    """Ask a person whether to declare; `proposal` is what their yes declares."""

    reason: str
    proposal: Declare


@dataclass(frozen=True, slots=True, kw_only=True)
class Join:
    """The alerts belong to this incident. `reopens`: it was resolved, and the condition is back."""

    reason: str
    incident: str
    severity: Severity | None
    alerts: tuple[str, ...]
    reopens: bool = False


Effect = Nothing | Declare | AskPerson | Join


@dataclass(frozen=True, slots=True)
class GroupDecision(Decision[AlertGroup]):
    """The group after it, events for its incident's record (alerts joined, fired, ended), and what to do."""

    effect: Effect = field(default_factory=Nothing)
