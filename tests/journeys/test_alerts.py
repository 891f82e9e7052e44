"""From alerts to few, right, explained incidents, as stories."""

from datetime import timedelta
from typing import Any

import pytest

from antiphon.actions import groups
from antiphon.core.decision import Refusal
from antiphon.db.models import AlertGroup, Incident, Maintenance
from tests.world import World


def group() -> AlertGroup:
    return AlertGroup.objects.get()


def test_so_many_within_a_window(world: World) -> None:
    world.service("checkout", customers=["Bo"])
    world.rule("three in ten minutes", count=3, window_seconds=600)
    world.alert("checkout", "Login failed", instance="a")
    world.advance(minutes=2)
    world.alert("checkout", "Login failed", instance="b")
    assert world.reasons == ["held: 2 of 3 alerts in 10 min"]
    world.advance(minutes=20)
    world.alert("checkout", "Login failed", instance="c")
    assert not Incident.objects.exists()
    world.alert("checkout", "Login failed", instance="d")
    world.alert("checkout", "Login failed", instance="e")
    world.expect_page("Ann")
    world.expect_nothing_else()


def test_planned_work_opens_nothing_until_it_ends(world: World) -> None:
    world.service("checkout", customers=["Bo"])
    Maintenance.objects.create(
        title="New disks", entity="checkout", starts_at=world.now, ends_at=world.now + timedelta(hours=1)
    )
    world.alert("checkout")
    assert world.reasons == ["suppressed: in maintenance window “New disks” until 2026-11-20 11:00 UTC"]
    world.advance(minutes=59)
    world.expect_nothing_else()
    world.advance(minutes=1)
    world.expect_page("Ann")


def test_a_person_is_asked_and_says_yes(world: World) -> None:
    world.service("checkout", customers=["Bo"])
    world.rule("ask first", ask=True)
    world.alert("checkout")
    world.expect_mail("Ann", says="Is this an incident?")
    world.expect_nothing_else()
    incident = groups.answer(
        group=group().uid, yes=True, reason="customers call", actor=world.acts(world.ira), now=world.now
    )
    assert isinstance(incident, Incident)
    world.settle()
    world.expect_page("Ann")


def test_a_person_is_asked_and_says_no(world: World) -> None:
    world.service("checkout", customers=["Bo"])
    world.rule("ask first", ask=True)
    world.alert("checkout")
    world.forget_mail()
    known: dict[str, Any] = {
        "group": group().uid,
        "reason": "a test of ours",
        "actor": world.acts(world.ira),
        "now": world.now,
    }
    assert groups.answer(yes=False, **known) is None
    world.advance(hours=1)
    world.expect_nothing_else()
    assert world.reasons == ["suppressed: a person said no: a test of ours"]
    assert not isinstance(groups.answer(yes=True, **known), Refusal)


def test_two_alerts_of_one_service_are_one_incident(world: World) -> None:
    world.service("checkout", customers=["Bo"])
    world.rule("errors", expression='labels.alertname.startsWith("5xx")')
    world.rule("the rest")
    world.alert("checkout", "5xx above 10 %")
    world.alert("checkout", "Latency above 2 s")
    assert Incident.objects.count() == 1
    assert world.incident.groups.count() == 2
    world.expect_page("Ann")
    world.expect_nothing_else()
    world.ends("checkout", "5xx above 10 %")
    world.advance(minutes=20)
    assert world.resolve() is not None
    world.ends("checkout", "Latency above 2 s")
    world.advance(minutes=15)
    assert world.resolve() is None


@pytest.mark.patient
def test_an_alert_that_nobody_sends_again_ends(world: World) -> None:
    world.service("checkout", customers=["Bo"])
    world.alert("checkout")
    world.advance(hours=24)
    assert world.incident.firing == 0
    assert "Alert ended: 5xx above 10 %" in world.timeline()


def test_an_unknown_severity_is_taken_by_the_table(world: World) -> None:
    world.service("checkout", customers=["Bo"], revenue_per_minute=0.0)
    world.entity("other", "service")
    for name in ("Cy", "Di", "Ed"):
        world.customer(name, uses="other")
    world.rule("everything")
    world.alert("checkout", severity="catastrophic")
    assert world.incident.severity == 4
