"""What is looked at again after a major incident: the templates that its texts were made of."""

from django.db import models

from antiphon.db.fields import InstantField, UidField
from antiphon.db.models.incidents import Incident
from antiphon.db.models.people import Person


class TemplateReview(models.Model):
    """A template that spoke in a major incident, to be looked at. `number`: the organisation's own version, 0 for the
    shipped text; `verdict`: kept or changed, then with the number of the version that came of it."""

    uid = UidField()
    incident = models.ForeignKey(Incident, models.CASCADE, related_name="template_reviews")
    audience = models.CharField(max_length=20)
    language = models.CharField(max_length=16)
    name = models.CharField(max_length=80)
    number = models.PositiveIntegerField(default=0)
    made_at = InstantField()
    verdict = models.CharField(max_length=10, default="", blank=True)
    changed_to = models.PositiveIntegerField(null=True)
    done_at = InstantField(null=True)
    done_by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")

    class Meta:
        db_table = "template_review"
        ordering = ["audience", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["incident", "audience", "language", "name", "number"], name="template_review_once"
            )
        ]
        indexes = [
            models.Index(
                fields=["audience", "name"], name="template_review_open", condition=models.Q(done_at__isnull=True)
            )
        ]
