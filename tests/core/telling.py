"""An incident as the tests of words know it: its facts, and what its record says."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from antiphon.core.audiences import ENDINGS, Audience, Moment
from antiphon.core.decision import Actor, Decision
from antiphon.core.facts import Confidence, Fact, record
from antiphon.core.variables import About

NOW = datetime(2026, 11, 21, 14, 10, tzinfo=UTC)
NEXT = NOW + timedelta(minutes=30)
ANN = Actor(kind="person", uid="ann", role="responder")
BEN = Actor(kind="person", uid="ben", role="responder")
IRA = Actor(kind="person", uid="ira", role="admin")
LEA = Actor(kind="person", uid="lea", role="communicator")

TOLD = {
    "what_happens": "The main node of the order store lost its disk; shop-api answers 31 % of requests with HTTP 502",
    "scope": "All customers in Europe who pay in the checkout",
    "symptoms": "Payments in the checkout may fail",
    "diagnostics": "Compared the positions of both copies; checked the disk",
    "metrics": "Error rate 31 %, 99th percentile 9 s",
    "actions": "We are moving payments to a second system",
    "customer_action": "You do not need to do anything; orders are kept",
    "workaround": "Retry with the same idempotency key",
    "cause": "A disk failed",
    "changed": "Traffic was moved to the standby",
    "verified": "Payments succeeded for 30 minutes",
    "prevention": "A second standby is being added",
}


def loose(rule: Callable[..., Any]) -> Any:
    """The rule as tests call it: each test says itself whether it expects a Decision or a Refusal."""
    return rule


def facts(**more: Any) -> Any:
    """The facts above, and those given as name=(text, audiences)."""
    known: tuple[Fact, ...] = ()
    entries = [(name, text, None, Confidence.CONFIRMED) for name, text in TOLD.items()]
    entries.append(("hypothesis", "The copy lags after the switch", None, Confidence.LIKELY))
    entries += [(name, text, readers, Confidence.CONFIRMED) for name, (text, readers) in more.items()]
    for number, (name, text, readers, confidence) in enumerate(entries):
        decided = record(
            known,
            uid=f"fact{number:08}",
            name=name,
            text=text,
            source="person:ann",
            audiences=readers,
            confidence=confidence,
            now=NOW,
        )
        assert isinstance(decided, Decision)
        known = decided.state
    return known


def about(moment: Moment = Moment.FIRST_WORD, **changes: Any) -> About:
    told = About(
        number=42,
        incident_type="disruption",
        severity=2,
        state="investigating",
        detected_at=NOW - timedelta(minutes=8),
        services=("shop-api", "checkout-web"),
        products=("Checkout",),
        next_update_at=NEXT,
        status_page="https://status.example.com",
        support="support@example.com",
        title="Order store down",
        commander="Ira",
        bridge="https://meet.example.com/x",
        link="https://antiphon.example.com/incidents/42",
    )
    if moment in ENDINGS:
        told = replace(told, state="resolved", resolved_at=NOW)
    return replace(told, **changes)


EVERY_AUDIENCE = tuple(Audience)
