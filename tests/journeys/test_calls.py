"""The largest accounts are rung up: whom, by whom, when, with which words, and again when it is over."""

from typing import Any

import pytest

from antiphon.actions import calls, closing, contacts, incidents, merging, tracks
from antiphon.core.decision import Refusal
from antiphon.db.models import Call, CallAttempt, Contact, Entity, Incident, Organisation, Person, Task
from antiphon.queries import calls as seen
from antiphon.queries import now, waiting
from tests import canary
from tests.world import World, done

pytestmark = pytest.mark.patient
PHONE = "+49 30 5550100"


def checkout_fails(world: World, *, severity: int = 2, **known: Any) -> Incident:
    """Bo is strategic and has a number, Tess has revenue, Mo nothing that makes an account large."""
    world.service("checkout", customers=["Mo (business)"])
    world.customer("Bo (business)", uses="checkout", strategic=True, owner="Lea")
    world.customer("Tess (technical)", uses="checkout", revenue_per_minute=30.0)
    Contact.objects.filter(name="Bo").update(phone=f"{PHONE} {canary.token('phone')}")
    return world.declare(entities=["checkout"], severity=severity, **known)


def call_to(world: World, customer: str) -> Call:
    return Call.objects.filter(incident=world.incident, customer=customer).latest("id")


def ring(world: World, customer: str, outcome: str = "reached", note: str = "") -> Refusal | None:
    refusal = calls.tried(
        call=call_to(world, customer).uid,
        outcome=outcome,
        note=note,
        person=world.lea,
        actor=world.acts(world.lea),
        now=world.now,
    )
    world.settle()
    return refusal


def open_calls(world: World) -> set[str]:
    return set(Call.objects.filter(incident=world.incident, state="open").values_list("customer", flat=True))


def test_the_largest_accounts_are_owed_a_call_by_whoever_looks_after_them(world: World):
    checkout_fails(world)
    assert open_calls(world) == {"bo-corp", "tess-corp"}
    bo = call_to(world, "bo-corp")
    assert bo.owner == world.lea
    assert bo.contact is not None
    assert bo.due_at == world.incident.declared_at + (bo.due_at - bo.made_at)
    assert (bo.due_at - bo.made_at).seconds == 60 * 60


def test_who_was_called_of_a_duplicate_is_called_when_the_other_is_over(world: World):
    duplicate = checkout_fails(world)
    assert ring(world, "bo-corp") is None
    world.service("disk")
    host = world.declare(entities=["disk"], severity=2)
    known: dict[str, Any] = {"actor": world.acts(world.ira), "now": world.now}
    done(merging.merge(incident=duplicate.uid, into=host.number, reason="The same disk.", **known))
    assert open_calls(world) == {"tess-corp"}
    done(incidents.set_stage(incident=host.uid, stage="monitoring", reason="quiet", **known))
    world.advance(minutes=15)
    done(world.resolve())
    assert call_to(world, "bo-corp").kind == "closing"


def test_milder_incidents_ring_nobody_up_until_the_severity_rises(world: World):
    checkout_fails(world, severity=4)
    assert not open_calls(world)
    ira = world.acts(world.ira)
    done(incidents.change_severity(incident=world.incident.uid, severity=1, reason="worse", actor=ira, now=world.now))
    assert open_calls(world) == {"bo-corp", "tess-corp"}
    assert (call_to(world, "bo-corp").due_at - world.now).seconds == 30 * 60


def test_the_organisation_says_how_many_are_called(world: World):
    Organisation.objects.update(settings={"calls": {"most": 1}})
    checkout_fails(world)
    assert open_calls(world) == {"bo-corp"}


def test_there_are_no_words_to_say_before_a_text_was_approved_and_sent(world: World):
    checkout_fails(world)
    script = seen.of_incident(world.incident)[0].script
    assert not script.words
    assert "Do not call yet" in script.missing
    world.knows_all()
    update = world.draft("business")
    assert "waits for its approval" in seen.of_incident(world.incident)[0].script.missing
    world.approve(update)
    world.publish(update)
    script = seen.of_incident(world.incident)[0].script
    assert world.version(update, "business").subject in script.words
    assert not script.missing


def test_who_was_called_is_called_again_when_it_is_over(world: World):
    checkout_fails(world)
    world.publish_draft("business", "technical", approved_by="Ann")
    done(ring(world, "bo-corp"))
    done(ring(world, "tess-corp", "not_reached"))
    world.advance(minutes=1)
    done(
        incidents.set_stage(
            incident=world.incident.uid, stage="monitoring", reason="works", actor=world.acts(world.ann), now=world.now
        )
    )
    world.advance(minutes=16)
    done(world.resolve())
    assert open_calls(world) == {"bo-corp"}  # nobody at Tess's ever heard of it by a call
    assert call_to(world, "bo-corp").kind == "closing"
    assert "waits" in seen.of_incident(world.incident)[0].script.missing or seen.of_incident(world.incident)
    world.publish_draft("business", "technical", approved_by="Ann", moment="resolution")
    world.tidy_up()
    refusal = world.close()
    assert refusal is not None
    assert "Bo Corp" in refusal.sentence
    done(ring(world, "bo-corp"))
    assert not open_calls(world)


