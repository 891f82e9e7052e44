"""The service catalog: what there is, what depends on what, and who it is promised to.

`origins` says of each field who set it last, in the words of `core.sources.origins`: "person:<uid>" and mostly the day,
"file" (an applied configuration), or the import it came from ("backstage", "opslevel", "customers", "api:<token>"). Of
`extra`, each key has its own ("extra.<key>"). An import changes only what it set itself and what nobody has set.
"""

from django.db import models

from antiphon.db.fields import InstantField, UidField


class Entity(models.Model):
    """One thing in the catalog. `kind` is service, component, application, workflow, customer,
    segment, partner, team or vendor; `name` is how links, alerts and files refer to it.

    `redundancy`: a list of {"of": [names], "up": k}: it works while k of these that it depends on work; what it
    depends on besides is needed each. `revenue_profile`: a list of {"days": [0 (Monday) … 6], "from": "09:00",
    "to": "18:00", "factor": 2.0} in `zone` (empty: the organisation's); outside of all, the factor is 1.
    `documents`: a list of {"kind": runbook|diagram|dashboard|document, "title", "url"}. `users`: how many people
    use it. `regions`: where it runs, or where a customer is served from; empty: everywhere.
    """

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
    documents = models.JSONField(default=list)
    contact = models.CharField(max_length=300, default="", blank=True)
    users = models.PositiveIntegerField(null=True)
    regions = models.JSONField(default=list)
    redundancy = models.JSONField(default=list)
    revenue_profile = models.JSONField(default=list)
    zone = models.CharField(max_length=64, default="", blank=True)
    extra = models.JSONField(default=dict)
    origins = models.JSONField(default=dict)
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
    origin = models.CharField(max_length=60, default="", blank=True)

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
    response_minutes = models.PositiveIntegerField(null=True)
    credits = models.TextField(default="", blank=True)
    origins = models.JSONField(default=dict)

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
    phone = models.CharField(max_length=40, default="", blank=True)
    unsubscribed_at = InstantField(null=True)
    origins = models.JSONField(default=dict)

    class Meta:
        db_table = "contact"
        constraints = [models.UniqueConstraint(fields=["customer", "email"], name="contact_once")]


class Suppression(models.Model):
    """An address that is never written to again, kept as a keyed hash so that erasure holds.

    `kind`: asked (its owner said no, which nobody here may undo), bounced or complained. `recipient`: whose delivery
    it came of, as far as they are still known.
    """

    hash = models.CharField(max_length=64, unique=True)
    kind = models.CharField(max_length=12, default="asked")
    recipient = models.CharField(max_length=40, default="", blank=True)
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


class StatusSpan(models.Model):
    """How an entity was from `began_at` until `ended_at` (null: still), and why. Only the present one is open.

    `state` is a word of `core.status`; times in which all was well have no row.
    """

    entity = models.ForeignKey(Entity, models.CASCADE, related_name="status_spans")
    state = models.CharField(max_length=20)
    why = models.JSONField(default=list)
    began_at = InstantField()
    ended_at = InstantField(null=True)

    class Meta:
        db_table = "status_span"
        constraints = [
            models.UniqueConstraint(
                fields=["entity"], condition=models.Q(ended_at__isnull=True), name="status_open_once"
            )
        ]
        indexes = [models.Index(fields=["entity", "began_at"], name="status_by_entity")]


class Ticket(models.Model):
    """Something a customer wrote to the support desk, imported to see how they speak.

    Of what was written only the words are kept that `core.segments` found, in `text`; `subject` stays empty. They go
    with the contact, whoever takes that away; `contact` is null where the writer is not known.
    """

    uid = UidField()
    customer = models.ForeignKey(Entity, models.CASCADE, related_name="tickets")
    contact = models.ForeignKey(Contact, models.CASCADE, null=True, related_name="tickets")
    origin = models.CharField(max_length=60)
    reference = models.CharField(max_length=120)
    subject = models.CharField(max_length=300, default="", blank=True)
    text = models.TextField(default="", blank=True)
    at = InstantField()

    class Meta:
        db_table = "ticket"
        constraints = [models.UniqueConstraint(fields=["origin", "reference"], name="ticket_once")]


class SegmentSuggestion(models.Model):
    """A segment that a contact's words suggest. Nobody is told by it until a person has confirmed it.

    `evidence`: a list of {"signal", "words", "weight", "source"}; `state`: open, confirmed or dismissed.
    """

    uid = UidField()
    contact = models.OneToOneField(Contact, models.CASCADE, related_name="suggestion")
    segment = models.CharField(max_length=20)
    score = models.FloatField()
    evidence = models.JSONField(default=list)
    state = models.CharField(max_length=12, default="open")
    made_at = InstantField()
    decided_at = InstantField(null=True)
    decided_by = models.CharField(max_length=60, default="", blank=True)

    class Meta:
        db_table = "segment_suggestion"
        indexes = [models.Index(fields=["state", "id"], name="suggestion_by_state")]
