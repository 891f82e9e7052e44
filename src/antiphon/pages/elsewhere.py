"""What others show of a page: a calendar of planned work, alerts in CAP 1.2, badges. All from published text alone."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlsplit
from xml.etree import ElementTree

import icalendar

from antiphon.core.markup import to_text
from antiphon.pages import cap
from antiphon.pages.prose import without_controls
from antiphon.pages.state import Incident, PublicState
from antiphon.pages.views import headline, status_words
from antiphon.pages.words import say

COLOURS = {"ok": "#1a7f4b", "minor": "#8a5a00", "major": "#b04600", "critical": "#b71c25", "notice": "#1f5fb4"}
MOST_ALERTS = 50
CHARACTER = 7
"""Width of a badge's character at 11 px, taken wide so that no text is cut."""


def documents(state: PublicState, *, as_of: datetime) -> dict[str, bytes]:
    """The files, by their path below the page's folder."""
    return {
        "maintenance.ics": calendar(state),
        "badge.svg": badge("status", *headline(state), language=state.language),
        **{
            f"badges/{each.uid}.svg": badge(each.name, *status_words(each.status), language=state.language)
            for each in state.components
            if not each.members
        },
        **{f"cap/{each.uid}.xml": alert(each, state) for each in state.incidents[:MOST_ALERTS]},
    }


def calendar(state: PublicState) -> bytes:
    """Planned work as iCalendar (RFC 5545): one event each, cancelled or moved ones by the same UID."""
    host = urlsplit(state.url).hostname or "localhost"
    book = icalendar.Calendar()
    book.add("prodid", "-//Antiphon//status page//EN")
    book.add("version", "2.0")
    book.add("x-wr-calname", _line(f"{state.name}: {say('Planned work', state.language)}"))
    for each in state.maintenances:
        event = icalendar.Event()
        event.add("uid", f"{each.uid}@{host}")
        event.add("dtstamp", each.updated_at.astimezone(UTC))
        event.add("dtstart", (each.scheduled_for or each.started_at).astimezone(UTC))
        event.add("dtend", (each.scheduled_until or each.updated_at).astimezone(UTC))
        event.add("summary", _line(each.title))
        event.add("description", _latest(each))
        event.add("url", _line(f"{state.url}{each.path}"))
        event.add("sequence", len(each.updates))
        event.add("status", "CANCELLED" if each.is_cancelled else "CONFIRMED")
        book.add_component(event)
    return bytes(book.to_ical())


def alert(incident: Incident, state: PublicState) -> bytes:
    """An incident as a Common Alerting Protocol message, as its last publication left it."""
    host = urlsplit(state.url).hostname or "localhost"
    last = incident.updates[0].body if incident.updates else ""
    names = {said.code: said.name for update in reversed(incident.updates) for said in update.touched}
    return cap.document(
        cap.Alert(
            sender=f"status@{host}",
            uid=f"{host}.{state.uid}.{incident.uid}",
            said=tuple(update.display_at for update in reversed(incident.updates)) or (incident.updated_at,),
            over=not incident.is_open,
            impact=incident.impact,
            onset=incident.started_at,
            expires=incident.next_update_at,
            sender_name=state.name,
            web=f"{state.url}{incident.path}",
            area=", ".join(names.values()) or state.name,
            infos=(cap.Info(audience=state.audience, language=state.language, headline=incident.title, body=last),),
            readers="" if state.audience == "public" else f"For readers of “{state.name}”",
        )
    )


def badge(label: str, level: str, says: str, *, language: str = "en") -> bytes:
    """Two words on two grounds, as badges are: what it is about, and how it is in the page's own words."""
    label, says = without_controls(label)[:60], without_controls(say(says, language))
    left, right = (CHARACTER * len(text) + 12 for text in (label, says))
    root = ElementTree.Element(
        "svg", xmlns="http://www.w3.org/2000/svg", width=str(left + right), height="20", role="img"
    )
    _put(root, "title", f"{label}: {says}")
    for start, width, colour in ((0, left, "#3b434b"), (left, right, COLOURS[level])):
        ElementTree.SubElement(root, "rect", x=str(start), width=str(width), height="20", fill=colour)
    words = {
        "fill": "#fff",
        "font-family": "Verdana,DejaVu Sans,sans-serif",
        "font-size": "11",
        "text-anchor": "middle",
    }
    group = ElementTree.SubElement(root, "g", words)
    for middle, text in ((left / 2, label), (left + right / 2, says)):
        ElementTree.SubElement(group, "text", x=f"{middle:g}", y="14").text = text
    return _bytes(root)


def _latest(incident: Incident) -> str:
    return without_controls(to_text(incident.updates[0].body)) if incident.updates else ""


def _line(text: str) -> str:
    """The text on one line: a calendar takes a line's end for the end of a property."""
    return " ".join(without_controls(text).split())


def _bytes(root: ElementTree.Element) -> bytes:
    return ElementTree.tostring(root, encoding="unicode").encode()


def _put(parent: ElementTree.Element, name: str, text: str) -> None:
    ElementTree.SubElement(parent, name).text = without_controls(text)
