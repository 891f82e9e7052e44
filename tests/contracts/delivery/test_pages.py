"""Pages: sent once with their link, stopped by an answer, retried, limited, folded, and never without a reason."""

import json
from collections.abc import Iterable
from datetime import timedelta

import pytest

from antiphon import channels
from antiphon.actions import deliveries, paging
from antiphon.actions.locked import locked
from antiphon.actions.outcomes import Result
from antiphon.core.decision import SYSTEM
from antiphon.core.sending import InsideText, NotSent, Purpose, Sent
from antiphon.db import channel_settings, record
from antiphon.db.models import Attempt, ContactMethod, Delivery, Escalation, Incident, Organisation, Page
from antiphon.delivery.lanes import Lane
from antiphon.delivery.limits import Breaker, Breath
from antiphon.delivery.work import Work
from tests.contracts.delivery.house import NOON, House, only_page
from tests.contracts.sinks import HttpAnswer

pytestmark = pytest.mark.patient


def test_I7_a_page_reaches_every_channel_once_with_its_link(house: House):
    Organisation.objects.create(id=1, base_url="https://antiphon.example/")
    house.page()
    assert house.deliver() == 2
    assert house.deliver(seconds=30) == 0
    (mail,), (call,) = house.mail.mails, house.hook.calls
    tokens = {page.channel: f"https://antiphon.example/acknowledge/{page.token}" for page in Page.objects.all()}
    assert tokens["mail"] in mail.body()
    assert json.loads(call.body)["event"]["data"]["ack_url"] == tokens["webhook"]
    rows = {row.channel: row for row in Delivery.objects.all()}
    assert {row.state for row in rows.values()} == {"sent"}
    assert rows["webhook"].uid == call.headers["webhook-id"] == rows["webhook"].reference
    assert all(row.done_at == NOON and row.wake_at is None and not row.lease for row in rows.values())
    assert {(each.outcome, each.node) for each in Attempt.objects.all()} == {("sent", "one")}


def test_I16_an_answer_before_the_send_stops_it(house: House):
    house.page()
    page = Page.objects.first()
    assert page
    paging.acknowledge_page(token=page.token, via="link", now=NOON)
    house.deliver(seconds=1)
    assert not house.mail.mails
    assert not house.hook.calls
    assert set(Delivery.objects.values_list("state", "reason")) == {("not_sent", NotSent.ACKNOWLEDGED)}
    assert not Attempt.objects.exists()


def test_I12_resolved_and_superseded_pages_are_not_sent(house: House):
    house.page(house.ann, house.escalation, "mail")
    Escalation.objects.update(cycle=2)
    house.deliver()
    assert house.state() == ("not_sent", NotSent.SUPERSEDED)
    other = house.escalate(house.declare(2))
    house.page(house.ann, other, "webhook")
    Incident.objects.update(resolved_at=NOON)
    house.deliver()
    assert house.state("webhook") == ("not_sent", NotSent.RESOLVED)
    assert not house.mail.mails
    assert not house.hook.calls


def test_a_failed_page_is_tried_again_on_schedule_with_the_same_id(house: House):
    house.hook.answers += [HttpAnswer(503), HttpAnswer(429, {"Retry-After": "7"})]
    house.page(house.ann, house.escalation, "webhook")
    assert house.deliver() == 1
    assert house.deliver(seconds=1.9) == 0
    assert house.deliver(seconds=0.1) == 1
    assert house.deliver(seconds=6.9) == 0
    assert house.deliver(seconds=0.1) == 1
    assert house.state("webhook") == ("sent", "")
    assert len({call.headers["webhook-id"] for call in house.hook.calls}) == 1
    assert list(Attempt.objects.values_list("outcome", flat=True)) == ["retry", "retry", "sent"]


def test_I15_a_step_whose_every_message_fails_gives_way_at_once(house: House):
    house.hook.usually = HttpAnswer(410)
    house.mail.refuse["ann@example.org"] = "550 No such user"
    house.page()
    house.deliver(seconds=3)
    assert set(Delivery.objects.values_list("state", flat=True)) == {"dead"}
    assert Escalation.objects.get().wake_at == house.now
    said = [each.event.sentence() for each in record.read(record.incident_stream(house.incident.uid))]
    assert said[-1].startswith("Step 1 reached nobody: every message of it failed.")


def test_I15_one_message_that_may_still_arrive_keeps_the_step(house: House):
    house.hook.usually = HttpAnswer(410)
    house.mail.after_data.append("451 Later")
    house.page()
    house.deliver()
    assert Escalation.objects.get().wake_at == NOON + timedelta(minutes=5)


def test_I15_a_catch_all_that_fails_waits_a_minute(house: House):
    house.hook.usually = HttpAnswer(410)
    Escalation.objects.update(state="exhausted")
    house.page(house.ann, house.escalation, "webhook")
    house.deliver()
    assert Escalation.objects.get().wake_at == NOON + timedelta(minutes=1)


