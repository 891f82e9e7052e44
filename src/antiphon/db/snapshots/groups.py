"""Alert groups and rules, as `core.alerts` and `core.declaring` see them."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from antiphon.core.declaring import Rule, RuleSet
from antiphon.core.groups import AlertGroup
from antiphon.core.severity import Severity
from antiphon.db import bulk, revisions
from antiphon.db.classification import current
from antiphon.db.models import groups as rows
from antiphon.db.models.incidents import Incident
from antiphon.db.models.rules import Rule as RuleRow


def load(row: rows.AlertGroup) -> AlertGroup:
    """A group as last saved."""
    if not row.snapshot:
        return AlertGroup(uid=row.uid, key=row.key, rule=row.rule_id, entity=row.entity)
    return msgspec.convert(row.snapshot, AlertGroup)


def put(row: rows.AlertGroup, group: AlertGroup, *, title: str, incident: Incident | None, now: datetime) -> None:
    """Put a group onto its row, which `save` then writes."""
    row.snapshot = msgspec.to_builtins(group)
    row.rule_id, row.entity, row.title = group.rule, group.entity, title
    row.state, row.reason, row.firing = group.state, group.reason, len(group.firing)
    row.incident, row.wake_at, row.updated_at = incident, group.wake_at, now


def save(changed: Sequence[rows.AlertGroup]) -> None:
    """Write rows that there are already, in one statement."""
    bulk.write(changed, unique=["id"], update=_MOVES)


_MOVES = ("rule_id", "entity", "title", "state", "reason", "firing", "snapshot", "incident", "wake_at", "updated_at")


_rules = RuleSet((), -1)


def rules() -> RuleSet:
    """The rules at their present revision, compiled; kept until the revision moves."""
    global _rules
    revision = revisions.current(revisions.RULES)
    if _rules.revision != revision:
        _rules = RuleSet([rule(row) for row in RuleRow.objects.all()], revision, words=current().severities)
    return _rules


def rule(row: RuleRow) -> Rule:
    """One configured rule."""
    return Rule(
        id=row.pk,
        name=row.name,
        position=row.position,
        expression=row.expression,
        hold=timedelta(seconds=row.hold_seconds),
        count=row.count,
        window=timedelta(seconds=row.window_seconds),
        ask=row.ask,
        nature=row.nature,
        incident_type=row.incident_type,
        area=row.area,
        policy=row.policy,
        severity_map={word: None if number is None else Severity(number) for word, number in row.severity_map.items()},
        entity_from=tuple(row.entity_from),
        group_by=tuple(row.group_by),
        declare_unknown=row.declare_unknown,
    )
