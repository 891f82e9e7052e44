"""Technical, business or both: what the six answers come to. It rises by itself and never falls by itself.

Order (DOMAIN §4): first the environment – development, staging and internal tools with no customer behind stay
technical whatever the severity says; then a yes on 1–5 opens the business track at once; a yes on 6 asks the business
lead; an unknown asks a named person, and with no answer in time counts as yes for SEV1–2. SEV1–2 tell business
stakeholders even when every answer is no.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from antiphon.core.decision import Actor, Decision, Refusal, earliest
from antiphon.core.events import (
    AnswerGiven,
    AnswerRequested,
    Event,
    Evidence,
    QuestionsAsked,
    VerdictOverridden,
    VerdictReached,
)
from antiphon.core.questions import QUESTIONS
from antiphon.core.questions.inputs import Seen
from antiphon.core.questions.inputs import changed as inputs_of
from antiphon.core.questions.situation import Answer, Given, Situation, Word, first_change, reach_of
from antiphon.core.severity import Reach, Severity, major_at, rise

ADVISORY: Final = frozenset({6})
"""A yes to these asks the business lead and opens nothing by itself."""


class Kind(StrEnum):
    TECHNICAL = "technical"
    BUSINESS = "business"
    BOTH = "both"


_TRACKS: Final[Mapping[Kind, frozenset[str]]] = MappingProxyType(
    {
        Kind.TECHNICAL: frozenset({"technical"}),
        Kind.BUSINESS: frozenset({"business"}),
        Kind.BOTH: frozenset({"technical", "business"}),
    }
)


def _kind(tracks: frozenset[str]) -> Kind:
    return next(kind for kind, of in _TRACKS.items() if of == tracks)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """An unknown that a person was asked about, until when; `passed`: nobody answered in time."""

    number: int
    until: datetime
    passed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A person's answer as it was first weighed, and what the program itself said then."""

    number: int
    at: datetime
    against: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """A person's verdict. It holds until an answer changes from what it was then (`words`: number and answer)."""

    kind: Kind
    by: str
    reason: str
    at: datetime
    words: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The verdict on one incident as it stands. `kind` is technical until the questions were first asked.

    `notified`: business stakeholders were told because of the severity. `lead_asked_at`: when question 6 was put to
    the business lead. `raised_to`: the severity that this had reached by itself; it is not reached twice, so that a
    person's lower one stays. `wide`: most customers or a tier-1 workflow are hit. `seen`: what the questions saw
    last, as digests.
    """

    incident: str
    kind: Kind = Kind.TECHNICAL
    answers: tuple[Answer, ...] = ()
    asked_at: datetime | None = None
    override: Override | None = None
    waits: tuple[Wait, ...] = ()
    heard: tuple[Heard, ...] = ()
    lead_asked_at: datetime | None = None
    notified: bool = False
    next_change_at: datetime | None = None
    raised_to: int | None = None
    wide: bool = False
    reason: str = ""
    seen: Seen = field(default_factory=dict)

    @property
    def wake_at(self) -> datetime | None:
        """The next instant at which time alone may change it: a clock of an answer, or a person's time is up."""
        return earliest((self.next_change_at, *(wait.until for wait in self.waits if not wait.passed)))

    @property
    def pinned(self) -> bool:
        """A person's override holds."""
        return self.override is not None and self.override.kind == self.kind

    @property
    def treated_as_yes(self) -> tuple[int, ...]:
        """Unknowns that nobody answered in time; for SEV1–2 they count as yes and are still shown as unknown."""
        return tuple(wait.number for wait in self.waits if wait.passed)


@dataclass(frozen=True, slots=True, kw_only=True)
class AskAnswer:
    """Ask this person these questions; `person` is empty when nobody is named yet."""

    numbers: tuple[int, ...]
    person: str
    until: datetime


