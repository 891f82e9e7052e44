"""A 2xx is written only after the alert is on disk: fdatasync between the request's read and the answer (I1)."""

import time
from pathlib import Path

import pytest

from tests.faults import strace
from tests.faults.installation import Installation, post, wait_for
from tests.faults.organisation import alert, organisation, service
from tests.faults.strace import Call

SYNCS = ("fsync", "fdatasync")
READS = ("read", "recvfrom", "recvmsg")
WRITES = ("write", "writev", "sendto", "sendmsg")


@pytest.fixture(autouse=True)
def _possible() -> None:
    if reason := strace.why_not():
        pytest.skip(reason)


@pytest.fixture
def path(house: Installation) -> str:
    """Where alerts go."""
    house.apply(organisation(people=1, services=1, smtp=9))
    return house.key("prometheus")


def test_i1_the_database_is_synced_before_the_answer(house: Installation, path: str, tmp_path: Path) -> None:
    web, log = house.start("web"), tmp_path / "strace.txt"
    with strace.traced(web, log):
        for number in range(5):
            assert post(house.port, path, [alert(service(0), f"marked-{number}")]) == 200
        wait_for(lambda: written(log) >= 5, what="the end of the trace")
    for number in range(5):
        synced = syncs_before_the_answer(strace.calls(log), f"marked-{number}")
        assert any("antiphon.sqlite3-wal" in name for name in synced), synced


def test_i1_i3_the_spool_is_synced_before_the_answer(house: Installation, path: str, tmp_path: Path) -> None:
    web, log = house.start("web"), tmp_path / "strace.txt"
    assert post(house.port, path, [alert(service(0), "first")]) == 200
    with house.sqlite() as other, strace.traced(web, log):
        other.execute("BEGIN EXCLUSIVE")
        assert post(house.port, path, [alert(service(0), "marked")]) == 200
        other.execute("ROLLBACK")
        wait_for(lambda: written(log) >= 1, what="the end of the trace")
    synced = syncs_before_the_answer(strace.calls(log), "marked")
    assert any(name.endswith(".spool") for name in synced), synced


def written(log: Path) -> int:
    """How many answers the trace has."""
    time.sleep(0.1)
    return log.read_text(errors="replace").count('"HTTP/1.1 200')


def syncs_before_the_answer(calls: list[Call], marked: str) -> list[str]:
    """Files that were synced wholly between the end of the read of the marked request and the start of its answer."""
    head = next(each for each in calls if each.name in READS and marked in each.words)
    answer = next(
        each
        for each in calls
        if each.name in WRITES and each.path == head.path and "HTTP/1.1 200" in each.words and each.began > head.ended
    )
    between = [each for each in calls if head.ended < each.began and each.ended < answer.began]
    return [each.path for each in between if each.name in SYNCS and each.words.rstrip().endswith("= 0")]
