"""The JSON of a page in Statuspage's public v2 shape, which public clients read as it is.

Our additions to that shape: `next_update_at` and `x_audience` on incidents and updates, `x_uptime_90d` (0 to 1) and
`x_atom` on components, `x_as_of` and `x_outdated_after` on the page, so that a copy that outlives its server says how
old it is, and `x_subscribe`: where readers and programs are told of what comes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from antiphon.pages import feeds
from antiphon.pages.state import Component, Incident, PublicState, Touched, Update
from antiphon.pages.uptime import of_component

MOST_INCIDENTS = 50
DESCRIPTIONS = {
    "none": "All Systems Operational",
    "minor": "Minor Service Outage",
    "major": "Partial System Outage",
    "critical": "Major Service Outage",
}
"""Statuspage's own words, which clients compare with."""

Json = dict[str, Any]


def documents(state: PublicState, *, as_of: datetime, outdated_after: datetime) -> dict[str, bytes]:
    """Every JSON file of the page, by its path below the page's folder."""
    page = _page(state, as_of, outdated_after)
    status = {"indicator": state.indicator, "description": DESCRIPTIONS[state.indicator]}
    components = [
        {
            **_component(each, state),
            "x_uptime_90d": round(of_component(each, zone=state.zone, as_of=as_of).share, 6),
            "x_atom": f"{state.url}{feeds.path_of(each.uid)}.atom",
        }
        for each in state.components
    ]
    unresolved = _incidents(state.open_incidents, state)
    upcoming, active = (
        _maintenances(which, state) for which in (state.upcoming_maintenances, state.active_maintenances)
    )
    bodies: dict[str, Json] = {
        "summary": {
            "components": components,
            "incidents": unresolved,
            "scheduled_maintenances": active + upcoming,
            "status": status,
        },
        "status": {"status": status},
        "components": {"components": components},
        "incidents": {"incidents": _incidents(state.incidents, state)},
        "incidents/unresolved": {"incidents": unresolved},
        "scheduled-maintenances": {"scheduled_maintenances": _maintenances(state.maintenances, state)},
        "scheduled-maintenances/active": {"scheduled_maintenances": active},
        "scheduled-maintenances/upcoming": {"scheduled_maintenances": upcoming},
    }
    return {f"api/v2/{name}.json": _encode({"page": page, **body}) for name, body in bodies.items()}


def publication(state: PublicState, uid: str, *, at: datetime) -> Json | None:
    """What was published of an incident or work (its uid) by this instant, as Statuspage posts it to subscribers; None
    where the page has nothing of it. Our additions: `update`, `components`, `next_update_at` beside the incident."""
    planned = next((each for each in state.maintenances if each.uid == uid), None)
    found = planned or next((each for each in state.incidents if each.uid == uid), None)
    if found is None:
        return None
    shown = _maintenances([found], state)[0] if planned else _incident(found, state)
    said = next((each for each in found.updates if each.display_at <= at), None)
    status = {"status_indicator": state.indicator, "status_description": DESCRIPTIONS[state.indicator]}
    return {
        "page": {"id": state.uid, "name": state.name, "url": state.url, **status},
        "incident": shown,
        "update": _update(said, found, state) if said else None,
        "components": shown["components"],
        "next_update_at": _instant(said.next_update_at, state) if said else None,
    }


def _encode(body: Json) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "backslashreplace")


def _page(state: PublicState, as_of: datetime, outdated_after: datetime) -> Json:
    return {
        "id": state.uid,
        "name": state.name,
        "url": state.url,
        "time_zone": "Etc/UTC" if state.zone == "UTC" else state.zone,
        "updated_at": _instant(state.updated_at, state),
        "x_as_of": _instant(as_of, state),
        "x_outdated_after": _instant(outdated_after, state),
        "x_subscribe": {
            "form": state.subscribe_url or None,
            "atom": f"{state.url}history.atom",
            "rss": f"{state.url}history.rss",
            "atom_by_impact": {each: f"{state.url}{feeds.path_of(each)}.atom" for each in feeds.BY_IMPACT},
        },
    }


def _component(component: Component, state: PublicState) -> Json:
    body = {
        "id": component.uid,
        "name": component.name,
        "status": component.status,
        "created_at": _instant(component.created_at, state),
        "updated_at": _instant(component.updated_at, state),
        "position": component.position,
        "description": component.description or None,
        "showcase": not component.members,
        "start_date": None,
        "group_id": component.group_uid,
        "page_id": state.uid,
        "group": bool(component.members),
        "only_show_if_degraded": False,
    }
    return {**body, "components": list(component.members)} if component.members else body


def _incidents(incidents: Iterable[Incident], state: PublicState) -> list[Json]:
    return [_incident(incident, state) for incident in list(incidents)[:MOST_INCIDENTS]]


def _maintenances(maintenances: Iterable[Incident], state: PublicState) -> list[Json]:
    return [
        {
            **_incident(each, state),
            "scheduled_for": _instant(each.scheduled_for, state),
            "scheduled_until": _instant(each.scheduled_until, state),
        }
        for each in list(maintenances)[:MOST_INCIDENTS]
    ]


def _incident(incident: Incident, state: PublicState) -> Json:
    named = incident.component_uids
    return {
        "id": incident.uid,
        "name": incident.title,
        "status": incident.status,
        "created_at": _instant(incident.created_at, state),
        "updated_at": _instant(incident.updated_at, state),
        "monitoring_at": _instant(incident.monitoring_at, state),
        "resolved_at": _instant(incident.resolved_at, state),
        "impact": incident.impact,
        "shortlink": f"{state.url}{incident.path}",
        "started_at": _instant(incident.started_at, state),
        "page_id": state.uid,
        "incident_updates": [_update(update, incident, state) for update in incident.updates],
        "components": [_component(component, state) for component in state.components if component.uid in named],
        "next_update_at": _instant(incident.next_update_at, state),
        "x_audience": state.audience,
    }


def _update(update: Update, incident: Incident, state: PublicState) -> Json:
    published = _instant(update.display_at, state)
    return {
        "id": update.uid,
        "status": update.status,
        "body": update.body,
        "incident_id": incident.uid,
        "created_at": published,
        "updated_at": published,
        "display_at": published,
        "affected_components": [_touched(touched) for touched in update.touched] or None,
        "deliver_notifications": True,
        "custom_tweet": None,
        "tweet_id": None,
        "next_update_at": _instant(update.next_update_at, state),
        "x_audience": state.audience,
    }


def _touched(touched: Touched) -> Json:
    return {
        "code": touched.code,
        "name": touched.name,
        "old_status": touched.old_status,
        "new_status": touched.new_status,
    }


def _instant(instant: datetime | None, state: PublicState) -> str | None:
    """Milliseconds and the offset of the page's zone, "Z" for none, as Statuspage writes it."""
    if instant is None:
        return None
    local = instant.astimezone(ZoneInfo(state.zone))
    text = local.isoformat(timespec="milliseconds")
    return text.removesuffix("+00:00") + "Z" if local.utcoffset() == timedelta() else text
