"""Two engines on one PostgreSQL: one falls silent in the middle of a mail, the other takes over, and no more than that.

A mail that a paused or killed engine had handed over may arrive twice, under one Message-ID (RELIABILITY I8, I11,
I32, I33).
"""

import signal
import time
from collections import Counter
from collections.abc import Iterator

import pytest

from tests.contracts.sinks import SmtpSink
from tests.faults.installation import Installation, Running, post, wait_for
from tests.faults.organisation import alert, alerts, organisation, service
from tests.faults.slow_mail import MoodyMail

TAKEOVER = 30.0
"""Real seconds until another node has paged."""
INCIDENTS = 60


@pytest.fixture
def mail() -> Iterator[tuple[MoodyMail, SmtpSink]]:
    """The server with its moods, and what it accepted."""
    with SmtpSink() as kept, MoodyMail(kept) as moody:
        yield moody, kept


@pytest.fixture
def path(scaled: Installation, mail: tuple[MoodyMail, SmtpSink]) -> str:
    """Where alerts go; the web process runs, no engine yet."""
    scaled.apply(organisation(people=10, services=INCIDENTS, smtp=mail[0].port))
    scaled.start("web")
    return scaled.key("prometheus")


def test_i11_i33_an_engine_paused_in_the_middle_of_a_mail(
    scaled: Installation, mail: tuple[MoodyMail, SmtpSink], path: str
) -> None:
    moody, kept = mail
    engines = [scaled.start("engine"), scaled.start("engine")]
    paused, other = held_in_the_middle(scaled, moody, path, engines)
    paused.send(signal.SIGSTOP)
    since, moody.hold = time.monotonic(), False
    wait_for(lambda: scaled.rows("SELECT 1 FROM attempt WHERE outcome = 'sent'"), what="the other engine's page")
    assert time.monotonic() - since <= TAKEOVER
    assert len(kept.mails) == 2
    paused.send(signal.SIGCONT)
    assert post(scaled.port, path, [alert(service(1))]) == 200
    wait_for(lambda: len(kept.mails) == 3, what="the next page")
    time.sleep(3)  # what the woken engine would do wrong, it would do now
    assert sorted(Counter(str(each.message["message-id"]) for each in kept.mails).values()) == [1, 2]
    assert nodes_of_attempts(scaled, page=1) == [other.pid], "the paused engine recorded an outcome after its lease"
    assert scaled.rows("SELECT state, attempts FROM delivery ORDER BY id") == [("sent", 1), ("sent", 1)]


def test_i8_i33_an_engine_killed_in_the_middle_of_a_mail(
    scaled: Installation, mail: tuple[MoodyMail, SmtpSink], path: str
) -> None:
    moody, kept = mail
    engines = [scaled.start("engine"), scaled.start("engine")]
    killed, other = held_in_the_middle(scaled, moody, path, engines)
    killed.kill()
    since, moody.hold = time.monotonic(), False
    wait_for(lambda: len(kept.mails) == 2, what="the other engine's page", within=TAKEOVER)
    print(f"taken over after {time.monotonic() - since:.1f} s")
    wait_for(lambda: nodes_of_attempts(scaled, page=1) == [other.pid], what="the outcome, written down")
    assert len({str(each.message["message-id"]) for each in kept.mails}) == 1


def test_i32_two_engines_send_the_same_pages_as_one(
    scaled: Installation, mail: tuple[MoodyMail, SmtpSink], path: str
) -> None:
    _, kept = mail
    engines = [scaled.start("engine"), scaled.start("engine")]
    for number in range(0, INCIDENTS, 5):
        assert post(scaled.port, path, alerts([service(each) for each in range(number, number + 5)])) == 200
    wait_for(lambda: scaled.one("SELECT count(*) FROM page") >= INCIDENTS, what="a page for each incident")
    wait_for(
        lambda: not scaled.one("SELECT count(*) FROM delivery WHERE state = 'queued'"), what="nothing left to send"
    )
    assert scaled.one("SELECT count(*) FROM incident") == INCIDENTS
    assert scaled.one("SELECT count(*) FROM page") == INCIDENTS
    assert set(scaled.told(kept.mails).values()) == {1}
    assert len({str(each.message["message-id"]) for each in kept.mails}) == len(kept.mails)
    shares = Counter(node for (node,) in scaled.rows("SELECT node FROM attempt"))
    print(f"shares: {shares}")
    assert shares.total() == INCIDENTS
    assert {int(node.split()[-1]) for node in shares} <= {each.pid for each in engines}


def held_in_the_middle(
    house: Installation, moody: MoodyMail, path: str, engines: list[Running]
) -> tuple[Running, Running]:
    """An alert whose mail was handed over and not yet answered: the engine that waits for the answer, and the other."""
    moody.hold = True
    assert post(house.port, path, [alert(service(0))]) == 200
    wait_for(lambda: moody.peers, what="a mail in the middle of its way")
    sending, other = sorted(engines, key=lambda each: not each.owns(moody.peers[0]))
    assert sending.owns(moody.peers[0])
    return sending, other


def nodes_of_attempts(house: Installation, *, page: int) -> list[int]:
    """The processes that recorded an outcome of the first, second, … page."""
    rows = house.rows("SELECT d.id, a.node FROM delivery d LEFT JOIN attempt a ON a.delivery_id = d.id ORDER BY d.id")
    first = sorted({row[0] for row in rows})[page - 1]
    return [int(node.split()[-1]) for delivery, node in rows if delivery == first and node]
