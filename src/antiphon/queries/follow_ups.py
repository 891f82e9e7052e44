"""The contract matters of an incident as their page shows them: figures with their sources, the message, its state."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from antiphon.core.access import may
from antiphon.core.decision import Actor
from antiphon.core.follow_ups import FollowUp
from antiphon.core.follow_ups.figures import Figures, Limit
from antiphon.db.models import Contact, Incident
from antiphon.db.models import FollowUp as Row
from antiphon.db.snapshots import follow_ups as snapshots
from antiphon.db.snapshots.follow_ups import Reckoned
from antiphon.queries import people


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitSeen:
    """One limit: what was agreed, what happened, how that was counted. `over` in words, "" when it was kept."""

    agreed: str
    took: str
    over: str
    how: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageSeen:
    """The message to the customer. `why_not`: why the reader may not approve or send it now, "" when they may do the
    next step."""

    uid: str
    url: str
    subject: str
    body: str
    digest: str
    state: str
    asked: bool
    reason: str
    by: str
    at: datetime | None
    approved_by: str
    needs: str
    readers: tuple[str, ...]
    may_edit: bool
    may_approve: bool
    may_send: bool
    may_waive: bool
    why_not: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MatterSeen:
    """One contract after the incident."""

    contract: str
    name: str
    customer: str
    service: str
    breached: bool
    limits: tuple[LimitSeen, ...]
    terms: str
    credit: str
    credit_how: str
    message: MessageSeen | None


def of_incident(incident: Incident, *, reader: Actor, now: datetime) -> tuple[MatterSeen, ...]:
    """Every contract that the incident touched, those with a message or a breach first."""
    names = people.names()
    needed = snapshots.named(now=now)
    rows = (
        Row.objects.filter(incident=incident).exclude(state="void").select_related("incident", "author", "settled_by")
    )
    newest = {row.name: row for row in rows.order_by("id")}
    messages = {name: _message(row, reader, names, needed) for name, row in newest.items()}
    found = [_matter(each, messages.pop(each.terms.name, None)) for each in snapshots.reckoned(incident)]
    gone = [_without_contract(row, messages[name]) for name, row in newest.items() if name in messages]
    return tuple(sorted([*found, *gone], key=lambda each: (each.message is None, not each.breached, each.customer)))


def open_ones(incident: Incident) -> int:
    """How many matters wait."""
    return Row.objects.filter(incident=incident, state="open").count()


def _matter(found: Reckoned, message: MessageSeen | None) -> MatterSeen:
    figures: Figures = found.figures
    return MatterSeen(
        contract=found.contract.uid,
        name=found.terms.name,
        customer=found.terms.customer,
        service=found.terms.service,
        breached=figures.breached,
        limits=tuple(_limit(each) for each in figures.limits),
        terms=found.terms.credits,
        credit=figures.credit,
        credit_how=figures.credit_how,
        message=message,
    )


def _without_contract(row: Row, message: MessageSeen) -> MatterSeen:
    """The contract was changed or taken away since: the message stands."""
    return MatterSeen(
        contract="", name=row.name, customer=row.title, service="", breached=False, limits=(), terms="", credit="",
        credit_how="", message=message,
    )  # fmt: skip


def _limit(limit: Limit) -> LimitSeen:
    over = f"{limit.over:.0f} min over" if limit.over else ""
    if limit.period:
        before = f", {limit.before:.0f} of them before" if limit.before else ""
        agreed, took = f"at most {limit.allowed:g} min down a month", f"{limit.took:.0f} min in {limit.period}{before}"
    else:
        agreed, took = f"resolved within {limit.allowed:g} min", f"{limit.took:.0f} min"
    return LimitSeen(agreed=agreed, took=took, over=over, how=limit.how)


def _message(row: Row, reader: Actor, names: Mapping[str, str], needed: tuple[frozenset[str], str]) -> MessageSeen:
    known = snapshots.follow_up(row)
    approval = known.approval
    approve, send = _why_not_approve(known, reader, needed, names), _why_not_send(known, reader)
    drafts = known.open and may(reader, "update.draft") is None
    return MessageSeen(
        uid=row.uid,
        url=f"/incidents/{row.incident.number}/follow-ups/{row.uid}",
        subject=known.subject,
        body=known.body,
        digest=known.digest,
        state=str(known.state),
        asked=known.asked,
        reason=known.reason,
        by=row.settled_by.name if row.settled_by else "",
        at=known.settled_at,
        approved_by=names.get(approval.by, "somebody who left") if approval else "",
        needs=needed[1],
        readers=tuple(_named(snapshots.recipients(row))),
        may_edit=drafts,
        may_approve=known.open and approval is None and not approve,
        may_send=known.open and approval is not None and not send,
        may_waive=known.open and may(reader, "incident.close") is None,
        why_not=(send if approval else approve) if known.open else "",
    )


def _why_not_approve(
    known: FollowUp, reader: Actor, needed: tuple[frozenset[str], str], names: Mapping[str, str]
) -> str:
    people, kind = needed
    if may(reader, "update.approve"):
        return "It waits for its approval."
    if people and reader.uid not in people:
        return f"It waits for {kind}: {', '.join(sorted(names.get(uid, '') for uid in people))}."
    if known.author == reader.uid:
        return "You wrote this text; somebody else must approve it."
    return ""


def _why_not_send(known: FollowUp, reader: Actor) -> str:
    if may(reader, "update.publish"):
        return "It is approved and waits to be sent."
    if known.approval and known.approval.by == reader.uid:
        return "You approved this text; somebody else must send it."
    return ""


def _named(contacts: Iterable[Contact]) -> Iterable[str]:
    return (f"{each.name} ({each.email})" for each in contacts)
