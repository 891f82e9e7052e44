"""Subscribers from another system's list. Who ended or erased a subscription here is not brought back by any list."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from antiphon.actions.subscribers import forget_unanswered, is_told, new_token, queue_questions, ways
from antiphon.actions.subscribers.table import Entry, Fault, entries
from antiphon.core.decision import Actor, Refusal
from antiphon.core.events import AccessChanged
from antiphon.core.subscriptions import ASK_AGAIN
from antiphon.db import public_page, record
from antiphon.db.models import Entity, Subscriber
from antiphon.db.public import PublicComponent, PublicPage
from antiphon.db.suppressions import suppressed
from antiphon.db.transactions import write

BATCH = 500


@dataclass
class Imported:
    """What became of the rows. `added` are told from now on, `asked` got the question, `known` stand as they are,
    `ended` and `suppressed` stay out for good, `repeated` stand twice in the file, `faults` are returned."""

    added: int = 0
    asked: int = 0
    known: int = 0
    ended: int = 0
    suppressed: int = 0
    repeated: int = 0
    faults: list[Fault] = field(default_factory=list)


def import_all(
    data: bytes, *, page: str, confirmed: bool, origin: str, actor: Actor, now: datetime
) -> Imported | Refusal:
    """Take a list (CSV) into the page with this slug; again changes nothing. `Unreadable` when it is no list at all.

    With `confirmed` the addresses have said yes elsewhere, as far as their rows do not deny it; all others are asked.
    """
    if page == public_page.SLUG:
        with write():
            public_page.page(now=now)  # it may not have published anything yet
    found = PublicPage.objects.filter(slug=page).first()
    if found is None:
        slugs = ", ".join(PublicPage.objects.order_by("pk").values_list("slug", flat=True)) or "none yet"
        return Refusal(f"There is no status page “{page}”; there are: {slugs}.", "page")
    rows = entries(data, components=_component_names(found))
    done, seen = Imported(), set[str]()
    for batch in _batches(rows, done, seen):
        with write():
            _take(batch, found, done, confirmed=confirmed, origin=origin, now=now)
    if done.added or done.asked:
        with write():
            said = f"{done.added} subscribers of status page {page} imported, {done.asked} asked"
            record.append(record.lock(record.ACCESS), [AccessChanged(what=said)], actor=actor, now=now)
    return done


def _component_names(page: PublicPage) -> dict[str, str]:
    """The uid of each name in small letters: the page's own, and the catalog's."""
    listed = dict(PublicComponent.objects.filter(page=page).values_list("name", "uid"))
    catalog = dict(Entity.objects.filter(uid__in=listed.values()).values_list("name", "uid"))
    return {name.lower(): uid for name, uid in {**catalog, **listed}.items()}


def _batches(rows: Iterator[Entry | Fault], done: Imported, seen: set[str]) -> Iterator[list[Entry]]:
    """Usable rows, each address once; the rest is counted."""
    while some := list(islice(rows, BATCH)):
        usable = []
        for row in some:
            if isinstance(row, Fault):
                done.faults.append(row)
            elif not ways.is_set_up(row.address.way):
                fix = "Set it up first, in the settings or by `antiphon apply`."
                done.faults.append(Fault(row.line, f"Nothing can be sent by {row.address.way} yet.", fix, row.cells))
            elif row.address.name in seen:
                done.repeated += 1
            else:
                seen.add(row.address.name)
                usable.append(row)
        yield usable


def _take(
    batch: Sequence[Entry], page: PublicPage, done: Imported, *, confirmed: bool, origin: str, now: datetime
) -> None:
    PublicPage.objects.select_for_update().get(pk=page.pk)  # nobody else adds the same address meanwhile
    forget_unanswered(now=now)
    addresses = [entry.address.name for entry in batch]
    stopped = suppressed(addresses)
    known = Subscriber.objects.filter(address__in=addresses)
    there = {(row.channel, row.address): row for row in known.filter(page=page)}
    lately = set(known.filter(asked_at__gt=now - ASK_AGAIN).values_list("channel", "address"))
    new: list[Subscriber] = []
    for entry in batch:
        named = entry.address.way, entry.address.name
        row, agreed = there.get(named), confirmed and entry.confirmed
        if row is not None and row.ended_at is not None:
            done.ended += 1
        elif row is not None and (is_told(row) or not agreed):
            done.known += 1
        elif entry.address.name in stopped:
            done.suppressed += 1
        elif row is not None:
            row.confirmed_at = now
            row.save(update_fields=["confirmed_at"])
            done.added += 1
        elif not agreed and named in lately:
            fix = "Import it again after an hour."
            done.faults.append(Fault(entry.line, "This address was asked within the hour.", fix, entry.cells))
        else:
            new.append(_subscriber(entry, page, agreed=agreed, origin=origin, now=now))
    Subscriber.objects.bulk_create(new)
    unasked = [row for row in new if row.confirmed_at is None]
    if unasked:
        queue_questions(unasked, page, known=False, now=now)
    done.asked += len(unasked)
    done.added += len(new) - len(unasked)


def _subscriber(entry: Entry, page: PublicPage, *, agreed: bool, origin: str, now: datetime) -> Subscriber:
    return Subscriber(
        page=page,
        channel=entry.address.way,
        address=entry.address.name,
        secret=entry.address.sealed,
        components=sorted(entry.wishes.components),
        impact=entry.wishes.impact,
        language=entry.language,
        token=new_token(entry.address.way),
        origin=origin,
        asked_at=now,
        confirmed_at=now if agreed else None,
    )
