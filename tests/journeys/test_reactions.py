"""What comes back from customers, as stories: bounces, complaints, answers, and what they say with one click."""

from datetime import timedelta

import pytest

from antiphon.actions import contacts, suppressions
from antiphon.actions.reactions import receiving, replies, saying
from antiphon.core.decision import Refusal
from antiphon.core.reactions import Kind
from antiphon.db import record
from antiphon.db.models import Contact, Delivery, Entity, Reaction, StrayMail, Suppression
from antiphon.queries import knowing
from antiphon.queries.reactions import figures
from tests import canary
from tests.contracts.sinks import ReceivedMail
from tests.mails import answer, reply, uid_of
from tests.world import World, done

pytestmark = pytest.mark.patient


@pytest.fixture
def told(world: World) -> World:
    """A SEV1 of which Bo and Tess were told; Lea speaks with customers."""
    world.service("checkout", customers=["Bo (untagged)", "Tess (technical)"])
    world.alert("checkout")
    world.acknowledge(world.ann)
    world.knows_all()
    world.knows("diagnostics", "The volume is full; nothing else stands out.")
    world.publish_draft("technical", "business")
    world.incident.roles.update_or_create(
        role="communications officer", defaults={"person": world.lea, "assigned_at": world.now}
    )
    return world


@pytest.fixture
def to_bo(told: World) -> ReceivedMail:
    """The mail that Bo got."""
    mail = told.expect_mail("Bo")
    told.forget_mail()
    return mail


def came(world: World, data: bytes, *, to: str = "") -> str:
    kind = receiving.receive(data, to=to, now=world.now).kind
    world.settle()
    return str(kind)


def of_bo() -> list[str]:
    return list(Reaction.objects.filter(recipient=Contact.objects.get(name="Bo").uid).values_list("kind", flat=True))


# --- bounces ------------------------------------------------------------------------------------------------------


def test_a_wrong_address_is_written_to_no_more_and_its_account_hears_of_it_once(
    told: World, to_bo: ReceivedMail
) -> None:
    Entity.objects.filter(name="bo-corp").update(owner="ben@fernhost.test")
    assert came(told, answer("bounce-postfix", to_bo)) == Kind.BOUNCED
    assert came(told, answer("bounce-postfix", to_bo)) == "known", "the same mail twice is one bounce"
    row = Delivery.objects.get(uid=uid_of(to_bo))
    assert (row.state, "5.1.1" in row.reason) == ("bounced", True)
    cell = next(each for each in knowing.matrix(told.incident, now=told.now).cells if each.customer == "Bo Corp")
    assert (cell.failed, cell.reached, cell.stranded) == (1, 0, "the last text did not reach them")
    told.expect_nothing_else()
    told.advance(minutes=16)
    assert "Bo of Bo Corp: there is no such mailbox (5.1.1)" in told.expect_mail("Ben", says="did not arrive").body()
    told.forget_mail()
    told.publish_draft("technical", "business", moment="progress")
    told.expect_mail("Tess")
    assert not [mail for mail in told.smtp.mails if mail.recipient == to_bo.recipient and mail not in told._told]


def test_a_person_lets_it_be_tried_again_and_what_was_missed_is_sent(told: World, to_bo: ReceivedMail) -> None:
    came(told, answer("bounce-exchange", to_bo))
    bo = Contact.objects.get(name="Bo")
    assert suppressions.try_again(contact=bo.uid, actor=told.acts(told.lea), now=told.now) == 1
    told.settle()
    assert uid_of(told.expect_mail("Bo")) == uid_of(to_bo), "it is the same mail, which never arrived"
    assert not Suppression.objects.exists()
    assert "written to again" in " ".join(event_sentences())


def test_a_full_mailbox_counts_against_an_address_only_the_third_time(told: World, to_bo: ReceivedMail) -> None:
    mail = to_bo
    for time in range(3):
        assert not Suppression.objects.exists(), time
        assert came(told, answer("bounce-gmail-full", mail)) == Kind.UNDELIVERED
        if time < 2:
            told.advance(minutes=20)
            told.forget_mail()
            told.publish_draft("business", moment="progress")
            mail = told.expect_mail("Bo")
    assert Suppression.objects.get().kind == "bounced"


def test_what_went_as_one_mail_is_lost_as_one(told: World, to_bo: ReceivedMail) -> None:
    one = "0123456789abcdef" * 2
    Delivery.objects.filter(recipient=Contact.objects.get(name="Bo").uid).update(reference=f"<{one}@fernhost.test>")
    bounce = answer("bounce-postfix", to_bo).replace(uid_of(to_bo).encode(), one.encode())
    assert came(told, bounce) == Kind.BOUNCED
    assert Delivery.objects.get(uid=uid_of(to_bo)).state == "bounced"


def test_a_delay_is_noted_and_changes_nothing(told: World, to_bo: ReceivedMail) -> None:
    assert came(told, answer("delay-postfix", to_bo)) == Kind.DELAYED
    assert Delivery.objects.get(uid=uid_of(to_bo)).state == "sent"
    assert not Suppression.objects.exists()
    told.expect_nothing_else()


