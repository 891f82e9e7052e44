"""The verdicts of past incidents once more, from what their questions saw: as they were, or under other settings.

With the settings that held, a replay comes to exactly what was decided at the time, for every asking that saw or came
to something else is on the record. Under others it also asks at the instants at which a clock of theirs would have
asked; where the clock is one that had its say at the time, it has it when the program came to it, as late as it was.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from antiphon.core.classification import Classification
from antiphon.core.decision import Actor
from antiphon.core.questions import ask_all
from antiphon.core.questions.situation import Situation, Word, reach_of
from antiphon.core.questions.verdict import Kind, Verdict, VerdictDecision, override, weigh
from antiphon.core.severity import severity_for

LEGAL = (3, 4)
"""Questions whose yes is told to legal and compliance at once."""


@dataclass(frozen=True, slots=True)
class Asked:
    """An asking on the record, with what the questions saw."""

    at: datetime
    situation: Situation


@dataclass(frozen=True, slots=True)
class Overruled:
    """A person's verdict on the record."""

    at: datetime
    kind: str
    by: Actor
    reason: str


Step = Asked | Overruled


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What an incident came to, and whom that had told of it.

    `customers`: names of customers that were reached; `public`: something that customers use was; `legal`, `notified`:
    those inside who are told at once.
    """

    verdict: Verdict
    business: bool = False
    customers: frozenset[str] = frozenset()
    public: bool = False
    legal: bool = False
    notified: bool = False


def replay(
    incident: str, steps: Sequence[Step], *, until: datetime, rules: Classification | None = None, alert: str = ""
) -> Course:
    """The course of an incident (its uid) by its steps in their order. `rules`: settings in place of those that held.

    `until`: when it was over, else the present. `alert`: the alert's word that its severity began with; as long as
    that is where the severity stands, another table of severities moves it.
    """
    course = live = Course(verdict=Verdict(incident=incident))
    if rules is None:
        for step in steps:
            course = _taken(course, step, None, course)
        return course
    was: Situation | None = None
    for step in steps:
        if was is not None:
            course = _clocks(course, live, was, rules, alert, before=_until(step))
        course = _taken(course, _worded(step, alert, rules), rules, live)
        live = _taken(live, step, None, live)
        was = step.situation if isinstance(step, Asked) else was
    return course if was is None else _clocks(course, live, was, rules, alert, before=until)


def _worded(step: Step, alert: str, rules: Classification) -> Step:
    """The step with the severity that the alert's word has under other settings."""
    return Asked(step.at, _with_word(step.situation, alert, rules)) if isinstance(step, Asked) else step


def _with_word(seen: Situation, alert: str, rules: Classification) -> Situation:
    if not alert or rules.alert_severities == seen.rules.alert_severities:
        return seen
    reach = reach_of(seen.reached, customers_total=seen.customers_total)
    was, would = (severity_for(alert, reach, table=each.severities)[0] for each in (seen.rules, rules))
    return seen if would is None or was != seen.severity else replace(seen, severity=int(would))


def _until(step: Step) -> datetime:
    """Until when clocks ran before a step: an end that it brings stopped them."""
    ended = step.situation.ended_at if isinstance(step, Asked) else None
    return min(step.at, ended) if ended else step.at


def _taken(course: Course, step: Step, rules: Classification | None, live: Course) -> Course:
    if isinstance(step, Asked):
        return _weighed(course, _as_seen(step.situation, rules, course, live), at=step.at)
    decided = override(course.verdict, step.kind, by=step.by, reason=step.reason, now=step.at)
    if not isinstance(decided, VerdictDecision):
        return course
    return replace(course, verdict=decided.state, business=course.business or _is_business(decided.state))


def _as_seen(situation: Situation, rules: Classification | None, course: Course, live: Course) -> Situation:
    """What the questions would have seen; a severity that only this course had risen to stays with it."""
    seen = situation if rules is None else situation.under(rules)
    risen = course.verdict.raised_to
    return replace(seen, severity=min(seen.severity, risen)) if risen and not live.verdict.raised_to else seen


def _clocks(
    course: Course, live: Course, was: Situation, rules: Classification, alert: str, *, before: datetime
) -> Course:
    """The course after the askings that its own clocks call for before an instant. `was`: what was seen last."""
    had_its_say = next(_acts(live, was, before=before), None)
    seen = _with_word(was, alert, rules)
    while (wake := course.verdict.wake_at) is not None and wake < before and wake != had_its_say:
        course = _weighed(course, _as_seen(seen, rules, course, live), at=wake)
    return course


def _acts(live: Course, seen: Situation, *, before: datetime) -> Iterator[datetime]:
    """When a clock asked to some effect at the time; the program did so with its next step."""
    verdict = live.verdict
    while (wake := verdict.wake_at) is not None and wake < before:
        decided = weigh(verdict, seen, ask_all(seen, now=wake), now=wake)
        if decided.events:
            yield wake
        verdict = decided.state


def _weighed(course: Course, seen: Situation, *, at: datetime) -> Course:
    decided = weigh(course.verdict, seen, ask_all(seen, now=at), now=at)
    verdict = decided.state
    outside = () if seen.harmless or seen.nature != "real" else seen.reached
    return Course(
        verdict=verdict,
        business=course.business or _is_business(verdict),
        customers=course.customers | {each.name for each in outside if each.kind == "customer"},
        public=course.public or any(each.customer_facing and each.production for each in outside),
        legal=course.legal or any(a.number in LEGAL and a.answer == Word.YES for a in verdict.answers),
        notified=verdict.notified,
    )


def _is_business(verdict: Verdict) -> bool:
    return verdict.kind is not Kind.TECHNICAL
