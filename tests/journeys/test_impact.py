"""How much of a thing is hit, what it costs, whom it reaches and what contracts have left."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from antiphon.actions import affected, incidents
from antiphon.core.decision import Refusal
from antiphon.core.impact import Stated
from antiphon.db import revisions
from antiphon.db.models import Affected, Entity, Incident
from antiphon.db.snapshots import telling as snapshots
from antiphon.queries import impact, recipients, reviews
from antiphon.queries.impact import Impact
from tests.world import World

pytestmark = pytest.mark.patient


def say(world: World, entity: str = "checkout", *, share: float = 1.0, region: str = "") -> affected.Written:
    """Ann says how much of it is hit."""
    said = affected.state_impact(
        incident=world.incident.uid,
        entity=entity,
        share=share,
        region=region,
        reason="one pool of two",
        actor=world.acts(world.ann),
        now=world.now,
    )
    assert not isinstance(said, Refusal), said.sentence
    world.settle()
    return said


def test_a_region_reaches_only_what_lies_there_and_the_questions_are_asked_again(world: World):
    world.service("checkout", revenue_per_minute=0.0, customer_facing=False)
    world.customer("Bo", uses="checkout", strategic=True, regions=["us-east"])
    world.entity("shop", "application", needs=("checkout",), revenue_per_minute=0.0, regions=["eu-west"])
    world.declare(entities=["checkout"], severity=3)
    assert world.answer(5)["answer"] == "yes", "a strategic customer is behind it"

    said = say(world, share=0.3, region="eu-west")

    assert said.warning == ""
    assert world.timeline().count("checkout is hit to 30 % in eu-west: one pool of two") == 1
    assert world.answer(5)["answer"] == "no", "the customer is served from elsewhere"
    assert Affected.objects.get(entity="checkout").share == 0.3


def test_a_region_that_nobody_knows_is_written_down_with_a_warning(world: World):
    world.service("checkout", regions=["eu-west"])
    world.declare(entities=["checkout"])
    assert "it knows eu-west" in say(world, region="mars").warning
    assert Affected.objects.get(entity="checkout").region == "mars"


def test_what_was_not_named_yet_is_affected_from_then_on(world: World):
    world.service("checkout")
    world.service("search")
    world.declare(entities=["checkout"])
    say(world, "search", share=0.5)
    assert [each.share for each in Affected.objects.order_by("entity")] == [None, 0.5]
    assert "search is hit to 50 %: one pool of two" in world.timeline()
    before = len(world.timeline())
    say(world, "search", share=0.5)
    assert len(world.timeline()) == before, "it says nothing new"


def test_a_declaration_may_say_how_much_is_hit(world: World):
    world.service("checkout")
    world.declare(entities=["checkout"], stated={"checkout": Stated(0.25)})
    assert Affected.objects.get().share == 0.25
    assert "checkout is hit to 25 %" in world.timeline()


def test_what_cannot_be_is_refused_and_nothing_written(world: World):
    world.service("checkout")
    world.declare(entities=["checkout"])
    before = world.timeline()
    words: dict[str, Any] = {
        "incident": world.incident.uid,
        "reason": "",
        "actor": world.acts(world.ann),
        "now": world.now,
    }
    for entity, share in (("checkout", 0.0), ("checkout", 1.3), ("nowhere", 0.5)):
        assert isinstance(affected.state_impact(entity=entity, share=share, region="", **words), Refusal)
    assert world.timeline() == before
    refused = incidents.declare(
        title="More", severity=2, incident_type="disruption", reason="x", entities=["checkout"],
        stated={"checkout": Stated(1.3)}, actor=world.acts(world.ann), now=world.now,
    )  # fmt: skip
    assert isinstance(refused, Refusal)
    assert refused.sentence.startswith("130 % of the work cannot be hit")
    assert Incident.objects.count() == 1


def seen(world: World) -> Impact:
    """The card of the newest incident, now."""
    return impact.of_incident(world.incident, now=world.now)


def test_what_is_lost_grows_by_the_minute_and_never_falls(world: World):
    world.service("checkout", revenue_per_minute=60.0)
    world.declare(entities=["checkout"])
    world.advance(minutes=10)
    assert (seen(world).per_minute, seen(world).lost) == (60.0, 600.0)

    say(world, share=0.25)
    assert (seen(world).per_minute, seen(world).lost) == (15.0, 600.0), "what was lost before stays lost"
    world.advance(minutes=10)
    assert seen(world).lost == 750.0

    incidents.set_stage(
        incident=world.incident.uid, stage="monitoring", reason="x", actor=world.acts(world.ira), now=world.now
    )
    world.advance(minutes=20)
    assert world.resolve() is None
    ended = seen(world).lost
    world.advance(hours=3)
    assert seen(world).lost == ended == 1050.0
    told = {each.label: each.value for each in reviews.load(world.incident, now=world.now).figures}
    assert told["Cost, estimated"] == seen(world).so_far == "EUR 1,050", "the review tells the same sum"


def test_revenue_follows_the_hours_of_the_week_in_its_zone(world: World):
    hours = [{"days": [4], "from": "11:30", "to": "18:00", "factor": 3.0}]  # the story begins on a Friday, 11:00 there
    world.service("checkout", revenue_per_minute=10.0, revenue_profile=hours, zone="Europe/Berlin")
    world.declare(entities=["checkout"])
    assert seen(world).per_minute == 10.0
    world.advance(minutes=40)
    assert (seen(world).per_minute, seen(world).lost) == (30.0, 30 * 10 + 10 * 30)


def test_what_earns_through_another_counts_once(world: World):
    world.entity("db", "component")
    world.service("shop", needs=("db",), revenue_per_minute=50.0, users=1000)
    world.entity("pay", "workflow", needs=("shop", "db"), revenue_per_minute=30.0, users=400)
    world.entity("mail", "application", needs=("db",), revenue_per_minute=5.0, environment="staging")
    world.declare(entities=["db"])
    assert (seen(world).per_minute, seen(world).users) == (50.0, 1000)
    assert seen(world).hit.earns == {"shop": 20.0, "pay": 30.0}


def test_contracts_tell_what_they_have_left_the_least_first(world: World):
    world.service("checkout", customers=["Bo", "Tess (technical)"])
    world.contract("bo-corp", "checkout", resolution_minutes=60)
    world.contract("tess-corp", "checkout", downtime_minutes_per_month=43)
    world.declare(entities=["checkout"])
    world.advance(minutes=20)
    assert [(each.customer, each.left) for each in seen(world).contracts] == [
        ("Tess Corp", "23 min left"),
        ("Bo Corp", "40 min left"),
    ]
    world.advance(minutes=30)
    assert [each.left for each in seen(world).contracts] == ["breached 7 min ago", "10 min left"]
    assert seen(world).customers.readers == "1 business (1 untagged), 1 technical contacts"


def test_downtime_of_the_month_that_was_used_is_gone(world: World):
    world.service("checkout", customers=["Bo"])
    world.contract("bo-corp", "checkout", downtime_minutes_per_month=60)
    world.declare(entities=["checkout"])
    incidents.set_stage(
        incident=world.incident.uid, stage="monitoring", reason="x", actor=world.acts(world.ira), now=world.now
    )
    world.advance(minutes=20)
    assert world.resolve() is None
    world.advance(hours=1)
    would = impact.of_entity("checkout", now=world.now)
    assert [(each.what, each.left) for each in would.contracts] == [
        ("at most 60 min down a month, 20 used before", "40 min left")
    ]
    world.declare(entities=["checkout"])
    world.advance(minutes=45)
    assert [each.left for each in seen(world).contracts] == ["breached 5 min ago"]


def test_what_redundancy_holds_up_is_told(world: World):
    for name in ("node-1", "node-2", "node-3"):
        world.entity(name, "component")
    world.entity("pool", "service", redundancy=[{"of": ["node-1", "node-2", "node-3"], "up": 2}])
    world.declare(entities=["node-1"])
    assert [(each.name, each.text) for each in seen(world).spared] == [("Pool", "2 of 3 left")]
    assert seen(world).per_minute is None
    assert seen(world).so_far == ""


def test_as_many_statements_for_hundreds_as_for_one(world: World):
    world.service("checkout", customers=["Bo"])
    world.contract("bo-corp", "checkout", resolution_minutes=60)
    world.declare(entities=["checkout"])

    def statements() -> int:
        seen(world)
        with CaptureQueriesContext(connection) as asked:
            found = seen(world)
            assert found.narrow.boxes
            assert found.tables
        return len(asked)

    few = statements()
    for n in range(60):
        world.customer(f"C{n}", uses="checkout")
        world.contract(f"c{n}-corp", "checkout", resolution_minutes=60, downtime_minutes_per_month=50)
        world.entity(f"flow-{n}", "workflow", needs=("checkout",), revenue_per_minute=1.0)
    assert statements() <= few + 1, "one more for the budgets of downtime"


def test_a_stated_region_tells_only_who_is_there(world: World) -> None:
    world.service("checkout", customers=["Bo (untagged)", "Olga (untagged)"])
    for name, region in (("Bo", "eu"), ("Olga", "us")):
        Entity.objects.filter(contacts__name=name).update(regions=[region])
    revisions.bump(revisions.CATALOG)
    world.alert("checkout", "5xx above 10 %")
    say(world, region="eu")
    world.knows_all()
    update = world.draft("business")
    assert recipients.readers(world.incident, snapshots.update(update).versions)["business"].number == 1
    world.approve(update)
    world.publish(update)
    world.expect_mail("Bo")
    assert not [mail for mail in world.smtp.mails if "olga" in mail.recipient]
