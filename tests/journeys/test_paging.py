"""The right people are paged until somebody answers, as stories."""

import json

from antiphon.actions import paging
from antiphon.db.models import ContactMethod, Page
from antiphon.engine import duties
from antiphon.engine.loop import Engine
from tests.world import World


def test_I9_the_next_step_fires_when_nobody_answers(world: World) -> None:
    world.service("checkout", customers=["Bo"], revenue_per_minute=0.0)
    world.alert("checkout", severity="error")
    world.expect_page("Ann")
    world.advance(seconds=299)
    world.expect_nothing_else()
    world.advance(seconds=1)
    world.expect_page("Ben")
    world.expect_nothing_else()


def test_I16_an_acknowledgement_stops_further_pages(world: World) -> None:
    world.service("checkout", customers=["Bo"], revenue_per_minute=0.0)
    world.alert("checkout", severity="error")
    world.acknowledge(world.ann)
    world.forget_mail()
    world.advance(minutes=9)
    world.expect_nothing_else()


def test_I16_an_exhausted_policy_reaches_the_catch_all_again_and_again(world: World) -> None:
    world.service("checkout", customers=["Bo"], revenue_per_minute=0.0)
    world.alert("checkout", severity="error")
    world.advance(minutes=20)
    assert any("Nobody answered policy on call" in sentence for sentence in world.timeline())
    world.forget_mail()
    world.advance(minutes=15)
    world.expect_page("Ann")


def test_a_page_goes_out_by_webhook_too_signed(world: World) -> None:
    world.webhook_for(world.ann)
    world.service("checkout", customers=["Bo"])
    world.alert("checkout")
    (call,) = world.hook.calls
    assert call.headers["webhook-signature"].startswith("v1,")
    assert json.loads(call.body)["event"]["event_type"]
    world.expect_page("Ann")


def test_I12_a_page_is_not_sent_once_somebody_answered(world: World) -> None:
    world.service("checkout", customers=["Bo"], revenue_per_minute=0.0)
    world.alert("checkout", severity="error")
    world.expect_page("Ann")
    world.now = world.promise("business").made_at.replace(minute=5)
    world.engine.settle(now=world.now)  # Ben's page is queued and not sent yet
    page = Page.objects.get(person=world.ben)
    paging.acknowledge_page(token=page.token, via="link", now=world.now)
    world.settle()
    world.expect_nothing_else()
    assert page.deliveries.get().state == "not_sent"
    assert page.deliveries.get().reason == "acknowledged"


def test_I15_a_step_that_reaches_nobody_gives_way_at_once(world: World) -> None:
    ContactMethod.objects.filter(person=world.ann).delete()
    world.service("checkout", customers=["Bo"])
    world.alert("checkout")
    world.expect_page("Ben")


def test_I32_two_engines_page_as_one(world: World) -> None:
    world.service("checkout", customers=["Bo"], revenue_per_minute=0.0)
    other = Engine(duties.registry())
    world.also = [other]
    world.alert("checkout", severity="error")
    world.advance(minutes=5)
    world.expect_page("Ann")
    world.expect_page("Ben")
    world.expect_nothing_else()
    assert Page.objects.count() == 2


def test_a_promise_nobody_owns_pages_whoever_is_on_call(world: World) -> None:
    world.service("checkout", customers=["Bo"], revenue_per_minute=0.0)
    world.alert("checkout", severity="error")
    world.acknowledge(world.ann)
    world.forget_mail()
    world.advance(minutes=15)
    world.expect_mail("Ann", says="is broken")
