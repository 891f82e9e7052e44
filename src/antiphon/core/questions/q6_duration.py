"""Question 6: is it running longer than such incidents usually take?"""

from datetime import datetime, timedelta
from typing import Final

from antiphon.core.events import Evidence
from antiphon.core.questions.situation import Answer, Question, Situation, Word

NUMBER = 6

ENOUGH: Final = 8
"""Fewer similar incidents than this say nothing; the priority's target stands in."""


def ask(situation: Situation, *, now: datetime) -> Answer:
    """Yes: it has run longer than three of four similar incidents, or than its priority's target."""
    usual = situation.usual
    if usual.n >= ENOUGH and usual.p75_minutes is not None:
        minutes, basis = usual.p75_minutes, f"three of four of {usual.n} {usual.similar} took at most"
    else:
        minutes = situation.target_minutes
        basis = f"only {usual.n} {usual.similar} to compare with, so the target of its priority counts:"
    limit = timedelta(minutes=minutes)
    ran = situation.elapsed(now=now)
    passed = ran >= limit
    at = situation.detected_at + limit
    text = f"{basis} {minutes:g} min; {'passed' if passed else 'not passed before'} {at:%Y-%m-%d %H:%M} UTC"
    return Answer(
        number=NUMBER,
        answer=Word.YES if passed else Word.NO,
        evidence=(Evidence(source="clock", text=text),),
        by="clock",
        confidence=1.0 if usual.n >= ENOUGH else 0.5,
        next_change_at=None if passed or situation.ended_at else at,
    )


QUESTION = Question(
    number=NUMBER,
    slug="duration",
    text="Is it running longer than such incidents usually take?",
    ask=ask,
    pulls_in=("business lead",),
)
