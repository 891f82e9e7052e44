"""Past incidents once more: as they were, and under other settings."""

from datetime import timedelta
from typing import Any

import pytest

from antiphon.actions import classification as settings
from antiphon.actions import incidents, verdicts
from antiphon.core.classification import STANDARD, Classification
from antiphon.db.classification import current
from antiphon.queries import replay
from tests.world import World, done

pytestmark = pytest.mark.patient


def replayed(world: World, rules: Classification) -> list[replay.Replayed]:
    since = world.now - timedelta(days=30)
    return list(replay.replayed(since=since, rules=rules, now=world.now))


def eventful(world: World) -> None:
    """Incidents of every kind: timers, answers, overrides, a rise, an unknown that nobody answers."""
    world.entity("batch", "service", customer_facing=False, revenue_per_minute=0.0)
    world.entity("staging-web", "application", environment="staging", customer_facing=True)
    world.entity("archive", "service", customer_facing=False, revenue_per_minute=0.0)
    world.entity("vague", "service", customer_facing=None, revenue_per_minute=None)
    world.service("checkout", customers=["Bo", "Tess (technical)"])
    world.entity("cy-corp", "customer")
    world.contract("cy-corp", "archive", resolution_minutes=100)
    ira = world.acts(world.ira)
    world.alert("batch", severity="error")
    batch = world.incident.uid
    world.alert("staging-web", severity="critical")
    world.alert("archive", severity="error")
    world.declare(severity=2, entities=["vague"], title="Vague")
    vague = world.incident.uid
    world.declare(severity=3, entities=["vague"], title="Vague and small")
    world.advance(minutes=7)
    known: dict[str, Any] = {"person": world.lea, "actor": world.acts(world.lea), "now": world.now}
    done(verdicts.answer(incident=vague, number=1, word="no", reason="asked them", **known))
    world.advance(minutes=8)
    world.declare(severity=3, entities=["checkout"], title="Slow")
    done(
        verdicts.override(
            incident=world.incident.uid, kind="technical", reason="a test account", actor=ira, now=world.now
        )
    )
    world.advance(minutes=6)
    done(incidents.change_severity(incident=batch, severity=5, reason="hardly", actor=ira, now=world.now))
    world.advance(minutes=70)
    done(incidents.add_entity(incident=batch, entity="checkout", reason="it waits", actor=ira, now=world.now))
    world.advance(hours=13)


@pytest.mark.patient
def test_a_replay_under_the_settings_that_held_is_what_was_decided(world: World) -> None:
    eventful(world)
    found = replayed(world, current())
    assert len(found) == 6
    assert {one.after for one in found} == {"technical", "both"}
    for one in found:
        assert not one.differs, one
        assert one.answers == (), one
        assert one.would_have_been_told == one.was_told, one
    totals = replay.totals(found)
    assert (totals["incidents"], totals["other_verdicts"], totals["told_more_or_less"]) == (6, 0, {})
    done_to = settings.change(rules=Classification(near_share=0.9), actor=world.acts(world.ira), now=world.now)
    assert done_to == ()
    world.settle()
    again = replayed(world, STANDARD)
    assert [one.after for one in again] == [one.before for one in found]


def test_an_environment_that_is_no_production_any_more(world: World) -> None:
    world.entity("preview-web", "application", environment="preview", customer_facing=True)
    world.customer("Bo", uses="preview-web")
    world.alert("preview-web", severity="error")
    assert world.verdict == "both"
    (one,) = replayed(world, Classification(not_production=("preview",)))
    assert (one.after, one.was_told) == ("both", {"business": 1, "public": 1}), "a customer hangs on it"
    world.entity("sandbox-web", "application", environment="preview", customer_facing=True)
    world.alert("sandbox-web", severity="error")
    newest, _ = replayed(world, Classification(not_production=("preview",)))
    assert (newest.before, newest.after) == ("both", "technical")


def test_other_settings_show_who_would_have_been_told(world: World) -> None:
    world.stakeholder("executives", "Eva")
    world.entity("preview-web", "application", environment="preview", customer_facing=True)
    world.customer("Bo", uses="preview-web")
    world.entity("archive", "service", customer_facing=False, revenue_per_minute=0.0)
    world.entity("cy-corp", "customer")
    world.contract("cy-corp", "archive", resolution_minutes=100)
    world.alert("preview-web", severity="error")
    world.alert("archive", severity="error")
    world.advance(minutes=60)
    world.ends("archive", severity="error")
    world.advance(minutes=16)
    assert world.resolve() is None
    archive = world.incident
    assert archive.verdict.kind == "technical"
    sooner = {one.number: one for one in replayed(world, Classification(near_share=0.5))}
    assert (sooner[archive.number].before, sooner[archive.number].after) == ("technical", "both")
    assert [(a.number, a.before, a.after) for a in sooner[archive.number].answers] == [(3, "no", "yes")]
    assert sooner[archive.number].was_told == {}, "no link says that a customer hangs on it"
    assert sooner[archive.number].would_have_been_told["executives"] == 1
    assert replay.totals(sooner.values())["told_more_or_less"] == {"executives": 1}
    later = {one.number: one for one in replayed(world, Classification(near_share=0.9))}
    assert not later[archive.number].differs
