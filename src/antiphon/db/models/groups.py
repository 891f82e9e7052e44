"""Alerts that belong together, and what the engine decided about them."""

from django.db import models

from antiphon.db.fields import InstantField, UidField


class AlertGroup(models.Model):
    """Alerts of one rule on one entity; `reason` is what the alerts page shows."""

    uid = UidField()
    key = models.CharField(max_length=300, unique=True)
    rule_id = models.BigIntegerField(null=True)
    entity = models.CharField(max_length=120, default="", blank=True)
    title = models.CharField(max_length=300, default="", blank=True)
    state = models.CharField(max_length=20)
    reason = models.TextField(default="", blank=True)
    firing = models.PositiveIntegerField(default=0)
    snapshot = models.JSONField(default=dict)
    incident = models.ForeignKey("db.Incident", models.SET_NULL, null=True, related_name="groups")
    first_at = InstantField()
    updated_at = InstantField()
    wake_at = InstantField(null=True)

    class Meta:
        db_table = "alert_group"
        indexes = [
            models.Index(fields=["wake_at"], name="alert_group_wake", condition=models.Q(wake_at__isnull=False)),
            models.Index(fields=["state"], name="alert_group_by_state"),
            models.Index(fields=["entity"], name="alert_group_by_entity"),
        ]
