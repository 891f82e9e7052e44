"""Other hosts that get the public pages: set up, taken for a push, and what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Q

from antiphon.actions.ledger import Ledger
from antiphon.actions.telling_inside import target_failed
from antiphon.core import page_targets as rules
from antiphon.core.access import may
from antiphon.core.decision import Actor, Refusal
from antiphon.core.events import ConfigurationApplied
from antiphon.core.page_targets import Bucket, Folder, Target
from antiphon.db import page_targets, record
from antiphon.db.models import PageTarget
from antiphon.db.secrets import WrongKey
from antiphon.db.transactions import write

LEASE_SECONDS: Final = 120.0
"""Longer than any push may take."""
TOLD_AFTER: Final = 3
"""Failures in a row after which somebody inside is told, once until it works again."""


UNKNOWN: Final = Folder(path="")
"""Stands for a target whose secret does not open."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A target that this process may push to now, and what it shows."""

    row: PageTarget
    target: Target
    shown: Mapping[str, str]


def save_bucket(*, name: str, bucket: Bucket, uid: str = "", actor: Actor, now: datetime) -> PageTarget | Refusal:
    """Set up or change a store. A secret key that is left empty stays as it was.

    Folders and commands are set by the configuration file alone: whoever holds an admin's password must not be able to
    run programs on this machine, or to write into its folders.
    """
    if refusal := may(actor, "configuration.change"):
        return refusal
    with write():
        row = PageTarget.objects.select_for_update().filter(uid=uid).first() if uid else PageTarget()
        if row is None or (uid and row.kind != "s3"):
            return Refusal("There is no such store: reload the page.", "name")
        if uid and not bucket.secret_key:
            known = page_targets.load(row)
            assert isinstance(known, Bucket)
            bucket = Bucket(
                endpoint=bucket.endpoint, bucket=bucket.bucket, access_key=bucket.access_key,
                secret_key=known.secret_key, region=bucket.region, prefix=bucket.prefix,
            )  # fmt: skip
        refusal = rules.check(name, bucket) or _taken(name, row)
        if refusal:
            return refusal
        sign = "~" if uid else "+"
        row.name = name.strip()
        page_targets.fill(row, bucket)
        row.save()
        _record(f"{sign} page target {row.name}: {bucket.host}", actor=actor, now=now)
    return row


def remove(*, uid: str, actor: Actor, now: datetime) -> Refusal | None:
    """Push there no more. What lies there stays."""
    if refusal := may(actor, "configuration.change"):
        return refusal
    with write():
        row = PageTarget.objects.filter(uid=uid).first()
        if row is None:
            return Refusal("There is no such target: reload the page.", "name")
        row.delete()
        _record(f"- page target {row.name}", actor=actor, now=now)
    return None


def apply(wanted: Mapping[str, Target], ledger: Ledger) -> None:
    """What a configuration file says: targets by name; those that it does not mention stay."""
    for name, target in wanted.items():
        row = PageTarget.objects.filter(name=name).first()
        if row is not None and page_targets.load(row) == target:
            continue
        ledger.note("~" if row else "+", "page target", name)
        row = row or PageTarget(name=name)
        page_targets.fill(row, target)
        row.save()


def take(*, revision: int, as_of: datetime, node: str, real: float) -> list[Taken]:
    """Targets that show less than this rendering and that nobody pushes to now, each leased to this process.

    `real`: epoch seconds. A node whose rendering is older than what a target shows leaves it alone.
    """
    behind = Q(shown_as_of=None) | Q(shown_as_of__lt=as_of) | Q(shown_as_of=as_of, shown_revision__lt=revision)
    free = Q(lease_until=None) | Q(lease_until__lt=real)
    ready = Q(next_real=None) | Q(next_real__lte=real)
    due = PageTarget.objects.filter(behind, free, ready).order_by("id")
    taken = []
    for row in due:
        with write(news=False):
            mine = PageTarget.objects.filter(free, pk=row.pk)
            if not mine.update(lease=node, lease_until=real + LEASE_SECONDS):
                continue
        row.refresh_from_db()
        try:
            taken.append(Taken(row, page_targets.load(row), row.shown))
        except WrongKey as error:
            failed(Taken(row, UNKNOWN, row.shown), row.shown, str(error), node=node, now=as_of, real=real)
    return taken


def begin(taken: Taken, names: frozenset[str], *, node: str) -> None:
    """Before a push: these files are unsure from now on, so that a crash makes them be pushed again."""
    unsure = {name: "" if name in names else digest for name, digest in taken.shown.items()}
    unsure |= dict.fromkeys(names - taken.shown.keys(), "")
    with write(news=False):
        PageTarget.objects.filter(pk=taken.row.pk, lease=node).update(shown=unsure)


def pushed(taken: Taken, shown: Mapping[str, str], *, revision: int, as_of: datetime, node: str, now: datetime) -> None:
    """Everything is there."""
    with write(news=False):
        PageTarget.objects.filter(pk=taken.row.pk, lease=node).update(
            shown=dict(shown), shown_revision=revision, shown_as_of=as_of, pushed_at=now,
            trouble="", failures=0, failed_at=None, told_at=None, lease_until=None, next_real=None,
        )  # fmt: skip


def failed(taken: Taken, shown: Mapping[str, str], why: str, *, node: str, now: datetime, real: float) -> None:
    """It could not be pushed, or not all of it: tried again later, and somebody is told once it fails for a while."""
    with write():
        row = PageTarget.objects.select_for_update().filter(pk=taken.row.pk, lease=node).first()
        if row is None:
            return
        row.failures += 1
        row.shown, row.trouble, row.failed_at = dict(shown), why[:300], now
        row.lease_until, row.next_real = None, real + rules.wait(row.failures).total_seconds()
        if row.failures >= TOLD_AFTER and row.told_at is None:
            row.told_at = now
            target_failed(row.name, row.trouble, row.pushed_at, now=now)
        row.save()


def _taken(name: str, row: PageTarget) -> Refusal | None:
    if PageTarget.objects.filter(name=name.strip()).exclude(pk=row.pk).exists():
        return Refusal("There is a target of this name already.", "name")
    return None


def _record(said: str, *, actor: Actor, now: datetime) -> None:
    head = record.lock(record.CONFIGURATION)
    record.append(head, [ConfigurationApplied(source="the settings page", changes=(said,))], actor=actor, now=now)
