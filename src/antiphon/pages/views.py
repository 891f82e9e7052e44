"""What the templates of a page are filled with: ready text, no decisions left."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from antiphon.pages.prose import to_html, without_controls
from antiphon.pages.state import Component, Incident, PublicState, Update
from antiphon.pages.times import MONTHS, day_in_words, duration, in_words, marked
from antiphon.pages.uptime import of_component
from antiphon.pages.words import said, say

Row = dict[str, Any]

BAR = 4
"""Width of a day's bar with the gap after it, in units of its drawing."""

# A level is a colour and a shape, the same for components, incidents and the page as a whole.
LEVEL_OF_IMPACT = {"none": "ok", "maintenance": "notice", "minor": "minor", "major": "major", "critical": "critical"}
_LEVEL_OF_STATUS = {
    "operational": "ok",
    "degraded_performance": "minor",
    "partial_outage": "major",
    "major_outage": "critical",
    "under_maintenance": "notice",
}
_STATUS_WORDS = {
    "operational": "Operational",
    "degraded_performance": "Degraded performance",
    "partial_outage": "Partial outage",
    "major_outage": "Major outage",
    "under_maintenance": "Under maintenance",
}
_IMPACT_WORDS = {
    "none": "No disruption",
    "maintenance": "Planned work",
    "minor": "Minor disruption",
    "major": "Partial outage",
    "critical": "Major outage",
}
_PROGRESS_WORDS = {
    "scheduled": "Planned",
    "in_progress": "Under way",
    "verifying": "Being verified",
    "completed": "Completed",
    "investigating": "Investigating",
    "identified": "Identified",
    "monitoring": "Monitoring",
    "resolved": "Resolved",
    "postmortem": "Review",
}


def frame(state: PublicState, *, as_of: datetime, outdated_after: datetime, script: bool) -> Row:
    """What every HTML page of this rendering shares."""
    level, says = headline(state)
    return {
        "name": state.name,
        "level": level,
        "headline": says,
        "about": _about(says, in_words(as_of, state.zone, near=None), state.language),
        # Always with its day: a copy may outlive its server by more than one.
        "as_of": marked(as_of, state.zone, near=None),
        "outdated_after": marked(outdated_after, state.zone, near=as_of),
        "outdated_after_iso": f"{outdated_after.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "script": script,
        "subscribe_url": state.subscribe_url,
        **branded(state),
    }


def _about(says: str, as_of: str, language: str) -> str:
    return f"{say(says, language)}. {say('As of', language)} {said(as_of, language)}."


def settled_frame(page: PublicState) -> Row:
    """The frame of a page that no longer changes by itself, and therefore never grows old."""
    about = f"An incident in the history of {page.name}."
    return {"name": page.name, "about": about, "settled": True, **branded(page)}


def branded(state: PublicState) -> Row:
    """How the house shows itself on every page; the logo is one of our own files."""
    brand = state.brand
    return {"language": state.language, "brand": brand, "logo": logo_name(state), "has_style": bool(brand.accent)}


def logo_name(state: PublicState) -> str:
    """The file of the logo, another one for each picture; empty when there is none."""
    return f"logo-{state.brand.logo[:12]}.png" if state.logo else ""


def components(state: PublicState, as_of: datetime) -> list[Row]:
    """Components in the page's order, with their bars; a group carries its members below it."""
    inside = {uid for component in state.components for uid in component.members}
    by_uid = {component.uid: component for component in state.components}
    return [
        {
            **_with_bars(component, state, as_of),
            "members": [_with_bars(by_uid[uid], state, as_of) for uid in component.members],
        }
        for component in state.components
        if component.uid not in inside
    ]


def maintenance(each: Incident, state: PublicState, as_of: datetime | None) -> Row:
    """A planned work as an incident's row, with its window."""
    start, end = each.scheduled_for or each.created_at, each.scheduled_until or each.updated_at
    return {
        **incident(each, state, as_of),
        "planned": True,
        "starts": marked(start, state.zone, near=as_of),
        "ends": marked(end, state.zone, near=as_of and start),
        "takes": duration(end - start),
    }


def incident(incident: Incident, state: PublicState, as_of: datetime | None, *, most_updates: int | None = None) -> Row:
    """One incident with at most so many of its newest updates; `as_of` None for one that is settled."""
    shown = incident.updates[:most_updates]
    return {
        "uid": incident.uid,
        "path": incident.path,
        "title": incident.title,
        "is_open": incident.is_open,
        "level": _incident_level(incident),
        "impact": _IMPACT_WORDS[incident.impact],
        "status": "Cancelled" if incident.is_cancelled else _PROGRESS_WORDS[incident.status],
        "started": marked(incident.started_at, state.zone, near=as_of),
        "lasted": duration((incident.resolved_at or as_of or incident.updated_at) - incident.started_at),
        "resolved": incident.resolved_at and marked(incident.resolved_at, state.zone, near=as_of),
        "next_update": incident.next_update_at and marked(incident.next_update_at, state.zone, near=as_of),
        "is_late": bool(as_of and incident.next_update_at and incident.next_update_at < as_of),
        "affected": _affected(incident, state),
        "updates": [_update(update, state, as_of) for update in shown],
        "more_updates": len(incident.updates) - len(shown),
        "all_updates": len(incident.updates),
    }


