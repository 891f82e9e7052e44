"""Status pages beside the installation's own: what each shows and to whom, and the link of a private one."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from antiphon.core.audiences import OUTSIDE
from antiphon.core.decision import Actor, Refusal
from antiphon.core.events import ConfigurationApplied
from antiphon.db import public, public_page, record
from antiphon.db.models import Entity, Organisation, Stream
from antiphon.db.public import Listed, PublicPage
from antiphon.db.transactions import write

READERS = ("customer", "segment", "partner")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a page is to be. `components` by the names of the catalog; `reader`: the customer, partner or segment that
    a private page is for, "" for none."""

    slug: str
    name: str
    audience: str
    private: bool
    reader: str = ""
    components: Sequence[str] = ()


def save(*, shown: Shown, actor: Actor, now: datetime, uid: str = "") -> PublicPage | Refusal:
    """Make a page, or change the one with this uid."""
    with write():
        head = record.lock(record.CONFIGURATION)
        made = keep(shown, uid=uid, now=now)
        if not isinstance(made, Refusal):
            _recorded(head, f"status page {shown.slug} {'changed' if uid else 'added'}", actor=actor, now=now)
    return made


def keep(shown: Shown, *, uid: str, now: datetime) -> PublicPage | Refusal:
    """Write a page as it is to be; call it inside a transaction that has the configuration's lock."""
    row = PublicPage.objects.filter(uid=uid).exclude(slug=public_page.SLUG).first() if uid else None
    refused = _check(shown) or _unkept(row, shown, uid)
    if refused:
        return refused
    entities = Entity.objects.in_bulk(list(shown.components), field_name="name")
    if missing := [name for name in shown.components if name not in entities]:
        return Refusal(f"The catalog knows no “{missing[0]}”: correct or remove it.", "components")
    if shown.reader and not Entity.objects.filter(name=shown.reader, kind__in=READERS).exists():
        return Refusal(f"“{shown.reader}” is no customer, partner or segment of the catalog.", "reader")
    public_page.page(now=now)  # the installation's own page is always the first
    made = _write(row, shown, now=now)
    listed = [entities[name] for name in shown.components]
    public.list_components(
        made, [Listed(uid=each.uid, name=each.public_title or each.title) for each in listed], now=now
    )
    return made


def _unkept(row: PublicPage | None, shown: Shown, uid: str) -> Refusal | None:
    """Why the page that there is cannot become this one."""
    if uid and row is None:
        return Refusal("This page is gone: somebody removed it. Reload the list.", "name")
    if PublicPage.objects.filter(slug=shown.slug).exclude(uid=uid).exists():
        return Refusal(f"There is a page “{shown.slug}” already: choose another address.", "slug")
    if row is not None and _for_others(row, shown) and row.subscribers.exists():
        return Refusal("Its subscribers asked for what it shows now: make another page for other readers.", "audience")
    if row is not None and _tells_others(row, shown):
        return Refusal(
            "What it told so far was for its readers alone: make another page for other readers.", "audience"
        )
    return None


def renew_link(*, page: str, actor: Actor, now: datetime) -> Refusal | None:
    """Give a private page another link; the one before opens it no more, nor do browsers that came by it."""
    with write():
        head = record.lock(record.CONFIGURATION)
        row = PublicPage.objects.select_for_update().filter(uid=page, private=True).first()
        if row is None:
            return Refusal("Only a private page has a link.", "page")
        row.link_version += 1
        row.save(update_fields=["link_version"])
        _recorded(head, f"status page {row.slug} has a new link", actor=actor, now=now)
    return None


def remove(*, page: str, actor: Actor, now: datetime) -> Refusal | None:
    """Take a page away with all that it shows."""
    with write():
        head = record.lock(record.CONFIGURATION)
        row = PublicPage.objects.filter(uid=page).exclude(slug=public_page.SLUG).first()
        if row is None:
            return Refusal("The installation's own page stays; any other is gone already.", "page")
        row.delete()
        public.touch(public_page.page(now=now), now=now)
        _recorded(head, f"status page {row.slug} removed", actor=actor, now=now)
    return None


def _for_others(row: PublicPage, shown: Shown) -> bool:
    """Whether it would tell what not everybody may know, and did not tell before."""
    before = (row.private, row.audience, row.reader)
    return shown.private and before != (shown.private, shown.audience, shown.reader)


def _tells_others(row: PublicPage, shown: Shown) -> bool:
    """Whether texts that stand on it were meant for other readers than it would have (RELIABILITY I28)."""
    reader = shown.reader if shown.private else ""
    return (row.audience, row.reader) != (shown.audience, reader) and row.incidents.exists()


def _write(row: PublicPage | None, shown: Shown, *, now: datetime) -> PublicPage:
    organisation = Organisation.only()
    row = row or PublicPage(zone=organisation.zone)
    row.slug, row.name, row.audience = shown.slug, shown.name.strip(), shown.audience
    row.private, row.reader, row.updated_at = shown.private, shown.reader if shown.private else "", now
    row.save()
    return row


def _recorded(head: Stream, what: str, *, actor: Actor, now: datetime) -> None:
    event = ConfigurationApplied(source="the settings page", changes=(what,))
    record.append(head, [event], actor=actor, now=now)


def _check(shown: Shown) -> Refusal | None:
    if shown.slug == public_page.SLUG:
        return Refusal(
            "“status” is the installation's own page, which has settings of its own: choose another address.", "slug"
        )
    if not re.fullmatch("[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])?", shown.slug):
        return Refusal("Write the address in small letters, digits and hyphens, such as “partners”.", "slug")
    if not shown.name.strip():
        return Refusal("Give the page a name: its readers see it at the top.", "name")
    if shown.audience not in {str(each) for each in OUTSIDE}:
        return Refusal("Choose whose version it shows: public, technical or business.", "audience")
    if shown.audience != "public" and not shown.private:
        return Refusal(
            "Only the public version may stand on a page that everybody can open: make it private.", "audience"
        )
    if shown.reader and not shown.private:
        return Refusal("A page for one reader must be private: others would learn who your customer is.", "reader")
    return None
