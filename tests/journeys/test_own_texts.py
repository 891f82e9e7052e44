"""The organisation's own texts: drafts are made of them, and an earlier version can be had back."""

from typing import Any

import pytest

from antiphon import messages
from antiphon.actions import own_texts
from antiphon.core.decision import Refusal
from antiphon.db.models import MessageTemplate
from tests.world import World

pytestmark = pytest.mark.patient

SHIPPED = messages.shipped("business")["first_word"]
OWN = SHIPPED.replace("**What you may notice:**", "**What Fernhost's customers may see:**")


def save(world: World, text: str, name: str = "first_word", why: str = "our own voice") -> int | Refusal:
    return own_texts.save(
        audience="business", name=name, text=text, why=why, actor=world.acts(world.ira), now=world.now
    )


def body(world: World) -> str:
    return world.version(world.draft("business"), "business").body


def opened(world: World) -> None:
    world.service("checkout", customers=["Bo (untagged)"])
    world.declare(severity=2, entities=["checkout"], incident_type="security", area="payments")
    world.knows_all()


def test_drafts_are_made_of_the_own_text_that_fits_best(world: World) -> None:
    opened(world)
    assert save(world, OWN) == 1
    assert "Fernhost's customers" not in body(world)  # a shipped text for this type is more particular
    assert save(world, OWN, "first_word.security") == 1
    assert "Fernhost's customers" in body(world)
    assert save(world, OWN.replace("Fernhost's", "payments'"), "first_word.security.payments") == 1
    assert "payments' customers" in body(world)


def test_each_save_is_a_version_that_can_be_restored(world: World) -> None:
    opened(world)
    name = "first_word.security"
    assert save(world, OWN, name) == 1
    assert save(world, OWN.replace("Fernhost's", "our"), name, why="shorter") == 2
    assert save(world, OWN.replace("Fernhost's", "our"), name, why="again") == 2
    assert "our customers" in body(world)
    known: dict[str, Any] = {"audience": "business", "name": name, "actor": world.acts(world.ira), "now": world.now}
    assert own_texts.restore(number=1, why="", **known) == 3
    assert "Fernhost's customers" in body(world)
    assert own_texts.give_back(why="the shipped one is better", **known) == 4
    assert "Fernhost's customers" not in body(world)
    whys = list(MessageTemplate.objects.order_by("number").values_list("why", flat=True))
    assert whys == ["our own voice", "shorter", "version 1 restored", "the shipped one is better"]
    assert {row.author for row in MessageTemplate.objects.all()} == {world.ira}


def test_what_must_not_be_saved_is_not(world: World) -> None:
    for text, why, says in (
        (OWN + "{{ hypothesis }}", "x", "hypothesis"),
        (OWN, " ", "why"),
        (OWN + "{% for i in (1..9999999) %}x{% endfor %}", "x", "limit"),
    ):
        refusal = save(world, text, why=why)
        assert isinstance(refusal, Refusal)
        assert says in refusal.sentence
    lea = own_texts.save(
        audience="business", name="first_word", text=OWN, why="x", actor=world.acts(world.lea), now=world.now
    )
    assert isinstance(lea, Refusal)
    assert not MessageTemplate.objects.exists()


def test_an_own_text_that_grows_beyond_its_limits_gives_way_to_the_shipped_one(world: World) -> None:
    opened(world)
    bomb = SHIPPED + "{% for i in (1..500) %}x{% endfor %}"
    MessageTemplate.objects.create(
        audience="business", language="en", name="first_word.security", number=1, at=world.now, text=bomb
    )
    assert "xxxx" not in body(world)
    assert any("was not used" in line for line in world.timeline())
