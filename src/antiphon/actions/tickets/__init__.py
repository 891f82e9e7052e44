"""Tickets taken in and let go again.

A ticket is read once, and what it says is forgotten: kept are its number, its date, whose it is, and the words that
signals found in it (`core.segments.kept`). Even those go after `ticket_days`, and with the contact. Nothing of a
ticket's text stands on the record or in a log.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import Final

from antiphon.actions import segments
from antiphon.actions.tickets.writers import Writers
from antiphon.core.segments import kept, read
from antiphon.core.tickets import Fault, Written, understand
from antiphon.db.models import Organisation, Ticket
from antiphon.db.transactions import write

BATCH: Final = 500
"""Tickets in one transaction, so that an import of many keeps nobody waiting."""
LONGEST_ORIGIN: Final = 60
KEPT_DAYS: Final = 365
NOBODY: Final = (
    "No customer's contact has this address, and no customer this name.",
    "Add the contact to the catalog, or name the customer as the catalog does.",
)


@dataclass(slots=True)
class Taken:
    """What an import came to: counts of tickets, the contacts (by key) with a suggestion now, and the rows left out.

    `old`: past the time for which words are kept. `without_contact`: the customer is known, the writer is not.
    """

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    old: int = 0
    without_contact: int = 0
    suggested: set[int] = field(default_factory=set)
    faults: list[Fault] = field(default_factory=list)

    def add(self, other: "Taken") -> None:
        """Count another batch in."""
        for name in ("new", "changed", "unchanged", "old", "without_contact"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.suggested |= other.suggested
        self.faults += other.faults


class _TakeBack(Exception):
    """Ends the transaction without its changes."""


def kept_for() -> timedelta:
    """For how long the words of a ticket are kept and counted."""
    days = Organisation.only().settings.get("ticket_days", KEPT_DAYS)
    return timedelta(days=days if isinstance(days, int) else KEPT_DAYS)


def take(written: Sequence[Written], *, origin: str, now: datetime, trial: bool = False) -> Taken:
    """Take tickets in, at most `BATCH` at a time, and look anew at what their writers' words suggest.

    A ticket is known by its origin and number: the same again changes nothing. On trial, nothing is changed.
    """
    if len(written) > BATCH or not 0 < len(origin) <= LONGEST_ORIGIN:
        raise ValueError(f"give at most {BATCH} tickets, and an origin of 1 to {LONGEST_ORIGIN} characters")
    known = segments.signals()
    words = [kept(read(each.text, known)) for each in written]  # before the transaction, which nobody should wait for
    taken = Taken()
    try:
        with write(news=False):
            touched = _keep(written, words, origin=origin, taken=taken, now=now)
            taken.suggested = segments.rescore(touched, since=now - kept_for(), now=now)
            if trial:
                raise _TakeBack
    except _TakeBack:
        pass
    return taken


def _keep(written: Sequence[Written], words: Sequence[str], *, origin: str, taken: Taken, now: datetime) -> set[int]:
    """Write what is new or different; answers the contacts that it touched."""
    references = [each.reference for each in written]
    have = {row.reference: row for row in Ticket.objects.filter(origin=origin, reference__in=references)}
    writers, oldest = Writers(written), now - kept_for()
    wanted, touched = dict[str, Ticket](), set[int]()
    for each, found in zip(written, words, strict=True):
        customer, contact = writers.of(each)
        if customer is None:
            taken.faults.append(Fault(each.line, *NOBODY))
            continue
        if each.at < oldest:
            taken.old += 1
            continue
        taken.without_contact += contact is None
        former = wanted.get(each.reference) or have.get(each.reference)
        if former is not None and (former.text, former.customer_id, former.contact_id) == (found, customer, contact):
            taken.unchanged += 1
            continue
        touched |= {pk for pk in (contact, former.contact_id if former else None) if pk is not None}
        taken.new, taken.changed = taken.new + (former is None), taken.changed + (former is not None)
        place = {"origin": origin, "reference": each.reference, "at": former.at if former else each.at}
        wanted[each.reference] = Ticket(**place, customer_id=customer, contact_id=contact, text=found)
    _store(sorted(wanted.values(), key=lambda row: row.reference))
    return touched


def _store(rows: Sequence[Ticket]) -> None:
    """Write them over those of the same number; another import of the same may be under way."""
    Ticket.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["origin", "reference"],
        update_fields=["customer", "contact", "text"],
    )


def take_all(
    found: Iterable[tuple[int, Mapping[str, object]] | Fault], *, origin: str, now: datetime, trial: bool = False
) -> Taken:
    """Take in everything that `files.rows` found, or a caller sent, batch by batch."""
    zone, whole = Organisation.only().zone, Taken()
    rows = iter(found)
    while batch := list(islice(rows, BATCH)):
        understood = [
            each if isinstance(each, Fault) else understand(each[1], line=each[0], zone=zone, now=now) for each in batch
        ]
        whole.faults += [each for each in understood if isinstance(each, Fault)]
        written = [each for each in understood if isinstance(each, Written)]
        whole.add(take(written, origin=origin, now=now, trial=trial))
    return whole


def old(*, now: datetime) -> bool:
    """Whether any ticket is past the time for which it is kept."""
    return Ticket.objects.filter(at__lt=now - kept_for()).exists()


def prune(*, now: datetime) -> int:
    """Let a batch of old tickets go, and what was suggested by them; answers how many went."""
    since = now - kept_for()
    with write(news=False):
        rows = list(Ticket.objects.filter(at__lt=since).values_list("pk", "contact_id")[:BATCH])
        Ticket.objects.filter(pk__in=[pk for pk, _ in rows]).delete()
        segments.rescore({contact for _, contact in rows if contact is not None}, since=since, now=now)
    return len(rows)
