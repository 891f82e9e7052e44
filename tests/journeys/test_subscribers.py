"""Subscribers of a status page: asked first, told what they want, told the end of what they heard begin, and let go."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from antiphon.actions import maintenance, status_pages, subscribers, updates
from antiphon.actions.maintenance import Words
from antiphon.actions.status_pages import Shown
from antiphon.actions.subscribers.importing import Imported, import_all
from antiphon.core.decision import Refusal
from antiphon.core.maintenance import State
from antiphon.core.sending import NotSent, digest_of
from antiphon.core.subscriptions import FORGET, Wishes
from antiphon.db import public, public_page
from antiphon.db.models import Delivery, Entity, Link, Maintenance, Subscriber, Suppression, Text
from antiphon.db.public import PublicPage
from antiphon.db.subscribers import recipient_of
from antiphon.queries import knowing
from tests.contracts.sinks import ReceivedMail
from tests.journeys.test_maintenance import _approve, _plan
from tests.world import World, done

pytestmark = pytest.mark.patient

ALL = Wishes()


def _page(world: World) -> PublicPage:
    world.service("checkout", customers=["Bo (untagged)"])
    world.service("mailing", customers=["Olga (untagged)"])
    page = public_page.page(now=world.now)
    listed = [public.Listed(_uid(name), name.title()) for name in ("checkout", "mailing")]
    public.list_components(page, listed, now=world.now)
    return page


def _uid(name: str) -> str:
    return Entity.objects.get(name=name).uid


def _ask(world: World, who: str, wishes: Wishes = ALL) -> None:
    done(subscribers.ask(page="status", way="mail", address=f"{who}@customer.test", wishes=wishes, now=world.now))
    world.settle()


def _link(mail: ReceivedMail) -> str:
    found = re.search(r"http://antiphon\.test/subscription/(\S{43})", mail.body())
    assert found, mail.body()
    return found[1]


def _subscribe(world: World, who: str, wishes: Wishes = ALL) -> Subscriber:
    _ask(world, who, wishes)
    token = _link(world.expect_mail(who, says="Confirm"))
    done(subscribers.keep(token=token, wishes=wishes, now=world.now))
    return Subscriber.objects.get(token=token)


def _mails_to(world: World, who: str) -> list[str]:
    return [str(mail.message["subject"]) for mail in world.smtp.mails if mail.recipient == f"{who}@customer.test"]


def _import(world: World, text: str, *, confirmed: bool) -> Imported:
    done = import_all(
        text.encode(), page="status", confirmed=confirmed, origin="a list", actor=world.acts(world.ira), now=world.now
    )
    assert isinstance(done, Imported), done
    world.settle()
    return done


def test_a_list_is_asked_unless_it_has_agreed_and_who_ended_it_stays_out(world: World) -> None:
    _page(world)
    text = "email,components,impact\nann@customer.test,Checkout;mailing,major\nsue@customer.test,,\n"
    assert _import(world, text, confirmed=False).asked == 2
    row = Subscriber.objects.get(address="ann@customer.test")
    assert (len(row.components), row.impact, row.confirmed_at) == (2, "major", None)
    done(subscribers.keep(token=_link(world.expect_mail("sue", says="Confirm")), wishes=ALL, now=world.now))
    done(subscribers.stop(token=Subscriber.objects.get(address="sue@customer.test").token, now=world.now))
    again = _import(world, text, confirmed=True)
    assert (again.added, again.ended) == (1, 1)
    again = _import(world, text, confirmed=True)
    assert (again.added, again.asked, again.known, again.ended) == (0, 0, 1, 1)
    assert [len(_mails_to(world, who)) for who in ("ann", "sue")] == [1, 1]


def _knowing_public(world: World) -> tuple[int, int]:
    """Subscribers who were told, and those of them who are left waiting."""
    found = next(each for each in knowing.matrix(world.incident, now=world.now).audiences if each.audience == "public")
    return found.people, found.stranded


def _end(world: World) -> None:
    world.ends("checkout")
    world.advance(minutes=40)
    assert world.resolve() is None
    world.publish_draft("business", "public", moment="resolution")


def test_one_question_goes_out_and_nothing_else_before_the_yes(world: World) -> None:
    _page(world)
    _ask(world, "sue")
    asked = world.expect_mail("sue", says="Confirm")
    assert "List-Unsubscribe-Post" in asked.message
    _ask(world, "sue")
    world.alert("checkout")
    world.publish_draft("business", "public")
    assert _mails_to(world, "sue") == ["Confirm that you want to hear from Fernhost status"]
    done(subscribers.keep(token=_link(asked), wishes=ALL, now=world.now))
    _ask(world, "sue")
    world.advance(hours=1)
    _ask(world, "sue")
    assert "already" in world.expect_mail("sue", says="You are subscribed").body()


def test_a_question_without_an_answer_is_forgotten(world: World) -> None:
    _page(world)
    _ask(world, "sue")
    token = Subscriber.objects.get().token
    world.now += FORGET + timedelta(hours=1)
    assert subscribers.keep(token=token, wishes=ALL, now=world.now) == subscribers.LATE
    subscribers.ask(page="status", way="mail", address="tom@customer.test", wishes=ALL, now=world.now)
    assert not Subscriber.objects.filter(address="sue@customer.test").exists()


def test_each_hears_what_they_want_and_nothing_leaks(world: World) -> None:
    _page(world)
    for who, wishes in {
        "all": ALL,
        "pay": Wishes(components=frozenset({_uid("checkout")})),
        "post": Wishes(components=frozenset({_uid("mailing")})),
        "worst": Wishes(impact="critical"),
    }.items():
        _subscribe(world, who, wishes)
    world.forget_mail()
    world.alert("checkout")
    assert world.incident.severity > 1
    update = world.publish_draft("business", "public")
    public_words = world.version(update, "public").subject
    for who in ("all", "pay"):
        mail = world.expect_mail(who)
        assert mail.message["subject"] == public_words
        assert "/subscription/" in str(mail.message["List-Unsubscribe"])
        assert mail.message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert "[[" not in mail.body() + mail.body("html")
    assert [len(_mails_to(world, who)) for who in ("all", "pay", "post", "worst")] == [2, 2, 1, 1]
    assert world.leaks() == []


def test_who_heard_it_begin_hears_it_end(world: World) -> None:
    """I29: whatever they chose since then, and however mild it has become."""
    _page(world)
    sue = _subscribe(world, "sue")
    world.alert("checkout")
    world.publish_draft("business", "public")
    other = Wishes(components=frozenset({_uid("mailing")}), impact="critical")
    done(subscribers.keep(token=sue.token, wishes=other, now=world.now))
    late = _subscribe(world, "tom", other)
    gone = _subscribe(world, "gus")
    world.advance(minutes=1)
    world.publish_draft("business", "public", moment="progress")
    assert _knowing_public(world) == (2, 0)
    done(subscribers.stop(token=gone.token, now=world.now))
    _end(world)
    assert _knowing_public(world) == (1, 0), "who left is not left waiting"
    assert len(_mails_to(world, "sue")) == 4
    assert len(_mails_to(world, "tom")) == 1
    assert Delivery.objects.filter(recipient=recipient_of(late.uid)).count() == 1


def test_who_unsubscribed_after_it_was_queued_gets_nothing(world: World) -> None:
    _page(world)
    sue, tom = _subscribe(world, "sue"), _subscribe(world, "tom")
    world.alert("checkout")
    world.knows_all()
    update = world.draft("business", "public")
    world.approve(update)
    done(updates.publish(update=update.uid, actor=world.acts(world.lea), now=world.now))
    done(subscribers.stop(token=sue.token, now=world.now))
    done(subscribers.erase(token=tom.token, now=world.now))
    world.settle()
    assert [len(_mails_to(world, who)) for who in ("sue", "tom")] == [1, 1]
    reasons = dict(Delivery.objects.filter(text__incident__isnull=False).values_list("recipient", "reason"))
    assert reasons[recipient_of(sue.uid)] == NotSent.UNSUBSCRIBED
    assert reasons[recipient_of(tom.uid)] == NotSent.NO_ADDRESS
    assert not Delivery.objects.filter(address__contains="tom@").exists()
    done(subscribers.stop(token=sue.token, now=world.now))


def test_who_was_erased_hears_again_only_by_their_own_yes(world: World) -> None:
    _page(world)
    sue = _subscribe(world, "sue")
    world.advance(hours=2)
    done(subscribers.erase(token=sue.token, now=world.now))
    assert not Subscriber.objects.exists()
    assert "sue" not in str(list(Suppression.objects.values()))
    assert isinstance(subscribers.keep(token=sue.token, wishes=ALL, now=world.now), Refusal)
    listed = _import(world, "sue@customer.test\nSUE@Customer.test\nnew@customer.test\n", confirmed=True)
    assert (listed.suppressed, listed.repeated, listed.added) == (1, 1, 1)
    assert _import(world, "sue@customer.test\n", confirmed=False).suppressed == 1
    world.advance(minutes=1)
    assert len(_mails_to(world, "sue")) == 1
    back = _subscribe(world, "sue")
    world.forget_mail()
    world.alert("checkout")
    world.publish_draft("business", "public")
    world.expect_mail("sue")
    Suppression.objects.update(at=back.confirmed_at + timedelta(seconds=1))
    world.publish_draft("business", "public", moment="progress")
    assert Delivery.objects.filter(recipient=recipient_of(back.uid)).latest("id").reason == NotSent.SUPPRESSED


def test_a_drill_reaches_no_subscriber(world: World) -> None:
    _page(world)
    _subscribe(world, "sue")
    world.declare(nature="drill")
    world.publish_draft("business", "public")
    assert len(_mails_to(world, "sue")) == 1


def test_planned_work_is_announced_recalled_begun_and_ended(world: World) -> None:
    _page(world)
    _subscribe(world, "sue", Wishes(components=frozenset({_uid("checkout")})))
    _subscribe(world, "post", Wishes(components=frozenset({_uid("mailing")})))
    _subscribe(world, "bad", Wishes(impact="minor"))
    plan = _plan(world, remind=timedelta(minutes=30))
    _approve(world, plan)
    world.settle()
    told = world.expect_mail("sue", says="Orders cannot be paid")
    assert "From 11:00 UTC on 20 November 2026 to 12:00 UTC" in told.body()
    world.advance(minutes=31)
    world.expect_mail("sue", says="Reminder: Database upgrade")
    world.advance(hours=2)
    world.expect_mail("sue", says="The planned work has begun.")
    world.expect_mail("sue", says="The planned work is finished.")
    world.expect_nothing_else()
    assert world.leaks() == []


def test_cancelled_work_is_told_to_who_knew_in_words_that_were_approved(world: World) -> None:
    _page(world)
    sue = _subscribe(world, "sue")
    plan = _plan(world)
    _approve(world, plan)
    world.settle()
    world.expect_mail("sue", says="Orders cannot be paid")
    done(subscribers.keep(token=sue.token, wishes=Wishes(impact="critical"), now=world.now))
    _plan_again(world, plan.uid)
    done(maintenance.turn(maintenance=plan.uid, to=State.CANCELLED, actor=world.acts(world.ira), now=world.now))
    world.settle()
    mail = world.expect_mail("sue", says="was cancelled")
    assert mail.message["subject"] == "Database upgrade"
    world.expect_nothing_else()


def test_an_announcement_that_a_newer_word_overtook_stays(world: World) -> None:
    _page(world)
    sue = _subscribe(world, "sue")
    plan = _plan(world)
    _approve(world, plan)
    done(
        maintenance.turn(
            maintenance=plan.uid, to=State.CANCELLED, actor=world.acts(world.ira), now=world.now + timedelta(seconds=1)
        )
    )
    world.now += timedelta(seconds=2)
    world.settle()
    sent = Delivery.objects.filter(recipient=recipient_of(sue.uid), text__maintenance__isnull=False).order_by("id")
    assert [each.reason for each in sent] == [NotSent.SUPERSEDED, ""]
    world.expect_mail("sue", says="was cancelled")


def _plan_again(world: World, uid: str) -> None:
    plan = Maintenance.objects.get(uid=uid)
    words = Words(
        title="A word for insiders", entity="checkout", starts_at=plan.starts_at, ends_at=plan.ends_at, body="New."
    )
    assert not isinstance(maintenance.plan(words=words, uid=uid, actor=world.acts(world.ira), now=world.now), Refusal)


def test_a_page_for_chosen_readers_tells_its_list_once_each_and_no_strangers(world: World) -> None:
    """I28: what a customer reads never goes to whoever subscribed to something else."""
    _page(world)
    bo = Link.objects.get(source__contacts__name="Bo").source.name
    ira = world.acts(world.ira)
    shown = Shown(slug="bo", name="For Bo", audience="business", private=True, reader=bo)
    page = status_pages.save(shown=shown, actor=ira, now=world.now)
    assert isinstance(page, PublicPage)
    text = b"bo@customer.test\nboss@customer.test\n"
    listed = import_all(text, page="bo", confirmed=True, origin="a list", actor=ira, now=world.now)
    assert isinstance(listed, Imported)
    _subscribe(world, "sue")
    world.forget_mail()
    world.alert("checkout")
    update = world.publish_draft("business", "public")
    business = world.version(update, "business").subject
    world.expect_mail("bo", says=business)
    world.expect_mail("boss", says=business)
    world.expect_mail("sue", says=world.version(update, "public").subject)
    assert len(_mails_to(world, "bo")) == 1, "as a contact, and not once more as a subscriber"
    other = status_pages.save(shown=replace(shown, reader="olga-corp"), uid=page.uid, actor=ira, now=world.now)
    assert isinstance(other, Refusal)
    assert "another page" in other.sentence


def test_I25_a_question_or_an_announcement_with_a_changed_byte_stays(world: World) -> None:
    _page(world)
    _subscribe(world, "sue")
    world.forget_mail()
    plan = _plan(world)
    _approve(world, plan)
    done(subscribers.ask(page="status", way="mail", address="tom@customer.test", wishes=ALL, now=world.now))
    for text in Text.objects.filter(outside=True, deliveries__state="queued"):
        words = text.body_text.replace("you", "You").replace("hour", "day")
        digest = digest_of(audience=text.audience, subject=text.subject, body_text=words, body_html=text.body_html)
        Text.objects.filter(pk=text.pk).update(body_text=words, digest=digest)
    world.settle()
    assert [len(_mails_to(world, who)) for who in ("sue", "tom")] == [1, 0]
    assert set(Delivery.objects.filter(state="not_sent").values_list("reason", flat=True)) == {NotSent.UNAPPROVED}
    world.expect_mail("ira", says="not byte for byte what was approved")