def test_a_call_stands_among_what_waits_for_its_owner(world: World):
    checkout_fails(world)
    assert "Call Bo Corp" in [each.text for each in waiting.for_person(world.acts(world.lea))]
    assert now.counts(world.acts(world.lea)).waiting >= 1
    before = now.counts(world.acts(world.lea)).waiting
    done(ring(world, "bo-corp"))
    assert "Call Bo Corp" not in [each.text for each in waiting.for_person(world.acts(world.lea))]
    assert now.counts(world.acts(world.lea)).waiting == before - 1


def test_a_call_that_is_late_reaches_its_owner_before_and_at_its_time(world: World):
    checkout_fails(world)
    world.forget_mail()
    world.advance(minutes=56)
    world.expect_mail("Lea", says="call to Bo Corp is due")
    world.advance(minutes=5)
    world.expect_mail("Lea", says="Bo Corp was to be called by")
    assert call_to(world, "bo-corp").state == "open"
    done(ring(world, "bo-corp"))
    world.forget_mail()
    world.advance(hours=2)
    assert not [mail for mail in world.smtp.mails if "Bo Corp is due" in mail.body()][1:]


def test_a_try_in_vain_comes_back_and_what_they_ask_for_becomes_a_task(world: World):
    checkout_fails(world)
    world.advance(minutes=58)
    done(ring(world, "bo-corp", "not_reached"))
    again = call_to(world, "bo-corp")
    assert (again.due_at - world.now).seconds == 15 * 60
    assert ring(world, "bo-corp", "asks") is not None  # without saying what
    done(ring(world, "bo-corp", "asks", "a list of the orders that failed"))
    assert Task.objects.filter(title__contains="Bo Corp asks for").exists()
    assert not any("list of the orders" in task.title for task in Task.objects.all())
    assert any("reached, and asks for something" in line for line in world.timeline())
    assert not any("a list of the orders that failed" in line for line in world.timeline())
    tess, bo = sorted(seen.of_incident(world.incident), key=lambda each: each.customer, reverse=True)
    assert [each.note for each in bo.tries] == ["", "a list of the orders that failed"]
    assert not tess.tries
    done(ring(world, "tess-corp"))
    assert Task.objects.get(key="call_largest").done_at is not None


def test_practice_rings_nobody_up(world: World):
    checkout_fails(world, nature="drill")
    assert open_calls(world)
    assert not Call.objects.filter(contact__isnull=False).exists()
    assert all("Practice" in each.script.missing for each in seen.of_incident(world.incident))


def test_a_cancelled_incident_owes_no_calls(world: World):
    checkout_fails(world)
    ira = world.acts(world.ira)
    done(closing.cancel(incident=world.incident.uid, reason="A test", actor=ira, now=world.now))
    assert not open_calls(world)


def test_I26_numbers_stay_inside_and_go_with_the_contact(world: World):
    checkout_fails(world)
    world.publish_draft("business", "technical", "public", approved_by="Ann")
    done(ring(world, "bo-corp", note="Bo is away next week"))
    assert any(canary_in(each.phone) for each in seen.of_incident(world.incident))
    assert not world.leaks()
    assert not any("canary-phone" in line for line in world.timeline())
    bo, ira = Contact.objects.get(name="Bo"), world.acts(world.ira)
    done(contacts.erase(contact=bo.uid, actor=ira, now=world.now))
    assert not any(attempt.note for attempt in CallAttempt.objects.all())
    assert not any(each.phone for each in seen.of_incident(world.incident))
    assert Entity.objects.filter(name="bo-corp").exists()


def canary_in(text: str) -> bool:
    return "canary-phone" in text


def test_a_task_is_taken_by_whoever_does_it(world: World):
    checkout_fails(world)
    task = Task.objects.get(key="urgent_contact", track__incident=world.incident)
    ann = world.acts(world.ann)

    def taken_by(person: Person) -> Refusal | None:
        return tracks.give_task(incident=world.incident.uid, task=task.uid, person=person, actor=ann, now=world.now)

    done(taken_by(world.lea))
    assert Task.objects.get(uid=task.uid).owner == world.lea
    assert any("takes the task" in line for line in world.timeline())
    assert [each.text for each in waiting.for_person(world.acts(world.lea)) if each.text == task.title]
    done(tracks.finish_task(incident=world.incident.uid, task=task.uid, actor=ann, now=world.now))
    assert Task.objects.get(uid=task.uid).owner == world.lea
    done(taken_by(world.ben))  # too late, and nothing happens
    assert Task.objects.get(uid=task.uid).owner == world.lea