def test_a_channel_that_is_not_set_up_is_a_recorded_reason(house: House):
    channel_settings.save("mail", {}, secret_names=set())
    ContactMethod.objects.create(person=house.ann, channel="pigeon", address="loft 3")
    house.page(house.ann, house.escalation, "mail", "pigeon")
    house.deliver()
    assert set(Delivery.objects.values_list("state", "reason")) == {("not_sent", NotSent.NO_CHANNEL)}
    assert Escalation.objects.get().wake_at == NOON


def test_I12_pages_that_became_stale_are_one_summary_of_what_is_still_open(house: House):
    for number in range(2, 7):
        house.page(house.ann, house.escalate(house.declare(number)), "webhook")
    Incident.objects.filter(number=4).update(resolved_at=NOON)
    Escalation.objects.filter(incident__number=4).update(state="stopped")
    house.deliver(minutes=16)
    (call,) = house.hook.calls
    data = json.loads(call.body)["event"]["data"]
    assert data["subject"] == "4 incidents wait for your answer"
    tokens = set(Page.objects.exclude(escalation__incident__number=4).values_list("token", flat=True))
    assert all(token in data["text"] for token in tokens)
    reasons = Delivery.objects.filter(state="not_sent").values_list("reason", flat=True)
    assert sorted(reasons) == [NotSent.RESOLVED, *[NotSent.STALE_FOLDED] * 4]


def test_I12_urgent_words_that_became_stale_stand_in_the_summary(house: House):
    urgent = InsideText("The promise to business is broken", "It was due at 12:00 UTC.")
    with locked(house.incident.uid, actor=SYSTEM, now=NOON) as held:
        deliveries.queue_notice(held, house.ann, urgent, urgent=True)
    house.deliver(minutes=16)
    (mail,) = house.mail.mails
    assert mail.message["Subject"] == "What you should have heard by now"
    assert urgent.subject in mail.body()
    assert len(house.hook.calls) == 1


def test_I13_a_storm_mails_one_person_at_most_the_limit_and_loses_nothing(house: House):
    Organisation.objects.create(id=1, settings={"limits": {"per_person": {"mail": 5}}})
    for number in range(2, 62):
        house.page(house.ann, house.escalate(house.declare(number)), "mail")
        house.deliver()
    assert len(house.mail.mails) == 5
    assert Delivery.objects.filter(state="queued", reason=NotSent.RATE_LIMITED).count() == 55
    house.deliver(minutes=14)
    assert len(house.mail.mails) == 5
    house.deliver(minutes=1, seconds=1)
    assert len(house.mail.mails) == 6
    assert "60 incidents wait for your answer" in house.mail.mails[-1].data.decode()
    assert not Delivery.objects.filter(state="queued").exists()


def test_I13_pages_due_at_one_time_are_one_mail_that_names_every_incident(house: House):
    Organisation.objects.create(id=1, settings={"limits": {"per_person": {"mail": 2}}})
    house.person("Ben", mail="ben@example.org")
    pages_of(house, range(2, 42))
    house.page(house.person("Cy", mail="cy@example.org"), house.escalate(house.declare(99)), "mail")
    house.deliver()
    pages_of(house, range(42, 62))
    house.deliver(minutes=1)
    mails = [mail for mail in house.mail.mails if mail.recipient == "ann@example.org"]
    assert [mail.message["Subject"].split(":")[0] for mail in mails] == ["40 incidents", "20 incidents"]
    tokens = [page.token for page in Page.objects.filter(person=house.ann).order_by("id")]
    assert all(token in mails[0].body() for token in tokens[:40])
    assert all(token in mails[1].body() for token in tokens[40:])
    assert not any(token in mail.body() for token in tokens for mail in house.mail.mails if mail not in mails)
    assert set(Delivery.objects.values_list("state", flat=True)) == {"sent"}
    assert Attempt.objects.count() == 61
    named = Delivery.objects.filter(recipient=house.ann.uid).values_list("reference", flat=True)
    assert set(named) == {mail.message["Message-ID"] for mail in mails}


def test_I13_notices_use_up_no_page(house: House):
    Organisation.objects.create(id=1, settings={"limits": {"per_person": {"mail": 2}}})
    for _ in range(3):
        with locked(house.incident.uid, actor=SYSTEM, now=house.now) as held:
            deliveries.queue_notice(held, house.ann, InsideText("A question", "Please answer."), urgent=False)
        house.deliver()
    assert len(house.mail.mails) == 2
    house.page(house.ann, house.escalation, "mail")
    house.deliver()
    assert len(house.mail.mails) == 3


def test_I16_an_answer_takes_its_incident_out_of_the_message(house: House):
    pages_of(house, range(2, 5))
    answered = Page.objects.order_by("id")[0]
    paging.acknowledge_page(token=answered.token, via="link", now=NOON)
    house.deliver()
    (mail,) = house.mail.mails
    assert mail.message["Subject"].startswith("2 incidents:")
    assert answered.token not in mail.body()


def test_a_practice_page_is_never_in_one_message_with_a_real_one(house: House):
    pages_of(house, range(2, 4))
    house.page(house.ann, house.escalate(house.declare(4, nature="drill")), "mail")
    house.deliver()
    assert len(house.mail.mails) == 2


