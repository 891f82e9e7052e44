"""kill -9 of the processes at random instants, under load, with the books kept outside (RELIABILITY I1, I7, I8).

ANTIPHON_KILLS says how many kills (default 150), ANTIPHON_KILLS_SEED repeats a run.
"""

import json
import os
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import pytest

from tests.contracts.sinks import SmtpSink
from tests.faults import mailing
from tests.faults.installation import Installation, Running, get_json, wait_for
from tests.faults.ledger import Ledger, Load
from tests.faults.organisation import organisation, service

KILLS = int(os.environ.get("ANTIPHON_KILLS", "150"))
SEED = int(os.environ.get("ANTIPHON_KILLS_SEED") or random.SystemRandom().randrange(10**6))
PEOPLE = 60
SERVICES = 2 * KILLS
UNPAGED = """
    SELECT number FROM incident
    WHERE id NOT IN (SELECT incident_id FROM escalation JOIN page ON page.escalation_id = escalation.id)
"""
SENT_PAGES = "SELECT token FROM page JOIN delivery ON page_id = page.id WHERE delivery.state = 'sent'"
MAILING_KILLS = max(KILLS // 15, 3)
MAILS = 600 * MAILING_KILLS
MAILING_LIFE = 0.2
"""Seconds after which a process that sends a mailing is killed, at most."""
MAILS_LEFT = "SELECT count(*) FROM delivery WHERE outside AND state = 'queued'"
LONGEST_LIFE = 0.6
"""Seconds after which a process that works is killed, at most."""
AT_ITS_START = 0.2
"""The share of kills that do not wait until the process works."""
PACE = 1.3
"""Seconds for a kill; on a machine too busy for that, two of twenty wait until the process works."""


@dataclass(frozen=True)
class Family:
    """The processes of an installation, whoever starts them again: `now(kind)` is the one that lives. `sends` is the
    kind that sends."""

    house: Installation
    now: Callable[[str], Running]
    kinds: tuple[str, ...]
    sends: str


@pytest.fixture
def embedded(house: Installation, sink: SmtpSink) -> Family:
    """SQLite: `antiphon up` starts what was killed."""
    house.apply(organisation(people=PEOPLE, services=SERVICES, smtp=sink.port))
    up = house.start("up")
    return Family(house, lambda kind: house.child(up, kind), ("web", "engine", "sender"), sends="sender")


@pytest.fixture
def apart(scaled: Installation, sink: SmtpSink) -> Family:
    """PostgreSQL: web and an engine that sends by themselves, started again as a supervisor would."""
    scaled.apply(organisation(people=PEOPLE, services=SERVICES, smtp=sink.port))
    living = {kind: scaled.start(kind) for kind in ("web", "engine")}

    def now(kind: str) -> Running:
        if not living[kind].alive:
            scaled.reap()
            living[kind] = scaled.start(kind, wait=False)
        return living[kind]

    return Family(scaled, now, ("web", "engine"), sends="engine")


@pytest.fixture
def sink() -> Iterator[SmtpSink]:
    """Takes every mail."""
    with SmtpSink() as sink:
        yield sink


@pytest.mark.parametrize("kind", ["embedded", "apart"])
def test_i1_i7_i8_kills_lose_no_alert_and_no_page(kind: str, request: pytest.FixtureRequest, sink: SmtpSink) -> None:
    family: Family = request.getfixturevalue(kind)
    house = family.house
    path, rng, struck = house.key("load"), random.Random(SEED), Counter[str]()
    print(f"seed {SEED}, {KILLS} kills, {kind}")
    started = time.monotonic()
    with Load(house.port, path, lambda: service(2 * min(struck.total(), KILLS - 1) + random.randrange(2))) as load:
        for number in range(KILLS):
            victim, behind = family.kinds[number % len(family.kinds)], time.monotonic() - started > number * PACE
            kill(family, victim, rng, at_work=rng.random() > AT_ITS_START and (not behind or number % 20 < 2))
            struck[victim] += 1
        during = len(sink.mails)
    answers, cut = dict(load.ledger.answers), load.ledger.cut
    print(
        f"{len(load.ledger.accepted)} alerts accepted, answers {answers}, {cut} without one, {during} mails meanwhile"
    )
    settled(family)
    no_alert_is_lost(house, path, load.ledger)
    every_page_is_told(house, sink, kills=struck[family.sends])
    assert "The record is whole" in house.cli("verify")
    assert during > KILLS / 20, "hardly anything was sent between the kills: they came too fast to show anything"


@pytest.mark.parametrize("kind", ["embedded", "apart"])
def test_i8_kills_in_the_midst_of_a_mailing_send_one_mail_twice_each_at_most(
    kind: str, request: pytest.FixtureRequest, sink: SmtpSink
) -> None:
    family: Family = request.getfixturevalue(kind)
    house, rng, struck = family.house, random.Random(SEED), 0
    print(f"seed {SEED}, {MAILING_KILLS} kills, {kind}")
    wait_for(lambda: house.reports(family.now(family.sends)), what="somebody who sends")
    mailing.told(house, MAILS)
    started = time.monotonic()
    while struck < MAILING_KILLS and house.one(MAILS_LEFT):
        goes_on = partial(_goes_on, house, sink, beyond=len(sink.mails))
        wait_for(goes_on, what="the mailing going on")
        kill(family, family.sends, rng, at_work=False, life=MAILING_LIFE)
        struck += 1
    wait_for(lambda: not house.one(MAILS_LEFT), what="every mail sent", within=180)
    arrived = Counter(str(mail.message["message-id"]) for mail in sink.mails)
    twice = arrived.total() - len(arrived)
    print(f"{struck} kills in {time.monotonic() - started:.0f} s, {len(arrived)} mails, twice: {twice}")
    sent = {row[0] for row in house.rows("SELECT reference FROM delivery WHERE outside AND state = 'sent'")}
    assert len(sent) == MAILS
    assert not sent - arrived.keys()
    assert struck > MAILING_KILLS / 2, "the mailing was over before it was disturbed"
    assert twice <= struck


def _goes_on(house: Installation, sink: SmtpSink, *, beyond: int) -> bool:
    return len(sink.mails) > beyond or not house.one(MAILS_LEFT)


def kill(family: Family, kind: str, rng: random.Random, *, at_work: bool, life: float = LONGEST_LIFE) -> None:
    """Kill the process of this kind, when it works or at some instant of its start; another takes its place."""
    victim = family.now(kind)
    if at_work:
        wait_for(lambda: family.house.reports(victim), what=f"a {kind} process that works")
    time.sleep(rng.uniform(0, life))
    victim.kill()
    wait_for(lambda: not victim.alive, what="the end of a killed process")
    family.now(kind)


def settled(family: Family) -> None:
    """Wait until nothing is left to do: every alert grouped, every message sent or put away."""
    for kind in family.kinds:
        running = family.now(kind)
        wait_for(lambda r=running: family.house.reports(r), what=f"{kind} at work again")  # type: ignore[misc]
    wait_for(lambda: not list((family.house.folder / "spool").glob("*.spool")), what="an empty spool")
    wait_for(lambda: not family.house.one("SELECT count(*) FROM alert WHERE dirty"), what="every alert looked at")
    told_of = {json.loads(labels)["service"] for (labels,) in family.house.rows("SELECT labels FROM alert_detail")}
    incidents = "SELECT count(*) FROM incident"
    wait_for(lambda: family.house.one(incidents) == len(told_of), what="an incident for every service")
    wait_for(lambda: not family.house.rows(UNPAGED), what="a page for every incident")
    queued = "SELECT count(*) FROM delivery WHERE state = 'queued'"
    wait_for(lambda: not family.house.one(queued), what="every message sent or put away", within=120)


def no_alert_is_lost(house: Installation, path: str, ledger: Ledger) -> None:
    """Each alert that was answered 200 is there, as the sender itself sees it, and only once."""
    shown = get_json(house.port, f"{path}/api/v2/alerts", within=60)
    there = Counter(each["labels"]["instance"] for each in shown)
    assert not ledger.accepted.keys() - there.keys()
    assert max(there.values()) == 1


def every_page_is_told(house: Installation, sink: SmtpSink, *, kills: int) -> None:
    """A mail or a reason for every page, a page for every incident, at most one mail too many per killed sender."""
    rows = house.rows("SELECT reference, state, reason, page_id FROM delivery")
    arrived = Counter(str(mail.message["message-id"]) for mail in sink.mails)
    silent = [row for row in rows if row[0] not in arrived and not (row[1] in ("not_sent", "dead") and row[2])]
    assert not silent
    assert not arrived.keys() - {row[0] for row in rows}, "a mail that no record tells of"
    told = house.told(sink.mails)
    assert all(told[token] for (token,) in house.rows(SENT_PAGES)), "a page that no mail names"
    paged = {row[3] for row in rows}
    assert not [page for (page,) in house.rows("SELECT id FROM page") if page not in paged]
    twice = {uid: count for uid, count in arrived.items() if count > 1}
    print(f"{len(rows)} messages, {arrived.total()} mails, twice: {twice}")
    assert arrived.total() - len(arrived) <= kills
