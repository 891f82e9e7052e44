"""Versions of one update that cannot both be right are shown with both words, and do not leave."""

from typing import Any

import pytest

from antiphon.actions import updates
from antiphon.core.decision import Refusal
from antiphon.db.models import Update
from antiphon.queries import people, telling
from tests.world import World, done

pytestmark = pytest.mark.patient


def says(world: World, update: Update, audience: str, sentence: str) -> None:
    """Lea adds a sentence to a version."""
    version = world.version(update, audience)
    known: dict[str, Any] = {"update": update.uid, "audience": audience, "subject": version.subject}
    done(updates.edit(**known, body=f"{sentence}\n\n{version.body}", actor=world.acts(world.lea), now=world.now))


def differing(world: World, update: Update, audience: str) -> list[str]:
    found = world.version(update, audience).findings
    return [each["message"] for each in found if each["rule"] in ("versions_differ", "earlier_differs")]


def drafted(world: World, *audiences: str) -> Update:
    world.service("checkout", customers=["Bo (untagged)", "Tess (technical)"])
    world.stakeholder("internal", "Ines")
    world.declare(entities=["checkout"])
    world.knows_all()
    return world.draft(*audiences)


def test_two_beginnings_are_marked_in_both_versions_and_neither_is_approved(world: World) -> None:
    update = drafted(world, "technical", "business")
    assert not differing(world, update, "business")
    says(world, update, "business", "Payments fail since 09:40 UTC.")
    says(world, update, "technical", "The errors began at 09:55 UTC.")
    assert "“09:55 UTC”" in differing(world, update, "business")[0]
    assert "“09:40 UTC”" in differing(world, update, "technical")[0]
    version = world.version(update, "business")
    known: dict[str, Any] = {"update": update.uid, "audience": "business", "digest": version.digest}
    refused = updates.approve(**known, actor=world.acts(world.ann), now=world.now)
    assert isinstance(refused, Refusal)
    assert "“09:55 UTC”" in refused.sentence
    says(world, update, "business", "This was said wrongly at first.")
    body = world.version(update, "business").body.replace("09:40", "09:55")
    known = {"update": update.uid, "audience": "business", "subject": version.subject}
    done(updates.edit(**known, body=body, actor=world.acts(world.lea), now=world.now))
    assert not differing(world, update, "technical")
    world.approve(update)
    world.publish(update)


def test_a_version_for_readers_inside_is_held_against_the_others_too(world: World) -> None:
    update = drafted(world, "business", "internal")
    for audience in ("business", "internal"):
        says(world, update, audience, "Payments fail since 09:40 UTC.")
    world.approve(update)
    says(world, update, "internal", "The errors began at 09:20 UTC.")
    refused = updates.publish(update=update.uid, actor=world.acts(world.lea), now=world.now)
    assert isinstance(refused, Refusal)
    assert "“09:20 UTC”" in refused.sentence


def test_what_readers_heard_before_and_facts_that_both_hold_are_pointed_at(world: World) -> None:
    update = drafted(world, "business")
    says(world, update, "business", "Payments fail since 09:40 UTC.")
    world.approve(update)
    world.publish(update)
    later = world.draft("business", moment="progress")
    says(world, later, "business", "Payments fail since 09:20 UTC.")
    assert "said “09:40 UTC”" in differing(world, later, "business")[0]
    world.knows("scope", "1,200 customers are affected.")
    world.knows("scope", "About 900 customers are affected.")
    facts = telling.facts(world.incident, people.names())
    differ = [each.differs for each in facts if each.differs]
    assert "“1,200 customers” here, “900 customers”" in differ[0]
