"""Read one page's tables into a `PublicState`. The only place where `pages` meets the database."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.db.models import Sum

from antiphon.db.public import PublicComponent, PublicIncident, PublicPage, PublicSpan, PublicUpdate, brand_of
from antiphon.pages.state import (
    HISTORY_DAYS,
    Component,
    Incident,
    PublicState,
    Span,
    Touched,
    Update,
    known_impact,
    worst_status,
)

_THIS_MACHINE = ("127.0.0.1", "::1", "localhost")
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
NOT_SET_UP = PublicState(uid="0" * 12, name="Service status", url="", zone="UTC", revision=0, updated_at=_NEVER)
"""Shown until somebody gives the page a name: nothing is listed and nothing is claimed."""


def revision() -> int:
    """What every publication to any page moves. One small aggregate: cheap enough to ask each second."""
    return PublicPage.objects.aggregate(total=Sum("revision"))["total"] or 0


def others() -> list[tuple[str, bool]]:
    """The pages beside the installation's own: where each lies, and whether it is private."""
    pages = PublicPage.objects.order_by("pk")[1:]
    return [(page.slug, page.private) for page in pages]


def load(slug: str | None = None, *, base: str = "") -> PublicState:
    """The page with this slug (without one: the oldest) with all it has published, in six queries.

    `base`: the address of the installation, below which pages lie that have none of their own."""
    # The revision is read first: a publication that lands in between leaves it behind and is picked up next time.
    page = _page(slug)
    if page is None:
        return NOT_SET_UP
    published = _incidents(page)
    brand, logo = brand_of(page)
    return PublicState(
        uid=page.uid,
        name=page.name,
        url=page.address(base),
        zone=_known_zone(page.zone),
        revision=page.revision,
        updated_at=page.updated_at,
        components=_components(page),
        incidents=tuple(each for each in published if each.scheduled_for is None),
        maintenances=tuple(each for each in published if each.scheduled_for is not None),
        audience=page.audience,
        subscribe_url=_subscribe_url(page, base),
        language=page.language,
        brand=brand,
        logo=logo,
    )


def _page(slug: str | None) -> PublicPage | None:
    pages = PublicPage.objects.order_by("pk")
    return (pages if slug is None else pages.filter(slug=slug)).first()


def _subscribe_url(page: PublicPage, base: str) -> str:
    """The form of the installation that the page belongs to; none for a private page, or for one with an address apart
    while no other than this machine reaches the installation."""
    url = page.address(base)
    for folder in ("status/", f"status/p/{page.slug}/"):
        if url.endswith(f"/{folder}") and not page.private:
            return f"{url.removesuffix(folder)}subscribe/{page.slug}"
    reached = bool(base) and urlsplit(base).hostname not in _THIS_MACHINE
    return f"{base}/subscribe/{page.slug}" if reached and not page.private else ""


def _known_zone(name: str) -> str:
    try:
        return ZoneInfo(name).key
    except (KeyError, ValueError, OSError):  # not found, no name of a zone, the name of a folder
        return "UTC"


def _components(page: PublicPage) -> tuple[Component, ...]:
    rows = list(PublicComponent.objects.filter(page=page).select_related("group").order_by("position", "pk"))
    members: dict[str, list[PublicComponent]] = defaultdict(list)
    for row in rows:
        if row.group is not None:
            members[row.group.uid].append(row)
    spans = _spans(page)
    return tuple(_with_members(_component(row, spans.get(row.pk, ())), members[row.uid]) for row in rows)


def _spans(page: PublicPage) -> dict[int, tuple[Span, ...]]:
    """Those that end within the past half year or last: more than any bar shows, and few rows."""
    since = page.updated_at - timedelta(days=2 * HISTORY_DAYS)
    rows = PublicSpan.objects.filter(component__page=page).exclude(ended_at__lt=since).order_by("began_at", "pk")
    spans: dict[int, tuple[Span, ...]] = {}
    for row in rows:
        spans[row.component_id] = (*spans.get(row.component_id, ()), Span(row.status, row.began_at, row.ended_at))
    return spans


def _component(row: PublicComponent, spans: tuple[Span, ...]) -> Component:
    return Component(
        uid=row.uid,
        name=row.name,
        description=row.description,
        status=row.status,
        position=row.position,
        group_uid=row.group.uid if row.group else None,
        created_at=row.created_at,
        updated_at=row.updated_at,
        spans=spans,
    )


def _with_members(component: Component, rows: list[PublicComponent]) -> Component:
    if not rows:
        return component
    return replace(component, members=tuple(row.uid for row in rows), status=worst_status(row.status for row in rows))


def _incidents(page: PublicPage) -> tuple[Incident, ...]:
    updates: dict[int, list[Update]] = defaultdict(list)
    for row in PublicUpdate.objects.filter(incident__page=page).order_by("-display_at", "-pk"):
        updates[row.incident_id].append(_update(row))
    rows = PublicIncident.objects.filter(page=page).order_by("-created_at", "-pk")
    return tuple(_incident(row, updates[row.pk]) for row in rows)


def _incident(row: PublicIncident, updates: list[Update]) -> Incident:
    return Incident(
        uid=row.uid,
        number=row.incident_number,
        title=row.title,
        impact=known_impact(row.impact),
        status=row.status,
        started_at=row.started_at,
        created_at=row.created_at,
        updated_at=row.updated_at,
        monitoring_at=row.monitoring_at,
        resolved_at=row.resolved_at,
        next_update_at=row.next_update_at,
        updates=tuple(updates),
        scheduled_for=row.scheduled_for,
        scheduled_until=row.scheduled_until,
    )


def _update(row: PublicUpdate) -> Update:
    return Update(
        uid=row.uid,
        status=row.status,
        body=row.body,
        display_at=row.display_at,
        next_update_at=row.next_update_at,
        touched=tuple(
            Touched(code=said["code"], name=said["name"], old_status=said["old_status"], new_status=said["new_status"])
            for said in row.affected_components
        ),
    )