def test_nobody_shuts_another_address_out_with_a_made_up_bounce(told: World, to_bo: ReceivedMail) -> None:
    forged = answer("bounce-postfix", to_bo).replace(uid_of(to_bo).encode(), b"aaaaaaaaaaaa")
    assert came(told, forged) == "stray", "that it names the address is not enough"
    assert not Suppression.objects.exists()


def test_an_address_behind_theirs_that_is_wrong_does_not_shut_theirs_out(told: World, to_bo: ReceivedMail) -> None:
    forwarded = answer("bounce-postfix", to_bo).replace(b"rfc822; bo@customer.test", b"rfc822; bo@elsewhere.test")
    assert came(told, forwarded) == Kind.UNDELIVERED
    assert not Suppression.objects.exists()


def test_our_own_people_are_paged_at_an_address_that_bounced(world: World) -> None:
    world.service("checkout")
    world.alert("checkout")
    page = world.expect_page("Ann")
    world.forget_mail()
    assert came(world, answer("bounce-postfix", page)) == Kind.BOUNCED
    assert not Suppression.objects.exists()


# --- complaints and programs --------------------------------------------------------------------------------------


def test_a_complaint_ends_it_for_that_address_until_a_person_says_why_not(told: World, to_bo: ReceivedMail) -> None:
    assert came(told, answer("complaint-arf", to_bo)) == Kind.COMPLAINED
    row = Suppression.objects.get()
    assert row.kind == "complained"
    lea = told.acts(told.lea)
    refused = suppressions.lift(suppression=row.pk, reason=" ", actor=lea, now=told.now)
    assert isinstance(refused, Refusal)
    done(suppressions.lift(suppression=row.pk, reason="Bo pressed the wrong button.", actor=lea, now=told.now))
    assert not Suppression.objects.exists()
    assert "Bo pressed the wrong button." in " ".join(event_sentences())


def test_who_said_no_is_not_brought_back_by_anybody_here(told: World, to_bo: ReceivedMail) -> None:
    bo = Contact.objects.get(name="Bo")
    done(contacts.unsubscribe(contact=bo.uid, now=told.now))
    came(told, answer("bounce-postfix", to_bo))
    assert Suppression.objects.get().kind == "asked", "a bounce does not take their word away"
    lea = told.acts(told.lea)
    assert isinstance(suppressions.try_again(contact=bo.uid, actor=lea, now=told.now), Refusal)
    lifted = suppressions.lift(suppression=Suppression.objects.get().pk, reason="please", actor=lea, now=told.now)
    assert isinstance(lifted, Refusal)


@pytest.mark.parametrize("sample", ["automatic-exchange", "automatic-vacation"])
def test_a_program_that_answers_is_nobodys_word_and_is_not_answered(
    told: World, to_bo: ReceivedMail, sample: str
) -> None:
    assert came(told, answer(sample, to_bo)) == Kind.AUTO_REPLIED
    told.advance(hours=0.2)
    assert of_bo() == ["auto_replied"]
    assert not [line for line in told.timeline() if "Reply" in line]
    assert not [mail for mail in told._unseen() if "has answered" in str(mail.message["subject"])]


# --- replies ------------------------------------------------------------------------------------------------------


def test_replies_stand_in_the_incident_and_one_message_tells_of_them(told: World, to_bo: ReceivedMail) -> None:
    tess = next(mail for mail in told.smtp.mails if mail.recipient == "tess@customer.test")
    assert came(told, answer("reply-gmail", to_bo)) == Kind.REPLIED
    assert came(told, reply(tess, "Which <b>region</b>?")) == Kind.REPLIED
    assert came(told, answer("reply-gmail", to_bo)) == "known"
    assert "Reply from Bo Corp to the business text" in told.timeline()
    told.expect_nothing_else()
    told.advance(minutes=4)
    body = told.expect_mail("Lea", says="2 readers have answered").body()
    assert "Bo of Bo Corp: “We still see it in our shops in München. Can you call me?”" in body
    assert f"http://antiphon.test/incidents/{told.incident.number}/tell#replies" in body
    told.forget_mail()
    kept = Reaction.objects.get(kind=Kind.REPLIED, recipient=Contact.objects.get(name="Bo").uid)
    assert kept.about["from"] == "bo@customer.test"
    for _ in range(2):
        done(replies.answer(reply=kept.uid, incident=told.incident.uid, actor=told.acts(told.lea), now=told.now))
    assert told.timeline().count("The reply from Bo Corp is answered") == 1


def test_a_reply_finds_its_mail_by_the_address_it_came_in_for(told: World, to_bo: ReceivedMail) -> None:
    bare = b"From: bo@customer.test\nSubject: hm\nMessage-ID: <x@customer.test>\n\nWhen?\n"
    assert came(told, bare) == "stray"
    assert StrayMail.objects.get().words == "When?"
    other = bare.replace(b"<x@", b"<y@")
    assert came(told, other, to=f"back+{uid_of(to_bo)}@fernhost.test") == Kind.REPLIED


