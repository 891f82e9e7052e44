"""What follows from a change of the catalog: caches see it, and what waits or was answered is looked at again."""

from collections.abc import Iterable
from datetime import datetime

from antiphon.core.decision import Actor
from antiphon.core.events import ConfigurationApplied
from antiphon.core.groups import GroupState
from antiphon.core.incidents import OVER
from antiphon.db import record, revisions
from antiphon.db.graph import graph
from antiphon.db.models import AlertGroup, Verdict

_OVER = tuple(str(state) for state in OVER)


def everywhere(*, now: datetime) -> None:
    """Much was changed: every open verdict is asked again."""
    revisions.bump(revisions.CATALOG)
    open_still = Verdict.objects.exclude(incident__state__in=_OVER)
    Verdict.objects.filter(pk__in=open_still.values("pk")).update(wake_at=now)


def around(names: Iterable[str]) -> set[str]:
    """The entities and everything whose failure reaches them: incidents there may have other answers now."""
    known = graph()
    return {each for name in names for each in (name, *known.foundations(name))}


def here(what: str, names: Iterable[str], *, source: str, actor: Actor, now: datetime) -> None:
    """Put one change on the record; verdicts that rest on these entities are asked again. `source`: where it was
    made, as the record says it. Names of things that are gone are given with what was `around` them."""
    revisions.bump(revisions.CATALOG)
    event = ConfigurationApplied(source=source, changes=(what,))
    record.append(record.lock(record.CONFIGURATION), [event], actor=actor, now=now)
    AlertGroup.objects.filter(state=GroupState.UNMATCHED, firing__gt=0).update(wake_at=now)
    hit = {*names} | around(names)
    open_here = Verdict.objects.filter(incident__affected__entity__in=hit).exclude(incident__state__in=_OVER)
    Verdict.objects.filter(pk__in=open_here.values("pk")).update(wake_at=now)
