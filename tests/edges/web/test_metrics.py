"""`/metrics`: what Prometheus reads, for a token and for nobody else unless the set-up says so."""

import re

from antiphon.actions import tokens
from antiphon.core.decision import SYSTEM
from antiphon.db.models import Audit, AuditFinding
from tests.edges.web import house as houses
from tests.edges.web.conftest import NOW

LINE = re.compile(r'antiphon_[a-z_]+(\{[a-z_]+="[^"]*"(,[a-z_]+="[^"]*")*\})? [0-9.e+-]+')


def asked(browser, **headers):
    return browser("").get("/metrics", headers=headers)


def test_a_token_sees_the_numbers_and_nobody_else_does(house, browser):
    houses.declare(house, now=NOW)
    Audit.objects.create(id=1, at=NOW, passed_at=NOW)
    AuditFinding.objects.create(key="a", rule="stranded", sentence="s", mend="m", found_at=NOW, seen_at=NOW)
    made = tokens.add(name="prometheus", role="viewer", actor=SYSTEM, now=NOW)
    assert asked(browser).status_code == asked(browser, Authorization="Bearer wrong").status_code == 401
    answer = asked(browser, Authorization=f"Bearer {made}")
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/plain; version=0.0.4")
    said = answer.content.decode()
    assert all(LINE.fullmatch(line) for line in said.splitlines() if not line.startswith("#")), said
    for line in ('antiphon_incidents_open{severity="SEV2"} 1', 'antiphon_audit_findings{rule="stranded"} 1'):
        assert line in said.splitlines()
    assert "antiphon_audit_age_seconds 0" in said.splitlines()
    assert 'antiphon_deliveries_queued{purpose="page",channel="mail"} 1' in said.splitlines()
    assert browser("").post("/metrics").status_code == 405


def test_the_set_up_may_open_them(house, browser, monkeypatch):
    monkeypatch.setenv("ANTIPHON_OPEN_METRICS", "1")
    assert asked(browser).status_code == 200
