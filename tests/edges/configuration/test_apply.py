"""Applying a file: all or nothing, twice is once, what is not mentioned stays, and a trial writes nothing."""

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from antiphon.actions import configuration
from antiphon.cli.apply import example
from antiphon.cli.demo_data import CONTACTS, demo_configuration
from antiphon.core.audiences import Audience, Translation, digest_of
from antiphon.core.decision import SYSTEM, Actor, Refusal
from antiphon.core.escalation import TargetKind
from antiphon.core.oncall import on_call
from antiphon.core.wording import check_template
from antiphon.db import channel_settings, record, revisions
from antiphon.db.graph import forget, graph
from antiphon.db.models import (
    ChannelSettings,
    Contact,
    ContactMethod,
    Contract,
    Entity,
    Event,
    HoldingMessage,
    Link,
    Person,
    Policy,
    PublicComponent,
    PublicPage,
    Rota,
    Rule,
)
from antiphon.db.recipients import affected
from antiphon.db.snapshots.groups import rule
from antiphon.db.snapshots.oncall import load_policy, load_rota

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
PEOPLE = "people:\n- {email: ann@x.example, name: Ann, role: admin}\n"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh_graph():
    forget()


def apply(text, *, trial=False, now=NOW, actor=SYSTEM, **environ):
    found = configuration.apply(text, source="test.yaml", environ=environ, actor=actor, now=now, trial=trial)
    assert not isinstance(found, Refusal), found.sentence
    return found


def changed(text, **known):
    found = apply(text, **known)
    assert not found.problems, "\n".join(map(str, found.problems))
    return [str(change) for change in found.changes]


def stored_rules():
    return [rule(row) for row in Rule.objects.all()]


def test_the_example_applies_cleanly_and_twice_is_once():
    assert len(changed(example())) > 90
    before = Event.objects.count(), revisions.current("rules"), revisions.current("catalog")
    assert changed(example(), now=NOW + timedelta(days=1)) == []
    assert (Event.objects.count(), revisions.current("rules"), revisions.current("catalog")) == before
    assert record.verify(record.CONFIGURATION) is None


def test_the_example_s_parts_work_together():
    apply(example())
    shifts = on_call(load_rota(Rota.objects.get()), at=NOW)
    by_uid = {person.uid: person.email for person in Person.objects.all()}
    assert [by_uid[shift.person] for shift in shifts] == ["ben@lindenhof.example", "ira@lindenhof.example"]
    policy = load_policy(Policy.objects.get(name="Technical on call"))
    assert [target.kind for target in policy.steps[0].targets] == [TargetKind.ROTA]
    assert by_uid[policy.catch_all[0].name] == "ira@lindenhof.example"
    names = [rule.name for rule in stored_rules()]
    assert names.index("Critical and error at once") < names.index("Warning that lasts half an hour")
    hit = {entity.name for entity in graph().reach(["mysql-cluster-03"])}
    assert {"checkout", "api", "customer-portal", "halden-retail", "orsolo-clinics", "meridian-press"} <= hit
    assert not {"internal-wiki", "web-staging"} & hit


def test_the_demo_s_customers_make_up_the_audiences():
    changed(example())
    changed(demo_configuration(smtp_port=2525))
    told = affected(graph().reach(["mysql-cluster-03"]))
    assert len(told[Audience.TECHNICAL]) == CONTACTS["technical"] == 31
    assert len(told[Audience.BUSINESS]) == CONTACTS["business"] + CONTACTS["untagged"] == 226
    assert Contact.objects.filter(segment="untagged").count() == 12
    assert Entity.objects.filter(kind="customer", strategic=True).count() == 3
    assert len({contact.email for contacts in told.values() for contact in contacts}) == 257
    assert changed(demo_configuration(smtp_port=2525)) == []
    assert demo_configuration(smtp_port=2525) == demo_configuration(smtp_port=2525)


def test_a_trial_says_the_same_and_writes_nothing():
    said = changed(example(), trial=True)
    assert not Person.objects.exists()
    assert not Event.objects.exists()
    assert revisions.current("catalog") == 0
    assert changed(example()) == said


def test_one_fault_and_nothing_is_written():
    found = apply(
        f"{PEOPLE}catalog:\n- {{kind: service, name: a, revenue_per_minute: -1}}\nrules:\n- {{name: r, hold: x}}"
    )
    assert [(problem.line, problem.path) for problem in found.problems] == [
        (4, "catalog.a.revenue_per_minute"),
        (6, "rules.r.hold"),
    ]
    assert not found.changes
    assert not Person.objects.exists()
    assert not Event.objects.exists()


