"""What readers wrote back, for our own people alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Q, QuerySet

from antiphon.core.inbound import split_quoted
from antiphon.core.reactions import Kind
from antiphon.db.models import Contact, Incident, Reaction
from antiphon.queries.people import said_by

SHOWN: Final = 50
FEW: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplySeen:
    """One reply. `seen_at`: where it stands beside the text that it answers. `own` is what they wrote, `quoted` what
    they quote below it; `other_sender`: it was written from another address than the one that we wrote to;
    `attachments` are names, the files were not kept."""

    uid: str
    url: str
    seen_at: str
    who: str
    customer: str
    audience: str
    other_sender: str
    subject: str
    own: str
    quoted: str
    attachments: tuple[str, ...]
    at: datetime
    answered_at: datetime | None
    answered_by: str


def of_incident(incident: Incident, names: Mapping[str, str], *, limit: int = SHOWN) -> tuple[ReplySeen, ...]:
    """The newest first, those that wait for an answer before the others. `names`: people's by uid."""
    rows = list(_rows(incident).select_related("delivery", "text__version__update").order_by("-at", "-id")[:limit])
    rows.sort(key=lambda row: row.answered_at is not None)
    uids = {row.recipient for row in rows}
    contacts = {row.uid: row for row in Contact.objects.filter(uid__in=uids).select_related("customer")}
    return tuple(_seen(row, contacts.get(row.recipient), incident, names) for row in rows)


def newest(incident: Incident) -> tuple[ReplySeen, ...]:
    """The few that the incident's room shows. One statement where there are none."""
    return of_incident(incident, {}, limit=FEW)


def _rows(incident: Incident) -> QuerySet[Reaction]:
    about = Q(text__incident=incident) | Q(text__follow_up__incident=incident)
    return Reaction.objects.filter(about, kind=Kind.REPLIED)


def _moment(row: Reaction) -> str:
    return row.text.version.update.moment if row.text.version else ""


def _seen(row: Reaction, contact: Contact | None, incident: Incident, names: Mapping[str, str]) -> ReplySeen:
    own, quoted = split_quoted(row.words)
    sender = str(row.about.get("from", ""))
    known = sender in ("", row.delivery.address.lower())
    return ReplySeen(
        uid=row.uid,
        url=f"/incidents/{incident.number}/replies/{row.uid}",
        seen_at=f"/incidents/{incident.number}/tell?moment={_moment(row)}#reply-{row.uid}",
        who=contact.name if contact else str(row.about.get("name", "")),
        customer=contact.customer.title if contact else "",
        audience=row.text.audience,
        other_sender="" if known else sender,
        subject=str(row.about.get("subject", "")),
        own=own,
        quoted=quoted,
        attachments=tuple(str(name) for name in row.about.get("attachments", ())),
        at=row.at,
        answered_at=row.answered_at,
        answered_by=said_by(row.answered_by, names),
    )
