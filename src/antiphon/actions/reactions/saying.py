"""What a reader says by the link in a mail: that they read it, whether it helped, which version they want."""

import re
from datetime import datetime
from html import unescape
from typing import Final

from django.db.models import Q

from antiphon.actions.catalog import changed
from antiphon.actions.locked import take
from antiphon.core.audiences import Audience, Segment
from antiphon.core.decision import Actor, Refusal
from antiphon.core.events import VersionWished
from antiphon.core.inbound.words import tidy
from antiphon.core.reactions import Kind
from antiphon.core.sending import CLICKED, slot
from antiphon.db.models import Contact, Delivery, Reaction, Text
from antiphon.db.transactions import write

LONGEST_COMMENT: Final = 2_000
BY_CONTACT: Final = "the contact"
"""The origin of a contact's field that they set themselves."""
_LINK: Final = re.compile(re.escape(f'href="{slot(CLICKED)}') + r'([^"]+)"')


def acknowledge(*, delivery: str, now: datetime) -> Refusal | None:
    """They have read it. Saying it twice changes nothing."""
    return _once(delivery, Kind.ACKNOWLEDGED, reference=Kind.ACKNOWLEDGED, now=now)


def rate(*, delivery: str, helpful: bool, comment: str, now: datetime) -> Refusal | None:
    """Whether it was helpful, with a word of theirs if they like; what they said last counts."""
    words = tidy(comment)
    if len(words) > LONGEST_COMMENT:
        return Refusal(f"Say it in at most {LONGEST_COMMENT:,} letters.", "comment")
    with write():
        row = _delivery(delivery)
        if row is None:
            return _gone()
        said = {"kind": Kind.HELPFUL if helpful else Kind.UNHELPFUL, "at": now, "words": words}
        known = {"text": row.text, "recipient": row.recipient}
        Reaction.objects.update_or_create(delivery=row, reference="helpful", defaults=said | known)
    return None


def wish(*, delivery: str, technical: bool, now: datetime) -> Refusal | None:
    """The reader gets the technical version from now on, or the plain one again; this update's is sent if published."""
    with write():
        row = _delivery(delivery)
        contact = Contact.objects.select_related("customer").filter(uid=row.recipient).first() if row else None
        if row is None or contact is None or row.text.about is None:
            return _gone()
        if contact.segment == Segment.TECHNICAL:
            return Refusal("You read the technical version by your role: ask our support to change that.", "version")
        if contact.wants_technical == technical:
            return None
        held = take(row.text.about.uid, actor=Actor("customer", contact.uid), now=now)
        contact.wants_technical = technical
        contact.origins = {**contact.origins, "wants_technical": BY_CONTACT}
        contact.save(update_fields=["wants_technical", "origins"])
        changed.everywhere(now=now)  # another audience may be owed word now
        _note(row, Kind.WANTS_TECHNICAL if technical else Kind.WANTS_PLAIN, now=now)
        wanted = Audience.TECHNICAL if technical else Audience.BUSINESS
        sent = _send_other(row, contact, wanted, now=now)
        held.record([VersionWished(wished=str(wanted), customer=contact.customer.title, sent=sent)])
    return None


def opened(*, delivery: str, now: datetime) -> None:
    """The picture of a mail was fetched, to the minute; only the first time is kept."""
    _once(delivery, Kind.OPENED, reference=Kind.OPENED, now=_to_the_minute(now))


def followed(*, delivery: str, url: str, counts: bool, now: datetime) -> str | None:
    """A link of a mail was followed, which is kept if it `counts`: the address to go on to, or None when it does not
    stand in that mail."""
    row = _delivery(delivery)
    links = _links(row.text) if row else []
    if url not in links:
        return None
    if counts:
        reference = f"{Kind.CLICKED}:{links.index(url)}"
        _once(delivery, Kind.CLICKED, reference=reference, about={"url": url}, now=_to_the_minute(now))
    return url


def _to_the_minute(now: datetime) -> datetime:
    return now.replace(second=0, microsecond=0)


def _links(text: Text) -> list[str]:
    """The addresses that stand in a text, without what comes behind a #: browsers keep that to themselves."""
    found = (unescape(link).partition("#")[0] for link in _LINK.findall(text.body_html))
    return list(dict.fromkeys(found))


def _once(
    delivery: str, kind: Kind, *, reference: str, now: datetime, about: dict[str, object] | None = None
) -> Refusal | None:
    with write(news=False):
        row = _delivery(delivery)
        if row is None:
            return _gone()
        said = {"text": row.text, "recipient": row.recipient, "kind": kind, "at": now, "about": about or {}}
        Reaction.objects.get_or_create(delivery=row, reference=reference, defaults=said)
    return None


def _note(row: Delivery, kind: Kind, *, now: datetime) -> None:
    said = {"text": row.text, "recipient": row.recipient, "kind": kind, "at": now}
    Reaction.objects.update_or_create(delivery=row, reference="version", defaults=said)


def _delivery(uid: str) -> Delivery | None:
    """A message to somebody outside that was handed over."""
    rows = Delivery.objects.filter(uid=uid, outside=True)
    return rows.select_related("text__incident", "text__version", "text__follow_up__incident").first()


def _gone() -> Refusal:
    return Refusal("This message is not kept here any more, so nothing was changed.", "delivery")


def _send_other(row: Delivery, contact: Contact, wanted: Audience, *, now: datetime) -> bool:
    """Queue this update's text for those readers to the contact: the one for all, never one for somebody else."""
    version = row.text.version
    if version is None:
        return False
    texts = Text.objects.filter(version__update=version.update_id, version__part="", audience=wanted, outside=True)
    same = texts.filter(Q(language=row.text.language) | Q(language=contact.language))
    text = same.first() or texts.first()
    if text is None:
        return False
    made = Delivery.objects.bulk_create(
        [
            Delivery(
                purpose=row.purpose,
                priority=row.priority,
                text=text,
                channel="mail",
                address=contact.email,
                recipient=contact.uid,
                slots=row.slots,
                outside=True,
                practice=row.practice,
                created_at=now,
                wake_at=now,
            )
        ],
        ignore_conflicts=True,
    )
    return bool(made)
