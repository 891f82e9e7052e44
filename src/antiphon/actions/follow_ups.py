"""What customers are told of their contracts once the incident is over: prepared, edited, approved, sent, let go."""

from collections.abc import Callable, Collection
from datetime import datetime

import msgspec

from antiphon.actions.locked import Locked, locked
from antiphon.core import follow_ups as rules
from antiphon.core import wording
from antiphon.core.decision import Actor, Decision, Refusal
from antiphon.core.follow_ups import FollowUp
from antiphon.core.languages import greeting
from antiphon.core.sending import OutsideText, Purpose
from antiphon.db import about
from antiphon.db.fields import new_uid
from antiphon.db.models import Contact, Delivery, Organisation, Person, Text
from antiphon.db.models import FollowUp as Row
from antiphon.db.snapshots import follow_ups, telling
from antiphon.db.snapshots.follow_ups import Reckoned

PRIORITY = 20
"""That of an update to customers."""
Rule = Callable[[Row, FollowUp], Decision[FollowUp] | Refusal]


def resolved(held: Locked) -> None:
    """A draft for every contract that was breached and has none since the incident last opened."""
    since = held.incident.reopened_at or held.incident.declared_at
    there = Row.objects.filter(incident=held.incident, made_at__gte=since).exclude(state="void")
    names = set(there.values_list("name", flat=True))
    for each in follow_ups.reckoned(held.incident):
        if each.figures.breached and each.contract.name not in names:
            _prepare(held, each)


def reopened(held: Locked) -> None:
    """It is back: the figures of what was prepared are no longer true."""
    rows = {row.uid: row for row in Row.objects.filter(incident=held.incident, state="open").select_related("author")}
    known = [follow_ups.follow_up(row) for row in rows.values()]
    decision = rules.void_all(known, reason="The incident is open again.", now=held.now)
    for each in decision.state:
        follow_ups.save(rows[each.uid], each)
    held.record(decision.events)


def ask(*, incident: str, contract: str, actor: Actor, now: datetime) -> Refusal | None:
    """A person wants a message about a contract that was not breached."""
    with locked(incident, actor=actor, now=now) as held:
        if held.incident.resolved_at is None:
            return Refusal(
                "The incident is active: what it means for a contract is told once it is resolved.", "incident"
            )
        found = next((each for each in follow_ups.reckoned(held.incident) if each.contract.uid == contract), None)
        if found is None:
            return Refusal("No such contract was touched by this incident: reload the page.", "contract")
        if Row.objects.filter(incident=held.incident, name=found.contract.name, state="open").exists():
            return Refusal("There is a message about this contract already: reload the page.", "contract")
        _prepare(held, found, asked=not found.figures.breached)
    return None


def edit(*, follow_up: str, subject: str, body: str, actor: Actor, now: datetime) -> Refusal | None:
    """Put other words into the message; a changed byte voids its approval."""

    def rule(row: Row, known: FollowUp) -> Decision[FollowUp] | Refusal:
        words = body.replace("\r\n", "\n").strip()
        return rules.edit(known, " ".join(subject.split()), words, actor=actor, now=now)

    return _change(follow_up, rule, actor=actor, now=now)


def approve(*, follow_up: str, digest: str, actor: Actor, now: datetime) -> Refusal | None:
    """The yes to exactly these bytes; what may not stand in the message is refused here already."""

    def rule(row: Row, known: FollowUp) -> Decision[FollowUp] | Refusal:
        people, kind = follow_ups.named(now=now)
        decision = rules.approve(known, digest, named=people, kind=kind, actor=actor, now=now)
        sealed = _seal(row, known) if isinstance(decision, Decision) else None
        return sealed if isinstance(sealed, Refusal) else decision

    return _change(follow_up, rule, actor=actor, now=now)


