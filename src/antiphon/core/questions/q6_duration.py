"""Question 6: is it running longer than such incidents usually take?"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from antiphon.core.events import Evidence
from antiphon.core.questions.situation import Answer, Question, Situation, Usual, Word

NUMBER = 6


def ask(situation: Situation, *, now: datetime) -> Answer:
    """Yes: it has run longer than most similar incidents (p75), or than its priority's target."""
    usual, rules = situation.usual, situation.rules
    enough = usual.n >= rules.enough and usual.p75_minutes is not None
    if enough:
        minutes = _usually(usual, rules.percentile)
        basis = f"{rules.percentile} of 100 of {usual.n} {usual.similar} took at most"
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
        confidence=1.0 if enough else 0.5,
        next_change_at=None if passed or situation.ended_at else at,
    )


def _usually(usual: Usual, share: int) -> float:
    """The percentile in minutes: of what is known of each, else as it was gathered."""
    return round(percentile(usual.took, share), 1) if usual.took else usual.p75_minutes or 0.0


def percentile(ordered: Sequence[float], share: int) -> float:
    """The value that `share` of 100 of them do not exceed, linear between the two nearest."""
    place = (len(ordered) - 1) * share / 100
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


QUESTION = Question(
    number=NUMBER,
    slug="duration",
    text="Is it running longer than such incidents usually take?",
    ask=ask,
    pulls_in=("business lead",),
)