def test_what_the_file_does_not_mention_stays():
    apply("catalog:\n- {kind: service, name: a, tier: 2, extra: {x: 1}}\n- {kind: service, name: b}")
    Entity.objects.filter(name="a").update(runbook="https://by.hand", revenue_per_minute=9)
    Link.objects.create(source=Entity.objects.get(name="a"), target=Entity.objects.get(name="b"), kind="serves")
    said = changed("catalog:\n- {kind: service, name: a, tier: 1, revenue_per_minute: 12, extra: {y: 2}}")
    assert said == ["~ entity a: tier 2 → 1; revenue per minute 9.0 → 12.0; extra changed"]
    row = Entity.objects.get(name="a")
    assert (row.runbook, row.tier, row.extra) == ("https://by.hand", 1, {"x": 1, "y": 2})
    assert Link.objects.filter(source=row, kind="serves").exists()


def test_a_person_s_tag_on_a_contact_outlives_the_file_s_default():
    text = "customers:\n- name: c\n  segment: business\n  contacts: [{name: Bo, email: bo@c.example}]"
    apply(text)
    assert Contact.objects.get().segment == "business"
    Contact.objects.update(segment="technical")
    assert changed(text) == []
    assert Contact.objects.get().segment == "technical"
    assert changed(text.replace("bo@c.example}", "bo@c.example, segment: untagged}")) == [
        "~ contact bo@c.example of c: segment technical → untagged"
    ]


def test_ways_to_reach_somebody_stand_in_the_file_s_order_before_those_entered_by_hand():
    apply(PEOPLE)
    assert [str(m.address) for m in ContactMethod.objects.all()] == ["ann@x.example"]
    apply("people:\n- {email: ann@x.example, name: Ann, contact_methods: [{webhook: 'https://x.example/a'}]}")
    assert list(ContactMethod.objects.values_list("channel", flat=True)) == ["webhook", "mail"]
    assert Person.objects.get().role == "admin"
    assert not Person.objects.get().has_usable_password()


def test_roles_stand_on_the_record_of_access():
    apply(PEOPLE)
    apply(PEOPLE + "- {email: ben@x.example, name: Ben}")
    ben = Person.objects.get(name="Ben")
    said = [each.event.sentence() for each in record.read(record.ACCESS)]
    assert len(said) == 2
    assert said[1] == f"Person {ben.uid} has role responder and may sign in"
    assert record.verify(record.ACCESS) is None


def test_a_customer_s_contract_links_it_to_the_service():
    apply(
        "catalog:\n- {kind: service, name: a}\ncustomers:\n- name: c\n  contracts:\n"
        "  - {name: k, service: a, starts: 2026-01-01, ends: 2026-12-31, resolution_minutes: 60}"
    )
    assert Contract.objects.get().ends_at == datetime(2027, 1, 1, tzinfo=UTC)
    assert [entity.name for entity in graph().reach(["a"])] == ["a", "c"]


def test_rules_keep_the_file_s_order_and_the_caches_hear_of_it():
    apply("rules:\n- {name: b, hold: 30m}\n- {name: a, count: 3, window: 10m, severity: {red: SEV1, grey: none}}")
    assert [rule.name for rule in stored_rules()] == ["b", "a"]
    seen = revisions.current("rules")
    assert Rule.objects.get(name="a").severity_map == {"red": 1, "grey": None}
    assert changed("rules:\n- {name: b, hold: 1h}") == ["~ rule b: hold 30 min → 60 min"]
    assert stored_rules()[0].hold == timedelta(hours=1)
    assert revisions.current("rules") > seen


def test_holding_messages_are_approved_byte_for_byte_and_the_shipped_ones_work():
    text = PEOPLE + "holding_messages:\n- {audience: business, type: disruption, approved_by: ann@x.example}"
    apply(text)
    row = HoldingMessage.objects.get()
    german = Translation(**row.translations["de"])
    assert row.digest == digest_of(Audience.BUSINESS, row.subject, row.body, translations={"de": german})
    for words in (row, german):
        assert check_template(f"Subject: {words.subject}\n\n{words.body}", Audience.BUSINESS, holding=True) == ()
    own = text.replace("ann@x.example}", "ann@x.example, subject: S, body: We are at work on it.}")
    later = NOW + timedelta(hours=1)
    assert changed(own, now=later)[0].startswith("~ holding message business, disruption: subject")
    assert HoldingMessage.objects.get().approved_at == later
    assert changed(own, now=later + timedelta(hours=1)) == []
    assert HoldingMessage.objects.get().translations == {}, "what we ship does not stand beside words of their own"
    both = own.replace(
        "body: We are at work on it.", "body: We are at work on it., translations: {de: {subject: B, body: Dran.}}"
    )
    assert "translations changed" in changed(both, now=later)[0]
    assert HoldingMessage.objects.get().translations == {"de": {"subject": "B", "body": "Dran."}}
    assert changed(both, now=later) == []
    secret = both.replace("Dran.", "'{{ hypothesis }}'")
    [problem] = apply(secret).problems
    assert problem.path == "holding_messages[1].translations.de.body"
    [problem] = apply(both.replace("{de: ", "{fr: ")).problems
    assert "“fr” is no key" in problem.sentence


