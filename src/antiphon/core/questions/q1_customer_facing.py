"""Question 1: are customer-facing systems down or degraded?"""

from datetime import datetime

from antiphon.core.questions.situation import (
    PEOPLE,
    Answer,
    Question,
    Reached,
    Situation,
    Word,
    entity_evidence,
    nothing_reached,
)

NUMBER = 1


def ask(situation: Situation, *, now: datetime) -> Answer:
    """Yes: something that customers use is reached, or customers hang on it. No: the catalog says that none does."""
    facing = [entity for entity in situation.production if _faces_customers(entity)]
    if facing:
        evidence = tuple(entity_evidence(entity, _text(entity)) for entity in facing)
        return Answer(number=NUMBER, answer=Word.YES, evidence=evidence)
    if not situation.known:
        return nothing_reached(NUMBER, situation)
    if situation.harmless:
        text = "no customer stands behind it"
        evidence = tuple(entity_evidence(e, f"{e.shown}: {_place(e)}, {text}") for e in situation.reached)
        return Answer(number=NUMBER, answer=Word.NO, evidence=evidence)
    unsaid = [entity for entity in situation.production if entity.customer_facing is None and not entity.internal]
    if unsaid and len(unsaid) == len(situation.production):
        text = "the catalog does not say whether customers use it, nor what depends on it"
        evidence = tuple(entity_evidence(entity, f"{entity.shown}: {text}") for entity in unsaid)
        return Answer(number=NUMBER, answer=Word.UNKNOWN, evidence=evidence, confidence=0.0)
    evidence = tuple(entity_evidence(e, f"{e.shown}: customers do not use it") for e in situation.reached)
    return Answer(number=NUMBER, answer=Word.NO, evidence=evidence, confidence=0.7 if unsaid else 1.0)


def _faces_customers(entity: Reached) -> bool:
    return entity.kind in PEOPLE or (entity.customer_facing is True and not entity.internal)


def _place(entity: Reached) -> str:
    return "internal" if entity.internal else entity.environment


def _text(entity: Reached) -> str:
    if entity.kind in PEOPLE:
        return f"{entity.kind} {entity.shown} hangs on it"
    return f"customers use the {entity.kind} {entity.shown}"


QUESTION = Question(
    number=NUMBER,
    slug="customer-facing",
    text="Are customer-facing systems down or degraded?",
    ask=ask,
    pulls_in=("customer success", "support"),
)
