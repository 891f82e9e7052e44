"""The six questions of an incident with their answers and what each rests on."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import quote

from antiphon.core.events import Evidence, VerdictReached
from antiphon.core.questions import QUESTIONS
from antiphon.core.questions.situation import Answer
from antiphon.core.questions.verdict import Kind, Verdict, Wait
from antiphon.core.severity import Severity
from antiphon.core.tracks import PULL_IN
from antiphon.db.models import Incident, Task
from antiphon.db.record import Recorded
from antiphon.db.snapshots import verdicts
from antiphon.queries.people import said_by

SOURCES: Final = {"catalog": "the catalog", "clock": "the clock", "fact": "what is recorded"}
SHOWN: Final = 3
"""Pieces of evidence that are shown of each answer; the rest is counted."""


@dataclass(frozen=True, slots=True)
class EvidenceSeen:
    """What an answer rests on, and where that can be looked up ("" where nowhere)."""

    text: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """Who was asked, and until when an answer is waited for."""

    person: str
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerSeen:
    """One question. `by` is the person who answered, "" when the program did; `source` what answered; `confidence` in
    percent; `more` counts the evidence that is not shown; `counts_as_yes`: unknown, and nobody answered in time."""

    number: int
    question: str
    answer: str
    by: str
    source: str
    confidence: int
    counts_as_yes: bool
    evidence: tuple[EvidenceSeen, ...]
    more: int
    asked: Asked | None
    disagrees: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictSeen:
    """The verdict: technical, business or both, with its reason. `since` is when it was last asked. `nobody_holds`:
    roles that the answers call for, of which the settings name nobody."""

    kind: str
    why: str
    since: datetime | None
    overridden_by: str
    answers: tuple[AnswerSeen, ...]
    nobody_holds: tuple[str, ...] = ()


def card(incident: Incident, names: Mapping[str, str], *, answerer: str = "") -> VerdictSeen:
    """The verdict as it stands. `answerer` is who is asked what the program cannot know. Two statements."""
    verdict = verdicts.load(incident)
    return VerdictSeen(
        kind=str(verdict.kind),
        why=verdict.reason or "The questions were not asked yet.",
        since=verdict.asked_at,
        overridden_by=said_by(verdict.override.by, names) if verdict.override else "",
        answers=tuple(
            _answer(question.number, question.text, verdict, incident, names, answerer) for question in QUESTIONS
        ),
        nobody_holds=nobody_holds(incident) if verdict.kind is not Kind.TECHNICAL else (),
    )


def nobody_holds(incident: Incident) -> tuple[str, ...]:
    """Roles that the business track waits for and that nobody was named for. One statement."""
    asked = Task.objects.filter(track__incident=incident, key__startswith=PULL_IN, done_at__isnull=True)
    return tuple(key.removeprefix(PULL_IN) for key in asked.values_list("key", flat=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerBefore:
    """An answer as it stood from `at` on."""

    seq: int
    at: datetime
    answer: str
    evidence: tuple[Evidence, ...]
    by: str
    confidence: float


def histories(said: Iterable[Recorded]) -> dict[int, list[AnswerBefore]]:
    """By question, each answer on the record that was another than the one before, or given by another."""
    found: dict[int, list[AnswerBefore]] = {}
    for one in said:
        for each in one.event.answers if isinstance(one.event, VerdictReached) else ():
            before = found.setdefault(each.number, [])
            if not before or (before[-1].answer, before[-1].by) != (each.answer, each.by):
                before.append(
                    AnswerBefore(
                        seq=one.seq,
                        at=one.at,
                        answer=each.answer,
                        evidence=each.evidence,
                        by=each.by,
                        confidence=each.confidence,
                    )
                )
    return found


def waiting(verdict: Verdict) -> tuple[Wait, ...]:
    """The questions that wait for a person."""
    return tuple(wait for wait in verdict.waits if not wait.passed)


def _answer(
    number: int, text: str, verdict: Verdict, incident: Incident, names: Mapping[str, str], answerer: str
) -> AnswerSeen:
    found = next((one for one in verdict.answers if one.number == number), Answer(number=number, answer="unknown"))
    wait = next((one for one in waiting(verdict) if one.number == number), None)
    return AnswerSeen(
        number=number,
        question=text,
        answer=str(found.answer),
        by=said_by(found.by, names) if found.by_person else "",
        source=SOURCES.get(found.by, "a person"),
        confidence=round(found.confidence * 100),
        counts_as_yes=number in verdict.treated_as_yes and incident.severity <= Severity.SEV2,
        evidence=tuple(EvidenceSeen(one.text, _url(one.source, incident)) for one in found.evidence[:SHOWN]),
        more=max(len(found.evidence) - SHOWN, 0),
        asked=Asked(answerer or "Whoever leads the incident", wait.until) if wait else None,
        disagrees=f"the catalog says {found.program}" if found.disputed else "",
    )


def _url(source: str, incident: Incident) -> str:
    kind, _, name = source.partition(":")
    if kind == "entity":
        return f"/catalog/{quote(name, safe='')}"
    return f"/incidents/{incident.number}/tell" if kind == "fact" else ""
