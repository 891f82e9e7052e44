"""From stored alerts to groups: which group each belongs to. What a group comes to is decided in `groups`."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import BigIntegerField, Case, F, Q, Value, When

from antiphon.core.declaring import Rule, RuleSet, entity_candidates, group_key
from antiphon.db.graph import graph
from antiphon.db.models import Alert, AlertGroup
from antiphon.db.snapshots import groups
from antiphon.db.transactions import write

BATCH = 100
"""Few enough that the first page of a storm goes out before the storm is sorted."""
LARGE = 100
PAUSE = timedelta(seconds=1)
"""A group with so many alerts that fire is looked at no more than once in this time: a look reads all of them."""


@dataclass(frozen=True, slots=True)
class Placed:
    """An alert with the group it belongs to."""

    alert: Alert
    key: str
    entity: str
    rule: Rule | None


def any_new(*, now: datetime, limit: int) -> list[int]:
    """One piece of work when any alert changed since it was last grouped, else none."""
    return [0] if Alert.objects.filter(dirty=True).exists() else []


def group_changed(_row: int = 0, /, *, now: datetime) -> int:
    """Put alerts that changed into their groups and wake those, a batch at a time; answers how many.

    An alert that changes again in between keeps its mark: the mark is cleared only for the revision
    that was read.
    """
    with write():
        alerts = _changed()
        if not alerts:
            return 0
        rules = groups.rules()
        placed = [_place(alert, rules) for alert in alerts]
        by_key = _wake_groups(placed, now=now)
        _settle(placed, by_key, rules)
    return len(alerts)


def expire(*, now: datetime) -> int:
    """Resolve alerts whose end passed without a re-send, as Alertmanager does; answers how many."""
    with write():
        return Alert.objects.expire_due(now=now)


def labels_of(alert: Alert) -> Mapping[str, str]:
    """The alert's labels; its detail must have been selected with it."""
    return read_labels(alert.detail.labels)


def read_labels(text: str) -> Mapping[str, str]:
    """Labels as they are stored."""
    loaded: dict[str, Any] = json.loads(text)
    return {name: str(value) for name, value in loaded.items()}


def _changed() -> list[Alert]:
    rows = Alert.objects.filter(dirty=True).select_related("detail", "integration").order_by("id")
    if connection.features.has_select_for_update_skip_locked:
        rows = rows.select_for_update(skip_locked=True, of=("self",))
    return list(rows[:BATCH])


def _place(alert: Alert, rules: RuleSet) -> Placed:
    labels = labels_of(alert)
    rule = rules.rule(_rule_id(alert, labels, rules))
    known = graph().entities
    entity = next((name for name in entity_candidates(rule, labels) if name in known), "")
    key = group_key(rule, labels, integration=alert.integration.name, entity=entity)
    return Placed(alert, key[:300], entity, rule)


def _rule_id(alert: Alert, labels: Mapping[str, str], rules: RuleSet) -> int | None:
    """What the intake matched, or a new match when the rules have moved on since."""
    if alert.rules_revision == rules.revision:
        return alert.rule_id
    return rules.match(
        labels=labels,
        annotations=json.loads(alert.detail.annotations),
        severity=alert.severity,
        integration=alert.integration.name,
    ).rule_id


def _wake_groups(placed: Iterable[Placed], *, now: datetime) -> dict[str, int]:
    """The groups' ids by key, made where there were none, all due now, large ones soon; so are those left."""
    wanted = {each.key: each for each in placed}
    AlertGroup.objects.bulk_create(
        [
            AlertGroup(
                key=key,
                rule_id=each.rule.id if each.rule else None,
                entity=each.entity,
                title=each.alert.detail.title,
                state="quiet",
                first_at=now,
                updated_at=now,
            )
            for key, each in sorted(wanted.items())
        ],
        ignore_conflicts=True,
    )
    ids = dict(AlertGroup.objects.filter(key__in=wanted).values_list("key", "id"))
    left = {each.alert.group_id for each in placed if each.alert.group_id is not None}
    moved = AlertGroup.objects.filter(id__in={*ids.values(), *left})
    moved.filter(firing__lt=LARGE).update(wake_at=now)
    large = moved.filter(Q(wake_at__isnull=True) | Q(wake_at__gt=now + PAUSE), firing__gte=LARGE)
    large.update(wake_at=now + PAUSE)
    return ids


def _settle(placed: Iterable[Placed], ids: Mapping[str, int], rules: RuleSet) -> None:
    """Write each alert's group and clear its mark, in one statement, guarded by the revision that was read."""
    by_id = {each.alert.pk: each for each in placed}
    unchanged = Case(
        *(When(pk=pk, revision=each.alert.revision, then=Value(False)) for pk, each in by_id.items()),
        default=Value(True),
    )
    Alert.objects.filter(pk__in=by_id).update(
        dirty=unchanged,
        group_id=Case(*(When(pk=pk, then=Value(ids[each.key])) for pk, each in by_id.items())),
        rule_id=Case(
            *(When(pk=pk, then=Value(each.rule.id if each.rule else None)) for pk, each in by_id.items()),
            default=F("rule_id"),
            output_field=BigIntegerField(),
        ),
        rules_revision=rules.revision,
    )
