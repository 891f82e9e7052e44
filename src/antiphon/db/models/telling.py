"""Facts, the versions made from them, their approvals, and what was published."""

from django.db import models

from antiphon.db.fields import InstantField, UidField
from antiphon.db.models.incidents import Incident
from antiphon.db.models.people import Person


class Fact(models.Model):
    """Something known, entered once, with who may know it. A correction supersedes it.

    `translations`: its words in other languages (language → text), where a person gave them.
    """

    uid = UidField()
    incident = models.ForeignKey(Incident, models.CASCADE, related_name="facts")
    name = models.CharField(max_length=30)
    text = models.TextField()
    translations = models.JSONField(default=dict)
    audiences = models.JSONField(default=list)
    confidence = models.CharField(max_length=10, default="confirmed")
    source = models.CharField(max_length=200, default="", blank=True)
    at = InstantField()
    superseded_by = models.CharField(max_length=12, default="", blank=True)

    class Meta:
        db_table = "fact"
        ordering = ["id"]


class Update(models.Model):
    """One telling: a version for each audience it is for, published all at once. `prepared_at`: when the program made
    it of the facts last; empty when a person began it."""

    uid = UidField()
    incident = models.ForeignKey(Incident, models.CASCADE, related_name="updates")
    moment = models.CharField(max_length=20)
    state = models.CharField(max_length=12, default="draft")
    next_update_at = InstantField(null=True)
    created_at = InstantField()
    prepared_at = InstantField(null=True)
    published_at = InstantField(null=True)

    class Meta:
        db_table = "update"
        ordering = ["id"]
        indexes = [models.Index(fields=["state", "incident"], name="update_by_state")]


class Version(models.Model):
    """An audience's own text of an update. An approval holds while `digest` stays what it was; `given` is every yes so
    far, of which several may be needed. `part`: the uid of the one customer or segment that it is for, "" for all.

    `channels`: its words for a kind of channel (sms, chat, social, voice) that mail and page do not share.
    `translations`: language → its subject, body, channels and findings; `language` is that of the columns themselves.
    """

    update = models.ForeignKey(Update, models.CASCADE, related_name="versions")
    audience = models.CharField(max_length=20)
    part = models.CharField(max_length=12, default="", blank=True)
    part_name = models.CharField(max_length=120, default="", blank=True)
    subject = models.CharField(max_length=300)
    body = models.TextField()
    language = models.CharField(max_length=16, default="en")
    channels = models.JSONField(default=dict)
    translations = models.JSONField(default=dict)
    digest = models.CharField(max_length=64)
    findings = models.JSONField(default=list)
    author = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    edited_at = InstantField()
    approved_digest = models.CharField(max_length=64, default="", blank=True)
    approved_by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    approved_at = InstantField(null=True)
    approval = models.CharField(max_length=12, default="", blank=True)
    given = models.JSONField(default=list)

    class Meta:
        db_table = "version"
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["update", "audience", "part"], name="version_once")]


class HoldingMessage(models.Model):
    """A text approved in advance, so that the first word at SEV1 can go out by itself. `translations`: subject and body
    by language, approved with it."""

    audience = models.CharField(max_length=20)
    incident_type = models.CharField(max_length=20)
    subject = models.CharField(max_length=300)
    body = models.TextField()
    translations = models.JSONField(default=dict, blank=True)
    digest = models.CharField(max_length=64)
    approved_by = models.ForeignKey(Person, models.SET_NULL, null=True)
    approved_at = InstantField(null=True)

    class Meta:
        db_table = "holding_message"
        constraints = [models.UniqueConstraint(fields=["audience", "incident_type"], name="holding_message_once")]


class MessageTemplate(models.Model):
    """One version of the organisation's own template for an audience: who saved it, when and why. The highest number
    holds; an empty text gives the shipped template back. `name`: `<moment>[.<type>][.<area>][@<channel>]`."""

    audience = models.CharField(max_length=20)
    language = models.CharField(max_length=16)
    name = models.CharField(max_length=80)
    number = models.PositiveIntegerField()
    text = models.TextField(blank=True)
    author = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    at = InstantField()
    why = models.CharField(max_length=300, default="", blank=True)

    class Meta:
        db_table = "message_template"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["audience", "language", "name", "number"], name="message_template_once")
        ]
