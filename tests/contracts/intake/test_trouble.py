"""The door when the database, the disk or a sender misbehaves."""

import asyncio
import threading

import pytest
from django.db import connection, connections, transaction

from antiphon.core.observations import key_hash
from antiphon.db import gate
from antiphon.db.models import Alert, AlertLog, Integration, Notice
from antiphon.intake import commits
from antiphon.intake.limits import Limit, Limits
from antiphon.intake.spool import Spool
from antiphon.intake.work import Integration as Sender
from antiphon.intake.work import Record
from tests.contracts.intake.doors import ALERTS, database
from tests.contracts.intake.test_alerts import FIRE, PAYLOAD, kinds, only


class Held:
    """Another writer that keeps the database, in a thread and a transaction of its own."""

    def __enter__(self):
        self._entered, self._over = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._hold)
        self._thread.start()
        assert self._entered.wait(10)

    def _hold(self):
        with transaction.atomic(), connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute("LOCK TABLE alert IN EXCLUSIVE MODE")
            self._entered.set()
            self._over.wait(30)
        connections.close_all()

    def __exit__(self, *_):
        self._over.set()
        self._thread.join()


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(commits, "LOCK_SECONDS", 0.1)
    monkeypatch.setattr(commits, "REPLAY_SECONDS", 0.05)


def gone(world):
    return FIRE | {"endsAt": world.now.isoformat()}


def test_i3_a_locked_database_spools_and_replays_once_in_order(world, impatient):
    world.alerts(FIRE)
    with Held():
        assert world.alerts(gone(world)).status == 200
        assert world.alerts(FIRE).status == 200
        assert world.spool.pending()
    world.wait(lambda: not world.spool.pending())
    assert kinds() == ["fired", "resolved", "fired"]
    assert (only().state, only().count) == (Alert.State.FIRING, 3)
    world.alerts(FIRE)
    assert only().count == 4


def test_i3_what_waits_in_the_spool_survives_the_process(world, impatient):
    with Held():
        reply = world.event("trigger", payload=PAYLOAD)
        assert reply.status == 202
        world.close()
    assert not Alert.objects.exists()
    world.door = world.opened()
    world.wait(lambda: not world.spool.pending())
    assert only().detail.title == "disk full"
    world.event("resolve", dedup_key=reply.said["dedup_key"])
    assert only().state == Alert.State.RESOLVED


def test_i3_a_spool_half_replayed_is_not_replayed_twice(world):
    sender = Sender(Integration.objects.get(name="prom").id, "prom", "alertmanager", {})
    record = Record(sender, "alerts", 1_777_888_800_000_000, b'[{"labels":{"a":"b"}}]')
    world.close()
    spool = Spool(world.folder / "spool")
    spool.append([record, record, record])
    (_, first), *_ = spool.read(0, limit=3)
    name = spool.name
    spool.close()
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO spool_mark (spool, position) VALUES (%s, %s)", (name, first))
    world.door = world.opened()
    world.wait(lambda: not world.spool.pending())
    assert only().count == 2


def test_i3_without_database_and_spool_nothing_is_answered_2xx(world, impatient):
    world.alerts(FIRE)
    world.spool._max_bytes = 10
    with Held():
        reply = world.alerts(FIRE)
    assert (reply.status, int(reply.headers["retry-after"]) > 0) == (503, True)
    assert only().count == 1
    assert world.alerts(FIRE).status == 200


def test_a_torn_record_is_cut_off(tmp_path):
    sender = Sender(1, "prom", "alertmanager", {})
    spool = Spool(tmp_path)
    spool.append([Record(sender, "alerts", n, b"x" * n) for n in (1, 2)])
    spool.close()
    with (tmp_path / "0.spool").open("ab") as file:
        file.write(b"\x30\x00\x00\x00torn")
    again = Spool(tmp_path)
    assert [record.at for record, _ in again.read(0, limit=9)] == [1, 2]
    again.append([Record(sender, "alerts", 3, b"")])
    assert [record.at for record, _ in again.read(0, limit=9)] == [1, 2, 3]
    other = Spool(tmp_path)
    assert not other.pending()
    again.clear()
    assert not again.pending()


