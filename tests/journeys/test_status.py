"""How things work, from an alert to what hangs on it, and back, as stories."""

from datetime import timedelta

import pytest

from antiphon.actions import status
from antiphon.db import revisions
from antiphon.db.models import Affected, AlertGroup, Entity, Incident, Link, Maintenance, StatusSpan
from antiphon.db.transactions import write
from antiphon.queries.status import of_name
from tests.world import World

NODES = ("db-1", "db-2", "db-3")


@pytest.fixture
def house(world: World) -> World:
    """A shop on a database of three nodes, of which two are needed, and a customer of the shop."""
    for node in NODES:
        world.entity(node, "component")
    world.entity("database", needs=NODES, redundancy=[{"of": list(NODES), "up": 2}])
    shop = world.entity("shop", "application", needs=("database",))
    acme = world.entity("acme", "customer")
    Link.objects.create(source=shop, target=acme, kind="serves")
    revisions.bump(revisions.CATALOG)
    world.rule("disks", hold_seconds=3600)
    return world


def states(world: World) -> dict[str, str]:
    found = {name: of_name(name, now=world.now) for name in ("db-1", "database", "shop", "acme")}
    return {name: str(seen.state) for name, seen in found.items() if seen is not None}


def why(world: World, name: str) -> list[str]:
    seen = of_name(name, now=world.now)
    assert seen is not None
    return [each.because for each in seen.why]


def test_one_node_of_three_degrades_two_take_it_down_and_it_comes_back(house: World) -> None:
    house.alert("db-1", "Disk full")
    began = house.now
    degraded = dict.fromkeys(("database", "shop", "acme"), "degraded")
    assert states(house) == {"db-1": "major_outage", **degraded}
    assert why(house, "shop") == [
        "needs database, which does not work as it should",
        "2 of 3 left, 2 needed: db-1 down",
        "an alert fires: Disk full",
    ]
    house.advance(minutes=5)
    house.alert("db-2", "Disk full")
    assert set(states(house).values()) == {"major_outage"}
    assert why(house, "shop")[:2] == ["needs database, which is down", "1 of 3 left, 2 needed: db-1, db-2 down"]
    house.advance(minutes=10)
    house.ends("db-2", "Disk full")
    assert states(house)["shop"] == "degraded"
    house.ends("db-1", "Disk full")
    assert set(states(house).values()) == {"operational"}
    spans = StatusSpan.objects.filter(entity__name="shop").order_by("id").values_list("state", "began_at", "ended_at")
    later, end = began + timedelta(minutes=5), began + timedelta(minutes=15)
    assert list(spans)[:2] == [("degraded", began, later), ("major_outage", later, end)]
    assert not StatusSpan.objects.filter(ended_at__isnull=True).exists()
    seen = of_name("shop", now=house.now)
    assert seen is not None
    assert seen.since == end
    assert (seen.days[-1].worst, seen.days[-1].minutes_down) == ("major_outage", 10.0)
    assert seen.uptime_90d == round(100 - 100 * 10 / (90 * 24 * 60), 3)


def test_a_milder_alert_says_less_and_one_that_only_informs_says_nothing(house: World) -> None:
    house.alert("database", "Slow queries", severity="warning")
    house.alert("db-1", "Backup done", severity="info")
    assert states(house) == {"db-1": "operational", **dict.fromkeys(("database", "shop", "acme"), "degraded")}


def test_the_words_of_a_span_follow_its_reasons(house: World) -> None:
    house.alert("db-1", "Disk full")
    AlertGroup.objects.update(title="Disk fails")
    house.settle()
    assert why(house, "shop")[-1] == "an alert fires: Disk fails"
    assert StatusSpan.objects.filter(entity__name="shop").count() == 1


def test_an_incident_says_how_its_entities_are_until_it_is_resolved(house: World) -> None:
    incident = house.declare(entities=["database"], severity=2)
    house.settle()
    assert states(house)["shop"] == "major_outage"
    assert why(house, "shop")[-1] == f"incident #{incident.number}"
    Affected.objects.update(share=0.3)
    house.settle()
    assert states(house)["database"] == "partial_outage"
    assert states(house)["shop"] == "degraded"
    Incident.objects.update(restricted=True)
    house.settle()
    assert states(house)["shop"] == "operational"


def test_planned_work_is_shown_and_ends(house: World) -> None:
    hour = timedelta(hours=1)
    Maintenance.objects.create(title="New disks", entity="db-1", starts_at=house.now, ends_at=house.now + hour)
    house.alert("db-1", "Disk full")
    assert states(house)["db-1"] == "maintenance"
    assert states(house)["shop"] == "operational"
    house.advance(hours=1)
    assert states(house)["db-1"] == "major_outage"
    assert states(house)["shop"] == "degraded"


def test_a_catalog_that_changes_is_rolled_up_again(house: World) -> None:
    house.alert("db-1", "Disk full")
    with write():
        Entity.objects.filter(name="database").update(redundancy=[{"of": list(NODES), "up": 3}])
        revisions.bump(revisions.CATALOG)
    house.settle()
    assert states(house)["shop"] == "major_outage"
    Entity.objects.filter(name="shop").delete()
    with write():
        revisions.bump(revisions.CATALOG)
    house.settle()
    assert of_name("shop", now=house.now) is None
    assert states(house)["acme"] == "operational"


def test_an_engine_that_starts_or_runs_beside_finds_what_is_written(house: World) -> None:
    house.alert("db-1", "Disk full")
    written = StatusSpan.objects.count()
    other = status.Memory()
    assert not status.look(other, now=house.now)
    AlertGroup.objects.filter(entity="db-1").update(firing=0)
    one, two = status.Memory(), other
    assert status.look(one, now=house.now)
    assert status.look(two, now=house.now)
    assert status.follow(one, now=house.now) == 4
    assert status.follow(two, now=house.now) == 0
    assert not StatusSpan.objects.filter(ended_at__isnull=True).exists()
    assert StatusSpan.objects.count() == written
