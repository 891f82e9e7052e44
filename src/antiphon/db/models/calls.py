"""Calls to the largest accounts: whom somebody of ours rings up, by when, and what came of each try."""

from django.db import models

from antiphon.db.fields import InstantField, UidField
from antiphon.db.models.catalog import Contact
from antiphon.db.models.incidents import Incident
from antiphon.db.models.people import Person


class Call(models.Model):
    """A call that one account is owed: that it is open (`opening`), or that it is over (`closing`).

    `customer` is its name in the catalog. Name and number of whom to ring up are read from `contact`, never copied, so
    that erasing a contact takes them away here too; practice rings nobody up. `state`: open, done, waived or void.
    """

    uid = UidField()
    incident = models.ForeignKey(Incident, models.CASCADE, related_name="calls")
    customer = models.CharField(max_length=120)
    title = models.CharField(max_length=200)
    contact = models.ForeignKey(Contact, models.SET_NULL, null=True, related_name="+")
    kind = models.CharField(max_length=10)
    owner = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    practice = models.BooleanField(default=False)
    state = models.CharField(max_length=10, default="open")
    outcome = models.CharField(max_length=12, default="", blank=True)
    reason = models.CharField(max_length=300, default="", blank=True)
    made_at = InstantField()
    due_at = InstantField()
    warned_at = InstantField(null=True)
    overdue_at = InstantField(null=True)
    settled_at = InstantField(null=True)
    wake_at = InstantField(null=True)

    class Meta:
        db_table = "call"
        ordering = ["due_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(practice=False) | models.Q(contact__isnull=True), name="call_practice_stays_inside"
            ),
            models.UniqueConstraint(
                fields=["incident", "customer"], condition=models.Q(state="open"), name="call_open_once"
            ),
        ]
        indexes = [models.Index(fields=["wake_at"], name="call_wake", condition=models.Q(wake_at__isnull=False))]


class CallAttempt(models.Model):
    """One try at a call: reached, asks, message or not_reached, with what was said."""

    call = models.ForeignKey(Call, models.CASCADE, related_name="attempts")
    at = InstantField()
    person = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    outcome = models.CharField(max_length=12)
    note = models.CharField(max_length=500, default="", blank=True)

    class Meta:
        db_table = "call_attempt"
        ordering = ["id"]
