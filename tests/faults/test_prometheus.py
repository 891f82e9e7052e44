"""A real Prometheus, pointed at our path prefix, and what comes of it: two different mails and the public page.

And amtool, which adds and asks for alerts of a running installation as it does with Alertmanager.
"""

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml

from tests.contracts.sinks import ReceivedMail, SmtpSink
from tests.faults.browser import Browser
from tests.faults.installation import Installation, get_json, wait_for

ABSENT = "{} is not on this machine: install it with `apt install {}` to run this test."
HOST = "db-03.lindenhof.internal:9100"
JARGON = ("mysql", "replica", "instance", "db-03", "lindenhof.internal", "InstanceDown", "scrape", "job", "SEV", "MTTR")
ORGANISATION = """
organisation: {name: Lindenhof Hosting, zone: Europe/Berlin, support: support@lindenhof.example,
  technical_policy: Technical on call}
people:
- {email: ann@lindenhof.example, name: Ann Albers, role: responder}
- {email: lea@lindenhof.example, name: Lea Marten, role: communicator}
- {email: ira@lindenhof.example, name: Ira Novak, role: admin}
policies:
- {name: Technical on call, steps: [{page: [ann@lindenhof.example], wait: 1h}], catch_all: ira@lindenhof.example}
catalog:
- {kind: component, name: mysql-cluster-03, title: MySQL cluster 03, customer_facing: no}
- {kind: workflow, name: checkout, title: Checkout, public_title: Orders and payment, customer_facing: yes, tier: 1,
   revenue_per_minute: 180, on_status_page: yes, depends_on: [mysql-cluster-03]}
customers:
- name: halden-retail
  title: Halden Retail
  contacts:
  - {name: Tess Halvorsen, email: tess@halden.example, segment: technical}
  - {name: Bo Lindqvist, email: bo@halden.example}
  uses: [checkout]
status_page: {name: Lindenhof status}
"""
# What Ann enters. Of the technical facts nothing may reach Bo, who is untagged and reads the business version.
FACTS = {
    "what_happens": f"The primary of mysql-cluster-03 on {HOST} does not answer; writes to the replica fail.",
    "scope": "All customers who order in the shop.",
    "symptoms": "Orders cannot be paid, or take very long.",
    "actions": "We are moving the load to a healthy copy.",
    "customer_action": "You need to do nothing.",
    "expectation": "Payments may fail now and then until the move is done.",
    "cause": "A storage volume filled up.",
}


@pytest.fixture
def sink() -> Iterator[SmtpSink]:
    """Takes every mail."""
    with SmtpSink() as sink:
        yield sink


@pytest.fixture
def shop(house: Installation, sink: SmtpSink) -> Installation:
    """The shop and its customers, running."""
    mail = {"host": "127.0.0.1", "port": sink.port, "security": "none", "from_address": "status@lindenhof.example"}
    house.apply(ORGANISATION)
    house.apply(yaml.safe_dump({"mail": mail}))
    house.start("up")
    return house


@pytest.mark.skipif(shutil.which("prometheus") is None, reason=ABSENT.format("Prometheus", "prometheus"))
def test_an_outage_seen_by_prometheus_is_told_to_everybody_in_their_own_words(
    shop: Installation, sink: SmtpSink, tmp_path: Path
) -> None:
    with prometheus(tmp_path / "prometheus", shop.port, shop.key("prometheus")):
        page = wait_for(lambda: to(sink, "ann@"), what="a page to Ann")[0]
        assert "mysql-cluster-03" in str(page.message["subject"])
        tell(shop)
        technical = wait_for(lambda: to(sink, "tess@"), what="a mail to Tess")[0]
        business = wait_for(lambda: to(sink, "bo@"), what="a mail to Bo")[0]
    for word in JARGON:
        assert word.lower() not in words_of(business).lower(), f"{word} in the business version:\n{words_of(business)}"
    assert "Orders cannot be paid" in words_of(business)
    assert "UTC" in words_of(technical)
    assert "Checkout" in words_of(technical)
    assert "mysql-cluster-03" in words_of(technical)
    assert technical.message["subject"] != business.message["subject"]
    assert len(to(sink, "tess@")) == len(to(sink, "bo@")) == 1
    shown_in_public(shop)


