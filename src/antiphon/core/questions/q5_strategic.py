"""Question 5: are strategic customers or partners affected, or any in a critical period of theirs?"""

from datetime import datetime

from antiphon.core.events import Evidence
from antiphon.core.questions.situation import (
    PEOPLE,
    Answer,
    Question,
    Reached,
    Situation,
    Word,
    entity_evidence,
    first_change,
    nothing_reached,
)

NUMBER = 5


def ask(situation: Situation, *, now: datetime) -> Answer:
    """Yes: a strategic customer or partner is reached, or one in a critical period."""
    people = [entity for entity in situation.reached if entity.kind in PEOPLE]
    at = situation.ended_at or now
    evidence = tuple(found for entity in people for found in _pressing(entity, at))
    instants = [i for e in people for p in e.critical_periods for i in (p.starts_at, p.ends_at)]
    change = None if situation.ended_at else first_change(instants, now=now)
    if evidence:
        return Answer(number=NUMBER, answer=Word.YES, evidence=evidence, next_change_at=change)
    if not situation.known:
        return nothing_reached(NUMBER, situation)
    unlinked = [entity for entity in situation.production if entity.customer_facing is True and not entity.internal]
    if unlinked and not people:
        evidence = tuple(entity_evidence(e, f"no customer is linked to {e.shown}") for e in unlinked)
        return Answer(number=NUMBER, answer=Word.UNKNOWN, evidence=evidence, confidence=0.0)
    evidence = tuple(entity_evidence(e, f"{e.shown} is not strategic and in no critical period") for e in people)
    nobody = Evidence(source="catalog", text="no customer or partner hangs on what is affected")
    return Answer(number=NUMBER, answer=Word.NO, evidence=evidence or (nobody,), next_change_at=change)


def _pressing(entity: Reached, at: datetime) -> list[Evidence]:
    found = []
    if entity.strategic:
        found.append(entity_evidence(entity, f"{entity.kind} {entity.shown} is strategic"))
    found += [
        entity_evidence(entity, f"{entity.shown} is in {period.name} until {period.ends_at:%Y-%m-%d}")
        for period in entity.critical_periods
        if period.starts_at <= at < period.ends_at
    ]
    return found


QUESTION = Question(
    number=NUMBER,
    slug="strategic",
    text="Are strategic customers or partners affected?",
    ask=ask,
    pulls_in=("account managers", "executive on duty"),
    pulls_in_at_sev1=("public relations",),
)
