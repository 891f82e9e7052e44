"""A storm: many incidents at one instant, as stories. All are paged at once, and none waits for a broken one."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from antiphon.actions import alerts, groups, paging
from antiphon.db.models import AlertGroup, Incident, Page, Track, Verdict
from antiphon.engine import duties
from antiphon.engine.loop import Engine
from antiphon.queries import deliveries
from tests.world import World

pytestmark = pytest.mark.patient

SERVICES = 60


@pytest.fixture
def storm(world: World) -> World:
    """Alerts of sixty services, taken in and sorted, and nothing more."""
    for number in range(SERVICES):
        world.service(f"service-{number:02}")
    world.storm(f"service-{number:02}" for number in range(SERVICES))
    return world


def test_every_incident_of_a_storm_is_paged_and_asked(storm: World) -> None:
    storm.settle()
    assert Incident.objects.count() == Page.objects.filter(person=storm.ann).count() == SERVICES
    assert set(Track.objects.filter(kind="technical").values_list("state", flat=True)) == {"open"}
    assert all(verdict.snapshot["asked_at"] for verdict in Verdict.objects.all())
    mails = [mail for mail in storm.smtp.mails if "acknowledge" in mail.body() and mail.recipient == storm.ann.email]
    named = " ".join(mail.body() for mail in mails)
    assert all(token in named for token in Page.objects.values_list("token", flat=True))
    assert len(mails) <= 5
    assert storm.timeline()


def test_the_pages_of_a_storm_take_few_statements(storm: World) -> None:
    sorted_in(storm)
    due = list(AlertGroup.objects.values_list("pk", flat=True))
    with CaptureQueriesContext(connection) as said:
        assert groups.step_together(due, now=storm.now) == []
    assert Page.objects.count() == SERVICES
    assert len(said) < SERVICES, "a statement for each table, not for each incident"


def test_an_engine_killed_after_the_pages_leaves_the_questions_due(storm: World) -> None:
    sorted_in(storm)
    groups.step_together(list(AlertGroup.objects.values_list("pk", flat=True)), now=storm.now)
    assert Verdict.objects.filter(wake_at__lte=storm.now).count() == SERVICES
    assert not any(verdict.snapshot["asked_at"] for verdict in Verdict.objects.all())
    pages = Page.objects.count()
    Engine(duties.registry()).settle(now=storm.now)
    assert all(verdict.snapshot["asked_at"] for verdict in Verdict.objects.all())
    assert Page.objects.filter(escalation__track="technical").count() == pages


def test_the_questions_wait_until_the_pages_are_away(storm: World) -> None:
    engine = Engine(duties.registry(), unsent=lambda now: deliveries.pages_wait(now=now))
    while engine.tick(now=storm.now):
        pass
    assert Page.objects.count() == SERVICES
    assert engine.held
    assert not any(verdict.snapshot["asked_at"] for verdict in Verdict.objects.all())
    storm.settle()
    assert engine.settle(now=storm.now) == 0
    assert not engine.held


def test_the_first_of_a_storm_are_few_and_more_follow(world: World) -> None:
    duty = Counting(list(range(150)))
    engine = Engine([duty])
    engine.settle(now=world.now)
    assert duty.sizes == [16, 32, 52, 50]
    duty.left = list(range(40))
    engine.settle(now=world.now)
    assert duty.sizes[4:] == [16, 24]


def test_I16_an_answer_that_comes_before_the_questions_stands(world: World) -> None:
    world.service("checkout", revenue_per_minute=0.0)
    world.storm(["checkout"])
    sorted_in(world)
    groups.step(AlertGroup.objects.get().pk, now=world.now)
    page = Page.objects.get()
    assert paging.acknowledge_page(token=page.token, via="link", now=world.now)
    world.advance(minutes=30)
    assert list(Page.objects.filter(escalation__track="technical")) == [page]


def test_a_broken_group_holds_no_other(storm: World) -> None:
    sorted_in(storm)
    broken = AlertGroup.objects.order_by("pk")[7]
    AlertGroup.objects.filter(pk=broken.pk).update(snapshot={"uid": 5})
    engine = Engine(duties.registry())
    engine.settle(now=storm.now)
    assert Incident.objects.count() == SERVICES - 1
    assert list(engine.failed) == [("groups", broken.pk)]


def test_stepping_together_twice_does_nothing_more(storm: World) -> None:
    sorted_in(storm)
    due = list(AlertGroup.objects.values_list("pk", flat=True))
    groups.step_together(due, now=storm.now)
    groups.step_together(due, now=storm.now)
    assert Incident.objects.count() == Page.objects.count() == SERVICES


def test_groups_of_one_entity_become_one_incident(world: World) -> None:
    world.rule("by title", group_by=["alertname"])
    world.service("checkout")
    for title in ("5xx above 10 %", "slow"):
        world.storm(["checkout"], title)
    sorted_in(world)
    due = list(AlertGroup.objects.order_by("pk").values_list("pk", flat=True))
    assert groups.step_together(due, now=world.now) == due[1:]
    world.settle()
    assert Incident.objects.count() == 1
    assert AlertGroup.objects.filter(incident=world.incident).count() == 2


def test_I16_an_answer_to_one_of_many_stops_that_one_alone(storm: World) -> None:
    storm.settle()
    page = Page.objects.filter(person=storm.ann).order_by("id")[3]
    paging.acknowledge_page(token=page.token, via="link", now=storm.now)
    storm.advance(minutes=5)
    assert Page.objects.filter(person=storm.ben, escalation__track="technical").count() == SERVICES - 1


@dataclass
class Counting:
    """A duty that notes how many rows it stepped together."""

    left: list[int]
    sizes: list[int] = field(default_factory=list)
    name: str = "counting"
    urgency: int = 0

    def due(self, *, now: datetime, limit: int) -> list[int]:
        return self.left[:limit]

    def step(self, row: int, /, *, now: datetime) -> None:
        raise AssertionError("all of them can be stepped together")

    def step_together(self, rows: Sequence[int], /, *, now: datetime) -> Sequence[int]:
        self.sizes.append(len(rows))
        self.left = self.left[len(rows) :]
        return []

    def next_wake(self) -> datetime | None:
        return None


def sorted_in(world: World) -> None:
    """Every alert is in its group, and no group decided yet."""
    while alerts.group_changed(now=world.now):
        pass
