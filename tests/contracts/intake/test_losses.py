"""The door when its database goes away under it: a lost connection, a full disk. Nothing is pretended."""

import json
import subprocess
import sys

import pytest
from django.db import connection

from antiphon.db.models import Alert
from antiphon.intake import commits
from tests.contracts.intake.doors import ALERTS
from tests.contracts.intake.test_alerts import FIRE, kinds, only

postgres_only = pytest.mark.skipif("connection.vendor != 'postgresql'", reason="there is no server to lose")
sqlite_only = pytest.mark.skipif("connection.vendor != 'sqlite'", reason="the disk is the server's")


def cut_off():
    """End every connection of the door at the server, as a failover does; waits until they are gone."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        assert all(row[0] for row in cursor.fetchall())


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(commits, "REPLAY_SECONDS", 0.05)


@postgres_only
def test_i3_a_lost_connection_spools_and_replays_once_in_order(world, quick):
    world.alerts(FIRE)
    gone = FIRE | {"endsAt": world.now.isoformat()}
    for message in (gone, FIRE):
        cut_off()
        assert world.alerts(message).status == 200
    world.wait(lambda: not world.spool.pending())
    assert kinds() == ["fired", "resolved", "fired"]
    assert (only().state, only().count) == (Alert.State.FIRING, 3)
    assert len(world.send("GET", ALERTS).said) == 1
    world.alerts(FIRE)
    assert only().count == 4


@sqlite_only
def test_i36_a_full_disk_is_told_to_the_sender_and_mends_itself(world, tmp_path):
    folder = tmp_path / "disk"
    folder.mkdir()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(folder / "antiphon.sqlite3")])
    words = [sys.executable, "-m", "tests.contracts.intake.full_disk", str(folder)]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=50)
    assert done.returncode == 0, done.stderr[-2000:]
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["said"] == [
        ["while there is room", 200, None, False],
        ["database full", 200, None, True],  # in the spool, whose file is still small
        ["all full", 503, "5", True],
        ["all full no more", 200, None, True],
        ["room again", 200, None, False],
    ]
    assert told["shown"] == ["while there is room", "database full", "all full no more", "room again"]
