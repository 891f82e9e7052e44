"""The verdict of an incident, as `core.questions.verdict` sees it."""

from collections.abc import Iterable

import msgspec

from antiphon.core.questions.verdict import Verdict
from antiphon.db import bulk
from antiphon.db.models import incidents as rows


def load(incident: rows.Incident) -> Verdict:
    """The verdict as last saved; technical and unasked for a new incident."""
    row = rows.Verdict.objects.filter(incident=incident).first()
    if row is None:
        return Verdict(incident=incident.uid)
    return read(row)


def read(row: rows.Verdict) -> Verdict:
    """The verdict of a row that is loaded already."""
    return msgspec.convert(row.snapshot, Verdict, str_keys=True)


def save(incident: rows.Incident, verdict: Verdict) -> None:
    """Write the verdict."""
    save_all([(incident, verdict)])


def save_all(verdicts: Iterable[tuple[rows.Incident, Verdict]]) -> None:
    """Write the verdicts of many incidents, in one statement."""
    made = [
        bulk.new(
            rows.Verdict,
            incident_id=incident.pk,
            kind=verdict.kind,
            snapshot=msgspec.to_builtins(verdict, str_keys=True),
            wake_at=verdict.wake_at,
        )
        for incident, verdict in verdicts
    ]
    bulk.write(made, unique=["incident"], update=["kind", "snapshot", "wake_at"])
