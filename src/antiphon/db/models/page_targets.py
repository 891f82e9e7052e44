"""Other hosts that are given the public pages, so that they stand when nothing of ours does."""

from django.db import models

from antiphon.db.fields import InstantField, UidField


class PageTarget(models.Model):
    """Where the public pages are pushed: `kind` is folder, s3 or command, `values` what it needs (`secrets` encrypted
    with the installation's key).

    `pushed_at`: when all of it was there last; `shown_revision` and `shown_as_of`: what it shows; `shown`: the hash of
    each file there, "" for one that was being written when nothing more was heard. `trouble`: why the last try failed,
    `failures` how often in a row, `told_at` when somebody was told.

    `lease_until` and `next_real` are in real epoch seconds: one process pushes at a time, and a fast clock never
    hurries it.
    """

    uid = UidField()
    name = models.CharField(max_length=60, unique=True)
    kind = models.CharField(max_length=10)
    values = models.JSONField(default=dict)
    secrets = models.TextField(default="", blank=True)
    pushed_at = InstantField(null=True)
    shown_revision = models.BigIntegerField(null=True)
    shown_as_of = InstantField(null=True)
    shown = models.JSONField(default=dict)
    trouble = models.CharField(max_length=300, default="", blank=True)
    failures = models.PositiveIntegerField(default=0)
    failed_at = InstantField(null=True)
    told_at = InstantField(null=True)
    lease = models.CharField(max_length=32, default="", blank=True)
    lease_until = models.FloatField(null=True)
    next_real = models.FloatField(null=True)

    class Meta:
        db_table = "page_target"
        ordering = ["id"]
