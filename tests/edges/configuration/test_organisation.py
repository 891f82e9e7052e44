"""Limits, digests, approvals, the address outside and what is measured, from a file: once, and refused by line."""

import pytest

from antiphon.core.audiences import Audience
from antiphon.core.calls import USUAL
from antiphon.core.digest import Pace
from antiphon.core.limits import Limits
from antiphon.core.social import Choice
from antiphon.db import approving, dead_man, provider_keys
from antiphon.db.models import Event, Organisation, Person
from antiphon.db.reaction_links import Measured, measured
from antiphon.db.snapshots import calls, social
from tests.edges.configuration.test_apply import apply, changed

pytestmark = pytest.mark.django_db
FILE = """
people:
- {email: ira@x.example, name: Ira, role: admin}
- {email: lea@x.example, name: Lea, role: communicator}
- {email: vera@x.example, name: Vera, role: viewer}
limits:
  per_person: {sms: 3}
  instance: 200
digest: {messages: 5, window: 1h}
approvals:
  four_eyes_up_to: SEV2
  deadline: {share: 40%, at_sev1: 2m}
  further: {name: the board, people: [Lea@x.example], audiences: [public], up_to: SEV1, legal_only: no}
watch:
  url: {env: WATCH}
returns: {mailgun_signing_key: {env: SIGNING}}
measure: {clicks: yes}
calls: {accounts: 3}
posts: {up_to: SEV2, networks: [LinkedIn, X, LinkedIn]}
"""
SIGNING = "key-0815"
WATCH = "https://watch.example.org/ping/4711"


ENV = {"WATCH": WATCH, "SIGNING": SIGNING}


def test_a_file_says_how_the_house_goes_about_it_and_twice_is_once():
    told = changed(FILE, **ENV)
    assert "~ limits settings: per person sms 5 → 3; instance 500 → 200" in told
    assert "~ digest settings: messages 3 → 5; minutes 30 → 60" in told
    assert "~ measure settings: clicks no → yes" in told
    assert f"~ calls settings: most {USUAL} → 3" in told
    assert "~ posts settings: up to 1 → 2; networks nothing → LinkedIn, X" in told
    assert "+ watch address outside" in told
    assert "~ returns settings: sets mailgun signing key" in told
    [approvals] = [line for line in told if line.startswith("~ approvals settings: ")]
    assert "further people is now lea@x.example" in approvals
    assert "pace share 50 → 40" in approvals
    settings = Organisation.objects.get().settings
    assert Limits.of(settings) == Limits(
        per_person={"sms": 3, "voice": 5, "mail": 30, "webhook": 600}, recipient=300, instance=200
    )
    assert Pace.of(settings) == Pace(messages=5, minutes=60)
    assert measured() == Measured(opens=False, clicks=True)
    assert dead_man.url() == WATCH
    assert (calls.most(), social.choice()) == (3, Choice(up_to=2, networks=("LinkedIn", "X")))
    rules = approving.rules()
    assert rules.further.people == {Person.objects.get(name="Lea").uid}
    assert rules.further.audiences == frozenset({Audience.PUBLIC})
    assert rules.further.name == "the board"
    assert (rules.four_eyes_up_to, rules.pace.minutes_at_sev1, rules.pace.minutes) == (2, 2, 15)
    before = Event.objects.count()
    assert changed(FILE, **ENV) == []
    assert Event.objects.count() == before


def test_what_a_file_leaves_out_stays_and_a_trial_changes_nothing():
    apply(FILE, **ENV)
    assert changed("digest: {messages: 0}", trial=True) == ["~ digest settings: messages 5 → 0"]
    assert changed("limits: {per_person: {mail: 9}}") == ["~ limits settings: per person mail 30 → 9"]
    assert changed("approvals: {further: {people: []}}") == ["~ approvals settings: further people is now nobody"]
    assert changed("posts: {up_to: none}") == ["~ posts settings: up to 2 → 0"]
    assert social.choice().networks == ("LinkedIn", "X")
    settings = Organisation.objects.get().settings
    assert Pace.of(settings) == Pace(messages=5, minutes=60)
    assert Limits.of(settings).for_person("sms") == 3
    assert approving.rules().further.name == "the board"


