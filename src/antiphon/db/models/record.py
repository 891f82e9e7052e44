"""The record: events, each carrying the hash of the one before it."""

from django.db import models

from antiphon.db.fields import InstantField


class Stream(models.Model):
    """The head of a stream. Its row is locked while events are appended: the incident's lock too."""

    name = models.CharField(max_length=60, primary_key=True)
    seq = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64, default="", blank=True)

    class Meta:
        db_table = "stream"


class Event(models.Model):
    """One event as stored: `body` is the text that is hashed, `personal` lies beside the chain."""

    stream = models.CharField(max_length=60)
    seq = models.BigIntegerField()
    at = InstantField()
    actor = models.CharField(max_length=60)
    kind = models.CharField(max_length=60)
    version = models.PositiveSmallIntegerField(default=1)
    body = models.TextField()
    personal = models.TextField(default="", blank=True)
    salt = models.CharField(max_length=32, default="", blank=True)
    personal_digest = models.CharField(max_length=64, default="", blank=True)
    previous = models.CharField(max_length=64, default="", blank=True)
    hash = models.CharField(max_length=64)

    class Meta:
        db_table = "event"
        ordering = ["stream", "seq"]
        constraints = [models.UniqueConstraint(fields=["stream", "seq"], name="event_in_order")]
