"""A page's state and an instant → every file of the page. Pure: the same input gives the same bytes on every node."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache, lru_cache
from itertools import groupby
from pathlib import Path
from urllib.parse import urlsplit

from antiphon.core.branding import style_sheet
from antiphon.pages import elsewhere, feeds, statuspage, views
from antiphon.pages.filling import fill
from antiphon.pages.state import Incident, PublicState
from antiphon.pages.times import day_in_words, month_in_words, whole_minute
from antiphon.pages.words import say

OUTDATED_AFTER = timedelta(minutes=10)
"""How long a rendering may be believed (RELIABILITY I30); it is renewed each minute."""

_SETTLED_AFTER = timedelta(days=7)
"""How long after its last word an ended incident's page stops being renewed each minute: it has nothing left to say."""

_RECENT = timedelta(days=30)
_MOST_RECENT = 10
_HERE = Path(__file__).parent


def render(state: PublicState, *, now: datetime, real_time: bool = True) -> dict[str, bytes]:
    """Every file by its path below the page's folder, those that others link to first.

    `now` counts to the minute, so that nodes that render in the same minute write the same bytes. `real_time=False`
    (the demo's fast clock) leaves out the script that compares the page's age with the reader's clock.
    """
    as_of = whole_minute(now)
    outdated_after = as_of + OUTDATED_AFTER
    frame = views.frame(state, as_of=as_of, outdated_after=outdated_after, script=real_time)
    return {
        **_assets(state),
        **{f"incidents/{each.uid}.html": _incident(each, state, frame, as_of) for each in state.incidents},
        **{f"maintenance/{each.uid}.html": _maintenance(each, state, frame, as_of) for each in state.maintenances},
        "history.html": _history(state, frame, as_of),
        # Shown at any depth, so its links start at the root.
        "404.html": fill(
            "404.html",
            {**frame, "up": urlsplit(state.url).path or "/status/"},
            title=say("Nothing here", state.language),
        ),
        **feeds.documents(state),
        **elsewhere.documents(state, as_of=as_of),
        **statuspage.documents(state, as_of=as_of, outdated_after=outdated_after),
        "index.html": _index(state, frame, as_of),
    }


def _index(state: PublicState, frame: views.Row, as_of: datetime) -> bytes:
    ended = [incident for incident in state.incidents if not incident.is_open]
    recent = [incident for incident in ended if as_of - incident.updated_at <= _RECENT][:_MOST_RECENT]
    return fill(
        "index.html",
        frame,
        title=say(frame["headline"], state.language),
        open_incidents=[views.incident(incident, state, as_of, most_updates=5) for incident in state.open_incidents],
        components=views.components(state, as_of),
        planned=[
            views.maintenance(each, state, as_of) for each in (*state.active_maintenances, *state.upcoming_maintenances)
        ],
        recent=[
            {"day": day, "incidents": [views.incident(each, state, as_of, most_updates=1) for each in group]}
            for day, group in groupby(recent, key=lambda each: day_in_words(each.created_at, state.zone))
        ],
        days=_RECENT.days,
    )


def _incident(incident: Incident, state: PublicState, frame: views.Row, as_of: datetime) -> bytes:
    if not incident.is_open and as_of - incident.updated_at > _SETTLED_AFTER:
        return _settled(
            incident, replace(state, revision=0, updated_at=incident.updated_at, components=(), incidents=())
        )
    shown = views.incident(incident, state, as_of)
    return fill("incident.html", {**frame, "up": "../"}, title=incident.title, incident=shown)


def _maintenance(each: Incident, state: PublicState, frame: views.Row, as_of: datetime) -> bytes:
    shown = views.maintenance(each, state, as_of)
    return fill("incident.html", {**frame, "up": "../"}, title=each.title, incident=shown)


@lru_cache(maxsize=5000)
def _settled(incident: Incident, page: PublicState) -> bytes:
    # Depends on nothing that changes by itself, so a thousand of them cost nothing each minute.
    shown = views.incident(incident, page, None)
    return fill("incident.html", {**views.settled_frame(page), "up": "../"}, title=incident.title, incident=shown)


def _history(state: PublicState, frame: views.Row, as_of: datetime) -> bytes:
    told = sorted((*state.incidents, *state.maintenances), key=lambda each: (each.started_at, each.uid), reverse=True)
    by_month = groupby(told, key=lambda each: month_in_words(each.started_at, state.zone))
    return fill(
        "history.html",
        frame,
        title=say("Incident history", state.language),
        months=[
            {"month": month, "incidents": [views.incident(each, state, as_of, most_updates=0) for each in group]}
            for month, group in by_month
        ],
    )


def _assets(state: PublicState) -> dict[str, bytes]:
    icon = {"icon.svg": fill("icon.svg", {"level": views.LEVEL_OF_IMPACT[state.indicator]})}
    style = {"brand.css": style_sheet(state.brand).encode()} if state.brand.accent else {}
    logo = {views.logo_name(state): state.logo} if state.logo else {}
    return {**_shipped(), **icon, **style, **logo}


@cache
def _shipped() -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((_HERE / "assets").iterdir()) if path.is_file()}
