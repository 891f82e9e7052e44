"""Importing: twice is once, a trial says what a run does, nobody's fact is overwritten, a bad row leaves the rest."""

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from antiphon.actions import configuration
from antiphon.actions.catalog.entities import save_entity
from antiphon.actions.catalog.importing import File, Imported, import_files
from antiphon.core.decision import SYSTEM, Actor
from antiphon.db import record, revisions
from antiphon.db.graph import forget
from antiphon.db.models import Contact, Contract, DutyRole, Entity, Event, Link, Person

NOW = datetime(2026, 5, 3, 10, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db

BACKSTAGE = """
kind: Component
metadata: {name: shop, title: The shop}
spec:
  type: service
  owner: team-a
  dependsOn: [resource:db, resource:cache]
---
kind: Resource
metadata: {name: db}
spec: {type: database}
---
kind: Resource
metadata: {name: cache}
spec: {type: cache, dependencyOf: [component:shop]}
"""
TABLE = (
    "name,email,segment,services,contract,sla,starts,ends\n"
    "acme,bo@acme.example,business,shop,Gold,4h,2026-01-01,2026-12-31\n"
)


@pytest.fixture(autouse=True)
def _fresh_graph():
    forget()


def take(*texts, trial=False, kind="", expected="", now=NOW) -> Imported:
    files = [File(f"{number}.yaml", text) for number, text in enumerate(texts)]
    found = import_files(files, kind=kind, actor=SYSTEM, now=now, trial=trial, expected=expected)
    assert isinstance(found, Imported)
    return found


def told(imported) -> list[str]:
    return [str(change) for change in imported.changes]


@pytest.fixture
def ira() -> Actor:
    person = Person.objects.create(email="ira@x.example", name="Ira Novak", role="admin")
    return Actor(kind="person", uid=person.uid, role="admin")


def test_twice_is_once_and_a_trial_says_the_same():
    trial = take(BACKSTAGE, TABLE, trial=True)
    assert not Entity.objects.exists()
    assert not Event.objects.exists()
    first = take(BACKSTAGE, TABLE, expected=trial.digest)
    assert told(first) == told(trial)
    assert first.errors == ()
    before = Event.objects.count(), revisions.current("catalog")
    again = take(BACKSTAGE, TABLE, now=NOW + timedelta(days=1))
    assert (told(again), again.kept, again.vanished) == ([], (), ())
    assert again.summary()["unchanged"] == first.summary()["added"] == 10
    assert (Event.objects.count(), revisions.current("catalog")) == before
    assert record.verify(record.CONFIGURATION) is None


def test_each_field_remembers_its_source():
    take(BACKSTAGE, TABLE)
    shop = Entity.objects.get(name="shop")
    assert shop.origins == dict.fromkeys(("kind", "title", "owner", "extra.backstage", "extra.type"), "backstage")
    assert Contact.objects.get().origins == {"name": "customers", "segment": "customers"}
    assert Contract.objects.get().origins["service"] == "customers"
    assert set(Link.objects.values_list("source__name", "target__name", "origin")) == {
        ("shop", "db", "backstage"), ("shop", "cache", "backstage"), ("acme", "shop", "customers"),
    }  # fmt: skip


def test_what_a_person_or_another_source_set_is_kept_and_told(ira):
    take(BACKSTAGE)
    shop = Entity.objects.get(name="shop")
    saved = save_entity(values={"title": "Our shop", "tier": 1}, uid=shop.uid, actor=ira, now=NOW)
    assert isinstance(saved, Entity)
    assert saved.origins["tier"] == f"person:{ira.uid} 2026-05-03"
    imported = take(BACKSTAGE.replace("The shop", "The new shop"))
    assert told(imported) == []
    assert [str(each) for each in imported.kept] == [
        "= entity shop: title stays Our shop, set by Ira Novak, 3 May 2026; the file says The new shop"
    ]
    other = take("catalog:\n- {kind: application, name: shop, tier: 2, users: 10}")
    assert told(other) == ["~ entity shop: users nothing → 10"]
    assert {each.field for each in other.kept} == {"kind", "tier"}
    shop.refresh_from_db()
    assert (shop.kind, shop.tier, shop.title, shop.users) == ("service", 1, "Our shop", 10)


def test_applying_a_file_takes_their_place_and_says_so(ira):
    take(BACKSTAGE)
    shop = Entity.objects.get(name="shop")
    save_entity(values={"tier": 1}, uid=shop.uid, actor=ira, now=NOW)
    text = "catalog:\n- {kind: service, name: shop, title: Shop, tier: 2}"
    found = configuration.apply(text, source="t.yaml", environ={}, actor=SYSTEM, now=NOW)
    assert isinstance(found, configuration.Applied)
    assert [str(each) for each in found.changes] == [
        "~ entity shop: title The shop → Shop (was from Backstage); tier 1 → 2 (was by Ira Novak, 3 May 2026)"
    ]
    shop.refresh_from_db()
    assert (shop.origins["tier"], shop.origins["owner"]) == ("file", "backstage")
    bodies = " ".join(Event.objects.values_list("body", flat=True))
    assert "Ira" not in bodies


def test_links_that_a_source_names_no_longer_go_and_others_stay(ira):
    take(BACKSTAGE, TABLE)
    db, shop = Entity.objects.get(name="db"), Entity.objects.get(name="shop")
    Link.objects.create(source=shop, target=db, kind="part_of", origin=f"person:{ira.uid}")
    without = BACKSTAGE.replace("dependsOn: [resource:db, resource:cache]", "dependsOn: []")
    trial = told(take(without, trial=True))
    assert trial == ["- link shop depends on db: Backstage no longer names it"]
    assert told(take(without)) == trial
    # What depends on the cache was told by the cache as well.
    assert set(Link.objects.values_list("target__name", "kind")) == {
        ("cache", "depends_on"), ("db", "part_of"), ("shop", "contracted_for"),
    }  # fmt: skip


def test_a_link_told_by_its_other_end_goes_when_that_end_drops_it():
    shop = "kind: Component\nmetadata: {name: shop}\nspec: {type: service}"
    cache = "kind: Resource\nmetadata: {name: cache}\nspec: {type: cache, dependencyOf: [component:shop]}"
    take(shop, cache)
    assert told(take(shop)) == []
    assert Link.objects.count() == 1
    assert told(take(cache.replace(", dependencyOf: [component:shop]", ""))) == [
        "- link shop depends on cache: Backstage no longer names it"
    ]


def test_a_link_to_a_spare_stays_while_it_is_counted(ira):
    take(BACKSTAGE)
    shop = Entity.objects.get(name="shop")
    spares = [{"of": ["db"], "up": 1}]
    assert isinstance(save_entity(values={"redundancy": spares}, uid=shop.uid, actor=ira, now=NOW), Entity)
    without = BACKSTAGE.replace("dependsOn: [resource:db, resource:cache]", "dependsOn: []")
    assert told(take(without)) == []
    save_entity(values={"redundancy": []}, uid=shop.uid, actor=ira, now=NOW)
    assert told(take(without)) == ["- link shop depends on db: Backstage no longer names it"]


def test_what_vanishes_from_a_file_is_told_and_stays():
    take(BACKSTAGE)
    one = BACKSTAGE.partition("---")[0].replace(", resource:cache", "")
    gone = take(one)
    assert gone.vanished == ("cache", "db")
    assert Entity.objects.filter(name__in=gone.vanished).count() == 2


def test_a_trial_s_word_holds_only_while_the_catalog_is_the_same():
    trial = take(BACKSTAGE, trial=True)
    take("catalog:\n- {kind: component, name: db}")
    late = take(BACKSTAGE, expected=trial.digest)
    assert late.moved
    assert not Entity.objects.filter(name="shop").exists()
    assert not take(BACKSTAGE, expected=late.digest).moved


def test_kinds_may_name_each_other_s_things_in_any_order():
    imported = take(TABLE, "catalog:\n- {kind: workflow, name: buy, depends_on: [shop]}", BACKSTAGE)
    assert imported.errors == ()
    assert Link.objects.filter(source__name="buy", target__name="shop").exists()
    assert take(BACKSTAGE, TABLE, "catalog:\n- {kind: workflow, name: buy, depends_on: [shop]}").changes == ()


def test_what_rests_on_a_faulty_row_of_another_kind_of_file_is_told():
    bad = "catalog:\n- {kind: service, name: shop, tier: 99}\n- {kind: service, name: other}"
    imported = take(TABLE, bad)
    assert [(error.file, error.line) for error in imported.errors] == [("0.yaml", 2), ("0.yaml", 2), ("1.yaml", 2)]
    assert "which has a fault of its own (1.yaml, line 2)" in imported.errors[0].message
    assert not Contract.objects.exists()
    assert take(TABLE, bad).changes == ()


def test_a_table_may_name_a_customer_by_the_title_that_another_file_gives_it():
    table = "customer,email\nAcme Corp,bo@acme.example\n"
    imported = take(table, "customers:\n- {name: acme, title: Acme Corp}")
    assert imported.errors == ()
    assert [row.customer.name for row in Contact.objects.all()] == ["acme"]
    assert take(table).changes == ()


def test_nothing_readable_changes_nothing():
    imported = take("", "what: ever", "a: [")
    assert imported.readable == 0
    assert [error.message.partition(":")[0] for error in imported.errors] == [
        "The file is empty.", "What it is cannot be told from what stands in it; name its kind", "Line 1",
    ]  # fmt: skip
    assert not Event.objects.exists()


def test_ten_times_the_rows_ask_the_database_about_as_often():
    def text(many: int) -> str:
        rows = (f"- {{kind: service, name: s{many}-{n}, depends_on: [s{many}-{(n + 1) % many}]}}" for n in range(many))
        return "catalog:\n" + "\n".join(rows)

    asked = []
    for many in (20, 200):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            take(text(many))
        asked.append(len(queries))
    assert asked[1] <= asked[0] + 2


FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "title": st.sampled_from(["One", "Two"]),
        "tier": st.integers(1, 9),
        "strategic": st.sampled_from(["yes", "no"]),
        "environment": st.sampled_from(["production", "staging"]),
        "regions": st.sampled_from(["[eu]", "[eu, us]", "[]"]),
        "depends_on": st.sampled_from(["[a]", "[b, c]", "[]"]),
        "extra": st.sampled_from(["{x: 1}", "{x: 2, y: no}"]),
    },
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(files=st.lists(st.dictionaries(st.sampled_from("abcde"), FIELDS, max_size=4), min_size=1, max_size=3))
def test_whatever_the_files_say_a_second_run_changes_nothing(files):
    texts = []
    for rows in files:
        lines = (
            f"- {{kind: service, name: {name}, {', '.join(f'{key}: {value}' for key, value in facts.items())}}}"
            for name, facts in rows.items()
            if name not in facts.get("depends_on", "")
        )
        texts.append("catalog:\n" + "\n".join(lines))
    trial = take(*texts, trial=True)
    assert told(take(*texts)) == told(trial)
    assert take(*texts).changes == ()


