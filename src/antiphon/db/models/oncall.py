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


class DutyRole(models.Model):
    """Who holds a business role that a question pulls in (finance, legal, account managers …): a person or a rota.

    `kind` is person (then `target` is a uid) or rota (a name). `page_from`: the mildest severity at which the role is
    paged, 1–5; at a milder one they are told by a notice. 0: a notice always.
    """

    uid = UidField()
    role = models.CharField(max_length=30, unique=True)
    kind = models.CharField(max_length=10)
    target = models.CharField(max_length=120)
    page_from = models.PositiveSmallIntegerField(default=2)

    class Meta:
        db_table = "duty_role"
        ordering = ["role"]
