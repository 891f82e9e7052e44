"""A configuration file: every fault with its line, its place and its mend; what is right is taken as it is meant."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.actions.configuration.yaml_tree import DEEPEST, parse
from antiphon.core.configuration import Configuration, Known, understand
from antiphon.core.configuration.sections import SECTIONS
from antiphon.core.configuration.shapes import rota_of, rule_of, steps_of

KNOWN = Known(
    people={"ann@x.example": "responder", "ira@x.example": "admin"},
    admins=frozenset({"ira@x.example"}),
    rotas=frozenset({"Platform"}),
    policies=frozenset({"On call"}),
    entities={"db": "component", "acme": "customer", "crew": "team"},
    contracts={"Acme gold": "acme"},
    zone="Europe/Berlin",
    environ={"SMTP_PASSWORD": "tops3cret"},
    addresses={"mail": lambda address: None if "@" in address else "That is no mail address."},
    settings={"mail": lambda values: [] if "host" in values else [("host", "Mail server is missing.")]},
)


def read(text, known=KNOWN):
    root, problems = parse(text)
    return understand(root, known, problems=problems)


def taken(text, known=KNOWN) -> Configuration:
    found = read(text, known)
    assert isinstance(found, Configuration), "\n".join(map(str, found))
    return found


FAULTS = [
    # what YAML itself says
    ("catalog:\n\t- name: a", 2, "", "indent with spaces"),
    ("people: [", 1, "", "cannot be read"),
    ("catalog:\n  - a: b: c", 2, "", "put text that holds a colon in quotes"),
    ("a: &x 1\nb: *x", 2, "", "Aliases"),
    ("[" * 99, 1, "", f"More than {DEEPEST} levels"),
    ("organisation:\n  name: A\n  name: B", 3, "organisation.name", "stands twice here, first on line 2"),
    ("organisation:\n  name: !secret A", 2, "organisation.name", "tag"),
    ("just words", 1, "", "must begin with a section"),
    ("---\nrules: []\n---\nrules: []", 3, "", "A second document"),
    # keys
    ("pepole: []", 1, "pepole", "Did you mean “people”?"),
    ("catalog:\n- {kind: service, name: a, teir: 1}", 2, "catalog.a.teir", "Did you mean “tier”? Facts of your own"),
    ("stakeholders:\n  public: []", 2, "stakeholders.public", "no key of a list of stakeholders"),
    ("people:\n- {name: Ann}", 2, "people[1]", "This person has no email"),
    ("people: Ann", 1, "people", "A list is expected"),
    ("people:\n- Ann", 2, "people[1]", "A person is expected here"),
    ("people:\n- email: [a]\n  name: A", 2, "people[1].email", "One value is expected here, not a list"),
    ("organisation:\n  name:", 2, "organisation.name", "It is empty"),
    # values
    ("organisation:\n  zone: Europe/Berln", 2, "organisation.zone", "no such time zone"),
    ("organisation: {base_url: intranet}", 1, "organisation.base_url", "whole address"),
    ("catalog:\n- kind: service\n  name: a\n  revenue_per_minute: -5", 4, "catalog.a.revenue_per_minute",
     "not negative"),
    ("catalog:\n- {kind: service, name: a, tier: 0}", 2, "catalog.a.tier", "from 1 to 9"),
    ("catalog:\n- {kind: service, name: a, internal: perhaps}", 2, "catalog.a.internal", "yes or no"),
    ("catalog:\n- {kind: customer, name: a}", 2, "catalog.a.kind", "A customer stands under “customers:”"),
    ("catalog:\n- {kind: service, name: a, extra: 5}", 2, "catalog.a.extra", "Keys with values"),
    ("rules:\n- {name: a, hold: soon}", 2, "rules.a.hold", "length of time"),
    ("rules:\n- {name: a, severity: {red: SEV7}}", 2, "rules.a.severity.red", "SEV1, SEV2"),
    ("maintenance:\n- {title: a, starts: tomorrow, ends: 2026-01-01}", 2, "maintenance.a.starts",
     "a date or an instant"),
    # names that nobody has, things described twice
    ("catalog:\n- {kind: service, name: a, depends_on: [dbb]}", 2, "catalog.a.depends_on[1]", "Did you mean “db”?"),
    ("catalog:\n- {kind: service, name: a, owner: nobody}", 2, "catalog.a.owner", "neither a team"),
    ("catalog:\n- {kind: service, name: a, owner: [crew, ann@x.example]}", 2, "catalog.a.owner", "It has 2 owners"),
    ("catalog:\n- {kind: service, name: a, policy: none}", 2, "catalog.a.policy", "There is no policy “none”"),
    ("catalog:\n- {kind: service, name: a, part_of: [a]}", 2, "catalog.a.part_of", "It names itself"),
    ("catalog:\n- {kind: service, name: a, owned_by: [crew, db]}", 2, "catalog.a.owned_by", "It has 2 owners"),
    ("catalog:\n- kind: service\n  name: a\n  redundancy: [{of: [db], up: 1}]", 4, "catalog.a.redundancy",
     "does not depend on “db”"),
    ("catalog:\n- kind: service\n  name: a\n  depends_on: [db]\n  redundancy: [{of: [db], up: 2}]", 5,
     "catalog.a.redundancy[1]", "2 of 1 cannot work"),
    ("catalog:\n- {kind: service, name: a, redundancy: [{of: [], up: any}]}", 2, "catalog.a.redundancy[1]",
     "names nothing"),
    ("catalog:\n- kind: service\n  name: a\n  revenue_profile:\n  - {from: 09:00, to: 12:00, factor: 2}\n"
     "  - {from: 11:00, to: 13:00, factor: 3}", 5, "catalog.a.revenue_profile", "overlap on mon"),
    ("catalog:\n- {kind: service, name: a, revenue_profile: [{from: 22:00, to: 06:00, factor: 2}]}", 2,
     "catalog.a.revenue_profile[1]", "split one that passes midnight"),
    ("catalog:\n- {kind: service, name: a, zone: Mars/Base}", 2, "catalog.a.zone", "no such time zone"),
    ("catalog:\n- {kind: service, name: a, users: -1}", 2, "catalog.a.users", "from 0"),
    ("catalog:\n- {kind: service, name: a, documents: [{title: x, url: nowhere}]}", 2, "catalog.a.documents[1].url",
     "whole address"),
    ("duty_roles:\n  finance: {page_from: SEV2}", 2, "duty_roles.finance", "either “person: ann@example.org”"),
    ("duty_roles:\n  finance: {person: nobody@x.example}", 2, "duty_roles.finance.person", "Nobody has the address"),
    ("duty_roles:\n  financ: {person: ann@x.example}", 2, "duty_roles.financ", "Did you mean “finance”?"),
    ("catalog:\n- {kind: service, name: a}\n- {kind: team, name: a}", 3, "catalog.a",
     "described twice, first on line 2"),
    ("catalog:\n- {kind: service, name: a}\ncustomers:\n- {name: a}", 4, "customers.a", "described twice"),
    ("catalog:\n- {kind: service, name: acme}", 2, "catalog.acme", "as a customer already"),
    ("customers:\n- {name: db}", 2, "customers.db", "as a component already"),
    ("people:\n- {email: b@x.example, name: B}\n- {email: B@x.example, name: B}", 3, "people.B@x.example", "twice"),
    # people and paging
    ("people:\n- {email: ira@x.example, name: I, role: viewer}", 2, "people.ira@x.example", "is the last admin"),
    ("people:\n- {email: ira@x.example, name: I, active: no}", 2, "people.ira@x.example", "is the last admin"),
    ("people:\n- {email: b@x.example, name: B, contact_methods: [{mail: b}]}", 2, "people.b@x.example.contact_methods",
     "no mail address"),
    ("rotas:\n- {name: R, layers: []}", 2, "rotas.R", "has no layer"),
    ("rotas:\n- name: R\n  zone: Mars/One\n  layers: []", 3, "rotas.R.zone", "no such time zone"),
    ("rotas:\n- name: R\n  layers: [{name: L, members: [zoe@x.example], first: 2026-01-05}]", 3,
     "rotas.R.layers.L.members[1]", "Nobody has the address “zoe@x.example”"),
    ("rotas:\n- name: R\n  layers: [{name: L, members: [], first: 2026-01-05}]", 2, "rotas.R", "has no members"),
    ("rotas:\n- name: R\n  layers: [{name: L, members: [ann@x.example]}]", 3, "rotas.R.layers.L", "has no first"),
    ("policies:\n- {name: P, steps: [{page: [Platform]}]}", 2, "policies.P", "This policy has no catch_all"),
    ("policies:\n- {name: P, steps: [], catch_all: ann@x.example}", 2, "policies.P", "has no step"),
    ("policies:\n- {name: P, steps: [{page: [Nobody]}], catch_all: ann@x.example}", 2, "policies.P.steps[1].page[1]",
     "neither a person's address nor a rota"),
    # contracts and contacts
    ("customers:\n- name: c\n  contracts: [{name: K, service: db}]", 3, "customers.c.contracts.K",
     "This contract has no starts. Say when it begins"),
    ("customers:\n- name: c\n  contracts:\n  - {name: K, service: db, starts: 2026-02-01, ends: 2026-01-01}", 4,
     "customers.c.contracts.K.ends", "ends before it starts"),
    ("customers:\n- name: c\n  contracts:\n  - {name: Acme gold, service: db, starts: 2026-01-01, ends: 2026-02-01}", 4,
     "customers.c.contracts.Acme gold", "a contract of acme already"),
    ("customers:\n- name: c\n  contacts:\n  - {name: A, email: a@c.example}\n  - {name: A, email: a@c.example}", 5,
     "customers.c.contacts.a@c.example", "stands twice, first on line 4"),
    # rules, texts, channels
    ("rules:\n- name: a\n  when: severity ===", 3, "rules.a.when, column 12", "cannot be read here"),
    ("rules:\n- name: a\n  when: |\n    true &&\n    sevrity == 'x'", 5, "rules.a.when, column 1",
     "“sevrity” is not known"),
    ("rules:\n- {name: a, count: 3}", 2, "rules.a.window", "a window is needed"),
    ("rules:\n- {name: a, window: 5m}", 2, "rules.a.window", "say how many"),
    ("holding_messages:\n- {audience: public, type: security, approved_by: ann@x.example}", 2,
     "holding_messages[1].approved_by", "ann@x.example is a responder"),
    ("holding_messages:\n- audience: public\n  type: security\n  approved_by: ira@x.example\n  subject: S\n  body: |\n"
     "    One line.\n    {{ moon }}", 8, "holding_messages[1].body", "moon"),
    ("holding_messages:\n- {audience: public, type: security, approved_by: ira@x.example, body: B}", 2,
     "holding_messages[1]", "both subject and body"),
    ("mail:\n  host: h\n  password: {env: NOT_SET}", 3, "mail.password", "The environment has no NOT_SET"),
    ("mail:\n  password: {evn: A}", 2, "mail.password", "{env: NAME}"),
    ("mail:\n  port: 25", 2, "mail.host", "Mail server is missing"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "line", "path", "says"), FAULTS, ids=[f"{f[2]}: {f[3][:20]}" for f in FAULTS])
def test_every_fault_says_line_place_and_mend(text, line, path, says):
    problems = read(text)
    assert not isinstance(problems, Configuration)
    found = [problem for problem in problems if says in problem.sentence]
    assert [(each.line, each.path) for each in found] == [(line, path)], "\n".join(map(str, problems))


def test_all_faults_are_found_in_one_run_in_the_order_of_the_file():
    problems = read("rules:\n- {name: a, hold: soon}\n- {name: b, cuont: 2}\npeople:\n- {name: Ann}")
    assert [problem.line for problem in problems] == [2, 3, 5]


def test_secrets_come_from_the_environment_and_are_never_quoted():
    assert taken("mail: {host: h, password: {env: SMTP_PASSWORD}}").channels["mail"]["password"] == "tops3cret"
    broken = replace(KNOWN, settings={"mail": lambda values: [("password", "Too short.")]})
    assert "tops3cret" not in str(read("mail: {host: h, password: {env: SMTP_PASSWORD}}", broken))


def test_only_what_is_mentioned_is_an_entry_s_value():
    (entry,) = taken("catalog:\n- {kind: service, name: a, customer_facing: no}").catalog
    assert dict(entry.values) == {"kind": "service", "name": "a", "customer_facing": False}


def test_dates_are_whole_days_in_the_organisation_s_zone():
    (window,) = taken("maintenance:\n- {title: a, starts: 2026-01-31, ends: 2026-01-31}").maintenance
    assert window["starts"] == datetime(2026, 1, 30, 23, tzinfo=UTC)
    assert window["ends"] == datetime(2026, 1, 31, 23, tzinfo=UTC)
    tokyo = "organisation: {zone: Asia/Tokyo}\n"
    (window,) = taken(
        f"{tokyo}maintenance:\n- {{title: a, starts: 2026-01-31T09:00, ends: 2026-02-01T00:00Z}}"
    ).maintenance
    assert window["starts"] == datetime(2026, 1, 31, tzinfo=UTC)
    assert window["ends"] == datetime(2026, 2, 1, tzinfo=UTC)


def test_an_admin_may_hand_over_to_another():
    text = "people:\n- {email: ira@x.example, name: I, role: viewer}\n- {email: b@x.example, name: B, role: admin}"
    assert len(taken(text).people) == 2


def test_rotas_and_policies_take_the_shapes_of_their_rules():
    config = taken(
        """
