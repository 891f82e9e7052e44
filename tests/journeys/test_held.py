"""After a standstill or a restore nothing leaves for readers outside that is older, until a person says so."""

from datetime import timedelta

import pytest

from antiphon.actions import held, nodes, updates
from antiphon.db.models import Delivery, Update
from tests.world import World, done

pytestmark = pytest.mark.patient

REAL = 1_800_000_000.0


@pytest.fixture
def stopped(world: World) -> World:
    """An update was published, and everything stood still before a mail of it left."""
    world.service("checkout", customers=["Bo (untagged)", "Tess (technical)"])
    world.declare(severity=3, entities=["checkout"])
    world.knows_all()
    world.forget_mail()
    update = world.draft("technical", "business")
    world.approve(update)
    done(updates.publish(update=update.uid, actor=world.acts(world.lea), now=world.now))
    return world


def start(world: World, *, minutes: float) -> int:
    """Begin again after so long; answers how many messages are held."""
    world.now += timedelta(minutes=minutes)
    return held.hold_old(now=world.now, real=REAL)


def outside(world: World) -> list[str]:
    """Customers who were written to."""
    return [mail.recipient for mail in world.smtp.mails if mail.recipient.endswith("@customer.test")]


def test_I22_what_is_older_than_the_start_waits_for_a_person(stopped: World) -> None:
    assert start(stopped, minutes=16) == 2
    assert start(stopped, minutes=0) == 0
    stopped.settle()
    stopped.expect_mail("Ira", says="antiphon mail held")
    assert not outside(stopped)
    assert held.release(now=stopped.now) == 2
    stopped.settle()
    stopped.expect_mail("Bo")
    stopped.expect_mail("Tess")


def test_a_restart_in_order_is_no_standstill(stopped: World) -> None:
    nodes.report(name="sender", kind="sender", version="1", started_real=REAL - 9_000, real=REAL - 40)
    nodes.leave(name="sender", kind="sender", real=REAL - 20)
    assert start(stopped, minutes=40) == 0


def test_what_is_dropped_is_never_sent(stopped: World) -> None:
    start(stopped, minutes=600)
    assert (held.drop(now=stopped.now), held.release(now=stopped.now)) == (2, 0)
    stopped.settle()
    stopped.expect_mail("Ira", says="2 messages to readers outside wait")
    assert not outside(stopped)
    assert Update.objects.filter(state="published").exists()


def test_a_start_soon_after_a_crash_goes_on_where_it_stopped(stopped: World) -> None:
    assert start(stopped, minutes=10) == 0
    stopped.settle()
    stopped.expect_mail("Bo")


@pytest.mark.parametrize(("kind", "count"), [("sender", 0), ("engine", 0), ("web", 2)])
def test_another_that_works_is_no_standstill_but_a_page_that_is_shown_may_be(
    stopped: World, kind: str, count: int
) -> None:
    nodes.report(name="other", kind=kind, version="1", started_real=REAL - 9_000, real=REAL - 5)
    assert start(stopped, minutes=30) == count
    held.release(now=stopped.now)
    stopped.settle()


def test_pages_are_never_held(world: World) -> None:
    world.service("checkout", customers=["Bo (untagged)"])
    world.now += timedelta(hours=3)
    assert held.hold_old(now=world.now, real=REAL) == 0
    assert not Delivery.objects.filter(outside=False, state="not_sent").exists()
