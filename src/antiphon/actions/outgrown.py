"""Weighing approvals again when an incident becomes worse, or a matter of law."""

from antiphon.actions import asking
from antiphon.actions.locked import Locked
from antiphon.core import outgrown as rules
from antiphon.core.audiences import Update
from antiphon.db import approving
from antiphon.db.models import Update as Row
from antiphon.db.snapshots import telling


def weigh_all(held: Locked) -> None:
    """Take away what does not suffice any more, in every update that is not sent yet."""
    for row in Row.objects.filter(incident=held.incident, state__in=("draft", "approved")):
        weigh(held, row, telling.update(row))


def weigh(held: Locked, row: Row, update: Update) -> Update:
    """The same of one update; answers how it stands then."""
    incident = held.incident
    decision = rules.weigh(update, severity=incident.severity, rules=approving.rules(), legal=approving.legal(incident))
    if decision.events:
        telling.save_update(row, decision.state)
        held.record(decision.events)
        asking.settle(held, row, decision.state)
    return decision.state
