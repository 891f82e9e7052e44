"""A customer told us themselves: stated against an incident, so that it shows who heard of it from us first."""

from datetime import datetime, timedelta

from antiphon.actions.locked import locked
from antiphon.core.decision import Actor, Refusal
from antiphon.core.events import CustomerReported
from antiphon.db.models import CustomerReport
from antiphon.db.named import named

LONGEST_REFERENCE = 120
EARLIEST = timedelta(days=1)
"""So long before it was detected somebody may have told us of it."""


def report(
    *, incident: str, customer: str, at: datetime, reference: str = "", actor: Actor, now: datetime
) -> Refusal | None:
    """`customer` is its name or title in the catalog, `at` when they told us (aware UTC). The same again: nothing."""
    found = named(customer, kinds=("customer",))
    if found is None:
        return Refusal(f"The catalog has no customer “{customer}”: choose one that it has.", "customer")
    if len(reference) > LONGEST_REFERENCE:
        return Refusal(f"Use at most {LONGEST_REFERENCE} characters for the ticket's number.", "reference")
    with locked(incident, actor=actor, now=now) as held:
        if at > now:
            return Refusal("That is still to come: give the time at which they told us.", "at")
        if at < held.incident.detected_at - EARLIEST:
            return Refusal("That is more than a day before it was detected: it is about something else.", "at")
        _, made = CustomerReport.objects.get_or_create(
            incident=held.incident,
            customer=found,
            at=at,
            defaults={"reference": reference, "stated_by": str(actor)[:60], "stated_at": now},
        )
        if made:
            held.record([CustomerReported(customer=found.title, reported_at=at, reference=reference)])
    return None
