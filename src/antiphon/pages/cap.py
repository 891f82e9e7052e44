"""Alerts in the Common Alerting Protocol (OASIS CAP 1.2), their parts in the order of its schema."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal
from xml.etree import ElementTree

from antiphon.core.markup import to_text
from antiphon.pages.prose import without_controls
from antiphon.pages.words import say

NAMESPACE: Final = "urn:oasis:names:tc:emergency:cap:1.2"
SEVERITY: Final = {"none": "Minor", "maintenance": "Minor", "minor": "Minor", "major": "Severe", "critical": "Extreme"}
"""Our impact in CAP's words; "Extreme" and "Severe" wake people, so a mere slowness is "Minor"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Info:
    """What one audience is told in one language; `body` is Markdown."""

    audience: str
    language: str
    headline: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One incident as its last publication left it. `said`: the instants of its publications, the first one first;
    `readers`: to whom it is restricted, "" for the public; `uid` names it among all that `sender` says."""

    sender: str
    uid: str
    said: tuple[datetime, ...]
    over: bool
    impact: str
    onset: datetime
    expires: datetime | None
    sender_name: str
    web: str
    area: str
    infos: tuple[Info, ...]
    readers: str = ""
    status: Literal["Actual", "Exercise", "Test"] = "Actual"


def document(alert: Alert) -> bytes:
    """The alert as XML."""
    root = ElementTree.Element("alert", xmlns=NAMESPACE)
    first = len(alert.said) <= 1
    _put(root, "identifier", f"{alert.uid}.{len(alert.said)}")
    _put(root, "sender", alert.sender)
    _put(root, "sent", _instant(alert.said[-1]))
    _put(root, "status", alert.status)
    _put(root, "msgType", "Cancel" if alert.over else "Alert" if first else "Update")
    _put(root, "scope", "Restricted" if alert.readers else "Public")
    if alert.readers:
        _put(root, "restriction", alert.readers)
    if not first:
        before = f"{alert.uid}.{len(alert.said) - 1}"
        _put(root, "references", f"{alert.sender},{before},{_instant(alert.said[-2])}")
    for info in alert.infos:
        _info(ElementTree.SubElement(root, "info"), alert, info)
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode").encode()


def _info(block: ElementTree.Element, alert: Alert, info: Info) -> None:
    _put(block, "language", info.language)
    _put(block, "category", "Infra")
    _put(block, "event", say("Service disruption", info.language))
    _put(block, "urgency", "Past" if alert.over else "Immediate")
    _put(block, "severity", SEVERITY[alert.impact])
    _put(block, "certainty", "Observed")
    _put(block, "audience", info.audience)
    _put(block, "onset", _instant(alert.onset))
    if alert.expires and not alert.over:
        _put(block, "expires", _instant(alert.expires))
    _put(block, "senderName", alert.sender_name)
    _put(block, "headline", info.headline)
    _put(block, "description", to_text(info.body))
    _put(block, "web", alert.web)
    _put(ElementTree.SubElement(block, "area"), "areaDesc", alert.area)


def _instant(instant: datetime) -> str:
    """CAP wants an offset of -00:00 for UTC, never Z."""
    return f"{instant.astimezone(UTC):%Y-%m-%dT%H:%M:%S}-00:00"


def _put(parent: ElementTree.Element, name: str, text: str) -> None:
    ElementTree.SubElement(parent, name).text = without_controls(text)
