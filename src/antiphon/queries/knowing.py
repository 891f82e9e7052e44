"""Who knows what of an incident: audience × channel × customer, stranded ones first."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from antiphon.core import auditing
from antiphon.core.audiences import OUTSIDE, audience_of
from antiphon.core.in_time import ToldBefore
from antiphon.core.knowing import FAILED, Knows, Told, who_knows
from antiphon.db import situations
from antiphon.db.models import Call, Contact, Delivery, Incident, Promise, Stakeholder
from antiphon.db.recipients import affected, with_merged
from antiphon.db.snapshots import hearing
from antiphon.db.subscribers import still_there
from antiphon.queries import in_time
from antiphon.queries.promises import Promised, promised

SHOWN: Final = 200
"""Customers that one page names; the rest is counted."""
NOBODY: Final = ToldBefore(0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One customer's readers of one version by one channel. `stranded`: in words, "" when none is."""

    customer: str
    audience: str
    channel: str
    people: int
    told: str
    told_at: datetime | None
    reached: int
    waiting: int
    failed: int
    stranded: str

    @property
    def said(self) -> str:
        """The moment in words."""
        return _said(self.told)

    @property
    def quiet(self) -> bool:
        """Nothing about these readers asks for a look: nobody is left waiting, and nothing failed."""
        return not self.stranded and not self.failed


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """How the last word fared by one channel, in readers."""

    channel: str
    reached: int
    waiting: int
    failed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AudienceKnows:
    """One audience as a whole. `next`: its next open promise; `why`: the auditor's words for its being left waiting, ""
    when it is not."""

    audience: str
    people: int
    told: str
    told_at: datetime | None
    reached: int
    waiting: int
    failed: int
    stranded: int
    next: Promised | None
    why: str = ""
    by: tuple[Arrived, ...] = ()

    @property
    def said(self) -> str:
        """The moment in words."""
        return _said(self.told)


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """The whole picture; `more` counts cells that are not shown. `channels`: those by which anybody was told.

    `wrong`: what the auditor's rule says of the audiences together, such as texts that contradict each other.
    """

    audiences: tuple[AudienceKnows, ...]
    cells: tuple[Cell, ...]
    more: int
    channels: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()
    told_before: ToldBefore = NOBODY

    @property
    def stranded(self) -> int:
        """How many readers nobody has told what they are owed."""
        return sum(each.stranded for each in self.audiences)


def matrix(incident: Incident, *, limit: int = SHOWN, now: datetime) -> Matrix:
    """Who was told what, when, and whether it arrived. Statements do not grow with readers.

    An incident knows those too who were told of one that was merged into it; from then on it owes them the end.
    """
    told = _told(incident)
    owed = _owed(incident, now=now)
    merged = incident.merged_into_id is not None
    over = None if merged else incident.resolved_at or incident.cancelled_at
    known = who_knows(told, owed, over_at=over, first_word_due=_due(incident), now=now)
    customers = _customers(each.reader for each in known)
    cells = _cells(known, customers)
    tellings = () if merged else (hearing.of(incident, now=now),)
    wrong = auditing.audit(auditing.Seen((), tellings), now=now)
    return Matrix(
        audiences=_audiences(incident, known, {one.key: one.sentence for one in wrong}),
        cells=tuple(cells[:limit]),
        more=max(len(cells) - limit, 0),
        channels=tuple(sorted({told.channel for each in known for told in each.by})),
        wrong=tuple(one.sentence for one in wrong),
        told_before=in_time.of_incident(incident, now=now),
    )


def _said(moment: str) -> str:
    return moment.replace("_", " ").capitalize()


def _told(incident: Incident) -> list[Told]:
    rows = Delivery.objects.filter(
        text__incident__in=with_merged(incident), text__version__isnull=False, page__isnull=True
    )
    rows = rows.filter(still_there())  # nobody is left waiting who has let themselves go
    columns = (
        "recipient", "address", "text__audience", "channel", "text__version__update__moment", "text__created_at",
        "state", "done_at",
    )  # fmt: skip
    return _called(incident) + [
        Told(
            reader=uid or _inside(audience, address),
            audience=audience,
            channel=channel,
            moment=moment,
            at=at,
            state=state,
            done_at=done,
        )
        for uid, address, audience, channel, moment, at, state, done in rows.order_by("id").values_list(*columns)
    ]


def _called(incident: Incident) -> list[Told]:
    """Calls to the largest accounts are a channel too: the contact is told once somebody has been reached."""
    rows = Call.objects.filter(incident__in=with_merged(incident), contact__isnull=False, practice=False)
    return [
        Told(
            reader=row.contact.uid,
            audience=str(audience_of(row.contact)),
            channel="call",
            moment="resolution" if row.kind == "closing" else "first_word",
            at=row.made_at,
            state="sent" if row.state == "done" else "queued",
            done_at=row.settled_at,
        )
        for row in rows.select_related("contact")
        if row.contact and row.state in ("open", "done")
    ]