def test_the_address_outside_is_never_shown():
    told = apply(FILE, **ENV).changes + apply(FILE, **ENV | {"WATCH": f"{WATCH}/other"}).changes
    assert str(told[-1]) == "~ watch address outside"
    said = [*map(str, told), *(str(row.body) for row in Event.objects.all()), str(Organisation.objects.get().settings)]
    assert not any("4711" in each or "0815" in each for each in said)
    assert provider_keys.load().mailgun_signing_key == SIGNING
    assert changed("watch: {url: ''}") == ["- watch address outside"]
    assert changed("watch: {url: ''}") == []
    assert not dead_man.is_set()


@pytest.mark.parametrize(
    ("text", "path", "line", "says"),
    [
        ("limits:\n  recipient: 0", "limits.recipient", 2, "whole number from 1"),
        ("limits:\n  per_person:\n    pigeon: 3", "limits.per_person.pigeon", 3, "pigeon"),
        ("limits:\n  per_hour: 3", "limits.per_hour", 2, "no key"),
        ("digest:\n  messages: 101", "digest.messages", 2, "0 to 100"),
        ("digest:\n  window: 90s", "digest.window", 2, "whole minutes"),
        ("digest:\n  messages: 2\n  window: 1d", "digest.window", 3, "5 to 240"),
        ("approvals:\n  four_eyes_up_to: SEV9", "approvals.four_eyes_up_to", 2, "SEV5"),
        ("approvals:\n  deadline:\n    share: 5%", "approvals.deadline.share", 3, "10 to 90"),
        ("approvals:\n  deadline: {at_sev1: 5h}", "approvals.deadline.at_sev1", 2, "1 to 240"),
        ("approvals:\n  further:\n    audiences: [internal]", "approvals.further.audiences[1]", 3, "internal"),
        ("approvals:\n  further:\n    people: [no@x.example]", "approvals.further.people[1]", 3, "Nobody has"),
        ("watch: {}", "watch", 1, "no url"),
        ("watch:\n  url: {env: WATCH}", "watch.url", 2, "no WATCH"),
        ("watch:\n  url: ftp://watch.example.org", "watch.url", 2, "http and https"),
        ("returns:\n  sendgrid_public_key: MFkw", "returns.sendgrid_public_key", 2, "SendGrid"),
        ("returns:\n  mailgun_signing_key: {env: NONE}", "returns.mailgun_signing_key", 2, "no NONE"),
        ("calls:\n  accounts: 101", "calls.accounts", 2, "from 0 to"),
        ("posts:\n  networks: [a, b, c, d, e, f, g, h, i]", "posts.networks", 2, "networks"),
        ("posts:\n  up_to: SEV9", "posts.up_to", 2, "SEV5"),
        ("measure:\n  opens: maybe", "measure.opens", 2, "yes or no"),
        ("measure: yes", "measure", 1, "expected here"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_line(text, path, line, says):
    applied = apply(text)
    assert not applied.changes
    problems = [problem for problem in applied.problems if says in problem.sentence]
    assert [(problem.path, problem.line) for problem in problems] == [(path, line)], applied.problems
    assert not Organisation.objects.exclude(settings={}).exists()


def test_who_may_not_approve_is_not_asked_to():
    people = FILE.partition("limits:")[0]
    viewer = f"{people}approvals:\n  further:\n    people: [vera@x.example]"
    [problem] = apply(viewer).problems
    assert (problem.line, problem.path) == (8, "approvals.further.people")
    assert "vera@x.example is a viewer" in problem.sentence
    apply(people)
    Person.objects.filter(name="Lea").update(is_active=False)
    [problem] = apply("approvals:\n  further: {people: [lea@x.example]}").problems
    assert (problem.line, problem.path) == (2, "approvals.further.people")
    assert "gone" in problem.sentence
