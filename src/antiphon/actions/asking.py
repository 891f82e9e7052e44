"""Asking for approval: who may say yes is told, with a link of their own; who is next in line when nobody does."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from antiphon.actions import deliveries, paging, promises
from antiphon.actions.locked import Locked, locked_update
from antiphon.core import asking as rules
from antiphon.core.asking import Next, Wait, WaitState
from antiphon.core.audiences import Audience, Update, Version
from antiphon.core.decision import SYSTEM, Actor, Refusal
from antiphon.core.escalation import APPROVAL
from antiphon.core.sending import InsideText
from antiphon.db import approving
from antiphon.db.models import ApprovalAsk, ApprovalWait, Person
from antiphon.db.models import Update as Row
from antiphon.db.snapshots import asking as snapshots
from antiphon.db.snapshots import oncall, telling
from antiphon.db.snapshots import promises as promise_rows

Asked = Mapping[str, tuple[Version, ...]]
"""Whom to ask (uid), with the texts that each may approve."""


def ask(*, update: str, actor: Actor, now: datetime) -> Refusal | None:
    """Put the update's texts to those who may approve them. While they wait, the same words are put to nobody twice."""
    with locked_update(update, actor=actor, now=now) as (row, held):
        return put(held, row, telling.update(row))


def put(held: Locked, row: Row, update: Update) -> Refusal | None:
    """The same inside a write that is open already."""
    before = snapshots.load(row)
    people = _whom(held, update)
    if before is not None and before.state is WaitState.WAITING:
        people = _new(row, people)
    decision = rules.ask(
        update,
        before,
        people=tuple(people),
        promised=_promised(held, update),
        severity=held.incident.severity,
        pace=approving.rules().pace,
        now=held.now,
    )
    if isinstance(decision, Refusal):
        return decision
    by = held.actor.uid if held.actor.kind == "person" else ""
    snapshots.save(row, decision.state, asked_by=by)
    held.record(decision.events)
    _tell(held, row, people, _words(held, decision.state, update), urgent=False)
    return None


def step(row: int, /, *, now: datetime) -> None:
    """Tell the next in line of one wait whose deadline has passed."""
    uid = ApprovalWait.objects.filter(pk=row).values_list("update__uid", flat=True).first()
    if uid is None:
        return
    with locked_update(uid, actor=SYSTEM, now=now) as (update_row, held):
        wait, update = snapshots.load(update_row), telling.update(update_row)
        if wait is None:
            return
        if held.incident.closed_at or held.incident.cancelled_at:
            _save(held, update_row, replace(wait, state=WaitState.OVER, ended_at=now))
            return
        leads = snapshots.commander(snapshots.people(held.incident))
        theirs = _whom(held, update, only=leads) if leads else {}
        stepped = rules.step(
            wait,
            update,
            commander=bool(theirs),
            promised=_promised(held, update),
            severity=held.incident.severity,
            pace=approving.rules().pace,
            now=now,
        )
        _save(held, update_row, stepped.state)
        held.record(stepped.events)
        if stepped.tell is Next.COMMANDER:
            _tell(held, update_row, theirs, _late_words(held, wait, update), urgent=True)
        elif stepped.tell is Next.BUSINESS:
            paging.call_for_approval(held)


def settle(held: Locked, row: Row, update: Update) -> None:
    """After any change of an update: nobody is waited for, or paged, once there is nothing left to approve."""
    wait = snapshots.load(row)
    if wait is not None and wait.state is not WaitState.OVER:
        _save(held, row, rules.settle(wait, update, now=held.now).state)


def send_back(*, update: str, note: str, actor: Actor, now: datetime) -> Refusal | None:
    """Somebody who was asked wants another text: its author hears why, or whoever answers for the promise."""
    with locked_update(update, actor=actor, now=now) as (row, held):
        wait, state = snapshots.load(row), telling.update(row)
        if wait is None or not ApprovalAsk.objects.filter(update=row, person__uid=actor.uid).exists():
            return Refusal("Nobody asked you about this text: say it to its author.", "note")
        decision = rules.send_back(wait, state, note=note, actor=actor, now=now)
        if isinstance(decision, Refusal):
            return decision
        _save(held, row, decision.state)
        held.record(decision.events)
        _tell_authors(held, state, row, decision.state)
    return None


