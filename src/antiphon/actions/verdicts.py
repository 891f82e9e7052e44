"""Asking the six questions: when an incident opens, when a fact changes, when a clock says so."""

from collections.abc import Iterable
from datetime import datetime

from antiphon.actions import calls, deliveries, outgrown, promises, publishing, pulling, tracks
from antiphon.actions.locked import Locked, locked
from antiphon.core import incidents as declaring
from antiphon.core.decision import SYSTEM, Actor, Decision, Refusal
from antiphon.core.incidents import Incident
from antiphon.core.questions import ask_all
from antiphon.core.questions import verdict as rules
from antiphon.core.questions.pulls import pull_in
from antiphon.core.questions.situation import Situation, Word
from antiphon.core.questions.verdict import AskAnswer, Verdict, VerdictDecision
from antiphon.core.sending import InsideText
from antiphon.core.severity import Severity
from antiphon.db import classification, situations
from antiphon.db.approving import LEGAL_QUESTION
from antiphon.db.models import GivenAnswer, Person, Stakeholder
from antiphon.db.models import Verdict as Row
from antiphon.db.snapshots import incidents, verdicts


def ask(held: Locked) -> None:
    """Ask all six again and do what the answers call for."""
    situation = situations.load(held.incident, now=held.now)
    answers = ask_all(situation, now=held.now)
    before = verdicts.load(held.incident)
    decision = rules.weigh(before, situation, answers, now=held.now)
    _carry_out(held, situation, decision, since=None if before.asked_at else held.incident.declared_at)
    if _legal(decision.state) and not _legal(before):
        outgrown.weigh_all(held)


def step(row: int, /, *, now: datetime) -> None:
    """A clock of one verdict has come to its instant: ask again."""
    found = Row.objects.select_related("incident").filter(pk=row).first()
    if found is None:
        return
    with locked(found.incident.uid, actor=SYSTEM, now=now) as held:
        ask(held)


def answer(
    *, incident: str, number: int, word: str, reason: str, person: Person, actor: Actor, now: datetime
) -> Refusal | None:
    """A person's answer to one question; all are asked again with it."""
    with locked(incident, actor=actor, now=now) as held:
        given = rules.give_answer(number, word, by=actor, reason=reason, now=now)
        if isinstance(given, Refusal):
            return given
        said = given.state
        GivenAnswer.objects.create(
            incident=held.incident, number=said.number, answer=said.answer, reason=said.reason, person=person, at=now
        )
        held.record(given.events)
        ask(held)
    return None


def override(*, incident: str, kind: str, reason: str, actor: Actor, now: datetime) -> Refusal | None:
    """A person's verdict instead of the program's, with the reason."""
    with locked(incident, actor=actor, now=now) as held:
        situation = situations.load(held.incident, now=now)
        decision = rules.override(verdicts.load(held.incident), kind, by=actor, reason=reason, now=now)
        if isinstance(decision, Refusal):
            return decision
        _carry_out(held, situation, decision)
    return None


def _carry_out(held: Locked, situation: Situation, decision: VerdictDecision, *, since: datetime | None = None) -> None:
    verdicts.save(held.incident, decision.state)
    held.record(decision.events)
    if decision.opens_technical:
        tracks.open_track(held, "technical", reason=decision.opens_technical)
    if decision.opens_business:
        tracks.open_track(held, "business", reason=decision.opens_business)
    if decision.raise_severity:
        _raise_severity(held, *decision.raise_severity)
    pulling.pull_in(held, pull_in(decision.state.answers, severity=held.incident.severity, rules=situation.rules))
    for asked in (decision.ask_person, decision.ask_lead):
        if asked:
            _put_to_person(held, asked)
    if decision.notify_stakeholders:
        _notify(held, decision.notify_stakeholders)
    owed = promises.owe(held, situation, decision.state, since=since or held.now)
    calls.owe(held, situation)
    if held.incident.severity == Severity.SEV1:
        publishing.send_holding(held, owed)


def _legal(verdict: Verdict) -> bool:
    return any(each.number == LEGAL_QUESTION and each.answer == Word.YES for each in verdict.answers)


def _raise_severity(held: Locked, severity: Severity, reason: str) -> None:
    before = incidents.load(held.incident)
    matrix = classification.current().priorities
    changed = declaring.change_severity(before, severity, reason=reason, matrix=matrix)
    if isinstance(changed, Decision):
        severity_changed(held, before, changed)


def severity_changed(held: Locked, before: Incident, changed: Decision[Incident]) -> None:
    """Write another severity; a worse one brings promises nearer and adds measures."""
    held.keep(before, changed)
    if changed.state.severity < before.severity:
        promises.quicken(held)
        tracks.add_measures(held)
        outgrown.weigh_all(held)
    if changed.state.severity == Severity.SEV1 < before.severity:
        publishing.send_holding(held, promises.waiting_for_first_word(held))


def _put_to_person(held: Locked, asked: AskAnswer) -> None:
    """The question goes to whoever is named, else to whom the incident's policy pages first."""
    which = ", ".join(str(number) for number in asked.numbers)
    text = InsideText(
        subject=f"#{held.incident.number}: question {which} needs your answer by {asked.until:%H:%M} UTC",
        body_text=f"{held.incident.title}\n\nThe catalog cannot answer question {which} of six. "
        "Open the incident and answer yes or no, with what you know it from.",
    )
    people = Person.objects.filter(name=asked.person) if asked.person else promises.first_paged(held)
    _tell(held, people, text)


def _notify(held: Locked, reason: str) -> None:
    text = InsideText(
        subject=f"SEV{held.incident.severity} #{held.incident.number}: {held.incident.title}",
        body_text=f"{held.incident.title}\n\n{reason}. Engineers are at work. You need to do nothing; "
        "the business track opens, and you hear again, as soon as customers, money or contracts are touched.",
    )
    for stakeholder in Stakeholder.objects.filter(audience="internal").order_by("id"):
        deliveries.queue_mail(held, stakeholder.email, text, audience="internal")


def _tell(held: Locked, people: Iterable[Person], text: InsideText) -> None:
    for person in people:
        deliveries.queue_notice(held, person, text, urgent=False)
