"""Alerts and where they come from. The intake writes these tables with SQL of its own."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from django.db import models, transaction
from django.db.models import F, Q

from antiphon.core.observations import State
from antiphon.db.fields import InstantField, UidField

# The intake writes parent and child in one transaction; a trigger for each row of a storm would
# cost PostgreSQL more than the row itself.
BULK: dict[str, Any] = {"db_constraint": False}


class Integration(models.Model):
    """A sender of alerts, or of mail that came back: its key (kept as a hash) and how its words for severity map to
    ours."""

    class Kind(models.TextChoices):
        """The format that the sender speaks."""

        ALERTMANAGER = "alertmanager", "Prometheus Alertmanager"
        PAGERDUTY = "pagerduty", "PagerDuty Events v2"
        MAIL = "mail", "Mail that comes back"

    id = models.BigAutoField(primary_key=True)
    uid = UidField()
    name = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    key_hash = models.CharField(max_length=64, unique=True)
    key_hint = models.CharField(max_length=4)
    enabled = models.BooleanField(default=True)
    severity_map = models.TextField(default="{}")
    created_at = InstantField()

    class Meta:
        db_table = "integration"

    def __str__(self) -> str:
        return self.name


class AlertQuerySet(models.QuerySet["Alert"]):
    """Alerts by what matters, and set-based moves outside the intake."""

    def open(self) -> "AlertQuerySet":
        """Those that fire or are acknowledged. The states stand in the statement itself, not beside it as values:
        SQLite uses an index on a part of a table only when it sees that the part is meant."""
        return cast("AlertQuerySet", self.extra(where=["alert.state IN (1, 2)"]))

    def expire_due(self, *, now: datetime, limit: int = 1000) -> int:
        """Resolve open alerts whose end has passed without a re-send; answers how many.

        One transaction of at most `limit` alerts; call again while it answers `limit`.
        """
        with transaction.atomic():
            due = self.open().filter(ends_at__lte=now).order_by("id")
            ids = list(
                due.select_for_update(skip_locked=True).values_list("id", flat=True)[:limit]
                if _locks_rows(self.db)
                else due.values_list("id", flat=True)[:limit]
            )
            if ids:
                self._resolve(ids, now)
        return len(ids)

    def _resolve(self, ids: Sequence[int], now: datetime) -> None:
        self.filter(id__in=ids).update(state=State.RESOLVED, changed_at=now, revision=F("revision") + 1, dirty=True)
        note = "Nobody sent it again before its end."
        AlertLog.objects.bulk_create(
            AlertLog(alert_id=alert_id, at=now, kind=AlertLog.Kind.RESOLVED, note=note) for alert_id in ids
        )


def _locks_rows(alias: str) -> bool:
    return bool(transaction.get_connection(alias).features.has_select_for_update_skip_locked)


class Alert(models.Model):
    """The narrow row: what every observation changes. Text lives in AlertDetail.

    `revision` moves with each transition or change of content: whoever clears `dirty` guards the
    update by the revision it read. Only the engine sets `group_id`. `digest` names the content.
    """

    class State(models.IntegerChoices):
        """Where the alert stands."""

        FIRING = State.FIRING.value, "Firing"
        ACKNOWLEDGED = State.ACKNOWLEDGED.value, "Acknowledged"
        RESOLVED = State.RESOLVED.value, "Resolved"

    id = models.BigAutoField(primary_key=True)
    integration = models.ForeignKey(
        Integration, on_delete=models.PROTECT, related_name="alerts", **BULK, db_index=False
    )
    fingerprint = models.CharField(max_length=16)
    state = models.SmallIntegerField(choices=State.choices)
    severity = models.CharField(max_length=10)
    starts_at = InstantField()
    ends_at = InstantField(null=True)
    first_seen_at = InstantField()
    last_seen_at = InstantField()
    changed_at = InstantField()
    count = models.BigIntegerField(default=1)
    revision = models.BigIntegerField(default=1)
    dirty = models.BooleanField(default=True)
    rule_id = models.BigIntegerField(null=True)
    rules_revision = models.BigIntegerField(default=-1)
    digest = models.BigIntegerField(default=0)
    group_id = models.BigIntegerField(null=True)

    objects = AlertQuerySet.as_manager()

    class Meta:
        db_table = "alert"
        constraints = [
            models.UniqueConstraint(fields=["integration", "fingerprint"], name="alert_one_per_fingerprint"),
        ]
        indexes = [
            models.Index(fields=["id"], condition=Q(dirty=True), name="alert_dirty"),
            models.Index(fields=["id"], condition=Q(state__in=(1, 2)), name="alert_open"),
            models.Index(fields=["group_id"], condition=Q(group_id__isnull=False), name="alert_by_group"),
        ]


OPEN = (Alert.State.FIRING, Alert.State.ACKNOWLEDGED)


class AlertDetail(models.Model):
    """The wide part of an alert, written when its content changes. JSON is kept as text."""

    alert = models.OneToOneField(Alert, on_delete=models.CASCADE, primary_key=True, related_name="detail", **BULK)
    labels = models.TextField()
    annotations = models.TextField(default="{}")
    extra = models.TextField(default="{}")
    generator_url = models.TextField(default="")
    title = models.TextField()
    note = models.TextField(default="")

    class Meta:
        db_table = "alert_detail"


class AlertLog(models.Model):
    """A transition of an alert; re-sends leave none."""

    class Kind(models.TextChoices):
        """What happened."""

        FIRED = "fired", "Fired"
        RESOLVED = "resolved", "Resolved"
        ACKNOWLEDGED = "acknowledged", "Acknowledged"
        CHANGED = "changed", "Severity changed"

    id = models.BigAutoField(primary_key=True)
    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="log", **BULK)
    at = InstantField()
    kind = models.CharField(max_length=12, choices=Kind.choices)
    note = models.TextField(default="")

    class Meta:
        db_table = "alert_log"


class UnreadableAlert(models.Model):
    """What a known sender sent and nobody could read: kept raw (capped), and shown."""

    id = models.BigAutoField(primary_key=True)
    integration = models.ForeignKey(Integration, on_delete=models.PROTECT)
    at = InstantField()
    sender_error = models.TextField()
    raw = models.BinaryField()

    class Meta:
        db_table = "unreadable_alert"
        indexes = [models.Index(fields=["at"], name="unreadable_alert_at")]


class Notice(models.Model):
    """Something about an integration that a person should know, such as that it is limited."""

    class Kind(models.TextChoices):
        """What there is to know."""

        LIMITED = "limited", "Sends more than its limit"

    id = models.BigAutoField(primary_key=True)
    integration = models.ForeignKey(Integration, on_delete=models.CASCADE)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    opened_at = InstantField()
    last_at = InstantField()
    count = models.BigIntegerField(default=1)

    class Meta:
        db_table = "notice"
        constraints = [
            models.UniqueConstraint(fields=["integration", "kind"], name="notice_one_per_integration_and_kind")
        ]


class ChangeEvent(models.Model):
    """A deployment or other change that a sender reported: a suspect, never an alert."""

    id = models.BigAutoField(primary_key=True)
    integration = models.ForeignKey(Integration, on_delete=models.PROTECT)
    at = InstantField()
    summary = models.TextField()
    source = models.TextField(default="")
    details = models.TextField(default="{}")
    links = models.TextField(default="[]")

    class Meta:
        db_table = "change_event"
        indexes = [models.Index(fields=["at"], name="change_event_at")]


class SpoolMark(models.Model):
    """How far a spool was replayed; written with what was replayed, so that nothing is twice."""

    spool = models.CharField(max_length=40, primary_key=True)
    position = models.BigIntegerField()

    class Meta:
        db_table = "spool_mark"