def send(*, follow_up: str, actor: Actor, now: datetime) -> Refusal | None:
    """Send it to the contract's customer, and to nobody else; practice reaches nobody."""
    row = Row.objects.select_related("incident").filter(uid=follow_up).first()
    if row is None:
        return _gone()
    with locked(row.incident.uid, actor=actor, now=now) as held:
        row = Row.objects.select_related("incident", "author").get(uid=follow_up)
        known, people = follow_ups.follow_up(row), follow_ups.recipients(row)
        practice = held.incident.nature != "real"
        over = held.incident.resolved_at is not None
        reach = 1 if practice else len(people)
        decision = rules.send(known, resolved=over, recipients=reach, actor=actor, now=now)
        if isinstance(decision, Refusal):
            return decision
        sealed = _seal(row, known)
        if isinstance(sealed, Refusal):
            return sealed
        _settle(held, row, decision)
        if not practice:
            _queue(held, row, sealed, people)
    return None


def waive(*, follow_up: str, reason: str, actor: Actor, now: datetime) -> Refusal | None:
    """Settle the matter without a message, with the reason."""
    return _change(follow_up, lambda _, known: rules.waive(known, reason, now=now), actor=actor, now=now)


def _prepare(held: Locked, found: Reckoned, *, asked: bool = False) -> None:
    decision = rules.prepare(
        new_uid(),
        found.terms,
        found.figures,
        number=held.incident.number,
        zone=Organisation.only().zone,
        support=follow_ups.support(),
        language=follow_ups.language_of(found.contract),
        asked=asked,
        now=held.now,
    )
    row = Row(
        uid=decision.state.uid,
        incident=held.incident,
        contract=found.contract,
        customer=found.contract.customer,
        name=found.terms.name,
        title=found.terms.customer,
        asked=asked,
        figures=msgspec.to_builtins(found.figures),
        edited_at=held.now,
        made_at=held.now,
    )
    follow_ups.save(row, decision.state)
    held.record(decision.events)


def _change(follow_up: str, rule: Rule, *, actor: Actor, now: datetime) -> Refusal | None:
    row = Row.objects.select_related("incident").filter(uid=follow_up).first()
    if row is None:
        return _gone()
    with locked(row.incident.uid, actor=actor, now=now) as held:
        row = Row.objects.select_related("incident", "author").get(uid=follow_up)
        decision = rule(row, follow_ups.follow_up(row))
        if isinstance(decision, Refusal):
            return decision
        _settle(held, row, decision)
    return None


def _settle(held: Locked, row: Row, decision: Decision[FollowUp]) -> None:
    if not decision.state.open:
        row.settled_by = Person.objects.filter(uid=held.actor.uid).first()
    follow_ups.save(row, decision.state)
    held.record(decision.events)


def _seal(row: Row, known: FollowUp) -> OutsideText | Refusal:
    return wording.seal_follow_up(
        subject=known.subject,
        body=known.body,
        approved=known.digest,
        language=known.language,
        facts=telling.facts(row.incident),
        others=follow_ups.others(row),
        known_words=about.known_words(row.incident),
    )


def _queue(held: Locked, row: Row, text: OutsideText, people: Collection[Contact]) -> None:
    stored = Text.objects.create(
        follow_up=row,
        audience=text.audience,
        outside=True,
        subject=text.subject,
        body_text=text.body_text,
        body_html=text.body_html,
        language=row.language,
        digest=text.digest,
        created_at=held.now,
    )
    Delivery.objects.bulk_create(
        [
            Delivery(
                purpose=Purpose.UPDATE,
                priority=PRIORITY,
                text=stored,
                channel="mail",
                address=contact.email,
                recipient=contact.uid,
                slots={"greeting": greeting(contact.name, language=row.language)},
                outside=True,
                created_at=held.now,
                wake_at=held.now,
            )
            for contact in people
        ],
        ignore_conflicts=True,
    )


def _gone() -> Refusal:
    return Refusal("There is no such message any more: reload the page.", "follow_up")
