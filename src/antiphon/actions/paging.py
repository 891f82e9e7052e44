"""Paging: start an escalation, fire its steps, take the answer."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from antiphon import messages
from antiphon.actions import deliveries
from antiphon.actions.deliveries import Call
from antiphon.actions.locked import Locked, locked
from antiphon.core import escalation as rules
from antiphon.core import wording
from antiphon.core.audiences import Audience
from antiphon.core.decision import SYSTEM, Actor
from antiphon.core.escalation import PagePerson
from antiphon.core.events import PagingStarted, StepReachedNobody
from antiphon.core.facts import Fact
from antiphon.core.markup import to_text
from antiphon.core.sending import InsideText
from antiphon.core.tracks import TrackKind
from antiphon.core.variables import About
from antiphon.db import about
from antiphon.db.fields import new_uid
from antiphon.db.models import DutyRole, Escalation, Organisation, Page, Person
from antiphon.db.snapshots import incidents, oncall, paging, telling


def start(held: Locked, *, track: str) -> None:
    """Begin to page for a track: the technical one by the incident's policy, the business one by its own.

    Without any policy the record says so; without one for business, nobody is paged a second time for the same.
    """
    business = Organisation.only().business_policy
    if track == TrackKind.BUSINESS and not business:
        return
    policy = oncall.find_policy(business if track == TrackKind.BUSINESS else held.incident.policy)
    if policy is None:
        held.record([_NO_POLICY])
        return
    if any(row.track == track for row in paging.running(held.incident)):
        return
    begun = rules.start(uid=new_uid(), incident=held.incident.uid, track=track, policy=policy, now=held.now)
    paging.save(held.incident, begun.state)
    held.record(begun.events)


def call_role(held: Locked, duty: DutyRole) -> None:
    """Page whoever holds a business role, apart from the track's own policy; who answers answers for the role."""
    begun = rules.start(
        uid=new_uid(),
        incident=held.incident.uid,
        track=f"role {duty.pk}",
        policy=oncall.role_policy(duty),
        now=held.now,
    )
    row = paging.save(held.incident, begun.state)
    held.record([PagingStarted(policy=begun.state.policy, track=TrackKind.BUSINESS, cycle=begun.state.cycle)])
    _step(held, row)


def call_for_approval(held: Locked) -> None:
    """Page somebody of the business track, because a text waits for a yes and nobody gave it: its lead on duty, else
    by the track's policy, else by the incident's. Once at a time, until they answer or it is approved."""
    if any(row.track == rules.APPROVAL for row in paging.running(held.incident)):
        return
    lead = DutyRole.objects.filter(role=BUSINESS_LEAD).first()
    role = oncall.role_policy_name(BUSINESS_LEAD) if lead else ""
    policy = oncall.find_policy(role or Organisation.only().business_policy or held.incident.policy)
    if policy is None:
        held.record([_NO_POLICY])
        return
    begun = rules.start(uid=new_uid(), incident=held.incident.uid, track=rules.APPROVAL, policy=policy, now=held.now)
    row = paging.save(held.incident, begun.state)
    held.record(begun.events)
    _step(held, row)


BUSINESS_LEAD: Final = "business lead"
_NO_POLICY: Final = StepReachedNobody(step=1, reason="no escalation policy is set up yet.")


def begin(opened: Sequence[Locked]) -> None:
    """Page at once for the technical track of incidents just declared, with a statement for each table."""
    first: list[tuple[Locked, rules.Paging]] = []
    for held in opened:
        policy = oncall.find_policy(held.incident.policy)
        if policy is None:
            held.record([_NO_POLICY])
            continue
        begun = rules.start(
            uid=new_uid(), incident=held.incident.uid, track=TrackKind.TECHNICAL, policy=policy, now=held.now
        )
        reach = oncall.reach(policy, now=held.now)
        fired = rules.step(begun.state, policy, reach, reason=held.incident.title, now=held.now)
        held.record((*begun.events, *fired.events))
        first.append((held, fired))
    rows = paging.create((held.incident, fired.state) for held, fired in first)
    calls = [(held, row, fired.pages) for (held, fired), row in zip(first, rows, strict=True) if fired.pages]
    known = about.of_begun([(held.incident, incidents.load(held.incident).entities) for held, *_ in calls])
    deliveries.queue_first_pages(_calls(calls, {}, known))


def step(row: int, /, *, now: datetime) -> None:
    """Fire the step of one escalation that is due."""
    found = Escalation.objects.select_related("incident").filter(pk=row).first()
    if found is None:
        return
    with locked(found.incident.uid, actor=SYSTEM, now=now) as held:
        found.refresh_from_db()
        _step(held, found)


