"""What is known beside groups of alerts when they are decided, gathered for many with a statement for each table."""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db.models import BigIntegerField
from django.db.models.functions import Cast

from antiphon.core import incidents as declaring
from antiphon.core.declaring import Rule, entity_candidates
from antiphon.core.groups import AlertGroup, AlertView, IncidentView, Known, Window
from antiphon.db import situations
from antiphon.db.fields import from_micros
from antiphon.db.graph import graph
from antiphon.db.models import Affected, Alert, Incident, Maintenance
from antiphon.db.models import AlertGroup as Row
from antiphon.db.models.alerts import OPEN


def read_labels(text: str) -> Mapping[str, str]:
    """Labels as they are stored."""
    loaded: dict[str, Any] = json.loads(text)
    return {name: str(value) for name, value in loaded.items()}


def gathered(groups: Mapping[Row, tuple[AlertGroup, Rule | None]], *, now: datetime) -> dict[int, Known]:
    """All that is known beside each of the groups at `now`, by the group's id."""
    alerts = _alerts([row.pk for row in groups])
    about = {row.pk: _about(alerts[row.pk], rule) for row, (_, rule) in groups.items()}
    entities = {each.entity for each in about.values()}
    graph().reach(entities)  # what the catalog says of all they reach is read together, and kept
    windows = _windows(entities, now=now)
    own = _incidents({group.incident for group, _ in groups.values() if group.incident})
    nearby = _nearby({about[row.pk].entity for row, (group, _) in groups.items() if not group.incident})
    return {
        row.pk: Known(
            alerts=tuple(_view(alert) for alert in alerts[row.pk]),
            entity=about[row.pk].entity,
            named=about[row.pk].named,
            windows=tuple(window for entity, window in windows if entity in ("", about[row.pk].entity)),
            incident=own.get(group.incident) if group.incident else None,
            nearby=None if group.incident else nearby.get((about[row.pk].entity, rule.nature if rule else "real")),
            reach=situations.reach(about[row.pk].entity),
        )
        for row, (group, rule) in groups.items()
    }


@dataclass(frozen=True, slots=True)
class _About:
    """The catalog's name for what alerts are about, and theirs; empty where there is none."""

    entity: str
    named: str


def _about(alerts: list[Any], rule: Rule | None) -> _About:
    candidates = entity_candidates(rule, read_labels(alerts[0].detail__labels) if alerts else {})
    known = graph().entities
    return _About(next((name for name in candidates if name in known), ""), candidates[0] if candidates else "")


_SEEN = (
    "group_id", "integration__uid", "fingerprint", "detail__title", "detail__labels",
    "severity", "state", "started", "ended", "changed",
)  # fmt: skip
_NUMBERS = {
    "started": Cast("starts_at", BigIntegerField()),
    "ended": Cast("ends_at", BigIntegerField()),
    "changed": Cast("changed_at", BigIntegerField()),
}
"""Columns rather than rows, and instants as they are stored: a group may have tens of thousands of alerts."""
_instant = lru_cache(1024)(from_micros)


def _alerts(groups: Collection[int]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {group: [] for group in groups}
    rows = Alert.objects.filter(group_id__in=groups).order_by("starts_at", "id").annotate(**_NUMBERS)
    for row in rows.values_list(*_SEEN, named=True):
        found[row.group_id].append(row)
    return found


def _view(alert: Any) -> AlertView:
    return AlertView(
        uid=f"{alert.integration__uid}:{alert.fingerprint}",
        title=alert.detail__title,
        severity=alert.severity,
        firing=alert.state in OPEN,
        started_at=_instant(alert.started),
        ended_at=None if alert.state in OPEN else _instant(alert.ended or alert.changed),
    )


def _windows(entities: Iterable[str], *, now: datetime) -> list[tuple[str, Window]]:
    """Maintenance that lasts, with the entity it is about; empty: about all."""
    rows = Maintenance.objects.lasting(at=now).filter(entity__in={"", *entities})
    return [
        (r.entity, Window(kind="maintenance", name=r.title, starts_at=r.starts_at, ends_at=r.ends_at)) for r in rows
    ]


def _incidents(uids: Collection[str]) -> dict[str, IncidentView]:
    rows = Incident.objects.filter(uid__in=uids).values_list("uid", "number", "state", "nature")
    return {
        uid: IncidentView(uid=uid, number=number, state=state, nature=nature) for uid, number, state, nature in rows
    }


def _nearby(entities: Collection[str]) -> dict[tuple[str, str], IncidentView]:
    """The oldest open incident on each entity, by nature: to join rather than to open a second one."""
    over = [str(state) for state in declaring.OVER]
    rows = Affected.objects.filter(entity__in=set(entities) - {""}).exclude(incident__state__in=over)
    columns = ("entity", "incident__nature", "incident__uid", "incident__number", "incident__state")
    found: dict[tuple[str, str], IncidentView] = {}
    for entity, nature, uid, number, state in rows.order_by("incident__number").values_list(*columns):
        found.setdefault((entity, nature), IncidentView(uid=uid, number=number, state=state, nature=nature))
    return found