def test_secrets_are_encrypted_and_stand_nowhere_else():
    text = "mail: {host: h.example, from_address: a@x.example, username: u, password: {env: PW}}"
    assert changed(text, PW="tops3cret") == ["+ channel mail: sets host, from_address, username, password"]
    stored = ChannelSettings.objects.get()
    assert "tops3cret" not in json.dumps(stored.values) + stored.secrets
    assert (channel_settings.load("mail") or {})["password"] == "tops3cret"
    assert not Event.objects.filter(body__contains="tops3cret").exists()
    assert changed(text, PW="tops3cret") == []
    assert changed(text, PW="an0ther") == ["~ channel mail: sets password"]
    assert changed("mail: {port: 25}") == ["~ channel mail: sets port"]
    (problem,) = apply("mail: {port: 99999}").problems
    assert problem.path == "mail.port"


def test_the_record_holds_no_names_or_addresses_of_people():
    apply(example())
    bodies = " ".join(Event.objects.filter(stream=record.CONFIGURATION).values_list("body", flat=True))
    assert "entity mysql-cluster-03" in bodies
    assert not [each for each in ("ann@", "Ann Albers", "tess@", "Halvorsen", "vera@") if each in bodies]


def test_the_public_page_lists_what_the_catalog_says_and_keeps_its_state():
    page = "status_page: {name: Ours, url: 'https://status.x.example'}\n"
    apply(f"{page}catalog:\n- {{kind: service, name: a, on_status_page: yes}}")
    row = PublicPage.objects.get()
    assert (row.slug, row.url) == ("status", "https://status.x.example/")
    component = PublicComponent.objects.get()
    assert (component.name, component.uid) == ("a", Entity.objects.get().uid)
    PublicComponent.objects.update(status="major_outage")
    said = changed(
        "catalog:\n- {kind: service, name: a, public_title: Shop}\n- {kind: service, name: b, on_status_page: yes}"
    )
    assert said[-1] == "~ status page Ours: lists Shop, b"
    assert list(PublicComponent.objects.order_by("position").values_list("name", "status")) == [
        ("Shop", "major_outage"),
        ("b", "operational"),
    ]


def test_only_an_admin_may():
    actor = Actor(kind="person", uid="x", role="responder")
    refusal = configuration.apply(PEOPLE, source="t", environ={}, actor=actor, now=NOW)
    assert isinstance(refusal, Refusal)
    assert not Person.objects.exists()


def antiphon(*words, stdin=""):
    return subprocess.run(
        [sys.executable, "-c", "import sys; from antiphon.cli import main; sys.exit(main(sys.argv[1:]))", *words],
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.patient
def test_the_command_from_the_example_to_no_changes(tmp_path: Path, monkeypatch):
    monkeypatch.delenv("ANTIPHON_DATABASE_URL", raising=False)
    shown = antiphon("apply", "--example")
    assert shown.stdout == example()
    file, data = tmp_path / "ours.yaml", tmp_path / "data"
    file.write_text(shown.stdout)
    trial = antiphon("apply", str(file), "--data", str(data), "--diff")
    assert (trial.returncode, data.exists()) == (0, False), trial.stderr
    assert trial.stdout.splitlines()[-1].endswith("changes would be made.")
    first = antiphon("apply", str(file), "--data", str(data))
    assert first.stdout.splitlines()[:-1] == trial.stdout.splitlines()[:-1]
    again = antiphon("apply", str(file), "--data", str(data), "--diff")
    assert (again.returncode, again.stdout) == (0, "No changes.\n")
    bad = antiphon("apply", "-", "--data", str(data), stdin="rules:\n- {name: a, hold: x}\n- {nmae: b}")
    assert bad.returncode == 2
    assert bad.stdout == ""
    assert [line.partition(": ")[0] for line in bad.stderr.splitlines()[:-1]] == ["-, line 2", "-, line 3", "-, line 3"]
    assert bad.stderr.splitlines()[-1] == "3 faults in -; nothing was changed."
