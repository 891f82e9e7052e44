"""An incident taken up for one write: its record locked first, its row read under the lock."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from antiphon.core.decision import Actor, Decision
from antiphon.core.events import Event, NoteAdded
from antiphon.core.incidents import Incident as Core
from antiphon.db import record
from antiphon.db.models import Incident, Stream, Update
from antiphon.db.snapshots import incidents
from antiphon.db.transactions import write


class NoSuchIncident(Exception):
    """There is no incident of this id."""


@dataclass(frozen=True, slots=True)
class Locked:
    """The incident's row, who writes and when. Nobody else writes to it until the block ends."""

    incident: Incident
    head: Stream
    actor: Actor
    now: datetime

    def record(self, events: Iterable[Event]) -> None:
        """Put events on the incident's record."""
        record.append(self.head, events, actor=self.actor, now=self.now)

    def note(self, text: str) -> None:
        """Put a line on the record."""
        self.record([NoteAdded(text=text)])

    def keep(self, before: Core, decision: Decision[Core]) -> None:
        """Write an incident that a rule changed, and its events."""
        if decision.state != before or decision.events:
            incidents.save(self.incident, decision.state, now=self.now)
            self.record(decision.events)


@contextmanager
def locked(uid: str, *, actor: Actor, now: datetime) -> Iterator[Locked]:
    """Open the write transaction on an incident. Raises `NoSuchIncident`."""
    with write():
        yield take(uid, actor=actor, now=now)


@contextmanager
def locked_update(uid: str, *, actor: Actor, now: datetime) -> Iterator[tuple[Update, Locked]]:
    """An update taken up for one write, with its incident locked. Raises `NoSuchIncident`."""
    incident = Update.objects.filter(uid=uid).values_list("incident__uid", flat=True).first()
    with locked(incident or "", actor=actor, now=now) as held:
        yield Update.objects.select_related("incident").get(uid=uid), held


def take(uid: str, *, actor: Actor, now: datetime) -> Locked:
    """Lock an incident inside a transaction that is open already."""
    head = record.lock(record.incident_stream(uid))
    incident = Incident.objects.filter(uid=uid).first()
    if incident is None:
        raise NoSuchIncident(uid)
    return Locked(incident, head, actor, now)
