"""From stored alerts to groups: which group each belongs to. What a group comes to is decided in `groups`."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Q

from antiphon.core.declaring import Rule, RuleSet, entity_candidates, group_key
from antiphon.db import bulk
from antiphon.db.gathering import read_labels
from antiphon.db.graph import graph
from antiphon.db.models import Alert, AlertGroup
from antiphon.db.snapshots import groups
from antiphon.db.transactions import write

BATCH = 100
"""Few enough that the first page of a storm goes out before the storm is sorted."""
LARGE = 100
PAUSE = timedelta(seconds=1)
"""A group with so many alerts that fire is looked at no more than once in this time: a look reads all of them."""
LONGEST_PAUSE = timedelta(seconds=10)
"""The pause grows with the group, a second for each thousand that fire: looks at one must not hold up other pages."""


@dataclass(frozen=True, slots=True)
class Placed:
    """An alert with the group it belongs to."""

    alert: Any
    key: str
    entity: str
    rule: Rule | None


def any_new(*, now: datetime, limit: int) -> list[int]:
    """One piece of work when any alert changed since it was last grouped, else none."""
    return [0] if Alert.objects.filter(dirty=True).exists() else []


def group_changed(_row: int = 0, /, *, now: datetime) -> int:
    """Put alerts that changed into their groups and wake those, a batch at a time; answers how many."""
    with write():
        alerts = _changed()
        if not alerts:
            return 0
        rules = groups.rules()
        known = graph().entities
        placed = [_place(alert, rules, known) for alert in alerts]
        by_key = _wake_groups(placed, now=now)
        _settle(placed, by_key, rules)
    return len(alerts)


def expire(*, now: datetime) -> int:
    """Resolve alerts whose end passed without a re-send, as Alertmanager does; answers how many."""
    with write():
        return Alert.objects.expire_due(now=now)


_READ = (
    "pk", "severity", "rule_id", "rules_revision", "group_id", "integration__name",
    "detail__title", "detail__labels", "detail__annotations",
)  # fmt: skip
"""Columns rather than rows: a storm brings thousands a second."""


def _changed() -> list[Any]:
    rows = Alert.objects.filter(dirty=True).order_by("id")
    if connection.features.has_select_for_update_skip_locked:
        rows = rows.select_for_update(skip_locked=True, of=("self",))
    return list(rows.values_list(*_READ, named=True)[:BATCH])


def _place(alert: Any, rules: RuleSet, known: Collection[str]) -> Placed:
    labels = read_labels(alert.detail__labels)
    rule = rules.rule(_rule_id(alert, labels, rules))
    entity = next((name for name in entity_candidates(rule, labels) if name in known), "")
    key = group_key(rule, labels, integration=alert.integration__name, entity=entity)
    return Placed(alert, key[:300], entity, rule)


def _rule_id(alert: Any, labels: Mapping[str, str], rules: RuleSet) -> int | None:
    """What the intake matched, or a new match when the rules have moved on since."""
    if alert.rules_revision == rules.revision:
        matched: int | None = alert.rule_id
        return matched
    return rules.match(
        labels=labels,
        annotations=json.loads(alert.detail__annotations),
        severity=alert.severity,
        integration=alert.integration__name,
    ).rule_id


def _wake_groups(placed: Iterable[Placed], *, now: datetime) -> dict[str, int]:
    """The groups' ids by key, made where there were none, all due now, large ones soon; so are those left."""
    wanted = {each.key: each for each in placed}
    bulk.write_new(
        [
            bulk.new(
                AlertGroup,
                key=key,
                rule_id=each.rule.id if each.rule else None,
                entity=each.entity,
                title=each.alert.detail__title,
                state="quiet",
                first_at=now,
                updated_at=now,
            )
            for key, each in sorted(wanted.items())
        ],
        unique=["key"],
    )
    left = {each.alert.group_id for each in placed if each.alert.group_id is not None}
    moved = AlertGroup.objects.filter(Q(key__in=wanted) | Q(id__in=left)).values_list("key", "id", "firing")
    AlertGroup.objects.filter(id__in=[group for _, group, firing in moved if firing < LARGE]).update(wake_at=now)
    for group, firing in ((group, firing) for _, group, firing in moved if firing >= LARGE):
        at = now + min(max(PAUSE, PAUSE * firing / 1000), LONGEST_PAUSE)
        later = Q(wake_at__isnull=True) | Q(wake_at__gt=at)
        AlertGroup.objects.filter(later, id=group).update(wake_at=at)
    return {key: group for key, group, _ in moved if key in wanted}


def _settle(placed: Sequence[Placed], ids: Mapping[str, int], rules: RuleSet) -> None:
    """Write each alert's group and clear its mark.

    Nobody can have changed them since they were read: PostgreSQL has locked the rows, SQLite has one writer.
    """
    found = {each.alert.pk: (ids[each.key], each.rule.id if each.rule else None) for each in placed}
    bulk.move(Alert, ["group_id", "rule_id"], found)
    Alert.objects.filter(pk__in=found).update(dirty=False, rules_revision=rules.revision)
