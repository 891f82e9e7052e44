"""The only tables a public page may read.

Each row holds text that was published to the audience "public", and nothing else. What a page shows is what the last
publication said, never the live state of an incident (RELIABILITY I26), so nothing here points at another table.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q

from antiphon.core.branding import FIELDS, NO_BRAND, Brand
from antiphon.core.public_words import BY_WEIGHT, COMPONENT_STATUSES, IMPACTS, OPERATIONAL, OVER, STATUSES
from antiphon.db.fields import InstantField, UidField

SLUG = "status"
"""The installation's own page."""
NAMED = "named"
"""Marks a component of an update that is only named there: no status is said of it."""


def _one_of(field: str, values: Sequence[str], table: str) -> models.CheckConstraint:
    return models.CheckConstraint(condition=Q(**{f"{field}__in": values}), name=f"{table}_{field}_known")


class PublicPage(models.Model):
    """One page: its name and address, and the revision that every publication moves.

    `audience`: whose version it shows (public, technical or business). `private`: behind a link or a sign-in, never in
    the public folder; `reader` then names the segment or customer that it is for, as the catalog does. `link_version`
    counts how often its link was renewed: older links open nothing. `language`: of its own words, and of the texts it
    shows where they were written in it. `url` is empty for one that lies below our own address.
    """

    uid = UidField()
    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=200)
    url = models.CharField(max_length=500, help_text="where readers find it, ending in a slash")
    zone = models.CharField(max_length=64, help_text="IANA name; times are shown in it")
    language = models.CharField(max_length=16, default="en")
    audience = models.CharField(max_length=20, default="public")
    private = models.BooleanField(default=False)
    reader = models.CharField(max_length=120, default="", blank=True)
    link_version = models.PositiveIntegerField(default=1)
    revision = models.PositiveBigIntegerField(default=0)
    updated_at = InstantField()

    class Meta:
        app_label = "db"
        db_table = "public_page"

    def __str__(self) -> str:
        return self.name

    def address(self, base: str) -> str:
        """Where readers find it, ending in a slash; `base`: the address of this installation as it is now."""
        return self.url or f"{base}/status/{'' if self.slug == SLUG else f'p/{self.slug}/'}"


class PublicBrand(models.Model):
    """How the `house` shows itself to readers in one row; the row of a page goes before it, value by value.

    `values`: name, accent, support_url, support_phone, footer, from_name. `logo`: a PNG made anew from the one that was
    given; `logo_digest` is its SHA-256 (hex), which names its file.
    """

    house = models.BooleanField(default=False)
    page = models.OneToOneField(PublicPage, on_delete=models.CASCADE, null=True, related_name="brand")
    values = models.JSONField(default=dict)
    logo = models.BinaryField(default=b"")
    logo_digest = models.CharField(max_length=64, default="", blank=True)

    class Meta:
        app_label = "db"
        db_table = "public_brand"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["house"], condition=Q(house=True), name="public_brand_of_the_house")
        ]


class PublicComponent(models.Model):
    """A part of the service as readers know it, with its status as last published. `uid` is the catalog entity's,
    so that a component has the same id on every page that lists it."""

    uid = models.CharField(max_length=12)
    page = models.ForeignKey(PublicPage, on_delete=models.CASCADE, related_name="components")
    group = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="members")
    name = models.CharField(max_length=200)
    description = models.CharField(max_length=1000, blank=True)
    position = models.PositiveIntegerField(default=0)
    status = models.CharField(max_length=24, default="operational")
    created_at = InstantField()
    updated_at = InstantField()

    class Meta:
        app_label = "db"
        db_table = "public_component"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            _one_of("status", COMPONENT_STATUSES, "public_component"),
            models.UniqueConstraint(fields=["page", "uid"], name="public_component_once"),
        ]

    def __str__(self) -> str:
        return self.name


class PublicSpan(models.Model):
    """How a component was published to be, from `began_at` until `ended_at` (null: still); operational has no row."""

    component = models.ForeignKey(PublicComponent, on_delete=models.CASCADE, related_name="spans")
    status = models.CharField(max_length=24)
    began_at = InstantField()
    ended_at = InstantField(null=True)

    class Meta:
        app_label = "db"
        db_table = "public_span"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["component"], condition=Q(ended_at__isnull=True), name="public_span_open_once"
            )
        ]