@dataclass(frozen=True, slots=True)
class VerdictDecision(Decision[Verdict]):
    """The verdict after it, and what is to be done now. A text is the reason; empty: nothing is to be done.

    `raise_severity`: reach or duration asks for this severity, with the reason; the verdict has counted with it.
    """

    opens_technical: str = ""
    opens_business: str = ""
    ask_person: AskAnswer | None = None
    ask_lead: AskAnswer | None = None
    notify_stakeholders: str = ""
    raise_severity: tuple[Severity, str] | None = None


def weigh(verdict: Verdict, situation: Situation, answers: Sequence[Answer], *, now: datetime) -> VerdictDecision:
    """The verdict after asking again. `answers` is what the program says (`questions.ask_all` at the same `now`).

    Ask when anything in the situation changed and at `wake_at`. Twice at the same `now` changes nothing.
    """
    inputs, seen = inputs_of(verdict.seen, situation)
    risen = _rise(verdict, situation, now=now)
    if risen is not None:
        situation = replace(situation, severity=int(risen[0]))
    heard = _heard(verdict, situation)
    given = {one.number: one for one in _latest(situation)}
    weighed = tuple(_with_person(answer, given.get(answer.number), heard) for answer in answers)
    waits, ask_person = _waits(verdict, situation, weighed, now=now)
    opening = _opening(verdict, situation, weighed, waits)
    kind = _risen(verdict, situation, bool(opening))
    lead = _ask_lead(verdict, situation, weighed, kind, now=now)
    notify = _notify(verdict, situation)
    changed = _words(weighed) != _words(verdict.answers) or kind != verdict.kind or verdict.asked_at is None
    after = replace(
        verdict,
        kind=kind,
        answers=weighed,
        asked_at=now,
        waits=waits,
        heard=heard,
        lead_asked_at=now if lead else verdict.lead_asked_at,
        notified=verdict.notified or bool(notify),
        raised_to=int(risen[0]) if risen else verdict.raised_to,
        wide=verdict.wide or _reach(situation).wide,
        next_change_at=_next_change(situation, weighed, now=now),
        reason=_reason(verdict, situation, opening, kind) if changed else verdict.reason,
        seen=seen,
    )
    if changed:
        events: tuple[Event, ...] = (_reached(verdict, after, inputs),)
    else:
        events = (QuestionsAsked(inputs=inputs),) if inputs or risen else ()
    events = (*events, *_requests(ask_person, lead))
    technical, business = _opens(verdict, after)
    return VerdictDecision(after, events, technical, business, ask_person, lead, notify, risen)


def override(verdict: Verdict, kind: str, *, by: Actor, reason: str, now: datetime) -> VerdictDecision | Refusal:
    """A person's verdict instead of the program's. It needs a reason, and holds until an answer changes to yes."""
    if kind not in tuple(Kind):
        return Refusal(f"“{kind}” is not a verdict; choose technical, business or both.", "kind")
    if not reason.strip():
        return Refusal("Say why you see it otherwise; the reason stands on the record.", "reason")
    words = tuple((answer.number, str(answer.answer)) for answer in verdict.answers)
    said = Override(kind=Kind(kind), by=str(by), reason=reason.strip(), at=now, words=words)
    after = replace(verdict, kind=said.kind, override=said, asked_at=verdict.asked_at or now, reason=said.reason)
    event = VerdictOverridden(before=str(verdict.kind), after=str(after.kind), reason=said.reason)
    technical, business = _opens(verdict, after)
    return VerdictDecision(after, (event,), technical, business)


def give_answer(number: int, answer: str, *, by: Actor, reason: str, now: datetime) -> Decision[Given] | Refusal:
    """A person's answer to one question; weigh again with it in the situation."""
    if number not in {question.number for question in QUESTIONS}:
        return Refusal(f"There is no question {number}.", "number")
    if answer not in tuple(Word):
        return Refusal(f"“{answer}” is not an answer; choose yes, no or unknown.", "answer")
    if not reason.strip():
        return Refusal("Say what you know it from; the reason is shown as the evidence.", "reason")
    given = Given(number=number, answer=answer, by=str(by), reason=reason.strip(), at=now)
    return Decision(given, (AnswerGiven(number=number, answer=answer, reason=given.reason),))