def _owed(incident: Incident, *, now: datetime) -> dict[str, str]:
    """Everybody to whom something is promised: contacts of who is hit, and the readers inside of such an audience."""
    promised_to = set(Promise.objects.filter(incident=incident).values_list("audience", flat=True))
    inside = Stakeholder.objects.filter(audience__in=promised_to).order_by("id").values_list("audience", "email")
    owed = {_inside(audience, email): audience for audience, email in inside}
    readers = affected(situations.load(incident, now=now).reached) if incident.nature == "real" else {}
    return owed | {contact.uid: str(audience) for audience, contacts in readers.items() for contact in contacts}


def _inside(audience: str, address: str) -> str:
    """A reader inside has no id of their own: the address in its audience is one."""
    return f"{audience} {address}"


def _due(incident: Incident) -> Mapping[str, datetime]:
    """When each audience's first word was due, as the ledger has it."""
    rows = Promise.objects.filter(incident=incident, what="first word").order_by("id")
    return dict(rows.values_list("audience", "due_at"))


def _customers(readers: Iterable[str]) -> Mapping[str, str]:
    """The customer of each contact."""
    uids = [reader for reader in readers if " " not in reader]
    return dict(Contact.objects.filter(uid__in=uids).values_list("uid", "customer__title"))


def _cells(known: Iterable[Knows], customers: Mapping[str, str]) -> list[Cell]:
    """A cell for each channel by which any of a customer's readers was told; who was told nothing yet awaits a mail."""
    groups: dict[tuple[str, str, str], list[tuple[Knows, Told | None]]] = {}
    for each in known:
        if each.audience in OUTSIDE and each.reader in customers:
            for told in each.by or (None,):
                channel = told.channel if told else "mail"
                groups.setdefault((customers[each.reader], each.audience, channel), []).append((each, told))
    cells = [_cell(*key, group) for key, group in groups.items()]
    return sorted(cells, key=lambda cell: (not cell.stranded, cell.customer.casefold(), cell.audience, cell.channel))


def _cell(customer: str, audience: str, channel: str, group: list[tuple[Knows, Told | None]]) -> Cell:
    texts = [told for _, told in group if told]
    last = max(texts, key=lambda told: told.at, default=None)
    return Cell(
        customer=customer,
        audience=audience,
        channel=channel,
        people=len(group),
        told=last.moment if last else "",
        told_at=last.at if last else None,
        stranded=next((each.stranded for each, _ in group if each.stranded), ""),
        **_counted(texts),
    )


def _counted(texts: Iterable[Told]) -> dict[str, int]:
    states = Counter(each.state for each in texts)
    failed = sum(states[state] for state in FAILED)
    return {"reached": states["sent"], "failed": failed, "waiting": states.total() - states["sent"] - failed}


def _audiences(incident: Incident, known: Iterable[Knows], wrong: Mapping[str, str]) -> tuple[AudienceKnows, ...]:
    groups: dict[str, list[Knows]] = {}
    for each in known:
        groups.setdefault(each.audience, []).append(each)
    open_promises: dict[str, Promised] = {}
    for row in Promise.objects.filter(incident=incident, state="open").order_by("due_at", "id"):
        open_promises.setdefault(row.audience, promised(row, incident.number))
    return tuple(
        _audience(audience, groups.get(audience, []), open_promises.get(audience), _why(incident, audience, wrong))
        for audience in sorted({*groups, *open_promises})
    )


def _why(incident: Incident, audience: str, wrong: Mapping[str, str]) -> str:
    keys = (f"{rule}:{incident.uid}:{audience}" for rule in (auditing.Rule.STRANDED, auditing.Rule.UNKEPT))
    return next((wrong[key] for key in keys if key in wrong), "")


def _audience(audience: str, group: list[Knows], following: Promised | None, why: str) -> AudienceKnows:
    by: dict[str, list[Told]] = {}
    for each in group:
        for told in each.by:
            by.setdefault(told.channel, []).append(told)
    last = max((each.last for each in group if each.last), key=lambda told: told.at, default=None)
    return AudienceKnows(
        audience=audience,
        people=len(group),
        told=last.moment if last else "",
        told_at=last.at if last else None,
        stranded=sum(bool(each.stranded) for each in group),
        next=following,
        why=why,
        by=tuple(Arrived(channel=channel, **_counted(by[channel])) for channel in sorted(by)),
        **_counted([each.last for each in group if each.last]),
    )
