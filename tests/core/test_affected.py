"""What was hit when, read from an incident's record."""

from datetime import UTC, datetime, timedelta

import pytest

from antiphon.core.affected import pieces, state
from antiphon.core.decision import Decision, Refusal
from antiphon.core.events import (
    EntityAffected,
    EntityCleared,
    ImpactStated,
    IncidentDeclared,
    IncidentReopened,
    IncidentResolved,
    NoteAdded,
)
from antiphon.core.impact import Stated

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


DECLARED = IncidentDeclared(
    title="Checkout is down", incident_type="disruption", area="", severity=1, impact="high", urgency="high",
    priority="P1", nature="real", detected_at=NOON, detected_by="Prometheus", entities=("checkout",), reason="x.",
)  # fmt: skip
RESOLVED = IncidentResolved(how="Failed over.", verified="Orders.")


def hit(share: float, region: str = "") -> ImpactStated:
    return ImpactStated(entity="checkout", share=share, region=region, reason="")


def told(*record, now: float = 100):
    return [
        ((piece.start - NOON) / timedelta(minutes=1), (piece.end - NOON) / timedelta(minutes=1), dict(piece.hit))
        for piece in pieces([(at(minute), event) for minute, event in record], now=at(now))
    ]


def test_it_counts_from_the_detection_until_now():
    assert told((5, DECLARED), (6, NoteAdded(text="x"))) == [(0, 100, {"checkout": Stated()})]


def test_a_share_holds_from_when_it_was_said():
    assert told((5, DECLARED), (20, hit(0.3, "eu")), (50, hit(1))) == [
        (0, 20, {"checkout": Stated()}),
        (20, 50, {"checkout": Stated(0.3, "eu")}),
        (50, 100, {"checkout": Stated()}),
    ]


def test_what_is_known_at_the_declaration_counts_from_the_detection():
    assert told((5, DECLARED), (5, hit(0.3))) == [(0, 100, {"checkout": Stated(0.3)})]


def test_what_comes_and_goes_counts_while_it_is_there():
    record = ((5, DECLARED), (10, EntityAffected(entity="search", reason="x")))
    assert told(*record, (30, EntityCleared(entity="checkout", reason="x"))) == [
        (0, 10, {"checkout": Stated()}),
        (10, 30, {"checkout": Stated(), "search": Stated()}),
        (30, 100, {"search": Stated()}),
    ]


def test_nothing_counts_between_a_resolution_and_a_reopening():
    over = ((5, DECLARED), (40, RESOLVED), (60, IncidentReopened(reason="x")), (70, RESOLVED))
    assert told(*over) == [(0, 40, {"checkout": Stated()}), (60, 70, {"checkout": Stated()})]
    assert told((5, DECLARED), now=0) == []


@pytest.mark.parametrize("share", [0, -0.1, 1.3, float("nan"), float("inf")])
def test_a_share_that_cannot_be_is_refused(share: float):
    refused = state({}, "checkout", share=share, region="", reason="x")
    assert isinstance(refused, Refusal)
    assert refused.field == "share"


def test_130_percent_is_told_as_it_was_typed():
    refused = state({}, "checkout", share=1.3, region="", reason="x")
    assert isinstance(refused, Refusal)
    assert refused.sentence == "130 % of the work cannot be hit: give a share above 0 and up to 100 %."


def test_what_is_known_already_is_no_event():
    known = {"checkout": Stated(0.3, "eu west")}
    assert state(known, "checkout", share=0.3, region=" eu  west", reason="x") == Decision(Stated(0.3, "eu west"))
    said = state(known, "checkout", share=1, region="", reason="the pool is gone")
    assert isinstance(said, Decision)
    assert said.events[0].sentence() == "checkout is hit wholly: the pool is gone"
    assert hit(0.125, "eu").sentence() == "checkout is hit to 12.5 % in eu"
