"""Which alerts become incidents, and when they are left alone."""

from datetime import datetime

from django.db import models

from antiphon.db.fields import InstantField, UidField


class Rule(models.Model):
    """One rule in the shape of `core.declaring.Rule`; the first that matches wins."""

    uid = UidField()
    position = models.PositiveIntegerField(default=0)
    name = models.CharField(max_length=120, unique=True)
    expression = models.TextField(default="", blank=True)
    hold_seconds = models.PositiveIntegerField(default=0)
    count = models.PositiveIntegerField(default=1)
    window_seconds = models.PositiveIntegerField(default=0)
    ask = models.BooleanField(default=False)
    nature = models.CharField(max_length=10, default="real")
    incident_type = models.CharField(max_length=20, default="", blank=True)
    area = models.CharField(max_length=40, default="", blank=True)
    policy = models.CharField(max_length=120, default="", blank=True)
    severity_map = models.JSONField(default=dict)
    declare_unknown = models.BooleanField(default=False)
    entity_from = models.JSONField(default=list)
    group_by = models.JSONField(default=list)

    class Meta:
        db_table = "rule"
        ordering = ["position", "id"]


class MaintenanceQuerySet(models.QuerySet["Maintenance"]):
    """Windows by their times."""

    def lasting(self, *, at: datetime) -> "MaintenanceQuerySet":
        """Those in which alerts are held back at that instant."""
        return self.filter(starts_at__lte=at, ends_at__gt=at).exclude(state="cancelled")


class Maintenance(models.Model):
    """Planned work: alerts on `entity` (or all, when empty) open nothing while it lasts.

    With a `body` it is announced on the pages that list what it is about, once somebody else than its author has
    approved exactly this text (`approved_digest`). `state` is a word of `core.maintenance`; `remind_minutes`: how long
    before the start subscribers are reminded (0: not at all).
    """

    uid = UidField()
    title = models.CharField(max_length=200)
    entity = models.CharField(max_length=120, default="", blank=True)
    starts_at = InstantField()
    ends_at = InstantField()
    body = models.TextField(default="", blank=True)
    state = models.CharField(max_length=12, default="scheduled")
    remind_minutes = models.PositiveIntegerField(default=0)
    reminded_at = InstantField(null=True)
    author = models.CharField(max_length=60, default="", blank=True)
    approved_by = models.CharField(max_length=60, default="", blank=True)
    approved_digest = models.CharField(max_length=64, default="", blank=True)
    approved_at = InstantField(null=True)
    wake_at = InstantField(null=True)

    objects = MaintenanceQuerySet.as_manager()

    class Meta:
        db_table = "maintenance"
        ordering = ["starts_at"]
        indexes = [
            models.Index(fields=["wake_at"], name="maintenance_wake", condition=models.Q(wake_at__isnull=False)),
        ]
