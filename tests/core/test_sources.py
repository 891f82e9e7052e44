"""Files of other systems become rows: what each format means, what is set aside, and that order does not matter."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.actions.configuration.yaml_tree import parse, parse_all
from antiphon.core.sources import Catalog, backstage, customers, gather, opslevel, ours, recognise, recognise_table
from antiphon.core.sources.origins import Outcome, by_person, decide, in_words
from antiphon.core.sources.rows import NEEDED_BY, Wire

EMPTY = Catalog()
NOW = datetime(2026, 5, 3, 12, tzinfo=UTC)

COMPONENT = """
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: artist-web
  title: Artist web
  annotations:
    antiphon.io/tier: "1"
    antiphon.io/revenue-per-minute: "180"
    antiphon.io/data-classes: personal, payment
    other.io/tier: "9"
  links:
  - {url: https://wiki.example/run, title: Our runbook}
  - {url: https://g.example/d, title: Dashboard, icon: dashboard}
  - {url: /relative, title: Left out}
spec:
  type: website
  lifecycle: experimental
  owner: group:default/team-a
  system: portal
  dependsOn: [resource:db, petstore]
  consumesApis: [petstore]
---
kind: Component
metadata: {name: petstore}
spec: {type: service, providesApis: [petstore], owner: "user:jo"}
---
kind: API
metadata: {name: petstore}
spec: {type: openapi, owner: team-a}
---
kind: Resource
metadata: {name: db, namespace: other}
spec: {type: database, owner: team-a}
---
kind: Resource
metadata: {name: db}
spec: {type: database, dependencyOf: [component:petstore]}
---
kind: System
metadata: {name: portal}
spec: {}
---
kind: User
metadata: {name: jo}
spec: {profile: {email: Jo@X.example}}
---
kind: Location
metadata: {name: all}
"""


def from_backstage(*texts, known=EMPTY):
    files = [(f"{number}.yaml", parse_all(text)[0]) for number, text in enumerate(texts)]
    records, errors = backstage.translate(files, known)
    sheet = gather(records, known, tells_all=True)
    return replace(sheet, errors=[*errors, *sheet.errors])


def from_ours(*texts, known=EMPTY):
    return from_files([(f"{number}.yaml", text) for number, text in enumerate(texts)], known)


def from_files(files, known=EMPTY):
    found = [ours.translate(file, parse(text)[0]) for file, text in files]
    sheet = gather([record for records, _ in found for record in records], known)
    return replace(sheet, errors=[*(error for _, errors in found for error in errors), *sheet.errors])


def from_table(text, known=EMPTY):
    records, errors = customers.translate("c.csv", text, known)
    sheet = gather(records, known)
    return replace(sheet, errors=[*errors, *sheet.errors])


def said(sheet):
    return [(error.line, error.field, error.message) for error in sheet.errors]


# --- Backstage ----------------------------------------------------------------------------------------------------


def test_backstage_s_things_are_named_linked_and_owned():
    known = replace(EMPTY, people=frozenset({"jo@x.example"}))
    sheet = from_backstage(COMPONENT, known=known)
    assert said(sheet) == []
    rows = {row.name: row for row in sheet.entities}
    assert {name: row.values["kind"] for name, row in rows.items()} == {
        "artist-web": "application", "petstore": "service", "petstore-api": "service", "db": "component",
        "other.db": "component", "portal": "application", "team-a": "team",
    }  # fmt: skip
    web = rows["artist-web"].values
    assert (web["tier"], web["revenue_per_minute"], web["environment"], web["owner"]) == (
        1,
        180,
        "development",
        "team-a",
    )
    assert web["data_classes"] == ["personal", "payment"]
    assert web["runbook"] == "https://wiki.example/run"
    assert [each["kind"] for each in web["documents"]] == ["runbook", "dashboard"]
    assert rows["petstore"].values["owner"] == "jo@x.example"
    assert {wire for row in sheet.entities for wire in row.wires} == {
        Wire("artist-web", "db", "depends_on"),
        Wire("artist-web", "petstore", "depends_on"),
        Wire("artist-web", "petstore-api", "depends_on"),
        Wire("artist-web", "portal", "part_of"),
        Wire("petstore-api", "petstore", "depends_on"),
        Wire("petstore", "db", "depends_on"),
    }
    assert NEEDED_BY in rows["db"].tells


def test_what_backstage_names_and_nobody_knows_is_left_out_and_told():
    sheet = from_backstage("kind: Component\nmetadata: {name: a}\nspec:\n  dependsOn: [gone]\n  type: service")
    assert [row.name for row in sheet.entities] == ["a"]
    assert said(sheet) == [
        (4, "depends_on", "The catalog has no “gone”; add it to the files, or correct the name. It was left out.")
    ]


def test_a_component_is_not_taken_for_the_api_of_its_name():
    text = "kind: Component\nmetadata: {name: petstore}\nspec:\n  type: service\n  providesApis: [petstore]"
    sheet = from_backstage(text)
    assert sheet.entities[0].wires == ()
    assert [(line, "“api:petstore”" in message) for line, _, message in said(sheet)] == [(5, True)]


def test_a_name_stays_with_whom_it_was_given_to():
    api = "kind: API\nmetadata: {name: petstore}\nspec: {type: openapi}"
    alone = from_backstage(api)
    assert [row.name for row in alone.entities] == ["petstore"]
    known = replace(EMPTY, kinds={"petstore": "service"}, aliases={"api:default/petstore": "petstore"})
    both = from_backstage(api, "kind: Component\nmetadata: {name: petstore}\nspec: {type: service}", known=known)
    assert {row.values["extra"]["backstage"]: row.name for row in both.entities} == {
        "api:default/petstore": "petstore",
        "component:default/petstore": "petstore-component",
    }


# --- OpsLevel -----------------------------------------------------------------------------------------------------


def test_opslevel_s_service_with_its_aliases_tools_and_team():
    text = """
version: 1
service:
  name: Shopping Cart
  owner: order_team
  lifecycle: alpha
  tier: tier_2
  aliases: [cart]
  dependencies:
  - alias: payment_gateway
  - gone
  tools:
  - {name: Graphs, category: metrics, url: "https://g.example"}
"""
    other = "version: 1\nservice:\n  name: Payment Gateway\n  dependencies: {dependency_of: [cart]}"
    files = tuple((f"{n}.yml", parse_all(each)[0]) for n, each in enumerate((text, other)))
    records, errors = opslevel.translate(files, EMPTY)
    sheet = gather(records, EMPTY, tells_all=True)
    assert errors == []
    assert [error.line for error in sheet.errors] == [11]
    rows = {row.name: row for row in sheet.entities}
    cart = rows["Shopping Cart"]
    assert (cart.values["tier"], cart.values["environment"], cart.values["owner"]) == (2, "development", "order_team")
    assert cart.values["documents"] == [{"kind": "dashboard", "title": "Graphs", "url": "https://g.example"}]
    assert (
        set(cart.wires)
        == set(rows["Payment Gateway"].wires)
        == {Wire("Shopping Cart", "Payment Gateway", "depends_on")}
    )
    assert rows["order_team"].values == {"kind": "team"}


# --- tables -------------------------------------------------------------------------------------------------------

KNOWN = replace(EMPTY, kinds={"shop": "service", "mail": "service", "acme": "customer"}, aliases={"acme corp": "acme"})


def test_a_table_s_lines_of_one_customer_belong_together():
    sheet = from_table(
        "Company\tName\tE-Mail\tservices\tSLA\tcontract\tstart\tend\n"
        "Acme Corp\tBo\tBO@acme.example\tshop|mail\t99.9 %\tGold\t2026-01-01\t2026-12-31\n"
        "Acme Corp\t\ttess@acme.example\t\t\t\t\t\n",
        KNOWN,
    )
    assert said(sheet) == []
    assert [(row.name, row.noun) for row in sheet.entities] == [("acme", "customer")]
    assert [(row.email, row.values["name"]) for row in sheet.contacts] == [
        ("bo@acme.example", "Bo"), ("tess@acme.example", "tess"),
    ]  # fmt: skip
    assert [(row.name, row.service) for row in sheet.contracts] == [("Gold (shop)", "shop"), ("Gold (mail)", "mail")]
    assert sheet.contracts[0].values["downtime_minutes_per_month"] == 43
    assert sheet.contracts[0].values["ends_at"] == datetime(2027, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("row", "field", "mend"),
    [
        ("new,no-address,,,,", "email", "Write a mail address"),
        ("new,a@x.example,nope,,,", "uses", "The catalog has no “nope”"),
        ("new,a@x.example,shop,Gold,4h,2026-01-01", "ends", "no date in “ends”"),
        (",a@x.example,,,,", "name", "names no customer"),
        ("shop,a@x.example,,,,", "", "as a service already"),
    ],
)
def test_a_line_that_cannot_be_is_set_aside_whole(row, field, mend):
    sheet = from_table(f"name,email,services,contract,sla,starts,ends\ngood,g@x.example,,,,\n{row}\n", KNOWN)
    assert [each.email for each in sheet.contacts] == ["g@x.example"]
    assert [each.name for each in sheet.entities] == ["good"]
    (error,) = sheet.errors
    assert (error.line, error.field) == (3, field)
    assert mend in error.message


def test_lines_are_counted_as_an_editor_does():
    sheet = from_table('name,email,contact\n"a\n",a@x.example,"A\nB"\nb,bad,\n', KNOWN)
    assert [error.line for error in sheet.errors] == [5]


# --- our own ------------------------------------------------------------------------------------------------------


def test_a_row_s_fault_leaves_the_others():
    sheet = from_ours(
        "catalog:\n"
        "- {kind: service, name: good}\n"
        "- {kind: service, name: neg, revenue_per_minute: -1}\n"
        "- {kind: service, name: on-neg, depends_on: [neg]}\n"
        "- {kind: service, name: good}\n"
        "- {kind: service, name: two, owner: [a, b]}\n"
        "- {kind: service, name: alone, depends_on: [nobody]}\n"
        "customers:\n"
        "- name: c\n"
        "  contracts:\n"
        "  - {name: k, service: good}\n"
        "  - {name: fine, service: good, starts: 2026-01-01, ends: 2026-12-31}\n"
        "  contacts: [{name: A, email: nowhere}, {name: B, email: b@c.example}]\n"
    )
    assert [row.name for row in sheet.entities] == ["good", "c"]
    assert [row.name for row in sheet.contracts] == ["fine"]
    assert [row.email for row in sheet.contacts] == ["b@c.example"]
    assert [line for line, _, _ in said(sheet)] == [3, 4, 5, 6, 7, 11, 11, 13]
    assert "has a fault of its own (0.yaml, line 3)" in said(sheet)[1][2]


def test_two_files_may_not_contradict_each_other():
    one = "catalog:\n- {kind: team, name: a}\n- {kind: team, name: b}\n- {kind: service, name: s, owner: a}"
    sheet = from_ours(one, "catalog:\n- {kind: service, name: s, owner: b}")
    assert "two owners: “a” (0.yaml, line 4) and “b”" in sheet.errors[0].message
    assert next(row for row in sheet.entities if row.name == "s").values["owner"] == "a"


def test_what_a_customer_s_own_fault_takes_with_it():
    sheet = from_ours("customers:\n- name: c\n  strategic: perhaps\n  contacts: [{name: B, email: b@c.example}]")
    assert sheet.contacts == []
    assert [line for line, _, _ in said(sheet)] == [3, 4]


NAMES = ("a", "b", "c", "d", "e")
FACTS = {"title": "T", "tier": "2", "runbook": "https://x.example", "strategic": "yes", "users": "5"}


@given(
    st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(sorted(FACTS))), unique=True, min_size=1, max_size=12),
    st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)), unique=True, max_size=6),
    st.randoms(use_true_random=False),
)
def test_the_order_of_files_that_tell_of_different_things_does_not_matter(facts, links, random):
    files = [f"catalog:\n- {{kind: service, name: {name}, {key}: '{FACTS[key]}'}}" for name, key in facts]
    files = [each.replace("'", "") for each in files]
    files += [f"catalog:\n- {{kind: service, name: {a}, depends_on: [{b}]}}" for a, b in links]
    named = [(f"{number}.yaml", text) for number, text in enumerate(files)]
    shuffled = random.sample(named, len(named))

    def whole(found):
        sheet = from_files(found)
        rows = {row.name: (dict(row.values), frozenset(row.wires)) for row in sheet.entities}
        return rows, sorted({(error.file, error.line, error.field) for error in sheet.errors})

    assert whole(named) == whole(shuffled)


# --- who may change what ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("origin", "before", "source", "overrule", "outcome"),
    [
        ("", None, "backstage", False, Outcome.SET),
        ("", 3, "backstage", False, Outcome.KEPT),
        ("backstage", 3, "backstage", False, Outcome.SET),
        ("opslevel", 3, "backstage", False, Outcome.KEPT),
        ("person:abc 2026-05-03", None, "backstage", False, Outcome.KEPT),
        ("person:abc 2026-05-03", 3, "file", True, Outcome.SET),
        ("person:abc 2026-05-03", 3, "person:abc 2026-06-01", False, Outcome.SET),
        ("opslevel", 7, "backstage", False, Outcome.SAME),
    ],
)
def test_who_may_change_a_field(origin, before, source, overrule, outcome):
    found = decide(before=before, after=7, default=None, origin=origin, source=source, overrule=overrule)
    assert found is outcome


def test_an_origin_in_words():
    assert in_words(by_person("abc", now=NOW), {"abc": "Ira"}) == "by Ira, 3 May 2026"
    assert in_words("backstage", {}) == "from Backstage"
    assert in_words("api:deploy bot", {}) == "by the token deploy bot"
    assert in_words("person:gone", {}) == "by somebody who is gone"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (COMPONENT, "backstage"),
        ("- kind: Component\n  metadata: {name: a}", "backstage"),
        ("version: 1\nservice: {name: a}", "opslevel"),
        ("catalog: []", "antiphon"),
        ("whatever: 1", ""),
        ("just words", ""),
    ],
)
def test_a_file_s_kind_is_told_from_what_stands_in_it(text, kind):
    assert recognise(parse_all(text)[0]) == kind


def test_a_table_is_told_from_its_first_line():
    assert recognise_table("x", "Customer;E-mail\na;b")
    assert recognise_table("x.csv", "one column")
    assert not recognise_table("x", "catalog:\n- {name: a, email: b}")
    assert not recognise_table("x", COMPONENT)
