"""The service catalog: what there is, what depends on what, and who it is promised to."""

from django.db import models

from antiphon.db.fields import InstantField, UidField


class Entity(models.Model):
    """One thing in the catalog. `kind` is service, component, application, workflow, customer,
    segment, partner, team or vendor; `name` is how links, alerts and files refer to it."""

    uid = UidField()
    kind = models.CharField(max_length=20)
    name = models.CharField(max_length=120, unique=True)
    title = models.CharField(max_length=200)
    public_title = models.CharField(max_length=200, default="", blank=True)
    description = models.TextField(default="", blank=True)
    environment = models.CharField(max_length=20, default="production")
    customer_facing = models.BooleanField(null=True)
    internal = models.BooleanField(default=False)
    tier = models.PositiveSmallIntegerField(null=True)
    revenue_per_minute = models.FloatField(null=True)
    data_classes = models.JSONField(default=list)
    strategic = models.BooleanField(default=False)
    critical_periods = models.JSONField(default=list)
    on_status_page = models.BooleanField(default=False)
    owner = models.CharField(max_length=120, default="", blank=True)
    policy = models.CharField(max_length=120, default="", blank=True)
    runbook = models.CharField(max_length=500, default="", blank=True)
    extra = models.JSONField(default=dict)
    updated_at = InstantField()

    class Meta:
        db_table = "entity"
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(revenue_per_minute__isnull=True) | models.Q(revenue_per_minute__gte=0),
                name="entity_revenue_not_negative",
            )
        ]

    def __str__(self) -> str:
        return self.title


class Link(models.Model):
    """`source` depends on, serves, is owned by or is contracted for `target`."""

    source = models.ForeignKey(Entity, models.CASCADE, related_name="links_out")
    target = models.ForeignKey(Entity, models.CASCADE, related_name="links_in")
    kind = models.CharField(max_length=20)

    class Meta:
        db_table = "link"
        constraints = [
            models.UniqueConstraint(fields=["source", "target", "kind"], name="link_once"),
        ]


class Contract(models.Model):
    """What a customer was promised for a service, in minutes."""

    uid = UidField()
    name = models.CharField(max_length=120, unique=True)
    customer = models.ForeignKey(Entity, models.CASCADE, related_name="contracts")
    service = models.ForeignKey(Entity, models.CASCADE, related_name="contracted")
    starts_at = InstantField()
    ends_at = InstantField()
    resolution_minutes = models.PositiveIntegerField(null=True)
    downtime_minutes_per_month = models.PositiveIntegerField(null=True)
    update_minutes = models.PositiveIntegerField(null=True)
    credits = models.TextField(default="", blank=True)

    class Meta:
        db_table = "contract"
        ordering = ["name"]


class Contact(models.Model):
    """Someone at a customer who is told. `segment` is technical, business or untagged."""

    uid = UidField()
    customer = models.ForeignKey(Entity, models.CASCADE, related_name="contacts")
    name = models.CharField(max_length=120)
    email = models.EmailField()
    segment = models.CharField(max_length=20, default="untagged")
    wants_technical = models.BooleanField(default=False)
    zone = models.CharField(max_length=64, default="", blank=True)
    language = models.CharField(max_length=16, default="", blank=True)
    unsubscribed_at = InstantField(null=True)

    class Meta:
        db_table = "contact"
        constraints = [models.UniqueConstraint(fields=["customer", "email"], name="contact_once")]


class Suppression(models.Model):
    """An address that is never written to again, kept as a keyed hash so that erasure holds."""

    hash = models.CharField(max_length=64, unique=True)
    reason = models.CharField(max_length=200)
    at = InstantField()

    class Meta:
        db_table = "suppression"


class Stakeholder(models.Model):
    """An inside reader of an audience: internal, executives, support, legal or responders."""

    audience = models.CharField(max_length=20)
    name = models.CharField(max_length=120)
    email = models.EmailField()

    class Meta:
        db_table = "stakeholder"
        constraints = [models.UniqueConstraint(fields=["audience", "email"], name="stakeholder_once")]
