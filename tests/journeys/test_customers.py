"""Customers' words: tickets come in, a segment is suggested, a person confirms, and only then another version goes."""

import json
from datetime import timedelta
from typing import Any

import pytest

from antiphon.actions import configuration, contacts, segments, tickets
from antiphon.cli.apply import example
from antiphon.cli.demo.tickets import ORIGIN, written
from antiphon.cli.demo_data import demo_configuration
from antiphon.core.decision import SYSTEM, Actor, Refusal
from antiphon.core.segments import DEFAULTS
from antiphon.db import record
from antiphon.db.models import Contact, Delivery, SegmentSuggestion, Ticket
from antiphon.db.suppressions import suppressed
from antiphon.queries import customers
from antiphon.queries.customers import Looked
from tests.world import World, done

pytestmark = pytest.mark.patient

KEYS = "Where do I put the SSH key? And is there an API token for the deploy?"
CODE = "The upload ends with HTTP 502 and ECONNREFUSED, see 2026-11-02 12:00:01 ERROR in the log."
SALES = "We are losing sales, our customers cannot order. What does the SLA say?"


def imported(world: World, *texts: str, email: str = "bo@customer.test", **known: Any) -> tickets.Taken:
    rows = [{"id": n, "email": email, "description": text, **known} for n, text in enumerate(texts, start=1)]
    taken = tickets.take_all(enumerate(rows, start=1), origin="desk", now=world.now)
    assert not taken.faults, taken.faults
    return taken


def tag(world: World, segment: str, *uids: str) -> dict[str, segments.Former]:
    lea = world.acts(world.lea)
    former = segments.tag(dict.fromkeys(uids, segment), person=lea, by=lea, source="the customers page", now=world.now)
    assert not isinstance(former, Refusal), former.sentence
    return former


def told(world: World) -> dict[str, str]:
    sent = Delivery.objects.filter(outside=True).values_list("recipient", "text__audience")
    return {Contact.objects.get(uid=uid).name: audience for uid, audience in sent}


def mails_to(name: str, world: World) -> int:
    return sum(mail.recipient == f"{name}@customer.test" for mail in world.smtp.mails)


def test_a_suggestion_alone_changes_nothing_of_who_gets_which_version(world: World) -> None:
    world.service("checkout", customers=["Bo", "Tess (technical)", "Una"])
    assert len(imported(world, KEYS, CODE).suggested) == 1
    assert SegmentSuggestion.objects.get().segment == "technical"
    assert Contact.objects.get(name="Bo").segment == "untagged"
    world.alert("checkout")
    world.publish_draft("technical", "business")
    assert told(world) == {"Bo": "business", "Tess": "technical", "Una": "business"}


def test_a_confirmed_suggestion_brings_the_technical_version(world: World) -> None:
    world.service("checkout", customers=["Bo", "Una"])
    imported(world, KEYS, CODE)
    bo = Contact.objects.get(name="Bo")
    assert tag(world, "technical", bo.uid) == {bo.uid: segments.Former("untagged", "")}
    world.alert("checkout")
    world.publish_draft("technical", "business")
    assert told(world) == {"Bo": "technical", "Una": "business"}
    bo.refresh_from_db()
    assert bo.origins["segment"] == f"person:{world.lea.uid}"


def test_the_record_names_who_and_whom_by_id_and_nothing_of_what_was_written(world: World) -> None:
    world.service("checkout", customers=["Bo"])
    imported(world, KEYS, CODE)
    bo = Contact.objects.get(name="Bo")
    tag(world, "technical", bo.uid)
    [event] = list(record.read(record.CONFIGURATION))
    assert event.actor == f"person:{world.lea.uid}"
    body = json.dumps(event.event.changes)  # type: ignore[attr-defined]
    assert bo.uid in body
    for word in ("bo@", "Bo", "ssh", "SSH", "502"):
        assert word not in body
    assert record.verify(record.CONFIGURATION) is None


def test_of_a_ticket_only_the_words_that_were_found_are_kept(world: World) -> None:
    world.service("checkout", customers=["Bo"])
    imported(world, f"My name is Bo Meyer, {KEYS} Call me at 0151 555", "Hello, just saying thanks")
    kept = list(Ticket.objects.order_by("reference").values_list("text", "subject"))
    assert kept == [("ssh key\n·\napi token", ""), ("", "")]


def test_the_same_import_again_changes_nothing_and_a_changed_ticket_is_read_anew(world: World) -> None:
    world.service("checkout", customers=["Bo"])
    imported(world, KEYS, CODE)
    before = SegmentSuggestion.objects.values().get()
    again = imported(world, KEYS, CODE)
    assert (again.new, again.changed, again.unchanged) == (0, 0, 2)
    assert SegmentSuggestion.objects.values().get() == before
    third = imported(world, SALES, CODE)
    assert (third.new, third.changed, third.unchanged) == (0, 1, 1)
    assert not SegmentSuggestion.objects.exists()


@pytest.mark.parametrize(("segment", "origin"), [("untagged", ""), ("business", "file")])
def test_undo_is_tagging_back_and_the_suggestion_stands_open_again(world: World, segment: str, origin: str) -> None:
    world.service("checkout", customers=[f"Bo ({segment})"])
    Contact.objects.update(origins={"segment": origin} if origin else {})
    imported(world, KEYS, CODE)
    bo, lea = Contact.objects.get(name="Bo"), world.acts(world.lea)
    former = tag(world, "technical", bo.uid)
    assert SegmentSuggestion.objects.get().state == "confirmed"
    done(segments.undo(former, person=lea, by=lea, source="the customers page", now=world.now))
    assert SegmentSuggestion.objects.get().state == "open"
    bo.refresh_from_db()
    assert (bo.segment, bo.origins.get("segment", "")) == (segment, origin)
    imported(world, KEYS, CODE, KEYS)
    assert SegmentSuggestion.objects.get().state == "open"


