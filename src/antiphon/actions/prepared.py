"""Drafts that the program made: which there are, and putting them away when they are of no use any more."""

from collections.abc import Collection

from antiphon.actions import asking
from antiphon.actions.locked import Locked
from antiphon.core import updates as rules
from antiphon.core.audiences import Moment
from antiphon.core.decision import Decision
from antiphon.core.drafts import Open
from antiphon.db.models import Update as Row
from antiphon.db.snapshots import telling

OPEN = ("draft", "approved")


def of_incident(held: Locked) -> list[Open]:
    """The updates that are not sent yet, from the last one sent on."""
    rows = Row.objects.filter(incident=held.incident).order_by("id")
    last = rows.filter(state="published").order_by("-id").values_list("id", flat=True).first()
    rows = rows.filter(state__in=OPEN, id__gt=last or 0).prefetch_related("versions")
    return [
        Open(
            uid=row.uid,
            moment=Moment(row.moment),
            audiences=frozenset(version.audience for version in row.versions.all()),
            ours=untouched(row),
        )
        for row in rows
    ]


def untouched(row: Row) -> bool:
    """The program made it, and no person has edited or approved a word of it."""
    versions = row.versions.all()
    return row.prepared_at is not None and not any(v.author_id or v.given or v.approved_digest for v in versions)


def put_away(held: Locked, uids: Collection[str] | None = None) -> None:
    """Put away these drafts of the program, or all that nobody touched: something newer takes their place."""
    rows = Row.objects.filter(incident=held.incident, state__in=OPEN, prepared_at__isnull=False)
    if uids is not None:
        rows = rows.filter(uid__in=uids)
    for row in rows.prefetch_related("versions"):
        if untouched(row):
            _discard(held, row)


def discard_all(held: Locked) -> None:
    """Put away every draft, whoever wrote it: nothing is told of this incident any more."""
    for row in Row.objects.filter(incident=held.incident, state__in=OPEN):
        _discard(held, row)


def _discard(held: Locked, row: Row) -> None:
    decision = rules.discard(telling.update(row))
    assert isinstance(decision, Decision)
    telling.save_update(row, decision.state)
    asking.settle(held, row, decision.state)
