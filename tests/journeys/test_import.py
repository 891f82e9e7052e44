"""A catalog that came from elsewhere carries an incident; what people set by hand outlives the next import."""

import pytest

from antiphon.actions import configuration
from antiphon.actions.catalog.entities import save_entity
from antiphon.actions.catalog.importing import File, Imported, import_files
from antiphon.cli.apply import example
from antiphon.core.decision import SYSTEM, Actor
from antiphon.db.models import Entity
from tests.world import World

pytestmark = pytest.mark.patient

BACKSTAGE = """
kind: Component
metadata:
  name: shop-web
  annotations: {antiphon.io/customer-facing: "yes", antiphon.io/revenue-per-minute: "40"}
spec: {type: website, lifecycle: production, owner: web, dependsOn: [resource:orders-db]}
---
kind: Resource
metadata: {name: orders-db}
spec: {type: database, owner: web}
"""
TABLE = """Customer;Contact;E-mail;Segment;Services;Contract;SLA;Starts;Ends
Acme;Bo;bo@acme.test;business;shop-web;Acme gold;4h;2026-01-01;2027-12-31
Acme;Tess;tess@acme.test;technical;;;;;
"""


def imported(world: World, *texts: str) -> Imported:
    files = [File(f"{number}.txt", text) for number, text in enumerate(texts)]
    found = import_files(files, actor=SYSTEM, now=world.now)
    assert isinstance(found, Imported)
    return found


def test_an_imported_catalog_says_who_is_hit_and_what_was_promised(world: World) -> None:
    assert imported(world, TABLE, BACKSTAGE).errors == ()
    world.alert("orders-db", "Database is down")
    assert world.verdict == "both"
    assert world.answer(1)["answer"] == "yes"
    assert world.answer(2)["answer"] == "yes"
    world.advance(minutes=241)
    assert world.answer(3)["answer"] == "yes"
    told = {mail.recipient for mail in world.smtp.mails}
    assert world.ann.email in told


def test_a_waiting_alert_opens_when_an_import_brings_its_service(world: World) -> None:
    world.alert("orders-db", "Database is down")
    assert world.reasons == ["unmatched: unknown service orders-db: add it to the catalog"]
    imported(world, BACKSTAGE)
    world.settle()
    assert world.incident.title


def test_a_fact_by_hand_outlives_the_next_import_and_decides(world: World) -> None:
    imported(world, BACKSTAGE)
    web = Entity.objects.get(name="shop-web")
    ira = Actor(kind="person", uid=world.ira.uid, role="admin")
    staging = {"environment": "staging", "customer_facing": False}
    assert isinstance(save_entity(values=staging, uid=web.uid, actor=ira, now=world.now), Entity)
    again = imported(world, BACKSTAGE)
    assert again.changes == ()
    assert {each.field for each in again.kept} == {"environment", "customer_facing"}
    world.alert("shop-web", "Does not answer")
    assert world.verdict == "technical"


@pytest.mark.parametrize(
    ("failing", "question", "verdict"),
    [
        ("backup-store", 1, "both"),
        ("card-vault", 2, "both"),
        ("mysql-cluster-04", 5, "both"),
        ("ip-backbone", 1, "both"),
        ("deploy-console", 0, "technical"),
        ("api-development", 0, "technical"),
        ("mysql-reports-03", 0, "technical"),
    ],
)
def test_the_example_has_a_case_for_each_question(world: World, failing: str, question: int, verdict: str) -> None:
    applied = configuration.apply(example(), source="t", environ={}, actor=SYSTEM, now=world.now)
    assert isinstance(applied, configuration.Applied)
    world.alert(failing, "ServiceDown")
    assert world.verdict == verdict
    if question:
        assert world.answer(question)["answer"] == "yes", world.answer(question)


def test_the_example_s_records_of_patients_are_a_matter_for_compliance_within_minutes(world: World) -> None:
    configuration.apply(example(), source="t", environ={}, actor=SYSTEM, now=world.now)
    world.alert("records-archive", "ServiceDown")
    assert world.answer(4)["answer"] == "no"
    world.advance(minutes=6)
    assert world.answer(4)["answer"] == "yes"


def test_two_of_the_example_s_three_nodes_carry_the_cluster(world: World) -> None:
    configuration.apply(example(), source="t", environ={}, actor=SYSTEM, now=world.now)
    world.alert("mysql-03-a", "ServiceDown")
    assert world.verdict == "technical"
