"""What is to be sent, to whom, by which channel, and what came of each attempt."""

from django.db import models

from antiphon.db.fields import InstantField, UidField
from antiphon.db.models.follow_ups import FollowUp
from antiphon.db.models.incidents import Incident
from antiphon.db.models.paging import Page
from antiphon.db.models.rules import Maintenance
from antiphon.db.models.telling import Version


class Text(models.Model):
    """A text as it leaves, in one language: kept once, sent to many. `outside` texts come from `core.wording` only.

    `channels`: its words for a kind of channel (sms, chat, social, voice); where there are none, whoever sends by that
    channel makes a short text of the subject and the page's address.

    It tells of an `incident`, of a `maintenance`, or of one contract's matter (`follow_up`); one of none of them
    asks or tests something.
    """

    incident = models.ForeignKey(Incident, models.CASCADE, null=True, related_name="texts")
    maintenance = models.ForeignKey(Maintenance, models.CASCADE, null=True, related_name="texts")
    version = models.ForeignKey(Version, models.SET_NULL, null=True)
    follow_up = models.ForeignKey(FollowUp, models.CASCADE, null=True, related_name="texts")
    audience = models.CharField(max_length=20)
    outside = models.BooleanField(default=False)
    subject = models.CharField(max_length=300)
    body_text = models.TextField()
    body_html = models.TextField(default="", blank=True)
    channels = models.JSONField(default=dict)
    language = models.CharField(max_length=16, default="en")
    digest = models.CharField(max_length=64)
    created_at = InstantField()

    class Meta:
        db_table = "text"

    @property
    def about(self) -> Incident | None:
        """The incident that it tells of, be it by way of a contract's matter."""
        return self.follow_up.incident if self.follow_up is not None else self.incident


class Delivery(models.Model):
    """One message to one recipient. `uid` is its idempotency id at the provider.

    `lease_until` is in real epoch seconds: no fast clock may hurry a socket.
    """

    uid = UidField()
    purpose = models.CharField(max_length=12)
    priority = models.PositiveSmallIntegerField(default=5)
    text = models.ForeignKey(Text, models.CASCADE, related_name="deliveries")
    page = models.ForeignKey(Page, models.CASCADE, null=True, related_name="deliveries")
    channel = models.CharField(max_length=20)
    address = models.CharField(max_length=500)
    recipient = models.CharField(max_length=40, default="", blank=True)
    slots = models.JSONField(default=dict)
    outside = models.BooleanField(default=False)
    practice = models.BooleanField(default=False)
    state = models.CharField(max_length=10, default="queued")
    reason = models.CharField(max_length=300, default="", blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = InstantField()
    first_at = InstantField(null=True)
    done_at = InstantField(null=True)
    wake_at = InstantField(null=True)
    lease = models.CharField(max_length=32, default="", blank=True)
    lease_until = models.FloatField(null=True)
    reference = models.CharField(max_length=300, default="", blank=True)

    class Meta:
        db_table = "delivery"
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(outside=True, practice=True), name="delivery_practice_stays_inside"
            ),
            models.UniqueConstraint(
                fields=["text", "channel", "address"],
                condition=models.Q(page__isnull=True),
                name="delivery_once",
            ),
        ]
        indexes = [
            models.Index(  # by lane, so that a hundred thousand mails are not passed over to find a page
                fields=["purpose", "channel", "priority", "wake_at"],
                name="delivery_lane",
                condition=models.Q(wake_at__isnull=False),
            ),
            models.Index(
                fields=["recipient", "channel", "done_at"],
                name="delivery_told",
                condition=models.Q(outside=False),
            ),
        ]


class Attempt(models.Model):
    """One try at a delivery and its outcome: sent, retry or dead."""

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="tries")
    at = InstantField()
    outcome = models.CharField(max_length=10)
    detail = models.CharField(max_length=500, default="", blank=True)
    node = models.CharField(max_length=120, default="", blank=True)

    class Meta:
        db_table = "attempt"
        ordering = ["id"]
