"""Why an incident's priority is another than its alerts ask for."""

from dataclasses import dataclass
from typing import Final

from antiphon.core.classification import Classification
from antiphon.core.events import IncidentDeclared, PriorityChanged, SeverityChanged
from antiphon.core.severity import Severity, impact_of, urgency_of
from antiphon.db import classification, record
from antiphon.db.models import Alert, AlertGroup, Incident

_REASONS: Final = tuple(kind.kind_of() for kind in (IncidentDeclared, SeverityChanged, PriorityChanged))


@dataclass(frozen=True, slots=True, kw_only=True)
class PriorityDiffers:
    """The worst word among its alerts, what that stands for, what the incident has, and why. `fault`: the
    organisation says that they must match."""

    alert: str
    alert_severity: str
    asked: str
    has: str
    why: str
    fault: bool


def differs(incident: Incident) -> PriorityDiffers | None:
    """None when the two agree, or no alert is behind it. Two statements, a third where they differ."""
    groups = AlertGroup.objects.filter(incident=incident).values("pk")
    words = set(Alert.objects.filter(group_id__in=groups).values_list("severity", flat=True))
    if not words:
        return None
    rules = classification.current()
    severity, word = min((_severity(word, rules), word) for word in words)
    asked = rules.priorities[impact_of(severity)][urgency_of(severity)]
    if asked == incident.priority:
        return None
    return PriorityDiffers(
        alert=word or "nothing of its severity",
        alert_severity=str(severity),
        asked=str(asked),
        has=incident.priority,
        why=_why(incident),
        fault=rules.must_match,
    )


def _severity(word: str, rules: Classification) -> Severity:
    return rules.severity_of(word) or Severity.SEV5


def _why(incident: Incident) -> str:
    """The reason of the last step that set it."""
    found = record.latest(record.incident_stream(incident.uid), kinds=_REASONS, limit=1)
    event = found[0].event if found else None
    if isinstance(event, IncidentDeclared):
        return event.reason.rpartition("; ")[2].rstrip(".")
    return event.reason.rstrip(".") if isinstance(event, SeverityChanged | PriorityChanged) else ""
