"""Contract matters once it is over: figures, a message to that customer alone, two people, never before the end."""

import pytest

from antiphon.actions import follow_ups, incidents
from antiphon.core.decision import Refusal
from antiphon.db.models import Contact, Contract, Delivery, FollowUp, Organisation, Text
from antiphon.db.snapshots import follow_ups as snapshots
from tests.cast import START
from tests.world import World, done

pytestmark = pytest.mark.patient


def checkout_was_down(world: World, *, minutes: float = 100, resolved: bool = True, nature: str = "real") -> None:
    """Bo was promised an hour, Tess a day; both are customers of the checkout."""
    world.service("checkout", customers=["Bo (business)", "Tess (technical)"])
    world.contract("bo-corp", "checkout", resolution_minutes=60, downtime_minutes_per_month=90)
    world.contract("tess-corp", "checkout", resolution_minutes=24 * 60)
    world.declare(entities=["checkout"], severity=4, nature=nature)
    world.advance(minutes=minutes - 16)
    ann = world.acts(world.ann)
    done(incidents.set_stage(incident=world.incident.uid, stage="monitoring", reason="ok", actor=ann, now=world.now))
    world.advance(minutes=16)
    if resolved:
        done(world.resolve())
        world.forget_mail()


def matter(world: World, customer: str = "Bo Corp") -> FollowUp:
    return FollowUp.objects.filter(incident=world.incident, title=customer).latest("id")


def fill_in(world: World, credit: str = "10 % of the monthly fee") -> None:
    row = matter(world)
    body = row.body.replace("[[the credit, by the terms of the contract]]", credit)
    lea = world.acts(world.lea)
    done(follow_ups.edit(follow_up=row.uid, subject=row.subject, body=body, actor=lea, now=world.now))


def approve(world: World, digest: str = "") -> Refusal | None:
    row = matter(world)
    return follow_ups.approve(
        follow_up=row.uid, digest=digest or row.digest, actor=world.acts(world.ann), now=world.now
    )


def send(world: World) -> Refusal | None:
    refusal = follow_ups.send(follow_up=matter(world).uid, actor=world.acts(world.lea), now=world.now)
    world.settle()
    return refusal


def test_a_breached_contract_gets_a_draft_with_its_own_figures(world: World):
    checkout_was_down(world)
    row = matter(world)
    assert FollowUp.objects.count() == 1  # Tess was promised a day
    assert "Resolved within 60 minutes: it took 100 minutes; 40 minutes more than agreed." in row.body
    assert "At most 90 minutes down in a month: 100 minutes in 2026-11; 10 minutes more than agreed." in row.body
    assert "Tess" not in row.body
    resolution, downtime = row.figures["limits"]
    assert (resolution["took"], downtime["took"], downtime["before"]) == (100.0, 100.0, 0.0)


def test_what_the_month_has_used_already_counts_each_minute_once(world: World):
    checkout_was_down(world)
    world.advance(minutes=30)
    world.declare(entities=["checkout"], severity=4)
    world.advance(minutes=20)
    ann = world.acts(world.ann)
    done(incidents.set_stage(incident=world.incident.uid, stage="monitoring", reason="ok", actor=ann, now=world.now))
    world.advance(minutes=16)
    done(world.resolve())
    found = next(each for each in snapshots.reckoned(world.incident) if each.terms.customer == "Bo Corp")
    downtime = found.figures.limits[1]
    assert (downtime.before, downtime.took) == (100.0, 136.0)
    assert "#1, #2" in downtime.how


@pytest.mark.parametrize(
    ("terms", "says"), [("5 % for each started 30 minutes, at most 25 %", "a credit of 10 %"), ("See §4", "[[")]
)
def test_the_credit_is_reckoned_where_the_terms_are_plain_and_else_a_gap(world: World, terms: str, says: str):
    checkout_was_down(world, resolved=False)
    Contract.objects.filter(customer__name="bo-corp").update(credits=terms)
    done(world.resolve())
    assert says in matter(world).body


def test_it_goes_to_that_customer_alone_once_two_people_saw_it(world: World):
    checkout_was_down(world)
    refused = approve(world)
    assert refused is not None
    assert "gap" in refused.sentence
    fill_in(world)
    refused = follow_ups.approve(
        follow_up=matter(world).uid, digest=matter(world).digest, actor=world.acts(world.lea), now=world.now
    )
    assert refused is not None  # she wrote it
    assert send(world) is not None
    done(approve(world))
    refused = follow_ups.send(follow_up=matter(world).uid, actor=world.acts(world.ann), now=world.now)
    assert refused is not None
    done(send(world))
    world.expect_mail("Bo", says="40 minutes more than agreed")
    world.expect_nothing_else()
    assert matter(world).state == "sent"
    assert not world.leaks()


def test_I25_an_edit_voids_the_approval(world: World):
    checkout_was_down(world)
    fill_in(world)
    done(approve(world))
    fill_in(world, "ignored, for the gap is filled")
    row, lea = matter(world), world.acts(world.lea)
    done(follow_ups.edit(follow_up=row.uid, subject=row.subject, body=f"{row.body} Sorry.", actor=lea, now=world.now))
    assert send(world) is not None
    assert any("voided" in line for line in world.timeline())


def test_I25_what_was_changed_behind_its_approval_stays_inside(world: World):
    checkout_was_down(world)
    fill_in(world)
    done(approve(world))
    row = matter(world)
    done(follow_ups.send(follow_up=row.uid, actor=world.acts(world.lea), now=world.now))
    Text.objects.filter(follow_up=row).update(body_text="Something else\n")
    world.settle()
    assert not [mail for mail in world.smtp.mails if mail.recipient == "bo@customer.test"]