def test_mail_that_belongs_to_nothing_is_kept_for_a_while(told: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receiving, "STRAYS", 5)
    for number in range(9):
        came(told, b"From: x@elsewhere.test\nMessage-ID: <%d@e>\n\nhello\n" % number)
    came(told, b"\x00\x01\x02")
    assert StrayMail.objects.count() == 5
    assert StrayMail.objects.order_by("-id")[0].why == "It has no headers, so it is no mail."


def test_erasing_a_contact_takes_their_words_away(told: World, to_bo: ReceivedMail) -> None:
    came(told, answer("reply-gmail", to_bo))
    came(told, b"From: bo@customer.test\nMessage-ID: <z@customer.test>\n\nmy secret\n")
    bo = Contact.objects.get(name="Bo")
    done(contacts.erase(contact=bo.uid, actor=told.acts(told.ira), now=told.now))
    assert [(row.words, row.about) for row in Reaction.objects.filter(recipient=bo.uid)] == [("", {})]
    assert not StrayMail.objects.exists()


# --- with one click -----------------------------------------------------------------------------------------------


def test_readers_say_that_they_read_it_and_whether_it_helped_and_may_change_their_mind(
    told: World, to_bo: ReceivedMail
) -> None:
    uid = uid_of(to_bo)
    for _ in range(2):
        done(saying.acknowledge(delivery=uid, now=told.now))
    done(saying.rate(delivery=uid, helpful=True, comment="", now=told.now))
    done(saying.rate(delivery=uid, helpful=False, comment="Too vague.", now=told.now))
    assert sorted(of_bo()) == ["acknowledged", "unhelpful"]
    assert isinstance(saying.rate(delivery=uid, helpful=True, comment="x" * 2_001, now=told.now), Refusal)
    assert isinstance(saying.acknowledge(delivery="aaaaaaaaaaaa", now=told.now), Refusal)


def test_a_business_reader_asks_for_the_technical_version_and_gets_it_from_then_on(
    told: World, to_bo: ReceivedMail
) -> None:
    done(saying.wish(delivery=uid_of(to_bo), technical=True, now=told.now))
    told.settle()
    technical = told.version(told.incident.updates.get(), "technical")
    sent = told.expect_mail("Bo", says=technical.subject)
    told.expect_nothing_else()
    told.advance(minutes=20)
    told.forget_mail()
    update = told.publish_draft("technical", "business", moment="progress")
    told.expect_mail("Bo", says=told.version(update, "technical").subject)
    assert "asked for the technical version" in " ".join(told.timeline())
    done(saying.wish(delivery=uid_of(sent), technical=False, now=told.now))
    assert not Contact.objects.get(name="Bo").wants_technical


def test_a_wish_sends_nothing_that_was_not_published(world: World) -> None:
    world.service("checkout", customers=["Bo (untagged)"])
    world.alert("checkout")
    world.acknowledge(world.ann)
    world.publish_draft("business")
    mail = world.expect_mail("Bo")
    world.forget_mail()
    world.advance(seconds=timedelta(minutes=1).seconds)
    world.forget_mail()
    done(saying.wish(delivery=uid_of(mail), technical=True, now=world.now))
    world.settle()
    world.expect_nothing_else()
    assert Contact.objects.get(name="Bo").wants_technical


# --- figures ------------------------------------------------------------------------------------------------------


def test_figures_count_each_reader_once_by_audience_and_by_segment(told: World, to_bo: ReceivedMail) -> None:
    tess = next(mail for mail in told.smtp.mails if mail.recipient == "tess@customer.test")
    for words in ("When?", "Still down."):
        came(told, reply(to_bo, words))
    done(saying.acknowledge(delivery=uid_of(to_bo), now=told.now))
    done(saying.rate(delivery=uid_of(to_bo), helpful=True, comment="Clear.", now=told.now))
    came(told, answer("bounce-postfix", tess))
    business = figures.of_updates(told.incident)[told.incident.updates.get().uid]["business"]
    assert (business.to, business.delivered, business.acknowledged, business.replied) == (1, 1, 1, 1)
    assert (business.helpful_share, business.opened, business.clicked) == (1.0, None, None), "opens are not measured"
    by_segment = {each.name: each for each in figures.by_segment([told.incident])}
    assert list(by_segment) == ["technical", "untagged"]
    assert (by_segment["technical"].bounced, by_segment["technical"].delivered) == (1, 0)
    (comment,) = figures.comments([told.incident])
    assert (comment.words, comment.customer, comment.segment) == ("Clear.", "Bo Corp", "untagged")


def test_what_readers_write_reaches_nobody_outside(told: World, to_bo: ReceivedMail) -> None:
    word = canary.token("reply")
    came(told, reply(to_bo, f"Between us: {word}"))
    done(saying.rate(delivery=uid_of(to_bo), helpful=False, comment=canary.token("comment"), now=told.now))
    told.advance(minutes=20)
    told.publish_draft("technical", "business", "public", moment="progress")
    assert any(word in mail.body() for mail in told.smtp.mails if mail.recipient.endswith("@fernhost.test"))
    assert told.leaks() == []


def event_sentences() -> list[str]:
    return [one.event.sentence() for one in record.read(record.ACCESS)]
