"""Question 4: are there security, privacy or compliance implications? Loss of access to regulated data counts."""

from datetime import datetime

from antiphon.core.classification import word_of
from antiphon.core.events import Evidence
from antiphon.core.questions.situation import (
    Answer,
    Question,
    Situation,
    Word,
    entity_evidence,
    first_change,
    nothing_reached,
)

NUMBER = 4


def ask(situation: Situation, *, now: datetime) -> Answer:
    """Yes: a security incident, a recorded flag, or regulated data out of reach for too long."""
    flagged = _flagged(situation)
    at = situation.ended_at or now
    lost = _access_lost(situation)
    gone = tuple(evidence for since, evidence in lost if at >= since)
    change = None if situation.ended_at else first_change((since for since, _ in lost), now=now)
    if flagged or gone:
        return Answer(number=NUMBER, answer=Word.YES, evidence=flagged + gone, by=_by(flagged), next_change_at=change)
    if not situation.known:
        unknown = nothing_reached(NUMBER, situation)
        return Answer(
            number=NUMBER, answer=Word.UNKNOWN, evidence=unknown.evidence, confidence=0.0, next_change_at=change
        )
    evidence = tuple(evidence for _, evidence in lost) or (
        Evidence(source="catalog", text="no security flag, and no regulated data is out of reach"),
    )
    return Answer(number=NUMBER, answer=Word.NO, evidence=evidence, next_change_at=change)


def _by(flagged: tuple[Evidence, ...]) -> str:
    return "fact" if flagged else "clock"


def _flagged(situation: Situation) -> tuple[Evidence, ...]:
    found = [Evidence(source=flag.source, text=f"{flag.kind}: {flag.text}") for flag in situation.flags]
    if situation.incident_type == "security":
        found.append(Evidence(source="incident", text="it is a security incident"))
    if word_of(situation.area) in situation.rules.compliance_areas:
        found.append(Evidence(source="incident", text=f"its area is {situation.area}"))
    return tuple(found)


def _access_lost(situation: Situation) -> list[tuple[datetime, Evidence]]:
    """When data of each class that is out of reach becomes a matter for compliance; nothing while merely slow."""
    if situation.incident_type != "disruption" or situation.harmless:
        return []
    found = []
    for entity in situation.production:
        for data in entity.data_classes:
            limit = situation.rules.lost_after(data)
            if limit is not None:
                since = situation.detected_at + limit
                minutes = int(limit.total_seconds() // 60)
                text = f"{entity.shown} holds {data} data; out of reach for {minutes} min at {since:%H:%M} UTC"
                found.append((since, entity_evidence(entity, text)))
    return found


QUESTION = Question(
    number=NUMBER,
    slug="compliance",
    text="Are there security, privacy or compliance implications?",
    ask=ask,
    pulls_in=("compliance", "legal", "security", "public relations"),
)
