"""What the auditor holds against the house now, and when it looked last."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Q

from antiphon.core.decision import SYSTEM, Actor
from antiphon.db.models import Audit, AuditFinding
from antiphon.queries.readers import seen

SHOWN: Final = 12
SILENT: Final = timedelta(minutes=5)
"""An audit is done twice a minute; after so long without one nobody looks any more."""
_MEND: Final = "Look whether an engine runs and what its log says; restart it."


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One finding: what is wrong and where, what to do, and how long it has been so (`gone_at`: until)."""

    uid: str
    rule: str
    sentence: str
    mend: str
    url: str
    incident_number: int
    grave: bool
    found_at: datetime
    gone_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """The last audit. `passed`: nothing grave was found; `called`: what the address outside answered last."""

    at: datetime | None
    seconds: float
    passed: bool
    passed_at: datetime | None
    called_at: datetime | None
    called: str
    silent: bool

    @property
    def says(self) -> str:
        """The last audit in one sentence."""
        if self.at is None:
            return "no audit yet"
        return f"the last audit was at {self.at:%H:%M:%S} UTC and {'passed' if self.passed else 'did not pass'}"


def last(*, pace: float = 1.0, now: datetime) -> Looked:
    """The last audit there was. `pace`: how fast the clock runs beside real time."""
    row = Audit.objects.filter(id=1).first() or Audit(id=1)
    return Looked(
        at=row.at,
        seconds=row.seconds,
        passed=row.at is not None and row.at == row.passed_at,
        passed_at=row.passed_at,
        called_at=row.called_at,
        called=row.called,
        silent=row.at is not None and now - row.at > SILENT * pace,
    )


def found(*, reader: Actor = SYSTEM, limit: int = SHOWN, pace: float = 1.0, now: datetime) -> tuple[Found, ...]:
    """What is wrong now, the gravest and oldest first, as far as the reader may see it. Two statements."""
    rows = AuditFinding.objects.filter(_seen(reader), gone_at__isnull=True).select_related("incident")
    told = [_found(row) for row in rows.order_by("-grave", "found_at", "id")[:limit]]
    looked = last(pace=pace, now=now)
    return (_silence(looked), *told) if looked.silent else tuple(told)


def history(*, reader: Actor, limit: int = 20) -> tuple[Found, ...]:
    """What was found and is gone, the newest first."""
    rows = AuditFinding.objects.filter(_seen(reader), gone_at__isnull=False).select_related("incident")
    return tuple(_found(row) for row in rows.order_by("-id")[:limit])


def _seen(reader: Actor) -> Q:
    theirs = seen(reader, "incident")  # nothing for those who see all, and nothing “or” something would be something
    return theirs | Q(incident__isnull=True) if theirs else theirs


def _found(row: AuditFinding) -> Found:
    return Found(
        uid=row.uid,
        rule=row.rule,
        sentence=row.sentence,
        mend=row.mend,
        url=row.url,
        incident_number=row.incident.number if row.incident else 0,
        grave=row.grave,
        found_at=row.found_at,
        gone_at=row.gone_at,
    )


def _silence(looked: Looked) -> Found:
    assert looked.at is not None
    return Found(
        uid="silent",
        rule="silent",
        sentence=f"No audit since {looked.at:%H:%M} UTC on {looked.at:%-d %B}: nobody looks after the paging.",
        mend=_MEND,
        url="",
        incident_number=0,
        grave=True,
        found_at=looked.at,
    )
