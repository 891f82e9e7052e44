"""The keys by which alerts come in, and what came by each. Of arrivals there is no index, and there may be millions:
the open alerts are read, which is where arrivals are repeated, and the newest changes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Count, Exists, Max, OuterRef

from antiphon.db.models import Alert, AlertLog, Integration

CHANGES: Final = 5_000
"""The newest transitions, of all keys together, that are read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeySeen:
    """A key: what came last, as far as that can be told, how many of its alerts are open, whether any ever came."""

    name: str
    kind: str
    hint: str
    url: str
    last_seen: datetime | None
    open: int
    ever: bool
    alive: bool
    takes_alerts: bool


def listed() -> tuple[KeySeen, ...]:
    """Every key, those in use first. Four statements."""
    seen = Alert.objects.open().order_by().values_list("integration").annotate(Max("last_seen_at"), Count("id"))
    open_now = {key: (last, count) for key, last, count in seen}
    end = AlertLog.objects.aggregate(end=Max("id"))["end"] or 0
    newest = AlertLog.objects.filter(id__gt=end - CHANGES).order_by()
    changed = dict(newest.values_list("alert__integration").annotate(Max("at")))
    ever = Exists(Alert.objects.filter(integration=OuterRef("pk")))
    return tuple(
        KeySeen(
            name=row.name,
            kind=row.get_kind_display(),
            hint=row.key_hint,
            url=f"/settings/keys/{row.uid}",
            last_seen=max(filter(None, (open_now.get(row.pk, (None, 0))[0], changed.get(row.pk))), default=None),
            open=open_now.get(row.pk, (None, 0))[1],
            ever=row.ever,
            alive=row.enabled,
            takes_alerts=row.kind != Integration.Kind.MAIL,
        )
        for row in Integration.objects.annotate(ever=ever).order_by("-enabled", "name")
    )
