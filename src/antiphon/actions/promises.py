"""Promises as time goes by: their owner is reminded before, and paged at the breach."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from antiphon.actions import deliveries
from antiphon.actions.locked import Locked, locked
from antiphon.core import cadence, promises
from antiphon.core.audiences import Update as CoreUpdate
from antiphon.core.decision import SYSTEM, Actor, Refusal
from antiphon.core.promises import Promise, TellOwner, What, brought
from antiphon.core.questions.situation import Situation, Word
from antiphon.core.questions.verdict import Verdict
from antiphon.core.sending import InsideText
from antiphon.db.fields import fresh_uids
from antiphon.db.models import Person, RoleAssignment, Stakeholder, Update
from antiphon.db.models import Promise as Row
from antiphon.db.recipients import affected_audiences
from antiphon.db.snapshots import incidents, oncall, telling
from antiphon.db.snapshots import promises as snapshots


def step(row: int, /, *, now: datetime) -> None:
    """Warn of or break one promise, when its time has come."""
    found = Row.objects.select_related("incident").filter(pk=row).first()
    if found is None:
        return
    with locked(found.incident.uid, actor=SYSTEM, now=now) as held:
        promise = next(one for one in snapshots.load(held.incident) if one.uid == found.uid)
        stepped = promises.step(promise, now=now)
        snapshots.save(held.incident, [stepped.state])
        held.record(stepped.events)
        if stepped.tell:
            tell(held, stepped.tell, stepped.state)


def give(*, incident: str, audience: str, due_at: datetime, reason: str, actor: Actor, now: datetime) -> Refusal | None:
    """Somebody said, outside of a text, by when an audience hears again. What was promised sooner stays promised."""
    with locked(incident, actor=actor, now=now) as held:
        if held.incident.resolved_at or held.incident.cancelled_at:
            return Refusal(f"The incident is {held.incident.state}: no next word is owed any more.", "incident")
        said = brought.given(
            snapshots.load(held.incident),
            audience,
            due_at,
            incident=held.incident.uid,
            reason=reason,
            uids=fresh_uids(),
            now=now,
        )
        if isinstance(said, Refusal):
            return said
        snapshots.save(held.incident, said.state)
        held.record(said.events)
    return None


def owe(held: Locked, situation: Situation, verdict: Verdict, *, since: datetime) -> tuple[str, ...]:
    """A first word to every audience that is owed one now and has none promised yet, since it last opened.

    Nothing is promised to an audience inside that has no reader. The time to keep it in counts from `since`.

    Answers the audiences that were promised something now.
    """
    if held.incident.resolved_at or held.incident.cancelled_at:
        return ()
    audiences = cadence.owed(
        affected=affected_audiences(situation.reached),
        business_open=incidents.load(held.incident).business.is_open,
        legal=any(answer.number in (3, 4) and answer.answer == Word.YES for answer in verdict.answers),
        technical_only=situation.harmless,
    )
    inside = set(Stakeholder.objects.values_list("audience", flat=True)) if audiences else set()
    audiences = tuple(name for name in audiences if name in cadence.CUSTOMER_AUDIENCES or name in inside)
    if not audiences:
        return ()
    opened = held.incident.reopened_at or held.incident.declared_at
    existing = [one for one in snapshots.load(held.incident) if not one.settled or one.made_at >= opened]
    made = promises.first_words(
        existing,
        audiences,
        incident=held.incident.uid,
        severity=held.incident.severity,
        since=since,
        holding=telling.holding_audiences(held.incident),
        uids=fresh_uids(),
        now=held.now,
    )
    snapshots.save(held.incident, made.state)
    held.record(made.events)
    return tuple(promise.audience for promise in made.state)


def waiting_for_first_word(held: Locked) -> tuple[str, ...]:
    """Audiences that were promised a first word and have not had it."""
    known = snapshots.load(held.incident)
    return tuple(one.audience for one in known if not one.settled and one.what is What.FIRST_WORD)


def pace(held: Locked, audience: str) -> timedelta:
    """How long after one word the next is due, by the audience's cadence."""
    found = cadence.cadence(held.incident.severity, audience)
    return (found and found.then_every) or cadence.AT_ONCE


def published(held: Locked, audience: str, moment: str, next_update_at: datetime | None) -> None:
    """A version went out: keep what that keeps for its audience, and promise the next word it announces."""
    settled = promises.after_publication(
        snapshots.load(held.incident),
        incident=held.incident.uid,
        audiences=(audience,),
        moment=moment,
        severity=held.incident.severity,
        next_update_at=next_update_at,
        uids=fresh_uids(),
        now=held.now,
    )
    snapshots.save(held.incident, settled.state)
    held.record(settled.events)
    states = {promise.uid: promise for promise in settled.state}
    for effect in settled.tells:
        tell(held, effect, states[effect.promise])


