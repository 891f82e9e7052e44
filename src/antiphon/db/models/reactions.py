"""What comes back from the readers of a text, and the mail of which nobody can tell what it belongs to."""

from django.db import models

from antiphon.db.fields import InstantField, UidField
from antiphon.db.models.deliveries import Delivery, Text


class Reaction(models.Model):
    """Something that came back of one delivery. It goes with its incident.

    `kind` is a word of `core.reactions`. `reference` names it within its delivery, so that the same thing told twice is
    one row. `recipient` as in the delivery. `words`: what the reader wrote; inside information. `about`: the rest that
    was said: {"says", "server"} (why it came back, and in their words), {"from", "subject", "attachments"}, {"url"}.
    """

    uid = UidField()
    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="reactions")
    text = models.ForeignKey(Text, models.CASCADE, related_name="reactions")
    recipient = models.CharField(max_length=40, default="", blank=True)
    kind = models.CharField(max_length=20)
    reference = models.CharField(max_length=64)
    at = InstantField()
    words = models.TextField(default="", blank=True)
    about = models.JSONField(default=dict)
    answered_at = InstantField(null=True)
    answered_by = models.CharField(max_length=60, default="", blank=True)

    class Meta:
        db_table = "reaction"
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["delivery", "reference"], name="reaction_once")]
        indexes = [
            models.Index(fields=["recipient", "kind"], name="reaction_by_recipient"),
            models.Index(fields=["kind", "at"], name="reaction_by_kind"),
        ]


class StrayMail(models.Model):
    """Mail that came in and belongs to nothing we sent, or cannot be read; `why` says which. The oldest give way."""

    uid = UidField()
    reference = models.CharField(max_length=64, unique=True)
    sender = models.CharField(max_length=320, default="", blank=True)
    subject = models.CharField(max_length=300, default="", blank=True)
    words = models.TextField(default="", blank=True)
    why = models.CharField(max_length=300)
    at = InstantField()

    class Meta:
        db_table = "stray_mail"
        ordering = ["-id"]
