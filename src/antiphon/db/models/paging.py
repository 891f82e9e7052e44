"""Paging: the escalation of a track, and each page to a person."""

from django.db import models

from antiphon.db.fields import InstantField, UidField
from antiphon.db.models.incidents import Incident
from antiphon.db.models.people import Person


class Escalation(models.Model):
    """Where a track's paging stands: the policy, the cycle, the next step and its instant."""

    uid = UidField()
    incident = models.ForeignKey(Incident, models.CASCADE, related_name="escalations")
    track = models.CharField(max_length=10)
    policy = models.CharField(max_length=120)
    state = models.CharField(max_length=14)
    cycle = models.PositiveIntegerField(default=1)
    step = models.PositiveIntegerField(default=0)
    reason = models.CharField(max_length=300, default="", blank=True)
    started_at = InstantField()
    ended_at = InstantField(null=True)
    acknowledged_by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    wake_at = InstantField(null=True)

    class Meta:
        db_table = "escalation"
        constraints = [
            models.UniqueConstraint(
                fields=["incident", "track"],
                condition=models.Q(state__in=["paging", "exhausted"]),
                name="escalation_one_running",
            )
        ]
        indexes = [models.Index(fields=["wake_at"], name="escalation_wake", condition=models.Q(wake_at__isnull=False))]


class Page(models.Model):
    """One page: an escalation's cycle and step, a person, a channel. `token` opens its page."""

    uid = UidField()
    escalation = models.ForeignKey(Escalation, models.CASCADE, related_name="pages")
    cycle = models.PositiveIntegerField()
    step = models.PositiveIntegerField()
    person = models.ForeignKey(Person, models.CASCADE)
    channel = models.CharField(max_length=20, default="", blank=True)
    token = models.CharField(max_length=64, unique=True)
    at = InstantField()

    class Meta:
        db_table = "page"
        constraints = [
            models.UniqueConstraint(fields=["escalation", "cycle", "step", "person", "channel"], name="page_once")
        ]
