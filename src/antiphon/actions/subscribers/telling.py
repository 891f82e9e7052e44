"""Telling subscribers, in the transaction that publishes to their page, in the words that were approved for it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final

from antiphon.actions.subscribers import delivery_to, keep_text
from antiphon.channels.mail import NAME as MAIL
from antiphon.core import wording
from antiphon.core.languages import spoken
from antiphon.core.sending import Purpose
from antiphon.core.subscriptions import Wishes
from antiphon.db import bulk
from antiphon.db.addresses import base_url
from antiphon.db.models import Delivery, Maintenance, Organisation, Subscriber, Text
from antiphon.db.public import PublicIncident, PublicPage, PublicUpdate
from antiphon.db.subscribers import PAGE, PUBLISHED, is_subscriber, recipient_of

NOTHING: Final[Mapping[str, Text]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What stands on a page since now: its impact and the page's components (uids) that it concerns. `uid` is the
    incident's or, where it is `planned`, the work's."""

    page: PublicPage
    uid: str
    impact: str
    components: frozenset[str]
    planned: bool = False

    @classmethod
    def by(cls, update: PublicUpdate) -> "Published":
        """What an incident's publication said."""
        codes = frozenset(said["code"] for said in update.affected_components)
        shown = update.incident
        return cls(page=shown.page, uid=shown.uid, impact=shown.impact, components=codes)

    def slots(self, base: str) -> Mapping[str, str]:
        """What a message by another way than mail leads to: readers by the link, machines by what is published."""
        folder = "maintenance" if self.planned else "incidents"
        link = "" if self.page.private else f"{self.page.address(base)}{folder}/{self.uid}.html"
        return {"link": link, PAGE: self.page.uid, PUBLISHED: self.uid}


def tell(text: Text, published: Sequence[Published], *, others: Mapping[str, Text] = NOTHING, now: datetime) -> int:
    """Queue this text to whoever subscribed to one of the pages and wants to hear of it; answers how many.

    `others`: the same in other languages, for those who read one of them.

    Who was told of the same incident or work before is told in any case, so that nobody who heard it begin waits for
    its end (RELIABILITY I29). One message goes to an address, on however many pages it subscribed, and none where it
    gets this text as a contact.
    """
    told = Delivery.objects.filter(text__in=[text, *others.values()])
    there = {address.lower() for address in told.values_list("address", flat=True)}
    wanted = {row.address: (row, each) for row, each in _wanted(text, published) if row.address.lower() not in there}
    base = base_url() if wanted else ""
    bulk.write(
        delivery_to(
            row,
            text=others.get(spoken(row.language, otherwise=""), text),
            base=base,
            purpose=Purpose.UPDATE,
            slots={} if row.channel == MAIL else each.slots(base),
            now=now,
        )
        for row, each in wanted.values()
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


def _wanted(text: Text, published: Sequence[Published]) -> Iterator[tuple[Subscriber, Published]]:
    """Who is to hear of it, and by which page."""
    told: frozenset[str] | None = None
    for each in published:
        rows = Subscriber.objects.filter(page=each.page, confirmed_at__isnull=False, ended_at__isnull=True)
        for row in rows.order_by("id").only(*_READ).iterator(BATCH):
            wishes = Wishes(components=frozenset(row.components), impact=row.impact)
            if not wishes.met_by(each.components, each.impact):
                told = _told(text) if told is None else told
                if recipient_of(row.uid) not in told:
                    continue
            yield row, each


_READ: Final = ("uid", "channel", "address", "token", "secret", "components", "impact", "language")
BATCH: Final = 2_000


def _told(text: Text) -> frozenset[str]:
    """Recipients who got anything before about what this text is about."""
    rows = Delivery.objects.filter(outside=True)
    if text.maintenance_id is not None:
        rows = rows.filter(text__maintenance=text.maintenance_id)
    else:
        rows = rows.filter(text__incident=text.incident_id)
    found = rows.exclude(recipient="").values_list("recipient", flat=True).distinct()
    return frozenset(each for each in found if is_subscriber(each))
