"""Calls to the largest accounts: owed when the business track is open, tried, handed over, and ended with it."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import cache

from antiphon.actions import deliveries, promises, tracks
from antiphon.actions.locked import Locked, locked
from antiphon.core import calls as rules
from antiphon.core.access import may
from antiphon.core.calls import About, Account, Call
from antiphon.core.decision import SYSTEM, Actor, Decision, Refusal
from antiphon.core.events import ConfigurationApplied
from antiphon.core.questions.situation import Situation
from antiphon.core.sending import InsideText
from antiphon.core.tracks import Task, TrackKind, add_task, finish_task
from antiphon.db import organisation, record
from antiphon.db.fields import fresh_uids, new_uid
from antiphon.db.models import Call as Row
from antiphon.db.models import CallAttempt, DutyRole, Person, RoleAssignment
from antiphon.db.snapshots import calls, incidents, oncall
from antiphon.db.transactions import write

ANSWER_WITHIN = timedelta(hours=1)
"""How soon somebody answers what an account asked for in a call."""
OWNERS = ("communications officer", "business lead", "incident commander")
"""Who calls where the account has no manager and nobody holds that role."""
Rule = Callable[[Call], Decision[Call] | Refusal]


def owe(held: Locked, situation: Situation) -> None:
    """A call to each of the largest accounts that are hit, while the business track is open at such a severity."""
    if rules.within(held.incident.severity) is None or not incidents.load(held.incident).business.is_open:
        return
    if held.incident.resolved_at is not None:
        return
    wanted = rules.largest(calls.accounts(situation), calls.most())
    if not wanted:
        return
    made = rules.owe(
        calls.load(held.incident),
        wanted,
        severity=held.incident.severity,
        owner_of=_owners(held),
        practice=held.incident.nature != "real",
        uids=fresh_uids(),
        now=held.now,
    )
    _keep(held, made)


def resolved(held: Locked) -> None:
    """It is over: who was called hears so by a call."""
    severity = held.incident.severity
    _keep(held, rules.after_resolution(calls.load(held.incident), severity=severity, uids=fresh_uids(), now=held.now))


def reopened(held: Locked) -> None:
    """It is back: nobody is told that it is over."""
    about = (About.CLOSING,)
    _keep(held, rules.void_all(calls.load(held.incident), "It is open again.", about=about, now=held.now))


def void_all(held: Locked, *, reason: str) -> None:
    """Nobody is called any more."""
    _keep(held, rules.void_all(calls.load(held.incident), reason, now=held.now))


def choose(*, most: int, actor: Actor, now: datetime) -> Refusal | None:
    """How many of the largest accounts are called from now on."""
    refusal = may(actor, "configuration.change")
    if not 0 <= most <= rules.AT_MOST:
        refusal = refusal or Refusal(f"Choose 0 to {rules.AT_MOST} accounts.", "most")
    if refusal:
        return refusal
    with write():
        if most != calls.most():
            head = record.lock(record.CONFIGURATION)
            organisation.keep(calls.SETTING, {"most": most})
            event = ConfigurationApplied(source="the settings page", changes=(f"~ calls: the {most} largest accounts",))
            record.append(head, [event], actor=actor, now=now)
    return None


def tried(*, call: str, outcome: str, note: str, person: Person, actor: Actor, now: datetime) -> Refusal | None:
    """Somebody rang the account up; what came of it is kept, and what they ask for becomes a task."""
    row = _row(call)
    if row is None:
        return _gone()
    with locked(row.incident.uid, actor=actor, now=now) as held:
        decision = rules.tried(_load(held, call), outcome, note, by=person.uid, now=now)
        if isinstance(decision, Refusal):
            return decision
        words = " ".join(note.split())
        _keep(held, Decision((decision.state,), decision.events))
        CallAttempt.objects.create(call=row, at=now, person=person, outcome=outcome, note=words)
        if outcome == rules.Outcome.ASKS:
            _ask(held, decision.state)
        _tick(held)
    return None


def give(*, call: str, person: Person, actor: Actor, now: datetime) -> Refusal | None:
    """Take a call over, or hand it to somebody."""
    return _change(call, lambda known: rules.give(known, person.uid), actor=actor, now=now)


def waive(*, call: str, reason: str, actor: Actor, now: datetime) -> Refusal | None:
    """Let a call go, with the reason."""
    return _change(call, lambda known: rules.waive(known, reason, now=now), actor=actor, now=now)


def step(row: int, /, *, now: datetime) -> None:
    """Warn of one call, or say that it is late, when its time has come."""
    found = Row.objects.select_related("incident").filter(pk=row).first()
    if found is None:
        return
    with locked(found.incident.uid, actor=SYSTEM, now=now) as held:
        stepped = rules.step(_load(held, found.uid), now=now)
        _keep(held, Decision((stepped.state,), stepped.events))
        if stepped.tell:
            _tell(held, stepped.state, stepped.tell, late=stepped.late)


def _change(call: str, rule: Rule, *, actor: Actor, now: datetime) -> Refusal | None:
    row = _row(call)
    if row is None:
        return _gone()
    with locked(row.incident.uid, actor=actor, now=now) as held:
        decision = rule(_load(held, call))
        if isinstance(decision, Refusal):
            return decision
        _keep(held, Decision((decision.state,), decision.events))
        _tick(held)
    return None


def _row(call: str) -> Row | None:
    return Row.objects.select_related("incident").filter(uid=call).first()


def _load(held: Locked, call: str) -> Call:
    return next(each for each in calls.load(held.incident) if each.uid == call)


def _gone() -> Refusal:
    return Refusal("There is no such call any more: reload the page.", "call")


def _keep(held: Locked, decision: Decision[tuple[Call, ...]]) -> None:
    calls.save(held.incident, decision.state)
    held.record(decision.events)


def _owners(held: Locked) -> Callable[[Account], str]:
    """The account's manager, else who holds that role, else who speaks for the incident."""
    speaker = cache(lambda: _speaker(held))
    return lambda account: account.person or speaker()


