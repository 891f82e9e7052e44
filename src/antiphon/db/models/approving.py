"""Drafts that wait for somebody's yes: until when, who was asked, and how far it has been escalated."""

from django.db import models

from antiphon.db.fields import InstantField, UidField
from antiphon.db.models.people import Person
from antiphon.db.models.telling import Update


class ApprovalWait(models.Model):
    """An update whose texts wait for approval. `due_at`: by when the yes should be there, or the next in line is told;
    `step` counts those told after the first; `state` is waiting, returned (with the note of who sent it back) or over.
    `asked_by` is empty when the program asked."""

    update = models.OneToOneField(Update, models.CASCADE, related_name="wait")
    state = models.CharField(max_length=10, default="waiting")
    step = models.PositiveSmallIntegerField(default=0)
    asked_at = InstantField()
    asked_by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    due_at = InstantField()
    ended_at = InstantField(null=True)
    returned_by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    note = models.TextField(default="", blank=True)
    wake_at = InstantField(null=True)

    class Meta:
        db_table = "approval_wait"
        indexes = [models.Index(fields=["wake_at"], name="approval_wake", condition=models.Q(wake_at__isnull=False))]


class ApprovalAsk(models.Model):
    """One person asked for their yes to texts of an update: `digests` by audience, as they stood then. `digest` is over
    all of them, so that the same words are put to the same person once. Its signed uid is the link in the message."""

    uid = UidField()
    update = models.ForeignKey(Update, models.CASCADE, related_name="asks")
    person = models.ForeignKey(Person, models.CASCADE)
    digest = models.CharField(max_length=64)
    digests = models.JSONField(default=dict)
    at = InstantField()
    expires_at = InstantField()

    class Meta:
        db_table = "approval_ask"
        constraints = [models.UniqueConstraint(fields=["update", "person", "digest"], name="approval_ask_once")]