class PublicIncident(models.Model):
    """An incident, or a maintenance (which alone is scheduled), in public words, as its last publication left it."""

    uid = models.CharField(max_length=12)
    page = models.ForeignKey(PublicPage, on_delete=models.CASCADE, related_name="incidents")
    incident_number = models.PositiveBigIntegerField()
    title = models.CharField(max_length=300)
    impact = models.CharField(max_length=12)
    status = models.CharField(max_length=16)
    started_at = InstantField()
    created_at = InstantField(help_text="first publication")
    updated_at = InstantField(help_text="last publication")
    monitoring_at = InstantField(null=True)
    resolved_at = InstantField(null=True)
    next_update_at = InstantField(null=True)
    scheduled_for = InstantField(null=True)
    scheduled_until = InstantField(null=True)

    class Meta:
        app_label = "db"
        db_table = "public_incident"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            _one_of("status", STATUSES, "public_incident"),
            _one_of("impact", IMPACTS, "public_incident"),
            models.UniqueConstraint(fields=["page", "uid"], name="public_incident_once"),
        ]

    def __str__(self) -> str:
        return f"#{self.incident_number} {self.title}"


class PublicUpdate(models.Model):
    """One publication: the approved text, byte for byte, and what it said about components."""

    uid = UidField()
    incident = models.ForeignKey(PublicIncident, on_delete=models.CASCADE, related_name="updates")
    status = models.CharField(max_length=16)
    body = models.TextField(help_text="Markdown")
    display_at = InstantField()
    affected_components = models.JSONField(default=list)
    next_update_at = InstantField(null=True)

    class Meta:
        app_label = "db"
        db_table = "public_update"
        constraints: ClassVar[list[models.BaseConstraint]] = [_one_of("status", STATUSES, "public_update")]

    def __str__(self) -> str:
        return f"{self.status} at {self.display_at}"


class UnknownComponent(ValueError):
    """A publication names a component that the page does not list."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A component as a page is to list it; `group` is the uid of a listed component that heads it."""

    uid: str
    name: str
    description: str = ""
    group: str | None = None


def open_page(*, slug: str, name: str, url: str, zone: str, now: datetime) -> PublicPage:
    """Create the page with this slug, or give the one that exists its new name, address and zone.

    `url`: an address apart, where the page is handed out by somebody else; empty for one below our own address."""
    told = {"name": name, "url": url, "zone": zone}
    page, created = PublicPage.objects.get_or_create(slug=slug, defaults={"updated_at": now, **told})
    if not created and any(getattr(page, field) != value for field, value in told.items()):
        PublicPage.objects.filter(pk=page.pk).update(**told)
        _bump(page, now)
        page.refresh_from_db()
    return page


def list_components(page: PublicPage, listed: Sequence[Listed], *, now: datetime) -> None:
    """Make the page list exactly these components in this order. A component that stays keeps its status."""
    _bump(page, now)
    PublicComponent.objects.filter(page=page).exclude(uid__in=[entry.uid for entry in listed]).delete()
    rows: dict[str, PublicComponent] = {}
    for position, entry in enumerate(listed, start=1):
        told = {"name": entry.name, "description": entry.description, "position": position}
        rows[entry.uid], _ = PublicComponent.objects.update_or_create(
            page=page,
            uid=entry.uid,
            defaults={**told, "group": None, "updated_at": now},
            create_defaults={**told, "created_at": now, "updated_at": now},
        )
    for entry in listed:
        if entry.group is not None:
            PublicComponent.objects.filter(pk=rows[entry.uid].pk).update(group=_known(rows, entry.group))


def publish(
    page: PublicPage,
    *,
    incident_uid: str,
    number: int,
    title: str,
    impact: str,
    status: str,
    body: str,
    started_at: datetime,
    next_update_at: datetime | None,
    components: Mapping[str, str],
    now: datetime,
    scheduled: tuple[datetime, datetime] | None = None,
    named: Collection[str] = (),
) -> PublicUpdate:
    """Record one publication to the page's audience. Call it inside the action's transaction.

    `body` is the approved text, unchanged; `components` maps a component's uid to the status this publication gives
    it, and leaves the others alone. `scheduled`: from when to when a maintenance is planned; `named`: what it is about,
    of which nothing is said yet. Raises UnknownComponent for a uid that the page does not list.
    """
    _bump(page, now)
    others = _said_by_others(page, incident_uid, components)
    touched = _set_statuses(page, {uid: others.get(uid, said) for uid, said in components.items()}, now)
    touched += _named(page, named)
    incident = PublicIncident.objects.filter(page=page, uid=incident_uid).first() or PublicIncident(
        page=page, uid=incident_uid, created_at=now
    )
    incident.incident_number, incident.title, incident.impact, incident.status = number, title, impact, status
    incident.started_at, incident.updated_at, incident.next_update_at = started_at, now, next_update_at
    incident.scheduled_for, incident.scheduled_until = scheduled or (None, None)
    _mark_progress(incident, status, now)
    incident.save()
    return PublicUpdate.objects.create(
        incident=incident,
        status=status,
        body=body,
        display_at=now,
        affected_components=touched,
        next_update_at=next_update_at,
    )


