"""The stream of alerts, each with what the engine made of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Max, QuerySet

from antiphon.core.decision import Actor
from antiphon.db.models import Alert, AlertGroup, Rule
from antiphon.queries.alert_board import words
from antiphon.queries.readers import seen_by

LOOKED_AT: Final = 50_000
"""Alerts among which a page looks for what no index leads to."""
RESTRICTED = "Part of an incident that is restricted to others."


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupSeen:
    """The group of an alert: where it stands and, in `reason`, why. `rule` is empty where none matched."""

    uid: str
    state: str
    reason: str
    entity: str
    rule: str
    firing: int
    incident: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertSeen:
    """An alert as last observed. `state` is firing, acknowledged or resolved; `count` counts its arrivals; `note`
    says what was mended in it. `group` is None until the engine has looked."""

    id: int
    fingerprint: str
    title: str
    state: str
    severity: str
    integration: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    generator_url: str
    note: str
    starts_at: datetime
    ends_at: datetime | None
    first_seen_at: datetime
    last_seen_at: datetime
    changed_at: datetime
    count: int
    group: GroupSeen | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which alerts; empty means all. `group` is a group's state, `incident` a number, `q` a part of the title."""

    states: tuple[str, ...] = ()
    severities: tuple[str, ...] = ()
    group: str = ""
    integration: str = ""
    incident: int | None = None
    q: str = ""


@dataclass(frozen=True, slots=True)
class Stream:
    """A page of alerts; `older` is what to give as `before` for those under it, None at the end."""

    alerts: tuple[AlertSeen, ...]
    older: int | None


def stream(wanted: Wanted, *, reader: Actor, before: int | None = None, limit: int = 50) -> Stream:
    """Alerts, the last to be first seen on top; those with an id under `before`. Five statements, however many.

    A page that has to look for its alerts looks at `LOOKED_AT` of them and may find few or none, with more under it.
    An incident that the reader may not see is not named.
    """
    rows = _filtered(wanted, reader).select_related("detail", "integration").order_by("-id")
    if before is not None:
        rows = rows.filter(id__lt=before)
    lowest = _lowest(wanted, before)
    found = list(rows.filter(id__gte=lowest)[: limit + 1] if lowest else rows[: limit + 1])
    alerts, more = found[:limit], len(found) > limit
    groups = _groups({alert.group_id for alert in alerts if alert.group_id is not None}, reader)
    return Stream(tuple(_seen(alert, groups) for alert in alerts), alerts[-1].pk if more else lowest or None)


def _lowest(wanted: Wanted, before: int | None) -> int:
    """The lowest id to look at; 0 for all, where an index leads to what is wanted."""
    looks = wanted.severities or wanted.integration or wanted.q or wanted.group
    if not looks or wanted.incident is not None or _open(wanted):
        return 0
    top = before if before is not None else (Alert.objects.aggregate(last=Max("id"))["last"] or 0) + 1
    return max(top - LOOKED_AT, 0)


def _open(wanted: Wanted) -> bool:
    return bool(wanted.states) and "resolved" not in wanted.states


def _filtered(wanted: Wanted, reader: Actor) -> QuerySet[Alert]:
    rows = Alert.objects.open() if _open(wanted) else Alert.objects.all()
    if wanted.states:
        known = {state.name.lower(): state.value for state in Alert.State}
        rows = rows.filter(state__in=[known[word] for word in wanted.states if word in known])
    if wanted.severities:
        rows = rows.filter(severity__in=wanted.severities)
    if wanted.integration:
        rows = rows.filter(integration__name=wanted.integration)
    if wanted.q:
        rows = rows.filter(detail__title__icontains=wanted.q)
    if wanted.group:
        rows = rows.filter(group_id__in=AlertGroup.objects.filter(state=wanted.group).values("id"))
    if wanted.incident is not None:
        theirs = seen_by(reader).filter(number=wanted.incident)
        rows = rows.filter(group_id__in=AlertGroup.objects.filter(incident__in=theirs).values("id"))
    return rows


def _groups(ids: Iterable[int], reader: Actor) -> dict[int, GroupSeen]:
    rows = list(AlertGroup.objects.filter(id__in=ids))
    incidents = {row.incident_id for row in rows}
    numbers = dict(seen_by(reader).filter(pk__in=incidents - {None}).values_list("pk", "number"))
    names = dict(Rule.objects.filter(id__in={row.rule_id for row in rows}).values_list("id", "name")) if rows else {}
    return {
        row.pk: GroupSeen(
            uid=row.uid,
            state=row.state,
            reason=row.reason if row.incident_id is None or row.incident_id in numbers else RESTRICTED,
            entity=row.entity,
            rule=names.get(row.rule_id, "") if row.rule_id is not None else "",
            firing=row.firing,
            incident=numbers.get(row.incident_id) if row.incident_id else None,
        )
        for row in rows
    }


def _seen(alert: Alert, groups: Mapping[int, GroupSeen]) -> AlertSeen:
    detail = alert.detail
    return AlertSeen(
        id=alert.pk,
        fingerprint=alert.fingerprint,
        title=detail.title,
        state=Alert.State(alert.state).name.lower(),
        severity=alert.severity,
        integration=alert.integration.name,
        labels=words(detail.labels),
        annotations=words(detail.annotations),
        generator_url=detail.generator_url,
        note=detail.note,
        starts_at=alert.starts_at,
        ends_at=alert.ends_at,
        first_seen_at=alert.first_seen_at,
        last_seen_at=alert.last_seen_at,
        changed_at=alert.changed_at,
        count=alert.count,
        group=groups.get(alert.group_id) if alert.group_id is not None else None,
    )
