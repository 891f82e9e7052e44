"""Question 2: is revenue actively impaired?"""

from datetime import datetime

from antiphon.core.questions.situation import (
    Answer,
    Question,
    Reached,
    Situation,
    Word,
    entity_evidence,
    nothing_reached,
)

NUMBER = 2


def ask(situation: Situation, *, now: datetime) -> Answer:
    """Yes: something reached earns money by the minute. Unknown: customers use it and its revenue is not stated."""
    earning = [entity for entity in situation.production if (entity.revenue_per_minute or 0) > 0]
    if earning:
        evidence = tuple(
            entity_evidence(entity, f"{entity.shown} earns {entity.revenue_per_minute:g} per minute")
            for entity in earning
        )
        return Answer(number=NUMBER, answer=Word.YES, evidence=evidence)
    if not situation.known:
        return nothing_reached(NUMBER, situation)
    unsaid = [entity for entity in situation.production if _may_earn(entity)]
    if unsaid and not situation.harmless:
        evidence = tuple(
            entity_evidence(entity, f"the catalog does not say what {entity.shown} earns") for entity in unsaid
        )
        return Answer(number=NUMBER, answer=Word.UNKNOWN, evidence=evidence, confidence=0.0)
    evidence = tuple(entity_evidence(entity, f"{entity.shown} earns nothing") for entity in situation.reached)
    return Answer(number=NUMBER, answer=Word.NO, evidence=evidence)


def _may_earn(entity: Reached) -> bool:
    return entity.customer_facing is True and not entity.internal and entity.revenue_per_minute is None


QUESTION = Question(
    number=NUMBER,
    slug="revenue",
    text="Is revenue actively impaired?",
    ask=ask,
    pulls_in=("finance", "executive on duty"),
)