# --- people's answers --------------------------------------------------------------------------------------------


def _latest(situation: Situation) -> tuple[Given, ...]:
    latest: dict[int, Given] = {}
    for one in sorted(situation.given, key=lambda one: (one.at, one.answer)):
        latest[one.number] = one
    return tuple(latest.values())


def _heard(verdict: Verdict, situation: Situation) -> tuple[Heard, ...]:
    """What the program said when each person's answer was first weighed."""
    before = {(heard.number, heard.at): heard for heard in verdict.heard}
    said = {answer.number: answer.program or str(answer.answer) for answer in verdict.answers}
    return tuple(
        before.get((one.number, one.at))
        or Heard(number=one.number, at=one.at, against=said.get(one.number, Word.UNKNOWN))
        for one in _latest(situation)
    )


def _with_person(answer: Answer, given: Given | None, heard: tuple[Heard, ...]) -> Answer:
    """A person's word stands, until the program finds a yes that it had not found when they answered."""
    program = str(answer.answer)
    if given is None or given.answer == Word.UNKNOWN:
        return replace(answer, program=program)
    against = next(one.against for one in heard if one.number == answer.number)
    if program == Word.YES and against != Word.YES:
        return replace(answer, program=program)
    from_person = Evidence(source="person", text=given.reason)
    return replace(
        answer,
        answer=given.answer,
        evidence=(from_person, *answer.evidence),
        by=given.by,
        confidence=1.0,
        program=program,
    )


def _waits(
    verdict: Verdict, situation: Situation, answers: tuple[Answer, ...], *, now: datetime
) -> tuple[tuple[Wait, ...], AskAnswer | None]:
    """Who is waited for, and the asking that begins now. An incident that is over asks nobody."""
    if situation.harmless or situation.ended_at is not None:
        return (), None
    before = {wait.number: wait for wait in verdict.waits}
    unknown = [a.number for a in answers if a.answer == Word.UNKNOWN and a.number not in ADVISORY]
    fresh = tuple(number for number in unknown if number not in before)
    until = now + timedelta(minutes=situation.rules.answer_within)
    kept = (before.get(number, Wait(number=number, until=until)) for number in unknown)
    waits = tuple(replace(wait, passed=now >= wait.until) for wait in kept)
    return waits, AskAnswer(numbers=fresh, person=situation.answerer, until=until) if fresh else None


# --- weighing ----------------------------------------------------------------------------------------------------


def _opening(
    verdict: Verdict, situation: Situation, answers: tuple[Answer, ...], waits: tuple[Wait, ...]
) -> tuple[str, ...]:
    """Why the business track is needed, a text per answer that says so."""
    passed = {wait.number for wait in waits if wait.passed} if situation.severity <= Severity.SEV2 else set()
    overruled = set(verdict.override.words) if verdict.override else set()
    found = []
    for answer in answers:
        if (answer.number, answer.answer) in overruled:
            continue  # a person saw this answer and decided otherwise
        if situation.harmless and not (answer.by_person or answer.by == "fact"):
            continue
        if answer.answer == Word.YES and (answer.by_person or answer.number not in ADVISORY):
            found.append(f"question {answer.number} is yes: {answer.evidence[0].text}")
        elif answer.number in passed:
            found.append(f"question {answer.number} is unknown and nobody answered, so it counts as yes")
    return tuple(found)


def _risen(verdict: Verdict, situation: Situation, business: bool) -> Kind:
    """The verdict with what is needed now added to what was decided before."""
    wanted = frozenset({"business"}) if business else frozenset()
    if verdict.asked_at is not None:
        return _kind(_TRACKS[verdict.kind] | wanted)
    if business and situation.business_only:
        return Kind.BUSINESS
    return _kind(wanted | {"technical"})


