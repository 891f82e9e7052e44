"""A text is ready before it is due, and an approval that nobody gives finds somebody who hears of it."""

import re
from typing import Any

import pytest

from antiphon.actions import asking, paging, updates
from antiphon.core.decision import Refusal
from antiphon.db.models import ApprovalAsk, ApprovalWait, Delivery, Organisation, Person, RoleAssignment, Update
from antiphon.engine import duties
from antiphon.engine.loop import Engine
from antiphon.queries import approvals
from tests.world import World, done

pytestmark = pytest.mark.patient


@pytest.fixture
def told(world: World) -> World:
    """A SEV2 that Bo feels; Ann answered the page, Ira leads, every fact is known and the first word is sent."""
    world.service("checkout", customers=["Bo (untagged)"])
    world.declare(severity=2, entities=["checkout"])
    world.acknowledge(world.ann)
    _role(world, "incident commander", world.ira)
    world.publish_draft("business", "public")
    world.forget_mail()
    return world


def _role(world: World, role: str, person: Person) -> None:
    RoleAssignment.objects.create(incident=world.incident, role=role, person=person, assigned_at=world.now)


def _drafts(world: World, state: str = "draft") -> list[Update]:
    return list(Update.objects.filter(incident=world.incident, state=state))


def _ask(world: World, update: Update, by: Person | None = None) -> Refusal | None:
    refusal = asking.ask(update=update.uid, actor=world.acts(by or world.lea), now=world.now)
    world.settle()
    return refusal


def test_a_draft_is_ready_before_it_is_due_and_put_to_who_may_approve(told: World) -> None:
    told.advance(minutes=39)
    assert not _drafts(told)
    told.expect_nothing_else()
    told.advance(minutes=1)
    (update,) = _drafts(told)
    assert update.moment == "progress"
    assert not told.version(update, "business").findings or update.prepared_at == told.now
    mail = told.expect_mail("Ann", says="waits for your approval")
    assert "http://antiphon.test/approve/" in mail.body()
    told.expect_mail("Ira", says="waits for your approval")
    told.expect_nothing_else()
    assert [line for line in told.timeline() if "asked of 2 people" in line]
    told.approve(update)
    told.publish(update)
    told.expect_mail("Bo")
    assert told.promise("business").state == "open"
    told.advance(minutes=39)
    told.expect_nothing_else()
    assert not _drafts(told)


def test_nothing_is_prepared_where_the_organisation_does_not_want_it(told: World) -> None:
    Organisation.objects.update(settings={"approvals": {"prepare": False}})
    told.advance(minutes=54)
    assert not _drafts(told)
    told.expect_nothing_else()


def test_a_prepared_draft_follows_the_facts_until_a_person_touches_it(told: World) -> None:
    told.advance(minutes=40)
    told.forget_mail()
    (update,) = _drafts(told)
    told.knows("actions", "We have moved half of the load.")
    assert [each.uid for each in _drafts(told)] == [update.uid], "the same one, not another"
    version = told.version(update, "business")
    assert "half of the load" in version.body
    known: dict[str, Any] = {"update": update.uid, "audience": "business", "now": told.now}
    done(updates.edit(subject=version.subject, body=f"{version.body} ", actor=told.acts(told.lea), **known))
    told.knows("actions", "We have moved all of the load.")
    told.settle()
    assert "half of the load" in told.version(update, "business").body
    told.expect_nothing_else()


def test_without_a_fact_there_is_no_draft_and_with_the_first_there_is(world: World) -> None:
    world.service("checkout", customers=["Bo (untagged)"])
    world.declare(severity=2, entities=["checkout"])
    world.acknowledge(world.ann)
    world.advance(minutes=6)
    assert not _drafts(world)
    world.knows("symptoms", "Payments fail.")
    (update,) = _drafts(world)
    assert (update.moment, update.prepared_at) == ("first_word", world.now)


def test_a_draft_that_is_not_needed_any_more_is_put_away(told: World) -> None:
    told.advance(minutes=40)
    done(updates.no_change(incident=told.incident.uid, actor=told.acts(told.lea), now=told.now))
    told.settle()
    assert not _drafts(told)
    assert ApprovalWait.objects.get().state == "over"
    told.advance(minutes=39)
    assert not _drafts(told)
    told.draft("business", moment="progress")
    told.advance(minutes=10)
    assert len(_drafts(told)) == 1, "a person writes it already"
    assert _drafts(told)[0].prepared_at is None


def test_two_engines_prepare_and_ask_once(told: World) -> None:
    told.also = [Engine(duties.registry())]
    told.advance(minutes=50)
    assert len(_drafts(told)) == 1
    told.expect_mail("Ann", says="waits for your approval")
    told.expect_mail("Ira", says="waits for your approval")
    told.advance(minutes=4)
    assert [one.recipient for one in Delivery.objects.filter(slots__ask__isnull=False, purpose="page")] == [
        told.ira.uid
    ]


