"""Posts on networks that take none from a program: a person copies the approved words and says where they stand."""

from django.db import models

from antiphon.db.fields import InstantField, UidField
from antiphon.db.models.incidents import Incident
from antiphon.db.models.people import Person
from antiphon.db.models.telling import Version


class SocialPost(models.Model):
    """One approved public text to be posted on one network. `state`: open, posted or void."""

    uid = UidField()
    incident = models.ForeignKey(Incident, models.CASCADE, related_name="social_posts")
    version = models.ForeignKey(Version, models.CASCADE, related_name="+")
    network = models.CharField(max_length=40)
    text = models.TextField()
    state = models.CharField(max_length=10, default="open")
    made_at = InstantField()
    due_at = InstantField()
    url = models.CharField(max_length=500, default="", blank=True)
    posted_at = InstantField(null=True)
    posted_by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")

    class Meta:
        db_table = "social_post"
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["version", "network"], name="social_post_once")]