def not_well(page: PublicPage, incident_uid: str) -> list[str]:
    """The uids of the components that the page lists and that this incident last said were not operational."""
    said: dict[str, str] = {}
    told = PublicUpdate.objects.filter(incident__page=page, incident__uid=incident_uid).order_by("display_at", "pk")
    for components in told.values_list("affected_components", flat=True):
        said |= {touched["code"]: touched["new_status"] for touched in components if not touched.get(NAMED)}
    uids = [uid for uid, status in said.items() if status != OPERATIONAL]
    return list(PublicComponent.objects.filter(page=page, uid__in=uids).values_list("uid", flat=True))


def house_brand() -> Brand:
    """How the house shows itself."""
    return _brand(PublicBrand.objects.filter(house=True).first())


def brand_of(page: PublicPage) -> tuple[Brand, bytes]:
    """How a page shows the house, its own values first, and the PNG of its logo; empty bytes where it has none."""
    rows = {row.page_id: row for row in PublicBrand.objects.filter(Q(house=True) | Q(page=page))}
    own, house = rows.get(page.pk), rows.get(None)
    brand = _brand(own).over(_brand(house))
    picture = next((bytes(row.logo) for row in (own, house) if row is not None and row.logo_digest), b"")
    return brand, picture


def _brand(row: PublicBrand | None) -> Brand:
    if row is None:
        return NO_BRAND
    known = {name: str(value) for name, value in row.values.items() if name in FIELDS}
    return Brand(**known, logo=row.logo_digest)


def touch(page: PublicPage, *, now: datetime) -> None:
    """Let every node render anew."""
    _bump(page, now)


def _bump(page: PublicPage, now: datetime) -> None:
    # First statement of every write: it locks the page's row, so that publications happen one after the other.
    PublicPage.objects.filter(pk=page.pk).update(revision=F("revision") + 1, updated_at=now)


def _set_statuses(page: PublicPage, components: Mapping[str, str], now: datetime) -> list[dict[str, Any]]:
    rows = {row.uid: row for row in PublicComponent.objects.filter(page=page, uid__in=components)}
    touched = []
    for uid, new_status in components.items():
        row = _known(rows, uid)
        touched.append({"code": uid, "name": row.name, "old_status": row.status, "new_status": new_status})
        if row.status != new_status:
            PublicComponent.objects.filter(pk=row.pk).update(status=new_status, updated_at=now)
            _turn(row, new_status, now)
    return touched


def _named(page: PublicPage, uids: Collection[str]) -> list[dict[str, Any]]:
    """Components as they are; their status is what others said of them, not what this publication says."""
    rows = PublicComponent.objects.filter(page=page, uid__in=list(uids)).order_by("position", "pk")
    return [
        {"code": row.uid, "name": row.name, "old_status": row.status, "new_status": row.status, NAMED: True}
        for row in rows
    ]


def _said_by_others(page: PublicPage, incident_uid: str, components: Mapping[str, str]) -> dict[str, str]:
    """What other open incidents last said of components that are well again for this one."""
    well = {uid for uid, status in components.items() if status == OPERATIONAL}
    if not well:
        return {}
    others = PublicIncident.objects.filter(page=page).exclude(uid=incident_uid).exclude(status__in=OVER)
    said: dict[tuple[int, str], str] = {}
    for update in PublicUpdate.objects.filter(incident__in=others).order_by("display_at", "pk"):
        for touched in update.affected_components:
            if touched["code"] in well and not touched.get(NAMED):
                said[update.incident_id, touched["code"]] = touched["new_status"]
    worst: dict[str, str] = {}
    for (_, uid), status in said.items():
        worst[uid] = max(worst.get(uid, OPERATIONAL), status, key=BY_WEIGHT.index)
    return worst


def _turn(component: PublicComponent, status: str, now: datetime) -> None:
    """End the span of what was published before, and begin that of what is published now."""
    PublicSpan.objects.filter(component=component, ended_at__isnull=True).update(ended_at=now)
    if status != OPERATIONAL:
        PublicSpan.objects.create(component=component, status=status, began_at=now)


def _known(rows: Mapping[str, PublicComponent], uid: str) -> PublicComponent:
    try:
        return rows[uid]
    except KeyError:
        raise UnknownComponent(f"The status page lists no component {uid!r}. List it first, or leave it out.") from None


def _mark_progress(incident: PublicIncident, status: str, now: datetime) -> None:
    """Keep the first instant of monitoring and of resolution; an incident that opens again loses them."""
    if status in ("investigating", "identified", "scheduled", "in_progress", "verifying"):
        incident.monitoring_at = incident.resolved_at = None
    elif status == "monitoring":
        incident.monitoring_at, incident.resolved_at = incident.monitoring_at or now, None
    else:
        incident.resolved_at = incident.resolved_at or now
