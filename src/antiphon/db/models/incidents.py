"""The incident, its two tracks, and the work on them: snapshots of the present."""

from django.db import models

from antiphon.db.fields import InstantField, UidField
from antiphon.db.models.people import Person


class Incident(models.Model):
    """An incident as it stands. `state` is derived in `core.incidents` and kept here to be listed."""

    uid = UidField()
    number = models.PositiveIntegerField(unique=True)
    title = models.CharField(max_length=300)
    incident_type = models.CharField(max_length=20)
    area = models.CharField(max_length=40, default="", blank=True)
    nature = models.CharField(max_length=10, default="real")
    severity = models.PositiveSmallIntegerField()
    impact = models.CharField(max_length=10)
    urgency = models.CharField(max_length=10)
    priority = models.CharField(max_length=10)
    state = models.CharField(max_length=20)
    policy = models.CharField(max_length=120, default="", blank=True)
    restricted = models.BooleanField(default=False)
    detected_at = InstantField()
    detected_by = models.CharField(max_length=200, default="", blank=True)
    declared_at = InstantField()
    stable_since = InstantField(null=True)
    stable_reached_at = InstantField(null=True)
    resolved_at = InstantField(null=True)
    reopened_at = InstantField(null=True)
    closed_at = InstantField(null=True)
    cancelled_at = InstantField(null=True)
    merged_into = models.ForeignKey("self", models.SET_NULL, null=True, related_name="merged")
    how = models.TextField(default="", blank=True)
    verified = models.TextField(default="", blank=True)
    nothing_to_restore = models.BooleanField(default=False)
    changes = models.TextField(default="", blank=True)
    sla_impact = models.TextField(default="", blank=True)
    firing = models.PositiveIntegerField(default=0)
    wake_at = InstantField(null=True)
    updated_at = InstantField()

    class Meta:
        db_table = "incident"
        ordering = ["-number"]
        indexes = [
            models.Index(fields=["state", "-number"], name="incident_by_state"),
            models.Index(fields=["wake_at"], name="incident_wake", condition=models.Q(wake_at__isnull=False)),
            models.Index(fields=["closed_at"], name="incident_closed", condition=models.Q(closed_at__isnull=False)),
            models.Index(
                fields=["cancelled_at"], name="incident_cancelled", condition=models.Q(cancelled_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.number} {self.title}"


class Affected(models.Model):
    """A catalog entity that the incident is about, by name. `share`: how much of its work is hit, above 0 up to 1
    (null: nobody said, all of it counts); `region`: where, when it is hit in one region only."""

    incident = models.ForeignKey(Incident, models.CASCADE, related_name="affected")
    entity = models.CharField(max_length=120)
    reason = models.CharField(max_length=300, default="", blank=True)
    share = models.FloatField(null=True)
    region = models.CharField(max_length=60, default="", blank=True)
    added_at = InstantField()

    class Meta:
        db_table = "affected"
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["incident", "entity"], name="affected_once")]


class Track(models.Model):
    """One of the two lines of work: not_needed, open or done; the technical one has a stage."""

    incident = models.ForeignKey(Incident, models.CASCADE, related_name="tracks")
    kind = models.CharField(max_length=10)
    state = models.CharField(max_length=12)
    stage = models.CharField(max_length=20, default="", blank=True)
    lead = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    opened_at = InstantField(null=True)
    done_at = InstantField(null=True)

    class Meta:
        db_table = "track"
        constraints = [models.UniqueConstraint(fields=["incident", "kind"], name="track_once")]


class Task(models.Model):
    """Something a track has to do."""

    uid = UidField()
    track = models.ForeignKey(Track, models.CASCADE, related_name="tasks")
    key = models.CharField(max_length=40, default="", blank=True)
    title = models.CharField(max_length=300)
    due_at = InstantField(null=True)
    done_at = InstantField(null=True)
    done_by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    owner = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")

    class Meta:
        db_table = "task"
        ordering = ["id"]