def test_what_a_person_dismissed_or_tagged_is_not_suggested_again(world: World) -> None:
    world.service("checkout", customers=["Bo", "Una"])
    lea = world.acts(world.lea)
    imported(world, KEYS, CODE)
    bo = Contact.objects.get(name="Bo")
    assert segments.dismiss([bo.uid], person=lea, by=lea, source="the customers page", now=world.now) == 1
    imported(world, KEYS, CODE, KEYS)
    assert SegmentSuggestion.objects.get().state == "dismissed"
    una = Contact.objects.get(name="Una")
    tag(world, "business", una.uid)
    rows = [{"id": f"u{n}", "email": "una@customer.test", "description": KEYS + CODE} for n in range(3)]
    tickets.take_all(enumerate(rows), origin="desk", now=world.now)
    assert not SegmentSuggestion.objects.filter(contact=una).exists()


def test_who_may_not_tag_is_refused_and_a_token_needs_a_person(world: World) -> None:
    world.service("checkout", customers=["Bo"])
    bo = Contact.objects.get(name="Bo")
    ann = world.acts(world.ann)  # a responder
    token = Actor(kind="token", uid="t", role="admin")
    for actor in (ann, token):
        refusal = segments.tag({bo.uid: "technical"}, person=actor, by=actor, source="here", now=world.now)
        assert isinstance(refusal, Refusal)
    assert Contact.objects.get(name="Bo").segment == "untagged"


def test_contacts_of_one_customer_may_differ_and_a_colleague_speaks_only_for_the_customer(world: World) -> None:
    world.service("checkout", customers=["Bo"])
    customer = Contact.objects.get(name="Bo").customer
    Contact.objects.create(customer=customer, name="Cleo", email="Cleo@customer.test")
    imported(world, KEYS, CODE, email="CLEO@customer.test")
    strangers = tickets.take_all(
        [(1, {"id": "s", "email": "new@customer.test", "description": SALES})], origin="desk", now=world.now
    )
    assert strangers.without_contact == 1
    assert Ticket.objects.get(reference="s").customer == customer
    assert [row.contact.name for row in SegmentSuggestion.objects.all()] == ["Cleo"]
    [seen] = customers.find(Looked(suggested="any"))
    assert [(each.name, each.suggests, each.reads) for each in seen.contacts] == [("Cleo", "technical", "business")]


def test_words_go_after_a_year_and_take_their_suggestion_with_them(world: World) -> None:
    world.service("checkout", customers=["Bo"])
    imported(world, KEYS, CODE, created_at=(world.now - timedelta(days=364)).isoformat())
    assert SegmentSuggestion.objects.exists()
    assert imported(world, KEYS, created_at=(world.now - timedelta(days=400)).isoformat()).old == 1
    world.advance(hours=48)
    assert not Ticket.objects.exists()
    assert not SegmentSuggestion.objects.exists()


def test_changed_weights_are_applied_to_everybody_in_small_steps(world: World) -> None:
    world.service("checkout", customers=["Bo"])
    imported(world, KEYS)
    assert not SegmentSuggestion.objects.exists()
    ira = world.acts(world.ira)
    wanted = {signal.name: (signal.words, 9.0 if signal.name == "keys" else signal.weight) for signal in DEFAULTS}
    assert segments.save_signals(wanted, days=365, actor=ira, now=world.now) is None
    world.advance(seconds=5)
    assert SegmentSuggestion.objects.get().score == 0.9
    assert not segments.to_rescore()


def test_erasing_a_contact_leaves_nothing_of_them(world: World) -> None:
    world.service("checkout", customers=["Bo", "Una"])
    imported(world, KEYS, CODE)
    world.alert("checkout")
    world.publish_draft("business")
    bo = Contact.objects.get(name="Bo")
    done(contacts.erase(contact=bo.uid, actor=world.acts(world.ira), now=world.now))
    assert not Ticket.objects.exists()
    assert not SegmentSuggestion.objects.exists()
    assert not Delivery.objects.filter(address__contains="bo@").exists()
    assert "bo@customer.test" in suppressed(["bo@customer.test"])
    before = mails_to("bo", world)
    world.publish_draft("business", moment="progress")
    assert mails_to("bo", world) == before == 1
    assert mails_to("una", world) == 2


def test_the_demo_shows_suggestions_and_tells_the_same_people(world: World) -> None:
    for text in (example(), demo_configuration(smtp_port=world.smtp.port)):
        found = configuration.apply(text, source="demo.yaml", environ={}, actor=SYSTEM, now=world.now)
        assert isinstance(found, configuration.Applied)
    before = sorted(Contact.objects.values_list("uid", "segment"))
    taken = tickets.take_all(enumerate(written(now=world.now), start=1), origin=ORIGIN, now=world.now)
    assert not taken.faults
    assert sorted(Contact.objects.values_list("uid", "segment")) == before
    made = [each.suggests for seen in customers.find(Looked(suggested="any")) for each in seen.contacts]
    assert sorted(made) == ["business"] * 3 + ["technical"] * 4


def test_words_go_with_the_contact_whoever_takes_it_away(world: World) -> None:
    world.service("checkout", customers=["Bo"])
    imported(world, KEYS, CODE)
    Contact.objects.get(name="Bo").delete()
    assert not Ticket.objects.exists()