def promise_resolution(held: Locked, told: frozenset[str]) -> None:
    """Everyone who was told of it is promised the word that it is over; next updates are owed no more."""
    existing = _released(held, "The incident is resolved; its resolution word says so.", (What.NEXT_UPDATE,))
    made = promises.resolution_words(
        existing,
        told,
        incident=held.incident.uid,
        severity=held.incident.severity,
        uids=fresh_uids(),
        now=held.now,
    )
    snapshots.save(held.incident, made.state)
    held.record(made.events)


def release_all(held: Locked, *, reason: str) -> None:
    """Nothing is owed any more."""
    _released(held, reason, tuple(What))


def take_over(held: Locked, passed: Iterable[Promise], *, reason: str) -> None:
    """Owe what an incident owed that was merged into this one."""
    known = snapshots.load(held.incident)
    uid = held.incident.uid
    taken = brought.pass_on(passed, known, incident=uid, reason=reason, uids=fresh_uids(), now=held.now)
    snapshots.save(held.incident, taken.state)
    held.record(taken.events)


def reopened(held: Locked) -> None:
    """It is back: the resolution word is owed no more, and everyone who was told is owed a next word."""
    _released(held, "The incident is open again.", (What.RESOLUTION_WORD,))


def _released(held: Locked, reason: str, whats: tuple[What, ...]) -> tuple[Promise, ...]:
    """All promises after those of these kinds were released."""
    existing = snapshots.load(held.incident)
    settled = {
        promise.uid: promises.release(promise, reason=reason, now=held.now)
        for promise in existing
        if not promise.settled and promise.what in whats
    }
    snapshots.save(held.incident, [one.state for one in settled.values()])
    for one in settled.values():
        held.record(one.events)
        if one.tell:
            tell(held, one.tell, one.state)
    return tuple(settled[p.uid].state if p.uid in settled else p for p in existing)


def quicken(held: Locked) -> None:
    """The severity rose: word comes sooner."""
    sooner = promises.quicken(
        snapshots.load(held.incident),
        severity=held.incident.severity,
        holding=telling.holding_audiences(held.incident),
        uids=fresh_uids(),
        now=held.now,
    )
    snapshots.save(held.incident, sooner.state)
    held.record(sooner.events)


def tell(held: Locked, effect: TellOwner, promise: Promise) -> None:
    """Tell a promise's owner: a reminder by mail, a breach by every channel they have."""
    ready = Update.objects.filter(incident=held.incident, state__in=("draft", "approved")).exists()
    draft = "A draft is on the Tell page. " if ready else ""
    what = "is broken" if effect.breach else f"is due at {promise.due_at:%H:%M} UTC"
    text = InsideText(
        subject=f"#{held.incident.number}: promise to {promise.audience} {what}",
        body_text=f"{effect.reason}\n\nIncident #{held.incident.number}: {held.incident.title}\n"
        + draft
        + (
            "Say so to them now, with a new time." if effect.breach else "Send the update, or say that nothing changed."
        ),
    )
    for person in _owners(held, promise):
        deliveries.queue_notice(held, person, text, urgent=effect.breach)


def _owners(held: Locked, promise: Promise) -> list[Person]:
    """Who answers for it; when nobody holds a role yet, whoever the incident's policy pages first."""
    rows = RoleAssignment.objects.filter(incident=held.incident).values_list("role", "person__uid")
    owner = promises.owner(promise, dict(rows))
    if owner:
        return list(Person.objects.filter(uid=owner))
    return first_paged(held)


def answering(held: Locked, update: CoreUpdate) -> list[Person]:
    """Who answers for the open promises that this update is to keep."""
    audiences = {version.audience for version in update.versions}
    owed = [p for p in snapshots.load(held.incident) if not p.settled and p.audience in audiences]
    people = {person.pk: person for promise in owed for person in _owners(held, promise)}
    return list(people.values()) or first_paged(held)


def first_paged(held: Locked) -> list[Person]:
    """Whom the incident's policy pages first now."""
    return paged_first_by(held.incident.policy, now=held.now)


def paged_first_by(name: str, *, now: datetime) -> list[Person]:
    """Whom a policy (the organisation's when it is not named) pages first at `now`."""
    return list(Person.objects.filter(uid__in=oncall.first_paged(name, now=now)))
