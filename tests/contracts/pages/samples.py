"""A made-up page to render: one open incident, one resolved, five components of which two form a group."""

from datetime import UTC, datetime, timedelta
from typing import Any

from antiphon.pages.state import Component, Incident, PublicState, Touched, Update

NOW = datetime(2026, 11, 21, 14, 5, 40, 123456, tzinfo=UTC)
STARTED = datetime(2026, 11, 21, 13, 17, tzinfo=UTC)


def component(name: str, status: str = "operational", **more: Any) -> Component:
    uid = name.lower().replace(" ", "").ljust(12, "0")[:12]
    long_ago = NOW - timedelta(days=90)
    told: dict[str, Any] = {
        "description": "",
        "position": 1,
        "group_uid": None,
        "created_at": long_ago,
        "updated_at": long_ago,
    }
    return Component(uid=uid, name=name, status=status, **(told | more))


def update(uid: str, status: str, body: str, at: datetime, **more: Any) -> Update:
    return Update(uid=uid.ljust(12, "0"), status=status, body=body, display_at=at, **more)


def incident(title: str = "Some orders cannot be paid", **more: Any) -> Incident:
    first = update(
        "first",
        "investigating",
        "Some customers see an error when they pay.",
        STARTED + timedelta(minutes=8),
        touched=(Touched("checkout0000", "Checkout", "operational", "partial_outage"),),
    )
    told: dict[str, Any] = {
        "uid": "k3v9x2m4p7q1",
        "number": 17,
        "impact": "major",
        "status": "identified",
        "started_at": STARTED,
        "created_at": first.display_at,
        "updated_at": NOW - timedelta(minutes=9),
        "next_update_at": datetime(2026, 11, 21, 14, 30, tzinfo=UTC),
        "updates": (update("second", "identified", "We know why.", NOW - timedelta(minutes=9)), first),
    }
    return Incident(title=title, **(told | more))


def resolved(uid: str = "resolved0001", *, days_ago: int = 3, title: str = "E-mail delivered late") -> Incident:
    started = NOW - timedelta(days=days_ago)
    end = started + timedelta(minutes=72)
    return incident(
        title,
        uid=uid,
        impact="minor",
        status="resolved",
        started_at=started,
        created_at=started,
        updated_at=end,
        resolved_at=end,
        next_update_at=None,
        updates=(update(uid[::-1], "resolved", "E-mail is delivered at its usual speed again.", end),),
    )


def state(**more: Any) -> PublicState:
    told: dict[str, Any] = {
        "uid": "pagepagepage",
        "name": "Northwind Hosting status",
        "url": "https://status.northwind.example/status/",
        "zone": "UTC",
        "revision": 7,
        "updated_at": NOW - timedelta(minutes=9),
        "components": (
            component("Checkout", "partial_outage", description="Paying for an order"),
            component("Hosting", "degraded_performance", position=2, members=("databases000", "machines0000")),
            component("Databases", "degraded_performance", position=3, group_uid="hosting00000"),
            component("Machines", position=4, group_uid="hosting00000"),
        ),
        "incidents": (incident(), resolved()),
    }
    return PublicState(**(told | more))
