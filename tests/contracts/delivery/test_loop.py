"""The thread that sends: lanes that do not hold each other up, two workers on one queue, drained when told to stop."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.db import connection

from antiphon import channels, clock
from antiphon.db.models import Attempt, Delivery
from antiphon.delivery.loop import Delivery as Sending
from antiphon.egress.transport import Transport
from tests.contracts.delivery.house import House
from tests.contracts.sinks import HttpAnswer, RawSink, drip
from tests.edges.egress.loopback import LOOPBACK

pytestmark = pytest.mark.patient


@contextmanager
def sending(node: str = "loop", *, deadline: float = 5.0) -> Iterator[Sending]:
    stop = threading.Event()
    delivery = Sending(
        channels.registry(), lambda: Transport(LOOPBACK, deadline=deadline), deadline=deadline, node=node
    )
    thread = threading.Thread(target=delivery.run, args=(stop,), name=node)
    thread.start()
    try:
        yield delivery
    finally:
        stop.set()
        delivery.wake()
        thread.join(20)
        assert not thread.is_alive()


def until(what: Callable[[], bool], *, seconds: float = 5.0) -> float:
    started = time.monotonic()
    while not what():
        assert time.monotonic() - started < seconds, "it did not happen in time"
        time.sleep(0.01)
    return time.monotonic() - started


@pytest.fixture
def today(house: House) -> House:
    house.now = clock.now()
    return house


def test_I14_a_mail_server_that_drips_does_not_delay_a_page_by_webhook(today: House):
    tarpit = today.stack.enter_context(RawSink(drip))
    today.use_mail_server(tarpit)
    today.publish(today.contacts(30))
    with sending(deadline=3.0) as delivery:
        for number in range(2, 12):
            today.page(today.ann, today.escalate(today.declare(number)))
        delivery.wake()
        assert until(lambda: len(today.hook.calls) == 10) < 2
        until(lambda: Delivery.objects.filter(channel="webhook", state="sent").count() == 10)
        assert not Delivery.objects.filter(channel="mail", state="sent").exists()


def test_two_workers_share_the_queue_without_a_duplicate(today: House):
    for number in range(2, 42):
        today.page(today.ann, today.escalate(today.declare(number)), "webhook")
    today.publish(today.contacts(600))
    with sending("one") as one, sending("two") as two:
        one.wake()
        two.wake()
        until(lambda: not Delivery.objects.exclude(state="sent").exists(), seconds=20)
    assert len({call.headers["webhook-id"] for call in today.hook.calls}) == len(today.hook.calls) == 40
    assert len({mail.recipient for mail in today.mail.mails}) == len(today.mail.mails) == 600
    assert Attempt.objects.count() == 40  # what a mailing handed over stands in its rows


def test_I10_without_any_hint_a_page_leaves_within_two_seconds(today: House):
    with sending():
        time.sleep(0.3)
        today.page(today.ann, today.escalation, "webhook")
        assert until(lambda: len(today.hook.calls) == 1) < 2


def test_told_to_stop_it_brings_what_is_under_way_to_its_end(today: House):
    today.hook.usually = HttpAnswer(200, {}, b"slow!", pace=0.1)
    today.page(today.ann, today.escalation, "webhook")
    with sending():
        until(lambda: len(today.hook.calls) == 1)
    assert today.state("webhook") == ("sent", "")


@pytest.mark.skipif(not os.environ.get("ANTIPHON_TEST_DATABASE"), reason="SQLite has no connection to lose")
def test_a_database_that_went_away_is_asked_again(today: House):
    with sending():
        time.sleep(0.3)
        today.page(today.ann, today.escalation, "webhook")
        until(lambda: Delivery.objects.filter(state="sent").exists())
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        today.page(today.ann, today.escalate(today.declare(2)), "webhook")
        until(lambda: len(today.hook.calls) == 2)
