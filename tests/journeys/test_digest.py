"""Readers who are in several incidents at once: one message now and then instead of each, and nothing left out."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from antiphon.actions import closing, incidents, updates, verdicts
from antiphon.core.decision import Refusal
from antiphon.core.sending import NotSent
from antiphon.db.models import Delivery, Entity, Incident, Link, Organisation, Update
from antiphon.queries import knowing
from tests.contracts.sinks import ReceivedMail
from tests.world import World, done

pytestmark = pytest.mark.patient
SERVICES = ("checkout", "mailing", "search", "ledger", "media")


def _services(world: World, *customers: str) -> None:
    """Services that the same customers use."""
    first, *others = SERVICES
    world.service(first, customers=list(customers or ("Bo (untagged)", "Olga (untagged)")))
    for name in others:
        service = world.service(name)
        for customer in Entity.objects.filter(kind="customer"):
            Link.objects.create(source=customer, target=service, kind="contracted_for")


def _told(world: World, service: str, *audiences: str) -> Update:
    """An incident of this service, told to business readers and the public, or to these."""
    world.declare(title=f"{service} fails", severity=2, entities=[service])
    return world.publish_draft(*(audiences or ("business", "public")))


def _mails(world: World, who: str = "bo") -> list[ReceivedMail]:
    return [mail for mail in world.smtp.mails if mail.recipient.startswith(f"{who}@")]


def _until(world: World) -> timedelta:
    wake = Delivery.objects.filter(purpose="digest", state="queued").earliest("wake_at").wake_at
    assert isinstance(wake, datetime)
    return wake - world.now


def _answer(world: World, number: int) -> None:
    """Ira says yes to a question of the newest incident."""
    ira, uid = world.acts(world.ira), world.incident.uid
    known: dict[str, Any] = {"incident": uid, "number": number, "word": "yes", "reason": "It is in the contract."}
    done(verdicts.answer(**known, person=world.ira, actor=ira, now=world.now))
    world.settle()


def _incident(world: World, service: str) -> Incident:
    return Incident.objects.get(title__startswith=service)


def test_the_fourth_message_waits_and_goes_with_the_fifth_before_anything_promised(world: World) -> None:
    _services(world)
    for service in SERVICES[:3]:
        _told(world, service)
    assert len(_mails(world)) == len(_mails(world, "olga")) == 3
    subjects = [world.version(_told(world, service), "business").subject for service in SERVICES[3:]]
    assert len(_mails(world)) == 3
    assert timedelta() < _until(world) <= timedelta(minutes=15), "the first word was promised within 15 minutes"
    world.advance(minutes=15)
    for who in ("bo", "olga"):
        *_, digest = _mails(world, who)
        assert len(_mails(world, who)) == 4
        assert str(digest.message["subject"]).startswith("2 updates: ")
        words, markup = digest.body(), digest.body("html")
        assert all(subject in words and subject in markup for subject in subjects)
        assert words.count("To stop these messages: ") == markup.count("Stop these messages") == 1
        assert words.count("Hello ") == 1
        assert "[[" not in words + markup
        assert f"{who}@" in digest.recipient
    sent = Delivery.objects.filter(purpose="digest")
    assert set(sent.values_list("state", flat=True)) == {"sent"}
    for service in SERVICES[3:]:
        knows = knowing.matrix(_incident(world, service), now=world.now)
        business = next(each for each in knows.audiences if each.audience == "business")
        assert (business.people, business.reached, business.stranded) == (2, 2, 0)
    assert world.leaks() == []


def test_a_digest_is_made_of_one_readers_own_texts(world: World) -> None:
    """I28: what a technical reader waits for never stands in a business reader's digest."""
    _services(world, "Bo (untagged)", "Tess (technical)")
    told = [_told(world, service, "business", "technical") for service in SERVICES]
    world.advance(minutes=15)
    lines = {who: _mails(world, who)[-1].body().splitlines() for who in ("bo", "tess")}
    for update in told[3:]:
        business, technical = (world.version(update, each).subject for each in ("business", "technical"))
        assert business != technical
        assert [each in lines["bo"] for each in (business, technical)] == [True, False]
        assert [each in lines["tess"] for each in (business, technical)] == [False, True]


def test_what_concerns_a_contract_or_is_the_first_word_at_SEV1_goes_at_once(world: World) -> None:
    _services(world)
    for service in SERVICES[:3]:
        _told(world, service)
    world.declare(title="ledger fails", severity=2, entities=["ledger"])
    _answer(world, 3)
    world.publish_draft("business", "public")
    assert len(_mails(world)) == 4
    world.declare(title="media fails", severity=1, entities=["media"])
    world.publish_draft("business", "public")
    assert len(_mails(world)) == 5


def _say(world: World, incident: Incident, moment: str) -> None:
    uid = updates.draft(
        incident=incident.uid, moment=moment, audiences=("business", "public"), actor=world.acts(world.lea),
        now=world.now,
    )  # fmt: skip
    assert not isinstance(uid, Refusal), uid.sentence
    update = Update.objects.get(uid=uid)
    world.approve(update)
    world.publish(update)


def test_the_end_goes_with_the_digest_and_nobody_is_left_waiting(world: World) -> None:
    """I29."""
    Organisation.objects.update(settings={"digest": {"messages": 1, "minutes": 30}})
    _services(world)
    _told(world, "checkout")
    world.alert("ledger", title="ledger fails")
    ledger = world.incident
    milder: dict[str, Any] = {"severity": 2, "reason": "A part of it works.", "actor": world.acts(world.ira)}
    done(incidents.change_severity(incident=ledger.uid, now=world.now, **milder))
    world.publish_draft("business", "public")
    world.advance(minutes=15)
    world.ends("ledger", title="ledger fails")
    world.advance(minutes=16)
    _told(world, "search")
    assert len(_mails(world)) == 2, "it waits"
    ended = {"how": "The volume was enlarged.", "verified": "Test payments pass."}
    done(closing.resolve(incident=ledger.uid, actor=world.acts(world.ira), now=world.now, **ended))
    _say(world, ledger, "resolution")
    assert len(_mails(world)) == 2, "and the end waits with it"
    world.advance(minutes=15)
    *_, digest = _mails(world)
    assert len(_mails(world)) == 3
    assert "2 updates" in str(digest.message["subject"])
    assert "Test payments" in digest.body() or "restored" in digest.body().lower()
    assert knowing.matrix(Incident.objects.get(pk=ledger.pk), now=world.now).stranded == 0


def test_what_overtakes_a_waiting_text_of_the_same_incident_puts_it_aside(world: World) -> None:
    _services(world)
    for service in SERVICES[:4]:
        _told(world, service)
    waiting = Delivery.objects.filter(purpose="digest", state="queued")
    assert waiting.count() == 2
    _answer(world, 4)
    world.advance(minutes=1)
    world.publish_draft("business", "public", moment="progress")
    assert len(_mails(world)) == 4
    assert set(Delivery.objects.filter(purpose="digest").values_list("reason", flat=True)) == {NotSent.SUPERSEDED}
    assert waiting.count() == 0


def test_digests_can_be_turned_off(world: World) -> None:
    Organisation.objects.update(settings={"digest": {"messages": 0}})
    _services(world)
    for service in SERVICES:
        _told(world, service)
    assert len(_mails(world)) == 5