def test_pages_that_failed_together_are_tried_again(house: House):
    house.mail.after_data.append("451 Later")
    pages_of(house, range(2, 5))
    house.deliver()
    assert set(Delivery.objects.values_list("state", "attempts")) == {("queued", 1)}
    house.deliver(minutes=1)
    assert set(Delivery.objects.values_list("state", "attempts")) == {("sent", 2)}


def test_I8_pages_of_a_killed_worker_go_together_again_with_the_same_id(house: House):
    real = [1000.0]
    pages_of(house, range(2, 5))
    killed = house.worker("killed", real=lambda: real[0])
    taken = killed._work.take(Lane(Purpose.PAGE, "mail"), limit=20, now=NOON, real=real[0])
    killed._runner.run(killed._send([taken], now=NOON))  # and no further: nothing is recorded
    real[0] += 21
    pages_of(house, range(5, 7))
    house.worker("next", real=lambda: real[0]).deliver_all(now=NOON)
    first, again, new = sorted(house.mail.mails, key=lambda mail: mail.message["Subject"], reverse=True)
    assert first.message["Message-ID"] == again.message["Message-ID"] != new.message["Message-ID"]
    assert set(Delivery.objects.values_list("state", flat=True)) == {"sent"}


def test_a_person_who_was_just_paged_has_a_breath_and_another_does_not(house: House):
    ben = house.person("Ben", mail="ben@example.org")
    work = Work(channels.registry(), "one", Breaker(), Breath(0.25))
    lane = Lane(Purpose.PAGE, "mail")
    pages_of(house, [2])
    assert work.take(lane, limit=20, now=NOON, real=1000.0).claimed == 1
    pages_of(house, [3, 4])
    assert work.due(now=NOON, real=1000.1) == []
    house.page(ben, house.escalation, "mail")
    (other,) = work.take(lane, limit=20, now=NOON, real=1000.1).ready
    assert [row.recipient for row in other.rows] == [ben.uid]
    assert 0 < (work.breath.ends(real=1000.1) or 0) <= 0.25
    (gathered,) = work.take(lane, limit=20, now=NOON, real=1000.3).ready
    assert len(gathered.rows) == 2


def pages_of(house: House, numbers: Iterable[int]) -> None:
    """Ann is paged by mail for incidents of these numbers."""
    for number in numbers:
        house.page(house.ann, house.escalate(house.declare(number)), "mail")


def test_I23_the_breaker_stops_a_flood_and_pages_the_admins_once(house: House):
    Organisation.objects.create(id=1, settings={"limits": {"instance": 10, "per_person": {"webhook": 1000}}})
    house.person("Ada", role="admin", mail="ada@example.org")
    for number in range(2, 62):
        house.page(house.ann, house.escalate(house.declare(number)), "webhook")
    house.deliver()
    assert len(house.hook.calls) == 10
    (mail,) = house.mail.mails
    assert mail.recipient == "ada@example.org"
    assert "More than 10 pages" in mail.body()
    assert Delivery.objects.filter(state="queued", reason=NotSent.BREAKER_OPEN).count() == 50
    house.deliver(minutes=1)
    assert (len(house.hook.calls), len(house.mail.mails)) == (10, 1)
    house.deliver(minutes=4, seconds=1)
    assert len(house.hook.calls) == 20


def test_I11_a_paused_worker_may_not_record_and_does_not_send(house: House):
    real = [1000.0]
    paused = Work(channels.registry(), "paused", Breaker(), Breath())
    other = house.worker("other", real=lambda: real[0])
    house.page(house.ann, house.escalation, "webhook")
    batch = paused.take(Lane(Purpose.PAGE, "webhook"), limit=20, now=NOON, real=real[0])
    assert other.deliver_all(now=NOON) == 0
    real[0] += 21
    assert other.deliver_all(now=NOON) == 1
    (ready,) = batch.ready
    assert paused.give_back([Result(ready.rows[0], Sent("x", "late"))], now=NOON, real=real[0]) == 0
    assert [each.node for each in Attempt.objects.all()] == ["other"]
    assert len(house.hook.calls) == 1


def test_I11_a_lease_too_old_to_begin_is_not_begun(house: House):
    moments = iter([1000.0, 1000.0, 1018.5, *[1018.5] * 9])
    slow = house.worker("slow", real=lambda: next(moments))
    house.page(house.ann, house.escalation, "webhook")
    slow.round(now=NOON)
    assert not house.hook.calls
    assert Delivery.objects.get().state == "queued"


def test_I8_a_worker_killed_after_the_send_makes_one_more_with_the_same_id(house: House):
    real = [1000.0]
    house.page(house.ann, house.escalation, "webhook")
    killed = house.worker("killed", real=lambda: real[0])
    taken = killed._work.take(Lane(Purpose.PAGE, "webhook"), limit=20, now=NOON, real=real[0])
    killed._runner.run(killed._send([taken], now=NOON))  # and no further: nothing is recorded
    real[0] += 21
    house.worker("next", real=lambda: real[0]).deliver_all(now=NOON)
    assert len(house.hook.calls) == 2
    assert len({call.headers["webhook-id"] for call in house.hook.calls}) == 1
    assert only_page().deliveries.get().state == "sent"