def test_i4_a_noisy_integration_is_limited_with_a_reserve_for_critical(world):
    clock = [0.0]
    world.seconds = lambda: clock[0]
    world.close()
    world.limit = Limit(rate=10, burst=10, reserve=0.2)
    world.door = world.opened()
    mild = {"labels": {"alertname": "x", "severity": "info"}}
    assert [world.alerts(mild).status for _ in range(10)] == [200] * 8 + [429] * 2
    assert [world.alerts(FIRE).status for _ in range(3)] == [200, 200, 429]
    assert int(world.alerts(mild).headers["retry-after"]) >= 1
    notice = Notice.objects.get()
    assert (notice.kind, notice.integration.name) == ("limited", "prom")
    assert world.event("trigger", payload=PAYLOAD).status == 202  # others are not starved
    clock[0] += 1
    assert world.alerts(mild).status == 200


def test_a_request_larger_than_the_burst_passes_a_full_bucket():
    limits = Limits(Limit(rate=1, burst=10, reserve=0.2), seconds=lambda: 0.0)
    assert limits.wait(1, 1000, lambda: False) == 0.0
    assert limits.wait(1, 1, lambda: False) > 0


def test_a_row_another_process_moved_is_looked_at_again(world):
    world.alerts(FIRE)
    Alert.objects.update(state=Alert.State.RESOLVED, revision=5)
    world.alerts(FIRE)
    assert (only().state, only().revision, only().count) == (Alert.State.FIRING, 6, 2)
    Alert.objects.all().delete()
    world.alerts(FIRE)
    assert only().detail.title == "It is down"


def test_two_processes_meet_the_same_new_alerts(world):
    """Both doors write the same alerts at once; each alert is one row, every message counted."""
    alerts = [{"labels": {"n": str(n)}} for n in range(50)]
    first, second = world.door, None
    world.spool_of_first = world.spool
    second = world.opened()

    async def both():
        async def through(door):
            world.door = door
            return await world.ask("POST", ALERTS, alerts)

        return await asyncio.gather(*(through(door) for door in (first, second) * 5))

    assert {reply.status for reply in world.runner.run(both())} == {200}
    assert Alert.objects.count() == 50
    assert set(Alert.objects.values_list("count", flat=True)) == {10}
    assert AlertLog.objects.count() == 50
    world.runner.run(second.close())
    world.door = first


class Counting:
    """A connection that counts the calls made through it."""

    def __init__(self, connection):
        self.inner, self.calls = connection, 0

    def __getattr__(self, name):
        found = getattr(self.inner, name)
        if name in ("execute", "executemany"):
            self.calls += 1
        return found


@pytest.mark.parametrize("again", [False, True], ids=["new", "repeated"])
def test_one_alert_and_a_thousand_take_as_many_statements(world, again):
    world.alerts(FIRE)
    counting = world.store._writer = Counting(world.store._writer)
    counts = []
    for size in (1, 1000):
        alerts = [{"labels": {"n": f"{size}-{n}"}} for n in range(size)]
        if again:
            world.alerts(*alerts)
        before = counting.calls
        assert world.alerts(*alerts).status == 200
        counts.append(counting.calls - before)
    assert counts[0] == counts[1] > 0
    world.store._writer = counting.inner


def test_a_switched_off_key_is_refused_within_seconds(world):
    assert world.alerts(FIRE).status == 200
    Integration.objects.filter(key_hash=key_hash("prom")).update(enabled=False)
    world.door._routes.clear()
    assert world.alerts(FIRE).status == 404


def test_a_waiter_at_the_gate_is_seen_and_served(tmp_path):
    path = tmp_path / "write.lock"
    ours = gate.FileGate(path)
    assert ours.try_enter()
    assert not ours.wanted()
    served = threading.Event()

    def wait():
        with gate.hold(path):
            served.set()

    waiter = threading.Thread(target=wait)
    waiter.start()
    for _ in range(1000):
        if ours.wanted():
            break
        threading.Event().wait(0.005)
    else:
        pytest.fail("the waiter was never seen")
    ours.leave()
    assert served.wait(5)
    waiter.join()
    assert ours.try_enter()
    ours.close()


def test_the_store_opens_the_same_database_as_django():
    assert connection.settings_dict["NAME"] in database()
