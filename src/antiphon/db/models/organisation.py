"""The organisation this installation serves, its settings, and the revisions that caches follow."""

from django.db import models

from antiphon.db.fields import InstantField
from antiphon.db.transactions import remembered


class Organisation(models.Model):
    """The single row (id 1) of what holds for the whole house."""

    name = models.CharField(max_length=120, default="Our company")
    zone = models.CharField(max_length=64, default="UTC")
    language = models.CharField(max_length=16, default="en")
    currency = models.CharField(max_length=3, default="EUR")
    base_url = models.CharField(max_length=300, default="", blank=True)
    support = models.CharField(max_length=300, default="", blank=True)
    technical_policy = models.CharField(max_length=120, default="", blank=True)
    business_policy = models.CharField(max_length=120, default="", blank=True)
    settings = models.JSONField(default=dict)
    set_up_at = InstantField(null=True)

    class Meta:
        db_table = "organisation"
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="organisation_is_one")]

    @classmethod
    def only(cls) -> "Organisation":
        """The row, or its defaults before anything was set."""
        return remembered("organisation", lambda: cls.objects.filter(id=1).first() or cls(id=1))


class ChannelSettings(models.Model):
    """A channel's settings; `secrets` is encrypted with the installation's key."""

    channel = models.CharField(max_length=20, unique=True)
    values = models.JSONField(default=dict)
    secrets = models.TextField(default="", blank=True)

    class Meta:
        db_table = "channel_settings"


class Revision(models.Model):
    """A counter bumped in the transaction that changes what a cache holds (rules, catalog, public)."""

    name = models.CharField(max_length=40, primary_key=True)
    number = models.BigIntegerField(default=0)

    class Meta:
        db_table = "revision"


class Node(models.Model):
    """A web, engine or sender process as it last reported itself (real seconds, not the clock's)."""

    name = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=20)
    version = models.CharField(max_length=40)
    started_real = models.FloatField()
    seen_real = models.FloatField()

    class Meta:
        db_table = "node"
