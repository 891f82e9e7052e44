"""What a monitoring system watches of this installation: a few numbers, each from an index."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from django.db.models import Count, Max, Min

from antiphon import __version__
from antiphon.db.models import Alert, AlertLog, Audit, AuditFinding, Delivery, Incident, Promise
from antiphon.queries.incidents import RUNNING

SECOND: Final = timedelta(seconds=1)


class Sample(NamedTuple):
    """One value with its labels."""

    labels: tuple[tuple[str, str], ...]
    value: float


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric: its name without our prefix, `gauge` or `counter`, what it is, and its values."""

    name: str
    kind: str
    says: str
    samples: tuple[Sample, ...]


def load(*, now: datetime) -> tuple[Metric, ...]:
    """All of them at `now`. A dozen statements."""
    return (
        _one("build_info", "gauge", "The version that answers.", 1, version=__version__),
        *_alerts(),
        *_work(),
        *_sending(now),
        *_promises(now),
        *_audit(now),
    )


def _one(name: str, kind: str, says: str, value: float, **labels: str) -> Metric:
    return Metric(name, kind, says, (Sample(tuple(labels.items()), value),))


def _alerts() -> Iterator[Metric]:
    last = Alert.objects.aggregate(last=Max("id"))["last"] or 0
    moved = AlertLog.objects.aggregate(last=Max("id"))["last"] or 0
    yield _one("alerts_accepted_total", "counter", "Different alerts that were ever taken in.", last)
    yield _one("alert_transitions_total", "counter", "Times that an alert fired, ended or changed.", moved)
    yield _one("alerts_open", "gauge", "Alerts that fire or are acknowledged.", Alert.objects.open().count())


def _work() -> Iterator[Metric]:
    rows = Incident.objects.filter(state__in=RUNNING).order_by().values_list("severity").annotate(n=Count("pk"))
    samples = tuple(Sample((("severity", f"SEV{severity}"),), n) for severity, n in sorted(rows))
    yield Metric("incidents_open", "gauge", "Incidents that go on.", samples)


def _sending(now: datetime) -> Iterator[Metric]:
    queued = Delivery.objects.filter(state="queued", wake_at__isnull=False).order_by()
    rows = sorted(queued.values("purpose", "channel").annotate(n=Count("pk"), oldest=Min("wake_at")).values_list(
        "purpose", "channel", "n", "oldest"
    ))  # fmt: skip
    labels = [(("purpose", purpose), ("channel", channel)) for purpose, channel, *_ in rows]
    depth = tuple(Sample(label, row[2]) for label, row in zip(labels, rows, strict=True))
    late = tuple(Sample(label, max((now - row[3]) / SECOND, 0.0)) for label, row in zip(labels, rows, strict=True))
    yield Metric("deliveries_queued", "gauge", "Messages that wait to be sent or tried again.", depth)
    yield Metric("delivery_oldest_due_seconds", "gauge", "For how long the oldest of them has been due.", late)


def _promises(now: datetime) -> Iterator[Metric]:
    still = Promise.objects.filter(state="open")
    soon = still.filter(due_at__lte=now + timedelta(minutes=5)).count()
    yield _one("promises_open", "gauge", "Promises that are not settled.", still.count())
    yield _one("promises_due_soon", "gauge", "Those of them that are due within five minutes.", soon)
    broken = Promise.objects.filter(state="broken").count()
    yield _one("promises_broken_total", "counter", "Promises that were broken.", broken)


def _audit(now: datetime) -> Iterator[Metric]:
    row = Audit.objects.filter(id=1).first()
    if row is not None and row.at is not None:
        yield _one("audit_age_seconds", "gauge", "Since the last audit.", max((now - row.at) / SECOND, 0.0))
        yield _one("audit_passed", "gauge", "Whether it found nothing grave.", float(row.at == row.passed_at))
    found = AuditFinding.objects.filter(gone_at__isnull=True).order_by().values_list("rule").annotate(n=Count("pk"))
    samples = tuple(Sample((("rule", rule),), n) for rule, n in sorted(found))
    yield Metric("audit_findings", "gauge", "What the auditor holds against the house now.", samples)
