"""Who is on call and whom an incident pages, in the shapes that `core` reads."""

from django.db import models

from antiphon.db.fields import InstantField, UidField
from antiphon.db.models.people import Person


class Rota(models.Model):
    """A rota; `layers` is a list in the shape of `core.oncall.Layer`."""

    uid = UidField()
    name = models.CharField(max_length=120, unique=True)
    zone = models.CharField(max_length=64, default="UTC")
    layers = models.JSONField(default=list)

    class Meta:
        db_table = "rota"
        ordering = ["name"]


class RotaOverride(models.Model):
    """Somebody takes over a rota for a while."""

    uid = UidField()
    rota = models.ForeignKey(Rota, models.CASCADE, related_name="overrides")
    person = models.ForeignKey(Person, models.CASCADE)
    starts_at = InstantField()
    ends_at = InstantField()

    class Meta:
        db_table = "rota_override"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")), name="rota_override_ends_later"
            )
        ]


class Policy(models.Model):
    """An escalation policy; `steps` is a list in the shape of `core.escalation.Step`."""

    uid = UidField()
    name = models.CharField(max_length=120, unique=True)
    steps = models.JSONField(default=list)
    repeat = models.PositiveSmallIntegerField(default=1)
    catch_all = models.ForeignKey(Person, models.PROTECT)

    class Meta:
        db_table = "policy"
        ordering = ["name"]
