"""A mail server that answers a byte a second keeps nobody from being paged another way (RELIABILITY I14)."""

import time
from collections.abc import Iterator

import pytest

from tests.contracts.sinks import SmtpSink, WebhookSink
from tests.faults.installation import Installation, post, wait_for
from tests.faults.organisation import alert, organisation, service
from tests.faults.slow_mail import MoodyMail

HEAD_START = 2.0
"""Seconds by which a hanging channel may delay another."""


@pytest.fixture
def mail() -> Iterator[tuple[MoodyMail, SmtpSink]]:
    """The server with its moods, and what it accepted."""
    with SmtpSink() as kept, MoodyMail(kept) as moody:
        yield moody, kept


def test_i14_a_dripping_mail_server_delays_no_webhook(house: Installation, mail: tuple[MoodyMail, SmtpSink]) -> None:
    moody, kept = mail
    with WebhookSink() as hook:
        house.apply(organisation(people=2, services=8, smtp=moody.port, hook=hook.url))
        path = house.key("prometheus")
        house.start("up")
        usual = max(paged_after(house, path, number, hook) for number in range(2))
        moody.drip = True
        wait_for(lambda: len(kept.mails) == 2, what="the first two mails")
        delays = [paged_after(house, path, number, hook) for number in range(2, 8)]
        print(f"webhooks after {[round(delay, 2) for delay in delays]} s")
        assert max(delays) <= usual + HEAD_START
        tried = "SELECT count(*) FROM attempt WHERE outcome = 'retry'"
        wait_for(lambda: house.one(tried), what="a mail given up for now: the attempt has a total deadline")
        assert len(kept.mails) == 2
        moody.drip = False
        wait_for(lambda: all(house.told(kept.mails).values()), what="every page by mail, tried again")
    assert set(house.told(kept.mails).values()) == {1}


def paged_after(house: Installation, path: str, number: int, hook: WebhookSink) -> float:
    """Seconds from an accepted alert to the webhook of its page."""
    before, started = len(hook.calls), time.monotonic()
    assert post(house.port, path, [alert(service(number))]) == 200
    wait_for(lambda: len(hook.calls) > before, what="a page by webhook", every=0.01)
    return time.monotonic() - started
