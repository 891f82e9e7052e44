"""Telling subscribers, in the transaction that publishes to their page, in the words that were approved for it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from antiphon.actions.subscribers import MAIL, delivery_to, keep_text
from antiphon.core import wording
from antiphon.core.sending import Purpose
from antiphon.core.subscriptions import Wishes
from antiphon.db import bulk
from antiphon.db.addresses import base_url
from antiphon.db.models import Delivery, Maintenance, Organisation, Subscriber, Text
from antiphon.db.public import PublicIncident, PublicPage, PublicUpdate
from antiphon.db.subscribers import is_subscriber, recipient_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What stands on a page since now: its impact and the page's components (uids) that it concerns."""

    page: PublicPage
    impact: str
    components: frozenset[str]

    @classmethod
    def by(cls, update: PublicUpdate) -> "Published":
        """What an incident's publication said."""
        codes = frozenset(said["code"] for said in update.affected_components)
        return cls(page=update.incident.page, impact=update.incident.impact, components=codes)


def tell(text: Text, published: Sequence[Published], *, now: datetime) -> int:
    """Queue this text to whoever subscribed to one of the pages and wants to hear of it; answers how many.

    Who was told of the same incident or work before is told in any case, so that nobody who heard it begin waits for
    its end (RELIABILITY I29). One mail goes to an address, on however many pages it subscribed, and none where it gets
    this text as a contact.
    """
    there = {address.lower() for address in Delivery.objects.filter(text=text).values_list("address", flat=True)}
    found = _wanted(text, published)
    wanted = {address: (uid, token) for uid, address, token in found if address not in there}
    base = base_url() if wanted else ""
    bulk.write(
        delivery_to(uid, address, token, text=text, base=base, purpose=Purpose.UPDATE, now=now)
        for address, (uid, token) in wanted.items()
    )
    return len(wanted)


def tell_of_plan(row: Maintenance, published: Sequence[Published], *, reminder: bool, now: datetime) -> None:
    """Queue what the pages say of planned work now, word for word; nothing where none says anything."""
    shown = PublicIncident.objects.filter(uid=row.uid).order_by("pk").first()
    said = shown.updates.order_by("-display_at", "-pk").first() if shown else None
    if shown is None or said is None:
        return
    text = wording.seal_planned(
        title=shown.title,
        body=said.body,
        window=(shown.scheduled_for or shown.started_at, shown.scheduled_until or shown.started_at),
        reminder=reminder,
        zone=Organisation.only().zone,
    )
    tell(keep_text(text, maintenance=row, now=now), published, now=now)


def _wanted(text: Text, published: Sequence[Published]) -> Iterator[tuple[str, str, str]]:
    """(uid, address, token) of each."""
    told: frozenset[str] | None = None
    for each in published:
        rows = Subscriber.objects.filter(
            page=each.page, channel=MAIL, confirmed_at__isnull=False, ended_at__isnull=True
        ).order_by("id")
        for uid, address, token, components, impact in rows.values_list(
            "uid", "address", "token", "components", "impact"
        ):
            wishes = Wishes(components=frozenset(components), impact=impact)
            if not wishes.met_by(each.components, each.impact):
                told = _told(text) if told is None else told
                if recipient_of(uid) not in told:
                    continue
            yield uid, address, token


def _told(text: Text) -> frozenset[str]:
    """Recipients who got anything before about what this text is about."""
    rows = Delivery.objects.filter(outside=True)
    if text.maintenance_id is not None:
        rows = rows.filter(text__maintenance=text.maintenance_id)
    else:
        rows = rows.filter(text__incident=text.incident_id)
    found = rows.exclude(recipient="").values_list("recipient", flat=True).distinct()
    return frozenset(each for each in found if is_subscriber(each))
