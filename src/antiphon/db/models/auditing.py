"""What the auditor found, when it looked last, and what customers said of an incident before and after we did."""

from django.db import models

from antiphon.db.fields import InstantField, UidField
from antiphon.db.models.catalog import Entity
from antiphon.db.models.incidents import Incident


class Audit(models.Model):
    """The single row (id 1) of the audit: when an engine last began one, and what came of it.

    `began_real` is in real epoch seconds: of two engines the one that moves it does the audit. `passed_at`: the last
    audit in which nothing grave was found. `called`: what the dead-man's address outside answered last.
    """

    began_real = models.FloatField(default=0.0)
    at = InstantField(null=True)
    seconds = models.FloatField(default=0.0)
    findings = models.PositiveIntegerField(default=0)
    passed_at = InstantField(null=True)
    called_at = InstantField(null=True)
    called = models.CharField(max_length=300, default="", blank=True)

    class Meta:
        db_table = "audit"
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="audit_is_one")]


class AuditFinding(models.Model):
    """Something that ought not to be, from `found_at` until `gone_at` (null: still).

    `key` names the same trouble in the next audit. `grave`: the audit has not passed while it lasts. `told_at`: when
    somebody was paged for it by the auditor's own path.
    """

    uid = UidField()
    key = models.CharField(max_length=160)
    rule = models.CharField(max_length=30)
    incident = models.ForeignKey(Incident, models.CASCADE, null=True, related_name="audit_findings")
    sentence = models.CharField(max_length=600)
    mend = models.CharField(max_length=300)
    url = models.CharField(max_length=200, default="", blank=True)
    grave = models.BooleanField(default=True)
    found_at = InstantField()
    seen_at = InstantField()
    gone_at = InstantField(null=True)
    told_at = InstantField(null=True)

    class Meta:
        db_table = "audit_finding"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["key"], condition=models.Q(gone_at__isnull=True), name="audit_finding_open_once"
            )
        ]
        indexes = [models.Index(fields=["found_at"], name="audit_finding_by_time")]


class CustomerReport(models.Model):
    """When a customer told us of an incident themselves, as a person or another program states it."""

    uid = UidField()
    incident = models.ForeignKey(Incident, models.CASCADE, related_name="customer_reports")
    customer = models.ForeignKey(Entity, models.CASCADE, related_name="reports")
    at = InstantField()
    reference = models.CharField(max_length=120, default="", blank=True)
    stated_by = models.CharField(max_length=60)
    stated_at = InstantField()

    class Meta:
        db_table = "customer_report"
        ordering = ["at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["incident", "customer", "at"], name="customer_report_once"),
        ]