def test_whoever_leads_hears_of_it_and_then_the_business_track_until_somebody_answers(told: World) -> None:
    told.policy("business", [told.lea])
    Organisation.objects.update(business_policy="business")
    update = told.draft("business", moment="progress")
    assert _ask(told, update) is None
    told.expect_mail("Ann", says="waits for your approval")
    told.expect_mail("Ira", says="waits for your approval")
    assert _ask(told, update) is None, "the same words are put to nobody twice"
    told.expect_nothing_else()
    told.advance(minutes=29)
    told.expect_nothing_else()
    told.advance(minutes=1)
    mail = told.expect_mail("Ira", says="You lead the incident")
    assert "http://antiphon.test/approve/" in mail.body()
    told.expect_nothing_else()
    told.advance(minutes=15)
    page = told.expect_page("Lea")
    assert "waits for approval" in page.body()
    told.forget_mail()
    assert paging.acknowledge(
        incident=told.incident.uid, person=told.lea, via="link", actor=told.acts(told.lea), now=told.now
    )
    told.advance(minutes=6)
    assert not [mail for mail in told.smtp.mails[-3:] if "(approval)" in str(mail.message["subject"])][1:]
    lines = told.timeline()
    assert [line for line in lines if "No approval yet" in line and "incident commander" in line]
    assert [line for line in lines if "No approval yet" in line and "business track" in line]


def test_the_yes_ends_the_waiting_and_the_paging(told: World) -> None:
    told.policy("business", [told.lea])
    Organisation.objects.update(business_policy="business")
    update = told.draft("business", moment="progress")
    _ask(told, update)
    told.advance(minutes=45)
    told.approve(update)
    told.forget_mail()
    told.advance(minutes=9)
    assert ApprovalWait.objects.get().state == "over"
    assert not told.incident.escalations.filter(track="approval", state="paging").exists()
    told.expect_nothing_else()


def test_at_sev1_it_takes_minutes(world: World) -> None:
    world.service("checkout", customers=["Bo (untagged)"])
    world.declare(severity=1, entities=["checkout"])
    world.acknowledge(world.ann)
    _role(world, "incident commander", world.ira)
    world.publish_draft("business")
    world.forget_mail()
    _ask(world, world.draft("business", moment="progress"))
    world.expect_mail("Ann", says="waits for your approval")
    world.expect_mail("Ira", says="waits for your approval")
    world.advance(minutes=3)
    world.expect_mail("Ira", says="You lead the incident")
    world.advance(minutes=3)
    world.expect_page("Ann")


def test_only_who_can_answer_is_asked_and_never_the_author(told: World) -> None:
    update = told.draft("business", moment="progress")
    version = told.version(update, "business")
    known: dict[str, Any] = {"update": update.uid, "audience": "business", "now": told.now}
    done(updates.edit(subject=version.subject, body=f"{version.body} ", actor=told.acts(told.ann), **known))
    _ask(told, update, by=told.ann)
    told.expect_mail("Ira", says="waits for your approval")
    told.expect_nothing_else()
    RoleAssignment.objects.all().delete()
    told.person("Vic", role="viewer")
    asking.ask(update=update.uid, actor=told.acts(told.ann), now=told.now)
    told.settle()
    told.expect_mail("Ben", says="waits for your approval")
    told.expect_nothing_else()


def test_a_text_sent_back_reaches_its_author_with_the_note(told: World) -> None:
    update = told.draft("business", moment="progress")
    _ask(told, update)
    told.forget_mail()
    known: dict[str, Any] = {"update": update.uid, "now": told.now}
    stranger = asking.send_back(note="No.", actor=told.acts(told.ben), **known)
    assert isinstance(stranger, Refusal)
    done(asking.send_back(note="Name the region.", actor=told.acts(told.ann), **known))
    told.settle()
    told.expect_mail("Lea", says="Name the region.")
    told.advance(minutes=54)
    assert not [one for one in told.timeline() if "No approval yet" in one]
    assert [one for one in told.timeline() if "sent back: Name the region." in one]
    told.forget_mail()
    version = told.version(update, "business")
    done(
        updates.edit(
            audience="business", subject=version.subject, body=f"{version.body} ", actor=told.acts(told.lea), **known
        )
    )
    _ask(told, update)
    told.expect_mail("Ann", says="waits for your approval")


def test_the_webhook_carries_the_same_link_as_data(told: World) -> None:
    told.ann.contact_methods.all().delete()
    told.webhook_for(told.ann)
    _ask(told, told.draft("business", moment="progress"))
    (call,) = [each for each in told.hook.calls if b"approve_url" in each.body]
    link = re.search(rb'"approve_url":"([^"]+)"', call.body)
    assert link
    assert link[1].decode() in call.body.decode()
    assert ApprovalAsk.objects.filter(person=told.ann).count() == 1


def test_a_drill_is_asked_about_as_practice(world: World) -> None:
    world.service("checkout", customers=["Bo (untagged)"])
    world.declare(severity=2, entities=["checkout"], nature="drill")
    world.knows_all()
    world.acknowledge(world.ann)
    world.forget_mail()
    _ask(world, world.draft("business"))
    world.expect_mail("Ann", says="Practice. #")


def test_what_waits_is_said_on_the_tell_page(told: World) -> None:
    update = told.draft("business", moment="progress")
    _ask(told, update)
    seen = approvals.waits(update.uid)
    assert seen is not None
    assert (seen.asked, seen.next_in_line, seen.note) == (("Ann", "Ira"), "the incident commander", "")