def test_duty_roles_are_held_by_a_person_or_a_rota():
    text = (
        "people: [{email: lea@x.example, name: Lea}]\n"
        "duty_roles:\n  finance: {person: lea@x.example, page_from: SEV1}\n  legal: {person: lea@x.example}\n"
    )
    for again in (False, True):
        found = configuration.apply(text, source="t.yaml", environ={}, actor=SYSTEM, now=NOW)
        assert isinstance(found, configuration.Applied)
        assert bool(found.changes) != again
    lea = Person.objects.get()
    assert list(DutyRole.objects.values_list("role", "kind", "target", "page_from")) == [
        ("finance", "person", lea.uid, 1), ("legal", "person", lea.uid, 2),
    ]  # fmt: skip


# --- the command ----------------------------------------------------------------------------------------------------


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
def test_the_command_ends_with_a_summary(tmp_path: Path, monkeypatch):
    monkeypatch.delenv("ANTIPHON_DATABASE_URL", raising=False)
    data, table = str(tmp_path / "data"), tmp_path / "customers.csv"
    (tmp_path / "catalog-info.yaml").write_text(BACKSTAGE)
    rows = TABLE.replace(",", ";") + "bad;nowhere;;;;;;\n"
    table.write_bytes(b"\xef\xbb\xbf" + rows.encode())
    files = [str(tmp_path / "catalog-info.yaml"), str(table)]
    trial = antiphon("catalog", "import", *files, "--data", data, "--diff")
    assert (trial.returncode, Path(data).exists()) == (0, False), trial.stderr
    run = antiphon("catalog", "import", *files, "--data", data)
    assert run.stdout.splitlines()[:-1] == trial.stdout.splitlines()[:-1]
    summary = json.loads(run.stdout.splitlines()[-1])
    assert (summary["added"], summary["kept"], summary["nouns"]["contact"]["errors"]) == (10, 0, 1)
    assert summary["errors"] == [
        {
            "file": "customers.csv",
            "line": 3,
            "field": "email",
            "message": "“nowhere” does not fit. Write a mail address such as ann@example.org.",
        }
    ]
    again = json.loads(antiphon("catalog", "import", *files, "--data", data).stdout.splitlines()[-1])
    assert (again["added"], again["changed"], again["unchanged"]) == (0, 0, 10)
    none = antiphon("catalog", "import", str(tmp_path / "missing.yaml"), "--data", data)
    assert none.returncode == 2
    assert none.stderr.splitlines()[-1] == "Nothing could be read, so nothing was changed."
    assert json.loads(none.stdout)["errors"][0]["message"] == "It cannot be read: No such file or directory."
