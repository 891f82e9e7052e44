"""Who asked to hear of a status page, and what for."""

from django.db import models

from antiphon.db.fields import InstantField, UidField
from antiphon.db.public import PublicPage


class Subscriber(models.Model):
    """Somebody who asked to be told what a page publishes. Nothing but the question whether it was really them goes
    to an address before `confirmed_at` (double opt-in).

    `channel`: mail, sms, webhook or chat. `address`: a mail address, a number, or what names a URL without giving it
    away; the URL itself, and what signs what is posted there, stand encrypted in `secret`. `components`: uids of the
    page's components, empty for all. `impact`: the mildest impact that they want to hear of. `token`: the secret of
    their own links. `tries`: wrong codes since the last question.
    """

    uid = UidField()
    page = models.ForeignKey(PublicPage, models.CASCADE, related_name="subscribers")
    channel = models.CharField(max_length=20, default="mail")
    address = models.CharField(max_length=500)
    components = models.JSONField(default=list)
    impact = models.CharField(max_length=12, default="none")
    language = models.CharField(max_length=16, default="", blank=True)
    zone = models.CharField(max_length=64, default="", blank=True)
    token = models.CharField(max_length=43, unique=True)
    secret = models.TextField(default="", blank=True)
    origin = models.CharField(max_length=60, default="", blank=True)
    asked_at = InstantField()
    tries = models.PositiveSmallIntegerField(default=0)
    confirmed_at = InstantField(null=True)
    ended_at = InstantField(null=True)

    class Meta:
        db_table = "subscriber"
        constraints = [models.UniqueConstraint(fields=["page", "channel", "address"], name="subscriber_once")]
        indexes = [
            models.Index(
                fields=["page", "id"],
                name="subscriber_told",
                condition=models.Q(confirmed_at__isnull=False, ended_at__isnull=True),
            ),
        ]
