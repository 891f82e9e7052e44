"""Test alerts: sent through the product's own door, so that what works for them works for every sender.

The composition root says how to knock (`use`); the egress guard would refuse a call to our own address.
"""

import json
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from antiphon.core.decision import Refusal
from antiphon.core.declaring import TEST_LABEL
from antiphon.db import addresses
from antiphon.db.models import Integration

Knock = Callable[[str, str, bytes], int]
"""The hash of a key, the path behind it and a body → the status that its sender would see."""

LASTS: Final = timedelta(minutes=5)
"""A test alert ends by itself, as one would that Prometheus no longer sends."""
_PATHS: Final = {"alertmanager": "api/v2/alerts", "pagerduty": "v2/enqueue"}
_knock: Knock | None = None


def use(knock: Knock | None) -> None:
    """Send test alerts by this from now on."""
    global _knock
    _knock = knock


def send(integration: Integration, *, now: datetime) -> str | Refusal:
    """Send one; answers the marker that it carries in its labels."""
    if _knock is None:
        return Refusal("This process has no door for alerts. Use the command on this page instead.", "key")
    if integration.kind not in _PATHS:
        return Refusal(
            "This key takes mail and no alerts. Hand it a mail by the command that was shown with it.", "key"
        )
    marker = secrets.token_hex(6)
    status = _knock(integration.key_hash, _PATHS[integration.kind], _body(integration.kind, marker, now=now))
    if status == 404:
        return Refusal("This key is switched off, so nothing that it sends is taken. Make a new one.", "key")
    if status >= 300:
        return Refusal(f"The door answered {status}: the alert was not taken. Try again in a moment.", "key")
    return labelled(integration.kind, marker)


def labelled(kind: str, marker: str) -> str:
    """How a marker stands in the labels of an alert of this kind."""
    return marker if kind == "alertmanager" else f"{TEST_LABEL}:{marker}"


def _body(kind: str, marker: str, *, now: datetime) -> bytes:
    said = "Test alert from Antiphon"
    if kind == "pagerduty":
        payload = {"summary": said, "source": "antiphon", "severity": "warning", "class": labelled(kind, marker)}
        event = {"event_action": "trigger", "dedup_key": f"{TEST_LABEL}-{marker}", "payload": payload}
        return json.dumps(event).encode()
    alert = {
        "labels": {"alertname": said, "severity": "warning", TEST_LABEL: marker},
        "annotations": {"summary": "Test alert, sent by a button"},
        "startsAt": now.isoformat(),
        "endsAt": (now + LASTS).isoformat(),
    }
    return json.dumps([alert]).encode()


def examples(kind: str, address: str) -> list[dict[str, str]]:
    """What to paste where alerts come from; `address` is the whole base address of the key."""
    if kind == "pagerduty":
        payload = {"summary": "checkout is slow", "source": "checkout", "severity": "error"}
        event = json.dumps({"event_action": "trigger", "payload": payload})
        url = f"{address}/v2/enqueue"
        return [
            {"label": "The address for a PagerDuty Events v2 client", "text": url},
            {"label": "Try it", "text": f"curl -sS {url} {_JSON} -d '{event}'"},
        ]
    if kind == "mail":
        url = f"{address}/mail"
        return [
            {"label": "The address for each mail, as the body of a POST", "text": url},
            {"label": "Try it", "text": f"curl -sS {url} -H 'Content-Type: message/rfc822' --data-binary @mail.eml"},
        ]
    labels = {"alertname": "Slow", "service": "checkout", "severity": "critical"}
    add = f"amtool --alertmanager.url={address} alert add {' '.join(f'{key}={word}' for key, word in labels.items())}"
    return [
        {"label": "prometheus.yml", "text": _prometheus(address)},
        {"label": "amtool", "text": add},
        {"label": "curl", "text": f"curl -sS {address}/api/v2/alerts {_JSON} -d '{json.dumps([{'labels': labels}])}'"},
    ]


_JSON: Final = "-H 'Content-Type: application/json'"


def _prometheus(address: str) -> str:
    scheme, _, rest = address.partition("://")
    host, _, path = rest.partition("/")
    return "\n".join(
        (
            "alerting:",
            "  alertmanagers:",
            f"    - scheme: {scheme}",
            f"      path_prefix: /{path}",
            "      static_configs:",
            f'        - targets: ["{host}"]',
        )
    )


def base_address(secret: str) -> str:
    """The address that a sender is given: everything its format asks for lies below."""
    return f"{addresses.base_url()}/in/{secret}"