rotas:
- name: Nights
  layers:
  - name: One
    members: [ANN@x.example, ira@x.example]
    first: 2026-01-05
    length: daily
    hours: [{from: 22:00, to: 06:00, days: fri-mon}]
  overrides: [{person: ira@x.example, starts: 2026-03-01, ends: 2026-03-02}]
policies:
- {name: P, steps: [{page: [Nights, ann@x.example], wait: 90s, by: [mail]}], catch_all: ira@x.example}
"""
    )
    rota = rota_of(config.rotas[0], zone="UTC", uid_of=str.upper)
    (layer,) = rota.layers
    assert layer.members == ("ANN@X.EXAMPLE", "IRA@X.EXAMPLE")
    assert (layer.length, layer.handoff) == (timedelta(days=1), time(9))
    assert layer.hours[0].days == {4, 5, 6, 0}
    assert layer.hours[0].start == time(22)
    assert rota.overrides[0].end - rota.overrides[0].start == timedelta(days=2)
    (step,) = steps_of(config.policies[0], uid_of=str.upper)
    assert [(target.kind, target.name) for target in step.targets] == [("rota", "Nights"), ("person", "ANN@X.EXAMPLE")]
    assert step.delay == timedelta(seconds=90)


def test_a_rule_keeps_its_words_for_severity():
    (entry,) = taken("rules:\n- {name: a, severity: {red: SEV1, grey: none}, hold: 2h, group_by: [team]}").rules
    rule = rule_of(entry, position=3)
    assert dict(rule.severity_map) == {"red": 1, "grey": None}
    assert (rule.hold, rule.group_by, rule.position) == (timedelta(hours=2), ("team",), 3)


def test_own_facts_are_kept_as_they_are_meant():
    own = '{cost centre: "0815", nodes: 3, live: yes, tags: [x, 1.5], gone: }'
    (entry,) = taken(f"catalog:\n- {{kind: service, name: a, extra: {own}}}").catalog
    assert entry["extra"] == {"cost centre": "0815", "nodes": 3, "live": True, "tags": ["x", 1.5], "gone": None}


def test_an_empty_file_and_empty_sections_say_nothing():
    assert taken("") == taken("# only a comment\ncatalog:\nrules: []") == Configuration(rules=())


@given(st.text(alphabet="abel:[]{}-&*!|>'\"\n \t#,0%@", max_size=120))
def test_no_text_breaks_the_reader(text):
    found = read(text)
    assert isinstance(found, Configuration) or all(problem.line >= 1 for problem in found)


_VALUES = st.recursive(
    st.sampled_from(["yes", "12", "-1", "a", "ann@x.example", "db", "2026-01-01", "5m", "SEV1", ""]),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["name", "email", "kind", "steps", "layers", "starts", "env"]), inner, max_size=4
        ),
    ),
    max_leaves=12,
)
_SECTIONS = (*SECTIONS, "mail")


@given(st.dictionaries(st.sampled_from(_SECTIONS), _VALUES, max_size=5))
def test_values_of_any_kind_in_any_place_are_taken_or_refused(values):
    found = read(str(values))  # a flow mapping is YAML too
    assert isinstance(found, Configuration) or found
