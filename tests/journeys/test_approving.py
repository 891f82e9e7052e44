"""Approval as the organisation wants it: a legal matter leaves only with the yes of somebody named for it."""

from typing import Any

from antiphon.actions import approving, updates, verdicts
from antiphon.core.approving import Further, Rules
from antiphon.core.decision import Refusal
from antiphon.queries import telling, waiting
from tests.world import World, done


def test_a_legal_matter_waits_for_whoever_is_named(world: World) -> None:
    world.service("checkout", customers=["Bo (untagged)"])
    world.declare(severity=2, entities=["checkout"])
    world.knows_all()
    ira, lea, ann = world.acts(world.ira), world.acts(world.lea), world.acts(world.ann)
    rules = Rules(further=Further(people=frozenset({world.lea.uid})))
    assert isinstance(approving.change(rules=rules, actor=lea, now=world.now), Refusal)
    done(approving.change(rules=rules, actor=ira, now=world.now))
    incident = world.incident
    update = world.draft("business")
    known: dict[str, Any] = {"update": update.uid, "audience": "business", "now": world.now}
    known["digest"] = world.version(update, "business").digest
    assert isinstance(updates.approve(actor=lea, **known), Refusal)
    said: dict[str, Any] = {"number": 4, "word": "yes", "reason": "Data of patients.", "person": world.ira}
    done(verdicts.answer(incident=incident.uid, actor=ira, now=world.now, **said))
    done(updates.approve(actor=ann, **known))
    assert len([one for one in waiting.for_person(lea) if "/tell" in one.url]) == 1
    assert not [one for one in waiting.for_person(ann) if "/tell" in one.url]
    refusal = updates.publish(update=update.uid, actor=lea, now=world.now)
    assert isinstance(refusal, Refusal)
    seen = telling.update(incident, "first_word", {world.ann.uid: "Ann"}, reader=ann, now=world.now)
    assert seen is not None
    assert seen.versions[0].partly == "Approved by Ann (technical). Needs: legal."
    done(updates.approve(actor=lea, **known))
    world.forget_mail()
    world.publish(update)
    world.expect_mail("Bo")


def test_an_emergency_goes_out_on_the_word_of_two_and_says_so(world: World) -> None:
    eva = world.person("Eva", role="admin")
    world.service("checkout", customers=["Bo (untagged)"])
    world.declare(severity=1, entities=["checkout"])
    world.knows_all()
    world.forget_mail()
    update = world.draft("business")
    digests = {"business": world.version(update, "business").digest}
    known: dict[str, Any] = {"update": update.uid, "digests": digests, "reason": "Nobody else is up.", "now": world.now}
    done(updates.bypass(actor=world.acts(world.ira), **known))
    assert isinstance(updates.publish(update=update.uid, actor=world.acts(world.lea), now=world.now), Refusal)
    done(updates.bypass(actor=world.acts(eva), **known))
    world.publish(update)
    world.expect_mail("Bo")
    assert [line for line in world.timeline() if "bypassed by two people" in line and "Nobody else is up." in line]