class RoleAssignment(models.Model):
    """Who holds a role in an incident: commander, communications, scribe, technical_lead, …"""

    incident = models.ForeignKey(Incident, models.CASCADE, related_name="roles")
    role = models.CharField(max_length=30)
    person = models.ForeignKey(Person, models.CASCADE)
    assigned_at = InstantField()

    class Meta:
        db_table = "role_assignment"
        constraints = [models.UniqueConstraint(fields=["incident", "role"], name="role_once")]


class Workaround(models.Model):
    """A temporary measure. It stays on the books until it is removed, or waived with an owner."""

    uid = UidField()
    incident = models.ForeignKey(Incident, models.CASCADE, related_name="workarounds")
    title = models.CharField(max_length=300)
    added_at = InstantField()
    removed_at = InstantField(null=True)
    waived_owner = models.CharField(max_length=120, default="", blank=True)
    waived_until = InstantField(null=True)

    class Meta:
        db_table = "workaround"
        ordering = ["id"]


class Verdict(models.Model):
    """Technical, business or both, as `core.questions.verdict` holds it."""

    incident = models.OneToOneField(Incident, models.CASCADE, related_name="verdict")
    kind = models.CharField(max_length=10)
    snapshot = models.JSONField(default=dict)
    wake_at = InstantField(null=True)

    class Meta:
        db_table = "verdict"
        indexes = [models.Index(fields=["wake_at"], name="verdict_wake", condition=models.Q(wake_at__isnull=False))]


class GivenAnswer(models.Model):
    """A person's answer to one of the six questions, with the reason."""

    incident = models.ForeignKey(Incident, models.CASCADE, related_name="given_answers")
    number = models.PositiveSmallIntegerField()
    answer = models.CharField(max_length=10)
    reason = models.TextField()
    person = models.ForeignKey(Person, models.SET_NULL, null=True)
    at = InstantField()

    class Meta:
        db_table = "given_answer"
        ordering = ["id"]


class Promise(models.Model):
    """Anything said to come by a time; kept or broken, never forgotten. `prepare_at`: when a draft for it is to be made
    (empty: there is nothing to do), `prepared_at` when that was done."""

    uid = UidField()
    incident = models.ForeignKey(Incident, models.CASCADE, related_name="promises")
    audience = models.CharField(max_length=20)
    what = models.CharField(max_length=30)
    state = models.CharField(max_length=10, default="open")
    reason = models.CharField(max_length=300, default="", blank=True)
    made_at = InstantField()
    due_at = InstantField()
    prepared_at = InstantField(null=True)
    warned_at = InstantField(null=True)
    settled_at = InstantField(null=True)
    prepare_at = InstantField(null=True)
    wake_at = InstantField(null=True)

    class Meta:
        db_table = "promise"
        ordering = ["due_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["incident", "audience", "what"],
                condition=models.Q(state="open"),
                name="promise_open_once",
            )
        ]
        indexes = [
            models.Index(fields=["wake_at"], name="promise_wake", condition=models.Q(wake_at__isnull=False)),
            models.Index(fields=["prepare_at"], name="promise_prepare", condition=models.Q(prepare_at__isnull=False)),
            models.Index(fields=["state", "due_at"], name="promise_by_state"),
        ]


class Review(models.Model):
    """The blameless look back; opened when the incident is resolved. `business_needed`: yes, no or "" (not said yet):
    whether the business track was needed, which makes the figures of over- and under-escalation."""

    uid = UidField()
    incident = models.OneToOneField(Incident, models.CASCADE, related_name="review")
    opened_at = InstantField()
    due_at = InstantField()
    went_well = models.TextField(default="", blank=True)
    went_badly = models.TextField(default="", blank=True)
    causes = models.TextField(default="", blank=True)
    business_needed = models.CharField(max_length=10, default="", blank=True)
    business_reason = models.CharField(max_length=300, default="", blank=True)
    done_at = InstantField(null=True)

    class Meta:
        db_table = "review"
        indexes = [models.Index(fields=["due_at"], name="review_to_do", condition=models.Q(done_at__isnull=True))]