def _save(held: Locked, row: Row, wait: Wait) -> None:
    snapshots.save(row, wait)
    if wait.state is not WaitState.WAITING:
        paging.stop(held, reason="the text does not wait for approval any more.", track=APPROVAL)


def _whom(held: Locked, update: Update, *, only: Actor | None = None) -> Asked:
    """Everybody who is to be asked, or this one person when they may say yes."""
    return rules.whom(
        rules.awaited(update),
        snapshots.people(held.incident) if only is None else [only],
        snapshots.near(held.incident, now=held.now),
        severity=held.incident.severity,
        rules=approving.rules(),
        legal=approving.legal(held.incident),
    )


def _new(row: Row, people: Asked) -> Asked:
    """Those of them who were not asked about exactly these words."""
    asked = set(ApprovalAsk.objects.filter(update=row).values_list("person__uid", "digest"))
    return {uid: texts for uid, texts in people.items() if (uid, rules.digest_of(_digests(texts))) not in asked}


def _promised(held: Locked, update: Update) -> datetime | None:
    """When the first of the update's readers is promised word."""
    audiences = {version.audience for version in update.versions}
    owed = (p for p in promise_rows.load(held.incident) if not p.settled and p.audience in audiences)
    return min((p.due_at for p in owed if p.what != "review"), default=None)


def _tell(held: Locked, row: Row, people: Asked, text: InsideText, *, urgent: bool) -> None:
    """One message to each, with a link that is theirs alone."""
    rows = {person.uid: person for person in oncall.load_people(people)}
    for uid, texts in people.items():
        digests = _digests(texts)
        told = {"digests": digests, "at": held.now, "expires_at": held.now + rules.LINK_LASTS}
        ask, _ = ApprovalAsk.objects.update_or_create(
            update=row, person=rows[uid], digest=rules.digest_of(digests), defaults=told
        )
        deliveries.queue_ask(held, ask, text, urgent=urgent)


def _digests(texts: Iterable[Version]) -> dict[Audience, str]:
    return {version.audience: version.digest for version in texts}


def _words(held: Locked, wait: Wait, update: Update) -> InsideText:
    incident, texts = held.incident, ", ".join(v.audience for v in rules.awaited(update))
    practice = "" if incident.nature == "real" else "Practice. "
    return InsideText(
        subject=f"{practice}#{incident.number}: the text for {texts} waits for your approval",
        body_text=f"SEV{incident.severity} #{incident.number}: {incident.title}\n\n"
        f"Please read it by {wait.due_at:%H:%M} UTC; after that the next in line is asked. "
        "Nothing is sent before somebody approves exactly these words.",
    )


def _late_words(held: Locked, wait: Wait, update: Update) -> InsideText:
    text = _words(held, wait, update)
    body = (
        f"SEV{held.incident.severity} #{held.incident.number}: {held.incident.title}\n\n"
        f"It has waited since {wait.asked_at:%H:%M} UTC and nobody approved it. You lead the incident: "
        "read and approve it, or find somebody who does. A promise depends on it."
    )
    return replace(text, body_text=body)


def _tell_authors(held: Locked, update: Update, row: Row, wait: Wait) -> None:
    """Whoever wrote the texts; where the program did, whoever asked, else those who answer for the promises."""
    authors = {version.author for version in rules.awaited(update)} - {""}
    asked_by = ApprovalWait.objects.filter(update=row).values_list("asked_by__uid", flat=True).first()
    uids = authors or ({asked_by} if asked_by else set())
    people = list(Person.objects.filter(uid__in=uids, is_active=True)) or promises.answering(held, update)
    by = Person.objects.filter(uid=wait.returned_by).values_list("name", flat=True).first()
    text = InsideText(
        subject=f"#{held.incident.number}: the text for {', '.join(v.audience for v in rules.awaited(update))} "
        "was sent back",
        body_text=f"{by or 'Somebody'} asks for another text:\n\n{wait.note}\n\n"
        f"Incident #{held.incident.number}: {held.incident.title}\nChange it on the Tell page and ask again.",
    )
    for person in people:
        deliveries.queue_notice(held, person, text, urgent=False)
