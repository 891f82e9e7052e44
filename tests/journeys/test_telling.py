"""Every audience its own words, approved and on time, as stories."""

from datetime import timedelta
from typing import Any

import pytest

from antiphon import messages
from antiphon.actions import updates
from antiphon.core import wording
from antiphon.core.audiences import Audience, digest_of
from antiphon.core.decision import Refusal
from antiphon.db import revisions
from antiphon.db.models import Contact, Delivery, HoldingMessage, Link, Promise, Text
from antiphon.db.public import PublicIncident
from tests.world import World, done


@pytest.fixture
def told(world: World) -> World:
    """A SEV1 that Bo and Tess feel, acknowledged, with every fact known."""
    world.service("checkout", customers=["Bo (untagged)", "Tess (technical)"])
    world.alert("checkout")
    world.acknowledge(world.ann)
    world.knows_all()
    world.forget_mail()
    return world


def test_untagged_customers_read_the_business_version(told: World) -> None:
    update = told.publish_draft("technical", "business")
    bo, tess = told.expect_mail("Bo"), told.expect_mail("Tess")
    assert told.version(update, "business").subject in str(bo.message["subject"])
    assert told.version(update, "technical").subject in str(tess.message["subject"])
    told.expect_nothing_else()


def test_an_edit_voids_the_approval(told: World) -> None:
    update = told.draft("business")
    told.approve(update)
    version = told.version(update, "business")
    done(
        updates.edit(
            update=update.uid,
            audience="business",
            subject=version.subject,
            body=version.body + " ",
            actor=told.acts(told.lea),
            now=told.now,
        )
    )
    refusal = updates.publish(update=update.uid, actor=told.acts(told.lea), now=told.now)
    assert isinstance(refusal, Refusal)
    assert "not approved" in refusal.sentence
    told.settle()
    told.expect_nothing_else()


def test_the_writer_alone_cannot_approve(told: World) -> None:
    update = told.draft("business")
    version = told.version(update, "business")
    ann = told.acts(told.ann)
    known: dict[str, Any] = {"update": update.uid, "audience": "business", "actor": ann, "now": told.now}
    done(updates.edit(subject=version.subject, body=version.body + "\n\nThank you.", **known))
    refusal = updates.approve(digest=told.version(update, "business").digest, **known)
    assert isinstance(refusal, Refusal)
    assert "somebody else" in refusal.sentence


def test_the_known_bad_example_is_refused(told: World) -> None:
    update = told.draft("business")
    text = "Service is down. We are investigating."
    known: dict[str, Any] = {"update": update.uid, "audience": "business", "now": told.now}
    done(updates.edit(subject="Payments fail", body=text, actor=told.acts(told.lea), **known))
    digest = told.version(update, "business").digest
    refusal = updates.approve(digest=digest, actor=told.acts(told.ann), **known)
    assert isinstance(refusal, Refusal)
    assert told.version(update, "business").findings


def test_an_internal_fact_cannot_be_sent(told: World) -> None:
    told.knows("hypothesis", "The volume vol-7731 of mysql-cluster-03 is full", ["internal"])
    update = told.draft("business")
    version = told.version(update, "business")
    assert "vol-7731" not in version.body
    known: dict[str, Any] = {"update": update.uid, "audience": "business", "now": told.now}
    leak = f"{version.body}\n\nThe cause is vol-7731."
    done(updates.edit(subject=version.subject, body=leak, actor=told.acts(told.lea), **known))
    refusal = updates.approve(digest=told.version(update, "business").digest, actor=told.acts(told.ann), **known)
    assert isinstance(refusal, Refusal)


def test_a_promise_is_kept_and_the_next_one_made(told: World) -> None:
    told.publish_draft("business", "public", "technical")
    kept = Promise.objects.get(audience="business", what="first word")
    assert kept.state == "kept"
    following = told.promise("business", "next update")
    assert following.state == "open"
    assert abs(following.due_at - (told.now + timedelta(minutes=60))) < timedelta(minutes=1)
    assert abs(told.promise("technical").due_at - (told.now + timedelta(minutes=30))) < timedelta(minutes=1)


def test_a_broken_promise_warns_before_and_pages_at_the_breach(told: World) -> None:
    told.publish_draft()
    told.forget_mail()
    due = told.promise("technical", "next update").due_at
    told.advance(seconds=(due - told.now).total_seconds() - 301)
    told.expect_nothing_else()
    told.advance(seconds=1)
    told.expect_mail("Ann", says="promise to technical")
    told.expect_nothing_else()
    told.advance(minutes=5)
    assert told.promise("technical", "next update").state == "broken"
    told.expect_mail("Ann", says="is broken")


