"""What was right when it was approved and no longer is when it is sent: it is held back, with the reason."""

from datetime import timedelta
from typing import Any

import pytest

from antiphon.actions import approving, closing, facts, incidents, updates, verdicts
from antiphon.core.approving import Further, Rules
from antiphon.core.decision import Refusal
from antiphon.db.models import Delivery, Update
from tests.world import World, done

pytestmark = pytest.mark.patient


@pytest.fixture
def told(world: World) -> World:
    """A SEV4 that Bo and Tess feel, acknowledged, with every fact known."""
    world.service("checkout", customers=["Bo (untagged)", "Tess (technical)"])
    world.declare(severity=4, entities=["checkout"])
    world.knows_all()
    world.forget_mail()
    return world


def edited(world: World, update: Update, audience: str, by: Any, **words: str) -> None:
    version = world.version(update, audience)
    known: dict[str, Any] = {"subject": version.subject, "body": version.body, **words}
    done(updates.edit(update=update.uid, audience=audience, actor=by, now=world.now, **known))


def test_who_wrote_and_approved_alone_at_a_mild_severity_does_not_send_at_a_grave_one(told: World) -> None:
    update = told.draft("business")
    ann, ira = told.acts(told.ann), told.acts(told.ira)
    edited(told, update, "business", ann, subject="Paying fails for some customers now")
    told.approve(update, told.ann)
    worse: dict[str, Any] = {"incident": told.incident.uid, "reason": "Everybody is hit.", "now": told.now}
    done(incidents.change_severity(severity=1, actor=ira, **worse))
    assert refused(told, update) == "The text for business is not approved: exactly this text must be."
    assert [line for line in told.timeline() if "voided: at SEV1 somebody beside the writer approves it" in line]
    told.approve(update, told.ben)
    told.publish(update)
    told.expect_mail("Bo")


def test_what_became_a_legal_matter_waits_for_whoever_is_named_and_keeps_the_yes_it_had(told: World) -> None:
    ira, lea = told.acts(told.ira), told.acts(told.lea)
    rules = Rules(further=Further(people=frozenset({told.lea.uid})))
    done(approving.change(rules=rules, actor=ira, now=told.now))
    update = told.draft("business")
    told.approve(update)
    said: dict[str, Any] = {"number": 4, "word": "yes", "reason": "Data of patients.", "person": told.ira}
    done(verdicts.answer(incident=told.incident.uid, actor=ira, now=told.now, **said))
    assert "not approved" in refused(told, update)
    known: dict[str, Any] = {"update": update.uid, "audience": "business", "now": told.now}
    done(updates.approve(digest=told.version(update, "business").digest, actor=lea, **known))
    told.publish(update)
    told.expect_mail("Bo")


def test_an_approved_end_is_not_told_when_it_is_back(world: World) -> None:
    world.service("checkout", customers=["Bo (untagged)"])
    world.alert("checkout")
    world.acknowledge(world.ann)
    world.publish_draft("business")
    world.ends("checkout")
    world.advance(minutes=15)
    done(world.resolve())
    update = world.draft("business", moment="resolution")
    world.approve(update)
    world.alert("checkout")
    assert world.incident.resolved_at is None
    assert "is wrong by now: Subject: This says it is over before" in refused(world, update)


def test_a_next_word_is_not_told_of_what_is_over(told: World) -> None:
    told.publish_draft("technical", "business")
    told.knows("diagnostics", "Compared both copies.")
    update = told.draft("technical", "business", moment="progress")
    told.approve(update)
    stage: dict[str, Any] = {"incident": told.incident.uid, "stage": "monitoring", "reason": "quiet", "now": told.now}
    done(incidents.set_stage(actor=told.acts(told.ira), **stage))
    told.advance(minutes=20)
    done(told.resolve())
    assert refused(told, update).startswith("The incident is resolved:")
    repeated = updates.no_change(incident=told.incident.uid, actor=told.acts(told.lea), now=told.now)
    assert isinstance(repeated, Refusal)
    assert repeated.sentence.startswith("The incident is resolved:")
    made = updates.draft(incident=told.incident.uid, moment="progress", actor=told.acts(told.lea), now=told.now)
    assert isinstance(made, Refusal)
    told.publish_draft(moment="resolution")


def test_nobody_is_told_of_what_was_no_incident(told: World) -> None:
    update = told.draft("business")
    told.approve(update)
    done(closing.cancel(incident=told.incident.uid, reason="No fault.", actor=told.acts(told.ira), now=told.now))
    assert refused(told, update).startswith("The incident is cancelled:")
    assert not Delivery.objects.filter(outside=True).exists()


def test_a_fact_that_became_secret_keeps_an_approved_text_back(told: World) -> None:
    update = told.draft("business")
    body = told.version(update, "business").body + "\n\nIt is about Project Bluebird Seventeen."
    edited(told, update, "business", told.acts(told.lea), body=body)
    told.approve(update)
    told.knows("diagnostics", "Project Bluebird Seventeen", ["internal"])
    assert "Project Bluebird Seventeen" in refused(told, update)


def test_a_fact_corrected_after_the_approval_keeps_the_text_back_until_somebody_says_yes_again(told: World) -> None:
    update = told.draft("business")
    told.approve(update)
    told.now += timedelta(minutes=1)
    ann = told.acts(told.ann)
    fact = told.incident.facts.get(name="symptoms")
    known: dict[str, Any] = {"incident": told.incident.uid, "fact": fact.uid, "actor": ann, "now": told.now}
    done(facts.correct(text=f"{fact.text}, and returns do too.", **known))
    assert updates.publish(update=update.uid, actor=told.acts(told.ben), now=told.now) is None
    update = told.draft("business", moment="progress")
    told.approve(update)
    told.now += timedelta(minutes=1)
    fact = told.incident.facts.get(name="symptoms", superseded_by="")
    known = {"incident": told.incident.uid, "fact": fact.uid, "actor": ann, "now": told.now}
    done(facts.correct(text="Only returns are slow; paying works.", **known))
    assert "which was corrected since it was approved: “Only returns are slow" in refused(told, update)
    lea = told.acts(told.lea)
    done(updates.revoke(update=update.uid, audience="business", reason="looked again", actor=ann, now=told.now))
    told.approve(update, told.ben)
    assert updates.publish(update=update.uid, actor=lea, now=told.now) is None


def refused(world: World, update: Update) -> str:
    """Why it is not sent."""
    refusal = updates.publish(update=update.uid, actor=world.acts(world.lea), now=world.now)
    assert isinstance(refusal, Refusal)
    return refusal.sentence
