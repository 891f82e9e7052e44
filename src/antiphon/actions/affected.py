"""How much of a thing is hit, and in which region, said by a person or a script."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from antiphon.actions import verdicts
from antiphon.actions.locked import Locked, locked
from antiphon.core import affected as rules
from antiphon.core import incidents as declared
from antiphon.core.decision import Actor, Refusal
from antiphon.core.impact import Stated
from antiphon.db.graph import graph
from antiphon.db.snapshots import affected, incidents


@dataclass(frozen=True, slots=True)
class Written:
    """It stands on the record; `warning` says what looks odd about it, or ""."""

    warning: str = ""


def state_impact(
    *, incident: str, entity: str, share: float, region: str, reason: str, actor: Actor, now: datetime
) -> Written | Refusal:
    """An entity of the catalog is hit to this share (above 0 up to 1) in this region ("": in all).

    One that the incident did not name yet is affected from now on. The questions are asked again.
    """
    if entity not in graph().entities:
        return Refusal(f"The catalog knows no {entity}: add it there first, or choose another.", "entity")
    with locked(incident, actor=actor, now=now) as held:
        before = incidents.load(held.incident)
        named = declared.add_entity(before, entity, reason=reason)
        if isinstance(named, Refusal):
            return named
        known = affected.load(held.incident)
        said = rules.state(known, entity, share=share, region=region, reason=reason)
        if isinstance(said, Refusal):
            return said
        held.keep(before, named)
        affected.save(held.incident, {entity: said.state})
        held.record(said.events)
        if named.events or said.events:
            verdicts.ask(held)
    return Written(warning(region))


def fault(stated: Mapping[str, Stated]) -> Refusal | None:
    """Why one of these cannot be."""
    for entity, each in stated.items():
        said = rules.state({}, entity, share=each.share, region=each.region, reason="")
        if isinstance(said, Refusal):
            return said
    return None


def state_all(held: Locked, stated: Mapping[str, Stated], *, reason: str) -> None:
    """The same of what an incident was just declared with; `fault` has looked at it."""
    affected.save(held.incident, stated)
    for entity, each in stated.items():
        said = rules.state({}, entity, share=each.share, region=each.region, reason=reason)
        if not isinstance(said, Refusal):
            held.record(said.events)


def warning(region: str) -> str:
    """What to look at again, where nothing in the catalog is known to lie in a region."""
    known = sorted({each for regions in graph().web.regions.values() for each in regions})
    region = " ".join(region.split())
    if not region or region in known:
        return ""
    there = f"it knows {', '.join(known[:8])}" if known else "it states no regions yet"
    return (
        f"Nothing in the catalog lies in “{region}”; {there}. It is written down as you said it, "
        "and what has no region in the catalog counts as hit."
    )
