"""Taking over for somebody: overrides of a rota."""

from datetime import datetime, timedelta
from typing import Final

from antiphon.core.decision import Actor, Refusal
from antiphon.core.events import ConfigurationApplied
from antiphon.db import record
from antiphon.db.models import Person, Rota, RotaOverride
from antiphon.db.transactions import write

LONGEST: Final = timedelta(days=92)


def override(
    *, rota: str, person: str, starts_at: datetime, ends_at: datetime, actor: Actor, now: datetime
) -> RotaOverride | Refusal:
    """The person (uid) takes over the rota (uid) for a while; of two overrides the later one wins."""
    if ends_at <= starts_at:
        return Refusal("It must end after it starts.", "ends_at")
    if ends_at <= now:
        return Refusal("It would be over already: choose an end that lies ahead.", "ends_at")
    if ends_at - starts_at > LONGEST:
        return Refusal(f"It would last longer than {LONGEST.days} days: change the rota itself instead.", "ends_at")
    with write():
        found, taker = Rota.objects.filter(uid=rota).first(), Person.objects.filter(uid=person).first()
        if found is None:
            return Refusal("There is no such rota any more: reload the page.", "rota")
        if taker is None or not taker.is_active:
            return Refusal("There is no such person here: choose another.", "person")
        if not taker.contact_methods.exists():
            return Refusal(f"{taker.name} cannot be reached by any means: set one up first.", "person")
        row = RotaOverride.objects.create(rota=found, person=taker, starts_at=starts_at, ends_at=ends_at)
        span = f"{starts_at:%Y-%m-%d %H:%M} to {ends_at:%Y-%m-%d %H:%M} UTC"
        _record(f"person {taker.uid} takes over rota {found.name}, {span}", actor=actor, now=now)
    return row


def end_override(*, override: str, actor: Actor, now: datetime) -> Refusal | None:
    """Take an override (uid) away; what it did before stays as it was paged."""
    with write():
        row = RotaOverride.objects.select_related("rota", "person").filter(uid=override).first()
        if row is None:
            return Refusal("This override is gone already.", "override")
        row.delete()
        _record(f"person {row.person.uid} no longer takes over rota {row.rota.name}", actor=actor, now=now)
    return None


def _record(what: str, *, actor: Actor, now: datetime) -> None:
    event = ConfigurationApplied(source="the on-call page", changes=(what,))
    record.append(record.lock(record.CONFIGURATION), [event], actor=actor, now=now)
