"""What a customer is told of its contract once an incident is over: a message of its own, to nobody else."""

from django.db import models

from antiphon.db.fields import InstantField, UidField
from antiphon.db.models.catalog import Contract, Entity
from antiphon.db.models.incidents import Incident
from antiphon.db.models.people import Person


class FollowUp(models.Model):
    """The matter of one contract after one incident, with the message to that contract's customer.

    `figures`: what was reckoned when it was drafted, in the shape of `core.follow_ups.Figures`. An approval holds while
    `digest` stays what it was; `given` is every yes so far. `state`: open, sent, waived or void.
    """

    uid = UidField()
    incident = models.ForeignKey(Incident, models.CASCADE, related_name="follow_ups")
    contract = models.ForeignKey(Contract, models.SET_NULL, null=True, related_name="+")
    customer = models.ForeignKey(Entity, models.SET_NULL, null=True, related_name="+")
    name = models.CharField(max_length=120)
    title = models.CharField(max_length=200)
    asked = models.BooleanField(default=False)
    figures = models.JSONField(default=dict)
    language = models.CharField(max_length=16, default="en")
    subject = models.CharField(max_length=300)
    body = models.TextField()
    digest = models.CharField(max_length=64)
    author = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    edited_at = InstantField()
    given = models.JSONField(default=list)
    approved_digest = models.CharField(max_length=64, default="", blank=True)
    state = models.CharField(max_length=10, default="open")
    reason = models.CharField(max_length=300, default="", blank=True)
    made_at = InstantField()
    settled_at = InstantField(null=True)
    settled_by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")

    class Meta:
        db_table = "follow_up"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["incident", "name"], condition=models.Q(state="open"), name="follow_up_open_once"
            )
        ]
