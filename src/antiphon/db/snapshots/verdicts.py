"""The verdict of an incident, as `core.questions.verdict` sees it."""

import msgspec

from antiphon.core.questions.verdict import Verdict
from antiphon.db.models import incidents as rows


def load(incident: rows.Incident) -> Verdict:
    """The verdict as last saved; technical and unasked for a new incident."""
    row = rows.Verdict.objects.filter(incident=incident).first()
    if row is None:
        return Verdict(incident=incident.uid)
    return msgspec.convert(row.snapshot, Verdict, str_keys=True)


def save(incident: rows.Incident, verdict: Verdict) -> None:
    """Write the verdict."""
    rows.Verdict.objects.update_or_create(
        incident=incident,
        defaults={
            "kind": verdict.kind,
            "snapshot": msgspec.to_builtins(verdict, str_keys=True),
            "wake_at": verdict.wake_at,
        },
    )