def entry(incident: Incident, state: PublicState, host: str) -> Row:
    """One incident as an entry of a feed: its updates as HTML, newest first, each with its time."""
    return {
        "id": f"tag:{host},2005:Incident/{incident.uid}",
        "link": f"{state.url}{incident.path}",
        "title": without_controls(incident.title),
        "html": "".join(_entry_update(update, state) for update in incident.updates),
        **stamps("published", incident.created_at),
        **stamps("updated", incident.updated_at),
    }


def stamps(name: str, instant: datetime) -> dict[str, str]:
    """An instant as Atom (RFC 3339) and as RSS (RFC 822) want it, in UTC."""
    utc = instant.astimezone(UTC)
    return {name: f"{utc:%Y-%m-%dT%H:%M:%SZ}", f"{name}_rfc822": format_datetime(utc)}


def impact_words(impact: str) -> str:
    """How bad it is, in words."""
    return _IMPACT_WORDS[impact]


def status_words(status: str) -> tuple[str, str]:
    """A component's status: its level and its words."""
    return _LEVEL_OF_STATUS[status], _STATUS_WORDS[status]


def headline(state: PublicState) -> tuple[str, str]:
    """The level and the words of the page as a whole."""
    if state.indicator != "none":
        return LEVEL_OF_IMPACT[state.indicator], _IMPACT_WORDS[state.indicator]
    if state.open_incidents:
        return "notice", "An incident is open"
    if state.active_maintenances or any(each.status == "under_maintenance" for each in state.components):
        return "notice", "Maintenance under way"
    return "ok", "All systems operational" if state.components else "No known problems"


def _incident_level(incident: Incident) -> str:
    if not incident.is_open:
        return "ok"
    return "notice" if incident.impact == "none" else LEVEL_OF_IMPACT[incident.impact]


def _component(component: Component) -> Row:
    level, status = status_words(component.status)
    return {
        "uid": component.uid,
        "name": component.name,
        "description": component.description,
        "level": level,
        "status": status,
    }


def _with_bars(component: Component, state: PublicState, as_of: datetime) -> Row:
    """A component with its days: bars drawn by level, and those days in words that were not well."""
    if component.members:
        return _component(component)
    history = of_component(component, zone=state.zone, as_of=as_of)
    places: dict[str, list[int]] = {}
    for place, day in enumerate(history.days):
        places.setdefault(_LEVEL_OF_STATUS.get(day.status, "unknown"), []).append(place)
    return {
        **_component(component),
        "uptime": history.percent,
        "bars": [
            {"level": level, "path": "".join(f"M{BAR * each} 0h{BAR - 1}v20h-{BAR - 1}z" for each in found)}
            for level, found in places.items()
        ],
        "bars_width": BAR * len(history.days) - 1,
        "days": len(history.days),
        "since": day_in_words(history.listed, state.zone) if history.listed else "",
        "troubled": [
            f"{each.day.day} {MONTHS[each.day.month - 1]}: {_STATUS_WORDS[each.status].lower()}, "
            f"{duration(each.troubled)}"
            for each in reversed(history.days)
            if each.troubled
        ],
    }


def _affected(incident: Incident, state: PublicState) -> list[Row]:
    """Components by the names they were published under; an open incident says how each is now."""
    now = {component.uid: _component(component) for component in state.components} if incident.is_open else {}
    names = {said.code: said.name for update in reversed(incident.updates) for said in update.touched}
    return [{"name": name, "says": _how_it_is(now[uid]) if uid in now else ""} for uid, name in names.items()]


def _how_it_is(component: Row) -> str:
    status: str = component["status"].lower()
    return f"{status} again" if component["level"] == "ok" else status


def _update(update: Update, state: PublicState, as_of: datetime | None) -> Row:
    return {
        "uid": update.uid,
        "status": _progress(update),
        "at": marked(update.display_at, state.zone, near=as_of),
        "html": to_html(update.body),
    }


def _progress(update: Update) -> str:
    return "Cancelled" if update.cancels else _PROGRESS_WORDS[update.status]


def _entry_update(update: Update, state: PublicState) -> str:
    # A feed is read on another day: its times always carry day and year.
    at = in_words(update.display_at, state.zone, near=None)
    return f"<p><strong>{_progress(update)}</strong>, {at}</p>\n{to_html(update.body)}"