@pytest.mark.skipif(shutil.which("amtool") is None, reason=ABSENT.format("amtool", "prometheus-alertmanager"))
def test_amtool_adds_and_queries(shop: Installation, sink: SmtpSink) -> None:
    base = f"http://127.0.0.1:{shop.port}{shop.key('amtool')}"

    def amtool(*words: str) -> str:
        done = subprocess.run(
            ["amtool", f"--alertmanager.url={base}", *words], capture_output=True, text=True, timeout=30, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    labels = ["alertname=PaymentsFail", "service=checkout", "severity=critical"]
    amtool("alert", "add", *labels, "--annotation=summary=Every second payment fails")
    amtool("alert", "add", "alertname=Watchdog", "severity=none")
    (found,) = json.loads(amtool("-o", "json", "alert", "query", "service=checkout"))
    assert found["labels"] == dict(each.split("=") for each in labels)
    assert found["annotations"] == {"summary": "Every second payment fails"}
    everything = json.loads(amtool("-o", "json", "alert", "query"))
    assert {each["labels"]["alertname"] for each in everything} == {"PaymentsFail", "Watchdog"}
    page = wait_for(lambda: to(sink, "ann@"), what="a page to Ann")[0]
    assert "Every second payment fails" in str(page.message["subject"])
    assert shop.one("SELECT count(*) FROM incident") == 1


@contextmanager
def prometheus(folder: Path, port: int, prefix: str) -> Iterator[None]:
    """A Prometheus that scrapes something that is down, and sends its alerts to `prefix` on our port."""
    folder.mkdir()
    target = {"targets": ["127.0.0.1:1"], "labels": {"instance": HOST}}
    manager = {"path_prefix": prefix, "api_version": "v2", "static_configs": [{"targets": [f"127.0.0.1:{port}"]}]}
    rule = {
        "alert": "InstanceDown",
        "expr": "up == 0",
        "for": "1s",
        "labels": {"severity": "critical"},
        "annotations": {"summary": "{{ $labels.job }} is down on {{ $labels.instance }}"},
    }
    settings = {
        "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
        "rule_files": ["rules.yml"],
        "scrape_configs": [{"job_name": "mysql-cluster-03", "static_configs": [target]}],
        "alerting": {"alertmanagers": [manager]},
    }
    (folder / "rules.yml").write_text(yaml.safe_dump({"groups": [{"name": "up", "rules": [rule]}]}))
    (folder / "prometheus.yml").write_text(yaml.safe_dump(settings))
    words = [f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", "prometheus", *words, "--web.listen-address=127.0.0.1:0"],
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        yield
    except AssertionError:
        print((folder / "log").read_text())
        raise
    finally:
        process.kill()
        process.wait()


def tell(house: Installation) -> None:
    """Ann enters what is known, Lea drafts, Ann approves, Lea sends: each at their own browser."""
    base = f"http://127.0.0.1:{house.port}"
    ann, lea = (Browser.of(house, f"{name}@lindenhof.example") for name in ("ann", "lea"))
    ann.open(f"{base}/incidents/1/tell")
    for name, text in FACTS.items():
        ann.send("/incidents/1/facts", name=name, text=text, confidence="confirmed")
    lea.open(f"{base}/incidents/1/tell")
    lea.send("/incidents/1/updates")
    ann.open(f"{base}/incidents/1/tell")
    for action in ann.actions("/approval"):
        ann.send(action)
    lea.open(f"{base}/incidents/1/tell")
    (publication,) = lea.actions("/publication")
    lea.send(publication)


def to(sink: SmtpSink, start: str) -> list[ReceivedMail]:
    """The mails to an address that starts so."""
    return [mail for mail in sink.mails if mail.recipient.startswith(start)]


def words_of(mail: ReceivedMail) -> str:
    """Subject and text."""
    return f"{mail.message['subject']}\n{mail.body()}"


def shown_in_public(house: Installation) -> None:
    """The page's JSON has the incident, its component and its words, and none of the inside."""
    path = "/status/api/v2/summary.json"
    summary = wait_for(
        lambda: shown if (shown := get_json(house.port, path))["incidents"] else None, what="the incident"
    )
    (incident,) = summary["incidents"]
    assert [each["name"] for each in incident["components"]] == ["Orders and payment"]
    assert "Orders cannot be paid" in incident["incident_updates"][0]["body"]
    assert summary["status"]["indicator"] != "none"
    said = json.dumps(summary).lower()
    assert not [word for word in ("mysql", "db-03", "replica") if word in said]
