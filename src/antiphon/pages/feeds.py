"""Atom and RSS: all that a page tells, what is of some impact or worse, and what is about one component."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

from antiphon.pages import views
from antiphon.pages.filling import fill
from antiphon.pages.prose import without_controls
from antiphon.pages.state import IMPACTS, Incident, PublicState

ALL: Final = "history"
BY_IMPACT: Final = ("minor", "major", "critical")
"""The mildest impacts that have a feed of their own."""
KINDS: Final = ("atom", "rss")
_MOST: Final = 25


def documents(state: PublicState) -> dict[str, bytes]:
    """The files, by their path below the page's folder."""
    told = sorted((*state.incidents, *state.maintenances), key=lambda each: (each.created_at, each.uid), reverse=True)
    files = {f"{ALL}.{kind}": _feed(kind, ALL, "", tuple(told[:_MOST]), _frame(state)) for kind in KINDS}
    for wanted, title, found in _selections(state, told):
        # By its own last word: a publication that does not concern it leaves its bytes as they are.
        latest = max((each.updated_at for each in found), default=state.updated_at)
        frame = _frame(replace(state, updated_at=latest))
        files |= {f"{path_of(wanted)}.{kind}": _feed(kind, path_of(wanted), title, found, frame) for kind in KINDS}
    return files


def path_of(wanted: str) -> str:
    """Where the feed of a component (its uid) or of an impact lies, below the page's folder and without its ending."""
    return f"feeds/{wanted}"


def _selections(state: PublicState, told: list[Incident]) -> Iterator[tuple[str, str, tuple[Incident, ...]]]:
    """What a feed is for, its title, and what it tells of."""
    for impact in BY_IMPACT:
        grave = [each for each in told if IMPACTS.index(each.impact) >= IMPACTS.index(impact)]
        yield impact, views.impact_words(impact), tuple(grave[:_MOST])
    for component in state.components:
        uids = {component.uid, *component.members}
        about = [each for each in told if not uids.isdisjoint(each.component_uids)]
        yield component.uid, component.name, tuple(about[:_MOST])


def _frame(state: PublicState) -> PublicState:
    """What a feed needs of its page beside its incidents."""
    return replace(state, revision=0, components=(), incidents=(), maintenances=(), logo=b"")


@lru_cache(maxsize=1000)
def _feed(kind: str, path: str, title: str, told: tuple[Incident, ...], page: PublicState) -> bytes:
    host = urlsplit(page.url).hostname or "localhost"
    apart = "" if path == ALL else f":{path}"
    about = {
        "name": without_controls(page.name),
        "title": without_controls(title),
        "url": page.url,
        "self": f"{page.url}{path}.{kind}",
        "id": f"tag:{host},2005:{page.uid}{apart}",
    }
    entries = [views.entry(each, page, host) for each in told]
    stamps = views.stamps("updated", page.updated_at)
    return fill(f"history.{kind}", {"page": about, "language": page.language, "entries": entries, **stamps})
