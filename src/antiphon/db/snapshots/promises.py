"""The promises of an incident, as `core.promises` sees them."""

from collections.abc import Iterable

from antiphon.core.promises import Promise, PromiseState, What
from antiphon.db import bulk
from antiphon.db.models import incidents as rows


def load(incident: rows.Incident) -> tuple[Promise, ...]:
    """Every promise of the incident, the earliest due first."""
    return tuple(_promise(row, incident.uid) for row in rows.Promise.objects.filter(incident=incident))


def save(incident: rows.Incident, promises: Iterable[Promise]) -> None:
    """Write changed and new promises, settled ones first so that an open one may take their place."""
    ordered = sorted(promises, key=lambda promise: not promise.settled)
    bulk.write(
        [_row(promise, incident) for promise in ordered],
        unique=["uid"],
        update=["state", "due_at", "prepared_at", "warned_at", "settled_at", "prepare_at", "wake_at"],
    )


def _promise(row: rows.Promise, incident: str) -> Promise:
    return Promise(
        uid=row.uid,
        incident=incident,
        audience=row.audience,
        what=What(row.what),
        made_at=row.made_at,
        due_at=row.due_at,
        state=PromiseState(row.state),
        warned_at=row.warned_at,
        settled_at=row.settled_at,
        prepared_at=row.prepared_at,
    )


def _row(promise: Promise, incident: rows.Incident) -> rows.Promise:
    return rows.Promise(
        uid=promise.uid,
        incident=incident,
        audience=promise.audience,
        what=promise.what,
        state=promise.state,
        made_at=promise.made_at,
        due_at=promise.due_at,
        prepared_at=promise.prepared_at,
        warned_at=promise.warned_at,
        settled_at=promise.settled_at,
        prepare_at=promise.prepare_at,
        wake_at=promise.wake_at,
    )
