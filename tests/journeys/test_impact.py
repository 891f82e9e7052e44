"""How much of a thing is hit, what it costs, whom it reaches and what contracts have left."""

from antiphon.actions import affected, incidents
from antiphon.core.decision import Refusal
from antiphon.core.impact import Stated
from antiphon.db.models import Affected, Incident
from tests.world import World


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
    words = {"incident": world.incident.uid, "reason": "", "actor": world.acts(world.ann), "now": world.now}
    for entity, share in (("checkout", 0.0), ("checkout", 1.3), ("nowhere", 0.5)):
        refused = affected.state_impact(entity=entity, share=share, region="", **words)
        assert isinstance(refused, Refusal)
    assert world.timeline() == before
    refused = incidents.declare(
        title="More", severity=2, incident_type="disruption", reason="x", entities=["checkout"],
        stated={"checkout": Stated(1.3)}, actor=world.acts(world.ann), now=world.now,
    )  # fmt: skip
    assert isinstance(refused, Refusal)
    assert refused.sentence.startswith("130 % of the work cannot be hit")
    assert Incident.objects.count() == 1