def _speaker(held: Locked) -> str:
    duty = DutyRole.objects.filter(role="account managers").first()
    holders = oncall.holders(duty, now=held.now) if duty else []
    roles = dict(RoleAssignment.objects.filter(incident=held.incident).values_list("role", "person__uid"))
    return holders[0].uid if holders else next((roles[name] for name in OWNERS if name in roles), "")


def _tick(held: Locked) -> None:
    """The measure of the track is taken once every call is made."""
    incident = incidents.load(held.incident)
    task = next((each for each in incident.business.tasks if each.key == rules.TASK and each.done_at is None), None)
    if task is None or not rules.all_made(calls.load(held.incident)):
        return
    done = finish_task(incident.business, task.uid, now=held.now)
    if isinstance(done, Decision):
        tracks.keep(held, incident, done)


def _ask(held: Locked, call: Call) -> None:
    """What they ask for stands in the note of the call; the task leads there."""
    incident = incidents.load(held.incident)
    title = f"Answer what {call.title} asks for: its call says what"
    task = Task(uid=new_uid(), track=TrackKind.BUSINESS, title=title, due_at=held.now + ANSWER_WITHIN)
    added = add_task(incident.business, task)
    if isinstance(added, Decision):
        tracks.keep(held, incident, added)


def _tell(held: Locked, call: Call, sentence: str, *, late: bool) -> None:
    number = held.incident.number
    text = InsideText(
        subject=f"#{number}: {sentence}",
        body_text=f"{sentence}.\n\nIncident #{number}: {held.incident.title}\n"
        f"The words to say and the number stand on the incident's page of calls.\n",
    )
    for person in _people(held, call):
        deliveries.queue_notice(held, person, text, urgent=late)


def _people(held: Locked, call: Call) -> Iterable[Person]:
    owner = Person.objects.filter(uid=call.owner, is_active=True)
    return list(owner) if call.owner and owner else promises.first_paged(held)
