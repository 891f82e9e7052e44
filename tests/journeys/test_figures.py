"""Over- and under-escalation from what reviews say, and where people disagreed with the program."""

from datetime import timedelta
from typing import Any

import pytest

from antiphon.actions import incidents, reviews, verdicts
from antiphon.core.decision import SYSTEM, Refusal
from antiphon.db.models import Incident
from antiphon.queries import figures
from tests.world import World, done

pytestmark = pytest.mark.patient


def reviewed(world: World, number: int, needed: str) -> None:
    incident = Incident.objects.get(number=number)
    known: dict[str, Any] = {"went_well": "", "went_badly": "", "causes": "", "actor": world.acts(world.ira)}
    done(
        reviews.write(
            incident=incident.uid, business_needed=needed, business_reason="seen after", now=world.now, **known
        )
    )


def test_reviews_say_whether_the_business_track_fitted(world: World) -> None:
    world.entity("batch", "service", customer_facing=False, revenue_per_minute=0.0)
    world.service("checkout", customers=["Bo"])
    for service in ("checkout", "batch", "batch", "checkout"):
        world.declare(severity=4, entities=[service], title=f"Trouble {world.now:%H%M}")
        if world.incident.number == 3:
            done(
                verdicts.override(
                    incident=world.incident.uid,
                    kind="both",
                    reason="customers called",
                    actor=world.acts(world.ira),
                    now=world.now,
                )
            )
        ira = world.acts(world.ira)
        done(
            incidents.set_stage(
                incident=world.incident.uid, stage="monitoring", reason="quiet", actor=ira, now=world.now
            )
        )
        world.advance(minutes=16)
        assert world.resolve() is None
    no_reason = reviews.write(
        incident=world.incident.uid,
        went_well="",
        went_badly="",
        causes="",
        business_needed="yes",
        actor=world.acts(world.ira),
        now=world.now,
    )
    assert isinstance(no_reason, Refusal)
    assert no_reason.field == "business_reason"
    reviewed(world, 1, "no")
    reviewed(world, 2, "yes")
    reviewed(world, 3, "yes")
    found = figures.escalations(since=world.now - timedelta(days=1), reader=SYSTEM)
    assert (found.resolved, found.right, found.over, found.under, found.unsaid) == (4, 0, 1, 2, 1)
    assert {each.number: each.why for each in found.incidents} == {
        1: "opened, not needed",
        2: "needed, never opened",
        3: "needed, opened only by a person's word",
    }
    assert found.overridden == 1


def test_disagreement_is_counted_per_question(world: World) -> None:
    world.service("checkout", customers=["Bo"], revenue_per_minute=None)
    world.declare(severity=3, entities=["checkout"])
    lea: dict[str, Any] = {"person": world.lea, "actor": world.acts(world.lea), "incident": world.incident.uid}
    assert (world.answer(1)["answer"], world.answer(2)["answer"]) == ("yes", "unknown")
    for number, word in ((1, "no"), (2, "no"), (5, "yes")):
        done(verdicts.answer(number=number, word=word, reason="I asked", now=world.now, **lea))
    assert world.answer(1)["program"] == "yes"
    found = figures.escalations(since=world.now - timedelta(days=1), reader=SYSTEM)
    assert (found.answers, found.disagreed) == (3, 2)
    assert [each.number for each in found.disagreements if each.disagreed] == [1, 5]