def _down_since(situation: Situation) -> datetime | None:
    """Since when something is down that matters; None while it is merely degraded, over, or harmless."""
    over = situation.ended_at is not None or situation.harmless
    return None if over or situation.incident_type != "disruption" else situation.detected_at


def _reach(situation: Situation) -> Reach:
    return reach_of(situation.reached, customers_total=situation.customers_total)


def _rise(verdict: Verdict, situation: Situation, *, now: datetime) -> tuple[Severity, str] | None:
    """What was wide from the start is in the severity that was stated; growing wide later raises it."""
    reach = _reach(situation)
    widened = verdict.asked_at is not None and not verdict.wide
    since = _down_since(situation)
    risen = rise(Severity(situation.severity), reach, widened=widened, down_since=since, now=now)
    if risen is None or (verdict.raised_to is not None and risen[0] >= verdict.raised_to):
        return None
    return risen


def _next_change(situation: Situation, answers: tuple[Answer, ...], *, now: datetime) -> datetime | None:
    major = major_at(Severity(situation.severity), _reach(situation), down_since=_down_since(situation))
    return first_change((major, *(answer.next_change_at for answer in answers)), now=now)


def _ask_lead(
    verdict: Verdict, situation: Situation, answers: tuple[Answer, ...], kind: Kind, *, now: datetime
) -> AskAnswer | None:
    """Question 6 turned yes and the business track is not open: its lead decides, once."""
    if situation.harmless or kind is not Kind.TECHNICAL or verdict.lead_asked_at or situation.ended_at:
        return None
    numbers = tuple(a.number for a in answers if a.number in ADVISORY and a.answer == Word.YES and not a.by_person)
    person = situation.business_lead or situation.answerer
    until = now + timedelta(minutes=situation.rules.answer_within)
    return AskAnswer(numbers=numbers, person=person, until=until) if numbers else None


def _notify(verdict: Verdict, situation: Situation) -> str:
    if verdict.notified or situation.harmless or situation.severity not in situation.rules.tells:
        return ""
    return f"SEV{situation.severity} is told to business stakeholders whatever the answers are"


def _opens(before: Verdict, after: Verdict) -> tuple[str, str]:
    """The tracks that open by this step: the reason, or empty."""
    had = _TRACKS[before.kind] if before.asked_at else frozenset()
    new = _TRACKS[after.kind] - had
    return (after.reason if "technical" in new else "", after.reason if "business" in new else "")


# --- the record --------------------------------------------------------------------------------------------------


def _words(answers: Sequence[Answer]) -> list[tuple[int, str, str]]:
    return [(answer.number, str(answer.answer), answer.by) for answer in answers]


def _reason(verdict: Verdict, situation: Situation, opening: tuple[str, ...], kind: Kind) -> str:
    if opening:
        first, *others = opening
        more = f", and {len(others)} more" if others else ""
        return f"{first[0].upper()}{first[1:]}{more}."
    if situation.harmless:
        return "Development, staging or an internal tool with no customer behind: technical whatever the severity."
    if verdict.override is not None:
        return f"No new evidence against a person's verdict: {verdict.override.reason}"
    if kind is not Kind.TECHNICAL:
        return "No answer asks for the business track any more; a verdict falls only by a person's word."
    return "No answer asks for the business track."


def _reached(before: Verdict, after: Verdict, inputs: str) -> Event:
    return VerdictReached(
        before=str(before.kind) if before.asked_at else "",
        after=str(after.kind),
        answers=tuple(answer.record() for answer in after.answers),
        inputs=inputs,
        reason=after.reason,
    )


def _requests(*asked: AskAnswer | None) -> tuple[Event, ...]:
    return tuple(
        AnswerRequested(numbers=one.numbers, person=one.person or "whoever leads the incident", until=one.until)
        for one in asked
        if one is not None
    )
