"""A catalog kept as arrays answers what one kept by names answers, on whichever database, and follows its changes."""

import pytest

from antiphon.core.impact import Stated
from antiphon.db import graph, revisions
from antiphon.db.models import Entity, Link
from tests.world import World

PARTS = ("n1", "n2", "n3")


@pytest.fixture
def house(world: World) -> World:
    for name in PARTS:
        world.entity(name, "component", regions=["eu"] if name == "n1" else [])
    world.entity("db", needs=PARTS, redundancy=[{"of": [*PARTS, "gone"], "up": 2}])
    world.entity("api", needs=("db",), data_classes=["personal"], users=40)
    world.entity("shop", "application", needs=("api",), regions=["us"])
    Link.objects.create(source=Entity.objects.get(name="db"), target=Entity.objects.get(name="api"), kind="depends_on")
    Link.objects.create(source=Entity.objects.get(name="db"), target=Entity.objects.get(name="shop"), kind="owned_by")
    revisions.bump(revisions.CATALOG)
    return world


def told() -> object:
    known = graph.graph()
    names = list(known.entities)
    stated = {"n1": Stated(0.5), "n2": Stated(region="eu")}
    return (
        [known.reach([name]) for name in sorted(names)],
        known.reach(PARTS, stated=stated),
        known.spared(["n1"]),
        [known.foundations(name) for name in sorted(names)],
        sorted((name, each.kind, each.regions) for name, each in known.entities.items()),
        known.customers,
    )


def both(monkeypatch: pytest.MonkeyPatch) -> object:
    """What it says by names; by arrays it must be the same."""
    small = told()
    with monkeypatch.context() as patched:
        patched.setattr(graph, "LARGE", 0)
        revisions.bump(revisions.CATALOG)
        assert told() == small
    revisions.bump(revisions.CATALOG)
    return small


def test_arrays_say_what_names_say_as_links_come_and_go(house: World, monkeypatch: pytest.MonkeyPatch) -> None:
    first = both(monkeypatch)
    known = graph.graph()
    assert [each.name for each in known.reach(["n1"])] == ["n1"]
    assert [each.text for each in known.spared(["n1"])] == ["2 of 3 left"]
    assert [(each.name, each.path) for each in known.reach(["n2", "n3"])][2:4] == [
        ("db", ("n2", "db")), ("api", ("n2", "db", "api")),
    ]  # fmt: skip
    house.entity("mobile", "application", needs=("api",))
    assert both(monkeypatch) != first
    Link.objects.get(source__name="shop", target__name="api").delete()
    both(monkeypatch)
    Entity.objects.get(name="mobile").delete()
    revisions.bump(revisions.CATALOG)
    both(monkeypatch)
    assert "shop" not in {each.name for each in graph.graph().reach(["api"])}


def test_a_large_one_is_built_beside_for_who_can_wait(house: World, monkeypatch: pytest.MonkeyPatch) -> None:
    assert graph.at_hand() is not None
    monkeypatch.setattr(graph, "LARGE", 0)
    revisions.bump(revisions.CATALOG)
    assert graph.at_hand() is None
    assert graph._beside is not None
    graph._beside.join()
    assert graph.at_hand() is graph.graph()
