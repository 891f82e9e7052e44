"""What an incident hits, how much of it and where, over time."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from math import isfinite

from antiphon.core.decision import Decision, Refusal
from antiphon.core.events import (
    EntityAffected,
    EntityCleared,
    Event,
    ImpactStated,
    IncidentCancelled,
    IncidentDeclared,
    IncidentMerged,
    IncidentReopened,
    IncidentResolved,
)
from antiphon.core.impact import Stated

KINDS = (
    EntityAffected, EntityCleared, ImpactStated,
    IncidentCancelled, IncidentDeclared, IncidentMerged, IncidentReopened, IncidentResolved,
)  # fmt: skip
"""The events that `pieces` reads."""


def state(
    known: Mapping[str, Stated], entity: str, *, share: float, region: str, reason: str
) -> Decision[Stated] | Refusal:
    """How much of an entity's work is hit, above 0 up to 1, and in which region ("": in all). As known: no event."""
    if not isfinite(share) or not 0 < share <= 1:
        percent = f"{share * 100:.10g} %" if isfinite(share) else "That"
        return Refusal(f"{percent} of the work cannot be hit: give a share above 0 and up to 100 %.", "share")
    said = Stated(share, " ".join(region.split()))
    if known.get(entity, Stated()) == said:
        return Decision(said)
    return Decision(said, (ImpactStated(entity=entity, share=said.share, region=said.region, reason=reason),))


@dataclass(frozen=True, slots=True)
class Piece:
    """From `start` to before `end` these were hit, each as stated."""

    start: datetime
    end: datetime
    hit: tuple[tuple[str, Stated], ...]


def pieces(record: Iterable[tuple[datetime, Event]], *, now: datetime) -> tuple[Piece, ...]:
    """What was hit from the detection until the incident's end, or `now`, by its record.

    What is said later holds from then on, so that a smaller share never takes back what was lost before; between a
    resolution and a reopening nothing was hit. What is known at the declaration counts from the detection.
    """
    found: list[Piece] = []
    hit: dict[str, Stated] = {}
    since = declared = detected = None
    for written, event in record:
        if isinstance(event, IncidentDeclared):
            declared, detected = written, min(event.detected_at, written)
        at = detected if detected and written == declared else written
        if since and since < at and hit:
            found.append(Piece(since, at, tuple(sorted(hit.items()))))
        since = _since(event, at, since)
        _follow(hit, event)
    if since and since < now and hit:
        found.append(Piece(since, now, tuple(sorted(hit.items()))))
    return _joined(found)


def _since(event: Event, at: datetime, since: datetime | None) -> datetime | None:
    """From when on the next piece counts; None: the incident is over."""
    if isinstance(event, IncidentDeclared | IncidentReopened):
        return since or at
    if isinstance(event, IncidentResolved | IncidentCancelled | IncidentMerged):
        return None
    return max(since, at) if since else None


def _follow(hit: dict[str, Stated], event: Event) -> None:
    if isinstance(event, IncidentDeclared):
        hit.update((name, Stated()) for name in event.entities)
    elif isinstance(event, EntityAffected):
        hit.setdefault(event.entity, Stated())
    elif isinstance(event, EntityCleared):
        hit.pop(event.entity, None)
    elif isinstance(event, ImpactStated):
        hit[event.entity] = Stated(event.share, event.region)


def _joined(found: list[Piece]) -> tuple[Piece, ...]:
    """Without cuts at which nothing changed."""
    joined: list[Piece] = []
    for piece in found:
        if joined and joined[-1].end == piece.start and joined[-1].hit == piece.hit:
            piece = Piece(joined.pop().start, piece.end, piece.hit)
        joined.append(piece)
    return tuple(joined)