def test_I28_another_customers_name_or_contact_stops_it(world: World):
    checkout_was_down(world)
    fill_in(world, "10 %, as Tess Corp has it")
    refused = approve(world)
    assert refused is not None
    assert "Tess Corp" in refused.sentence
    row, lea = matter(world), world.acts(world.lea)
    body = row.body.replace(", as Tess Corp has it", "")
    done(follow_ups.edit(follow_up=row.uid, subject=row.subject, body=body, actor=lea, now=world.now))
    done(approve(world))
    done(follow_ups.send(follow_up=row.uid, actor=lea, now=world.now))
    tess = Contact.objects.get(name="Tess")
    Delivery.objects.filter(text__follow_up=row).update(recipient=tess.uid, address=tess.email)
    world.settle()
    world.expect_nothing_else()
    assert Delivery.objects.get(text__follow_up=row).reason == "no_version"


def test_nothing_is_said_of_contracts_while_it_lasts(world: World):
    checkout_was_down(world, resolved=False)
    assert not FollowUp.objects.exists()
    contract = Contract.objects.get(customer__name="tess-corp").uid
    refused = follow_ups.ask(incident=world.incident.uid, contract=contract, actor=world.acts(world.lea), now=world.now)
    assert refused is not None


def test_back_again_puts_drafts_away_and_reckons_anew(world: World):
    world.rule()
    world.service("checkout", customers=["Bo (business)"])
    world.contract("bo-corp", "checkout", resolution_minutes=60)
    world.alert("checkout")
    world.advance(minutes=70)
    world.ends("checkout")
    world.advance(minutes=16)
    done(world.resolve())
    first = matter(world)
    assert first.state == "open"
    world.alert("checkout")
    assert FollowUp.objects.get(uid=first.uid).state == "void"
    world.advance(minutes=10)
    world.ends("checkout")
    world.advance(minutes=16)
    done(world.resolve())
    assert matter(world).uid != first.uid
    assert "it took 112 minutes" in matter(world).body


def test_a_contract_without_breach_hears_only_when_a_person_asks(world: World):
    checkout_was_down(world)
    contract = Contract.objects.get(customer__name="tess-corp").uid
    lea = world.acts(world.lea)
    done(follow_ups.ask(incident=world.incident.uid, contract=contract, actor=lea, now=world.now))
    row = matter(world, "Tess Corp")
    assert row.asked
    assert "within what was agreed" in row.body
    assert "credit" not in row.body


def test_the_incident_is_not_closed_before_matters_are_settled(world: World):
    checkout_was_down(world)
    world.tidy_up()
    refused = world.close()
    assert refused is not None
    assert "Bo Corp" in refused.sentence
    lea = world.acts(world.lea)
    assert follow_ups.waive(follow_up=matter(world).uid, reason="", actor=lea, now=world.now) is not None
    done(follow_ups.waive(follow_up=matter(world).uid, reason="Settled by phone", actor=lea, now=world.now))
    done(world.close())


def test_the_people_named_for_it_approve(world: World):
    checkout_was_down(world)
    fill_in(world)
    beside = {"name": "legal", "people": [world.ben.uid], "audiences": ["business"], "up_to": 5}
    Organisation.objects.update(settings={"approvals": {"four_eyes_up_to": 3, "further": beside}})
    refused = approve(world)
    assert refused is not None
    assert "legal" in refused.sentence
    row = matter(world)
    done(follow_ups.approve(follow_up=row.uid, digest=row.digest, actor=world.acts(world.ben), now=world.now))


def test_practice_sends_no_customer_a_word(world: World):
    checkout_was_down(world, nature="drill")
    if not FollowUp.objects.exists():
        contract = Contract.objects.get(customer__name="bo-corp").uid
        done(follow_ups.ask(incident=world.incident.uid, contract=contract, actor=world.acts(world.lea), now=world.now))
    fill_in(world)
    done(approve(world))
    done(send(world))
    assert not Delivery.objects.filter(text__follow_up__isnull=False).exists()
    world.expect_nothing_else()


def test_I31_who_unsubscribed_hears_nothing_of_contracts(world: World):
    checkout_was_down(world)
    Contact.objects.filter(name="Bo").update(unsubscribed_at=START)
    fill_in(world)
    done(approve(world))
    refused = send(world)
    assert refused is not None
    assert "Nobody at Bo Corp" in refused.sentence


def test_it_is_in_the_language_that_all_of_the_customers_contacts_read(world: World):
    checkout_was_down(world, resolved=False)
    Contact.objects.filter(name="Bo").update(language="de-CH")
    Contract.objects.filter(customer__name="bo-corp").update(credits="10 %")
    done(world.resolve())
    row = matter(world)
    assert row.language == "de"
    assert "40 Minuten mehr als vereinbart" in row.body
    done(approve(world))
    world.forget_mail()
    done(send(world))
    mail = world.expect_mail("Bo", says="eine Gutschrift von 10 %")
    assert mail.body().startswith("Guten Tag Bo,")
    assert "War das hilfreich" in mail.body("html")
    assert not world.leaks()


def test_contacts_of_several_languages_get_the_houses_own(world: World):
    checkout_was_down(world, resolved=False)
    bo = Contact.objects.get(name="Bo")
    Contact.objects.filter(name="Bo").update(language="de")
    Contact.objects.create(customer=bo.customer, name="Mia", email="mia@customer.test", language="en")
    done(world.resolve())
    assert matter(world).language == "en"