def fire(held: Locked) -> None:
    """Page whoever is due already, in the transaction that found out: a page waits for no second look."""
    for row in paging.running(held.incident):
        if row.wake_at is not None and row.wake_at <= held.now:
            _step(held, row)


def _step(held: Locked, row: Escalation) -> None:
    policy = oncall.find_policy(row.policy)
    if policy is None:
        _without_policy(held, row)
        return
    reach = oncall.reach(policy, now=held.now)
    paging_now = rules.step(paging.load(row), policy, reach, reason=held.incident.title, now=held.now)
    saved = paging.save(held.incident, paging_now.state)
    held.record(paging_now.events)
    if paging_now.pages:
        facts, known = telling.facts_of([held.incident]), about.load_all([held.incident])
        deliveries.queue_pages(_calls([(held, saved, paging_now.pages)], facts, known))


def _without_policy(held: Locked, row: Escalation) -> None:
    """Every policy is gone while somebody is to be paged: said once a minute, until there is one again."""
    row.wake_at = held.now + rules.CATCH_ALL_RETRY
    row.save(update_fields=["wake_at"])
    held.record([StepReachedNobody(step=row.step + 1, reason="no escalation policy is set up any more.")])


def acknowledge(*, incident: str, person: Person, via: str, actor: Actor, now: datetime) -> bool:
    """Somebody answers for what they were paged for; who was not paged answers for all but roles of the business
    and texts that wait, whose holders answer for themselves. False when nobody pages.

    Never refused and never limited: an answer at 3 a.m. is taken by whatever way it comes.
    """
    with locked(incident, actor=actor, now=now) as held:
        running = paging.running(held.incident)
        own = [row for row in running if row.pages.filter(person=person).exists()]
        others = (row for row in running if row.track != rules.APPROVAL and not oncall.role_of(row.policy))
        for row in own or others:
            _answer(held, row, person, via=via)
        return bool(running)


def _answer(held: Locked, row: Escalation, person: Person, *, via: str) -> None:
    answered = rules.acknowledge(paging.load(row), person=person.uid, via=via, now=held.now)
    paging.save(held.incident, answered.state, answered_by=person)
    held.record(answered.events)


def acknowledge_page(*, token: str, via: str, now: datetime) -> Page | None:
    """Acknowledge by the secret of one page: whoever holds it is the person who was paged."""
    page = Page.objects.select_related("escalation__incident", "person").filter(token=token).first()
    if page is None:
        return None
    actor = Actor(kind="person", uid=page.person.uid, role=page.person.role)
    with locked(page.escalation.incident.uid, actor=actor, now=now) as held:
        page.escalation.refresh_from_db()
        if page.escalation.state in rules.RUNNING:
            _answer(held, page.escalation, page.person, via=via)
    return page


def stop(held: Locked, *, reason: str, track: str = "") -> None:
    """Nobody needs to be paged for this incident (or for one track of it) any more."""
    for row in paging.running(held.incident):
        if track and row.track != track:
            continue
        stopped = rules.stop(paging.load(row), reason=reason, now=held.now)
        paging.save(held.incident, stopped.state)
        held.record(stopped.events)


def _calls(
    fired: Sequence[tuple[Locked, Escalation, Sequence[PagePerson]]],
    facts: Mapping[int, Sequence[Fact]],
    known: Mapping[int, About],
) -> list[Call]:
    """What the steps that fired ask for, each incident's with a text of its own."""
    people = {each.uid: each for each in oncall.load_people(page.person for *_, pages in fired for page in pages)}
    return [
        Call(
            held,
            escalation,
            _as_called(_text(facts.get(held.incident.pk, ()), known[held.incident.pk], now=held.now), escalation),
            [(page, people[page.person]) for page in pages],
        )
        for held, escalation, pages in fired
    ]


def _as_called(text: InsideText, escalation: Escalation) -> InsideText:
    """The text, with the role in which somebody of the business is called."""
    if escalation.track == rules.APPROVAL:
        said = (
            "A text waits for approval and nobody gave it. Find somebody who may approve it: a promise depends on it."
        )
        return replace(text, subject=f"{text.subject} (approval)", body_text=f"{said}\n\n{text.body_text}")
    role = oncall.role_of(escalation.policy)
    if not role:
        return text
    said = f"You are called as {role}: an answer to the six questions needs you on the business track."
    return replace(text, subject=f"{text.subject} (as {role})", body_text=f"{said}\n\n{text.body_text}")


def _text(facts: Iterable[Fact], known: About, *, now: datetime) -> InsideText:
    """Plain text alone: the link to acknowledge is put under it when it is sent."""
    rendered = wording.render(
        messages.shipped(Audience.RESPONDERS)["page"],
        facts,
        known,
        Audience.RESPONDERS,
        zone="UTC",
        now=now,
    )
    return InsideText(rendered.subject, to_text(rendered.body))
