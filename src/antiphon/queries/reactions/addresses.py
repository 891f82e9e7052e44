"""Addresses that are not written to, mail of which nobody can tell what it belongs to, and contacts who were lost."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from antiphon.core.reactions import LOST, Kind
from antiphon.db.models import Contact, Reaction, StrayMail, Suppression
from antiphon.db.suppressions import ASKED, hash_of

SHOWN: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """An address that is not written to, known by its hash alone; `who` names the contact that it came of, if they are
    still here under it. `may_lift`: its owner did not ask for it."""

    key: int
    short: str
    kind: str
    reason: str
    who: str
    at: datetime
    may_lift: bool


@dataclass(frozen=True, slots=True)
class Lost:
    """Why a contact's last mail did not arrive, and whether they are written to at all."""

    says: str
    kind: str
    at: datetime


def stopped(*, address: str = "") -> tuple[Stopped, ...]:
    """The newest first; with an address, that one alone."""
    rows = Suppression.objects.order_by("-at", "-id")
    if address:
        rows = rows.filter(hash=hash_of(address))
    listed = list(rows[:SHOWN])
    uids = {row.recipient for row in listed if row.recipient}
    contacts = {row.uid: row for row in Contact.objects.filter(uid__in=uids).select_related("customer")}
    return tuple(_stopped(row, contacts.get(row.recipient)) for row in listed)


def how_many() -> int:
    """Addresses that are not written to."""
    return Suppression.objects.count()


def strays() -> tuple[StrayMail, ...]:
    """Mail that came in and belongs to nothing, the newest first."""
    return tuple(StrayMail.objects.order_by("-id")[:SHOWN])


def lost(contacts: Iterable[str]) -> dict[str, Lost]:
    """Of these contacts (uids), those whom a mail did not reach or who complained, until somebody tries again."""
    kinds = [*LOST, Kind.COMPLAINED]
    rows = Reaction.objects.filter(recipient__in=list(contacts), kind__in=kinds, answered_at__isnull=True)
    return {row.recipient: Lost(_says(row), row.kind, row.at) for row in rows.order_by("at", "id")}


def _says(row: Reaction) -> str:
    if row.kind == Kind.COMPLAINED:
        return "reported our mail as unwanted"
    return str(row.about.get("says", ""))


def _stopped(row: Suppression, contact: Contact | None) -> Stopped:
    same = contact is not None and hash_of(contact.email) == row.hash
    return Stopped(
        key=row.pk,
        short=row.hash[:8],
        kind=row.kind,
        reason=row.reason,
        who=f"{contact.name}, {contact.customer.title}" if contact is not None and same else "",
        at=row.at,
        may_lift=row.kind != ASKED,
    )
