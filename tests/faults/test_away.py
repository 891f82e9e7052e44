"""The database goes away while alerts come in: nothing accepted is lost, and nothing is counted twice (I3, I6).

Then the worst day: engine, database and at last the web process die, and the public page is still served (I30).
"""

import time

from tests import postgres
from tests.contracts.sinks import SmtpSink
from tests.faults.installation import Installation, Running, get_json, post, request, wait_for
from tests.faults.ledger import Ledger, Load
from tests.faults.organisation import alert, organisation, service

AWAY_SECONDS = 6.0
COUNTS = "SELECT labels, count FROM alert JOIN alert_detail ON alert_id = id"


def test_i3_postgresql_is_stopped_under_load(scaled: Installation, server: postgres.Cluster) -> None:
    with SmtpSink() as sink:
        scaled.apply(organisation(people=2, services=6, smtp=sink.port))
        path = scaled.key("load")
        scaled.start("web")
        scaled.start("engine")
        with Load(scaled.port, path, lambda: service(int(time.monotonic()) % 6)) as load:
            wait_for(lambda: len(load.ledger.accepted) > 40, what="some load")
            server.stop()
            stopped = len(load.ledger.accepted)
            time.sleep(AWAY_SECONDS)
            meanwhile = len(load.ledger.accepted) - stopped
            server.start()
            wait_for(lambda: len(load.ledger.accepted) > stopped + meanwhile + 40, what="load as before")
        print(f"{meanwhile} alerts accepted meanwhile, answers {dict(load.ledger.answers)}")
        # What was being committed as the server stopped may have been kept: it is one alert, counted twice.
        nothing_is_lost(scaled, path, load.ledger, in_doubt=2 * load.threads)
        assert set(load.ledger.answers) <= {200, 503}
        assert meanwhile > 0, "what came while the database was away should have gone to the spool"
        failing = set(load.ledger.accepted.values())
        wait_for(lambda: pages_of(scaled, sink) == len(failing), what="a page for every service that failed")


def test_i3_another_program_locks_the_sqlite_file(house: Installation) -> None:
    with SmtpSink() as sink:
        house.apply(organisation(people=2, services=6, smtp=sink.port))
        path = house.key("load")
        house.start("up")
        with Load(house.port, path, lambda: service(int(time.monotonic()) % 6)) as load:
            wait_for(lambda: len(load.ledger.accepted) > 40, what="some load")
            with house.sqlite() as other:
                other.execute("BEGIN EXCLUSIVE")
                locked = len(load.ledger.accepted)
                time.sleep(AWAY_SECONDS)
                meanwhile = len(load.ledger.accepted) - locked
                other.execute("ROLLBACK")
            wait_for(lambda: len(load.ledger.accepted) > locked + meanwhile + 40, what="load as before")
        print(f"{meanwhile} alerts accepted meanwhile, answers {dict(load.ledger.answers)}")
        nothing_is_lost(house, path, load.ledger)
        assert set(load.ledger.answers) <= {200, 503}
        assert meanwhile > 0, "what came while the file was locked should have gone to the spool"
        failing = set(load.ledger.accepted.values())
        wait_for(lambda: pages_of(house, sink) == len(failing), what="a page for every service that failed")


def test_i3_what_waited_in_the_spool_outlives_the_web_process(scaled: Installation, server: postgres.Cluster) -> None:
    scaled.apply(organisation(people=1, services=2, smtp=9))
    path = scaled.key("load")
    web = scaled.start("web")
    assert post(scaled.port, path, [alert(service(0), "before")]) == 200
    server.stop()
    assert post(scaled.port, path, [alert(service(1), "spooled")]) == 200
    web.kill()
    wait_for(lambda: not web.alive, what="its end")
    server.start()
    scaled.start("web")
    wait_for(lambda: "spooled" in str(scaled.rows(COUNTS)), what="the replay of what a killed process left")
    assert sorted(count for _, count in scaled.rows(COUNTS)) == [1, 1]


def test_i30_the_public_page_outlives_engine_database_and_web(scaled: Installation, server: postgres.Cluster) -> None:
    scaled.apply(organisation(people=1, services=2, smtp=9, status_page=True))
    web, engine = scaled.start("web"), scaled.start("engine")
    wait_for(lambda: "Service 1" in page(scaled), what="the page with its components")
    engine.kill()
    assert "Service 1" in page(scaled)
    server.stop()
    try:
        assert "Service 1" in page(scaled)
        web.kill()
        wait_for(lambda: not web.alive, what="its end")
        restarted = scaled.start("web")
        assert_page_alone(scaled, restarted)
    finally:
        server.start()
    wait_for(lambda: request(scaled.port, "GET", "/healthz")[0] == 200, what="the database found again")
    assert post(scaled.port, scaled.key("late"), [alert(service(0))]) == 200


def test_i30_the_public_page_outlives_a_ruined_sqlite_file(house: Installation) -> None:
    house.apply(organisation(people=1, services=2, smtp=9, status_page=True))
    up = house.start("up")
    wait_for(lambda: "Service 1" in page(house), what="the page with its components")
    for part in house.folder.glob("antiphon.sqlite3*"):
        part.write_bytes(b"no database" * 1000)
    for kind in ("engine", "web"):
        killed = house.child(up, kind)
        killed.kill()
        wait_for(lambda killed=killed: not killed.alive, what="its end")  # type: ignore[misc]
    assert_page_alone(house, house.child(up, "web"))


def assert_page_alone(house: Installation, web: Running) -> None:
    """The page stands as it was, says until when it holds, and the rest says that it cannot answer."""
    shown = page(house)
    assert "Service 1" in shown
    assert "utdated after" in shown
    summary = get_json(house.port, "/status/api/v2/summary.json")
    assert [each["name"] for each in summary["components"]] == ["Service 0", "Service 1"]
    assert request(house.port, "GET", "/healthz")[0] == 503
    assert post(house.port, "/in/unknown", [alert(service(0))]) == 503
    assert web.alive


def page(house: Installation) -> str:
    """The public page."""
    status, body, _ = request(house.port, "GET", "/status/")
    return body.decode() if status == 200 else ""


def nothing_is_lost(house: Installation, path: str, ledger: Ledger, *, in_doubt: int = 0) -> None:
    """Every accepted alert is there, fired once, and counted once unless it was sent twice or `in_doubt`."""
    wait_for(lambda: not list((house.folder / "spool").glob("*.spool")), what="an empty spool")
    shown = get_json(house.port, f"{path}/api/v2/alerts")
    there = [each["labels"]["instance"] for each in shown]
    assert not ledger.accepted.keys() - set(there)
    assert len(there) == len(set(there))
    twice = [labels for labels, count in house.rows(COUNTS) if count > 1]
    assert len(twice) <= in_doubt + 2 * (ledger.cut + ledger.answers[503]), "counted twice, and sent once"
    assert not house.rows("SELECT alert_id FROM alert_log WHERE kind = 'fired' GROUP BY alert_id HAVING count(*) > 1")


def pages_of(house: Installation, sink: SmtpSink) -> int:
    """How many pages the mails that came name."""
    return sum(map(bool, house.told(sink.mails).values()))