def test_no_change_keeps_a_promise_in_one_click(told: World) -> None:
    told.publish_draft("business", "technical", "public")
    told.forget_mail()
    told.advance(minutes=20)
    done(updates.no_change(incident=told.incident.uid, actor=told.acts(told.lea), now=told.now))
    told.settle()
    told.expect_mail("Bo", says="No change since")
    told.expect_mail("Tess", says="No change since")
    told.expect_nothing_else()
    states = Promise.objects.filter(audience="technical", what="next update").values_list("state", flat=True)
    assert sorted(states) == ["kept", "open"]


def test_resolved_goes_to_everyone_who_was_told(told: World) -> None:
    told.publish_draft("business", "technical", "public")
    told.ends("checkout")
    told.advance(minutes=15)
    assert told.resolve() is None
    owed = Promise.objects.filter(what="resolution word", state="open").values_list("audience", flat=True)
    assert set(owed) == {"business", "technical", "public"}
    told.forget_mail()
    told.publish_draft(moment="resolution")
    told.expect_mail("Bo")
    told.expect_mail("Tess")
    assert not Promise.objects.filter(what="resolution word", state="open").exists()


@pytest.mark.parametrize("nature", ["drill", "test"])
def test_a_drill_reaches_nobody_outside(world: World, nature: str) -> None:
    world.service("checkout", customers=["Bo (untagged)", "Tess (technical)"])
    world.stakeholder("internal", "Ines")
    world.declare(severity=1, entities=["checkout"], nature=nature)
    world.expect_page("Ann")
    world.forget_mail()
    world.publish_draft()
    world.expect_mail("Ines", says="[Practice]")
    world.advance(hours=1)
    told = Text.objects.filter(incident=world.incident).values_list("subject", flat=True)
    assert len(told) > 5
    assert [subject for subject in told if "Practice" not in subject] == [], "nobody takes it for the real thing"
    assert not [mail for mail in world.smtp.mails if mail.recipient.endswith("@customer.test")]
    assert not Delivery.objects.filter(outside=True).exists()
    assert not PublicIncident.objects.exists()


def test_the_first_word_at_sev1_goes_out_by_itself(world: World) -> None:
    world.service("checkout", customers=["Bo (untagged)"])
    subject, body = wording.split(messages.shipped("business")["holding.disruption"])
    HoldingMessage.objects.create(
        audience="business",
        incident_type="disruption",
        subject=subject,
        body=body,
        digest=digest_of(Audience.BUSINESS, subject, body),
        approved_by=world.ira,
        approved_at=world.now,
    )
    world.alert("checkout")
    world.expect_mail("Bo", says_next_update=True)
    assert Promise.objects.get(audience="business", what="first word").state == "kept"
    assert world.promise("business", "next update").due_at > world.now


def test_a_plain_hint_of_time_that_is_past_is_refused(told: World) -> None:
    update = told.draft("business")
    told.approve(update)
    told.advance(minutes=61)
    refusal = updates.publish(update=update.uid, actor=told.acts(told.lea), now=told.now)
    assert isinstance(refusal, Refusal)
    assert "past" in refusal.sentence


def test_I29_a_reader_tagged_anew_hears_in_the_new_version_that_it_is_over(told: World) -> None:
    told.publish_draft("business", "public")
    Contact.objects.filter(name="Bo").update(segment="technical")
    told.ends("checkout")
    told.advance(minutes=15)
    assert told.resolve() is None
    assert told.promise("technical", "resolution word").state == "open"
    told.forget_mail()
    told.publish_draft("business", "public", moment="resolution")
    told.tidy_up()
    refusal = told.close()
    assert refusal is not None
    assert "technical" in refusal.sentence
    told.publish_draft(moment="resolution")
    told.expect_mail("Bo", says="resolved")
    assert told.close() is None


def test_I29_a_reader_who_is_hit_no_more_hears_the_end(told: World) -> None:
    told.publish_draft("business", "technical", "public")
    Link.objects.filter(source__name="bo-corp").delete()
    revisions.bump(revisions.CATALOG)
    told.ends("checkout")
    told.advance(minutes=15)
    assert told.resolve() is None
    told.forget_mail()
    told.publish_draft(moment="resolution")
    told.expect_mail("Bo", says="resolved")
