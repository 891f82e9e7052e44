"""`antiphon up`: real processes that start fast, mind each other, and end when asked."""

import os
import signal

from tests.edges.cli.house import House, busy_port, gone

KINDS = ("web", "engine", "sender")
ALERT = {
    "labels": {"alertname": "HighErrorRate", "service": "checkout", "severity": "critical"},
    "annotations": {"summary": "5xx above 10 %"},
}


def test_from_nothing_to_an_alert_that_is_kept(house: House):
    with house.up() as up:
        link = up.expect(r"http://\S+/link/\S+")
        url = up.ready()
        assert link.startswith(url)
        assert up.get("/healthz")[0] == 200
        path = house.run("key", "add", "prometheus", "--kind", "alertmanager").last
        assert up.post(f"{path}/api/v2/alerts", [ALERT]) == (200, b"")
        assert up.post(f"/in/{'x' * 32}/api/v2/alerts", [ALERT])[0] == 404
        assert b"HighErrorRate" in up.get(f"{path}/api/v2/alerts")[1]
        assert up.get("/status/")[0] == 200
        token = house.run("token", "add", "reader", "--role", "viewer").last
        assert up.get("/api/v1/incidents", Authorization=f"Bearer {token}")[0] == 200
        assert up.get("/api/v1/incidents")[0] in (401, 403)
        processes = house.run("doctor").out
        assert all(kind in processes for kind in KINDS)
        children = [up.child(kind) for kind in KINDS]
    assert up.process.returncode == 0
    assert all(gone(pid, within=0.5) for pid in children)
    assert house.run("verify").code == 0


def test_it_is_there_at_once_stays_there_and_leaves_nothing_behind(lived_in: House):
    with lived_in.up() as up:
        up.url = up.expect(r"http\S+")
        assert "/link/" not in up.url, "there is an admin: nobody needs the set-up"
        assert up.get("/healthz")[0] == 200

        sentence = lived_in.run("up", "--port", "0").sentence
        assert f"runs on {lived_in.data} already (process {up.process.pid})" in sentence

        for kind in KINDS:
            before = up.child(kind)
            os.kill(before, signal.SIGKILL)
            up.expect(f"The {kind} process was killed by SIGKILL; it is started again")
            assert up.get("/healthz")[0] == 200  # a request that comes meanwhile waits for the new process
            assert up.child(kind, other_than=before)

        children = [up.child(kind) for kind in KINDS]
        os.kill(up.process.pid, signal.SIGKILL)
        assert all(gone(pid, within=25) for pid in children)


def test_a_busy_port_is_refused_by_name(lived_in: House):
    with busy_port() as port:
        assert f"Port {port} on 127.0.0.1 is in use" in lived_in.run("up", "--port", str(port)).sentence
