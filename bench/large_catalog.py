"""Fills a database with a large catalog and measures it there; `bench/catalog.py` starts this once for each database.

    ANTIPHON_DATA=DIR python -m bench.large_catalog --share 1.0

100,000 entities with 500,000 links, in 500 domains: components, services that lean on them and on each other (in
cycles), databases of three nodes of which two are needed, applications, workflows, and customers with contracts for
what they use. One component in a hundred belongs to a platform that services of every domain lean on. Prints JSON:
milliseconds by what was measured.
"""

import argparse
import gc
import json
import random
import resource
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import django

django.setup()

from django.core.management import call_command  # noqa: E402 -- models only after the set-up
from django.db import connection, transaction  # noqa: E402
from django.db.models import Max  # noqa: E402

from antiphon.actions import status  # noqa: E402
from antiphon.db import graph, revisions  # noqa: E402
from antiphon.db.models import Alert, AlertGroup, Entity, Integration, Link, Organisation  # noqa: E402
from antiphon.db.transactions import write  # noqa: E402

DOMAINS = 500
IN_A_DOMAIN = {"component": 60, "service": 30, "application": 16, "workflow": 8, "customer": 86}
PLATFORM = 100
"""Every so many-th component is a platform's."""
TIMES, ALERTS, FIRING = 200, 40, 50
NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)
RECURSIVE = """
WITH RECURSIVE hit(id) AS (
    SELECT id FROM entity WHERE name = %s
    UNION
    SELECT CASE WHEN link.kind = 'serves' THEN link.target_id ELSE link.source_id END
    FROM hit JOIN link ON (link.kind = 'serves' AND link.source_id = hit.id)
        OR (link.kind IN ('depends_on', 'contracted_for', 'part_of') AND link.target_id = hit.id)
)
SELECT entity.name FROM hit JOIN entity ON entity.id = hit.id
"""


# --- the catalog


def fill(share: float) -> None:
    """Entities and links, the same on every database."""
    Organisation.objects.get_or_create(id=1, defaults={"name": "Large", "base_url": "http://large.example"})
    chance = random.Random(7)
    domains = range(max(int(DOMAINS * share), 2))
    with transaction.atomic():
        entities = [entity(kind, domain, n) for domain in domains for kind, n in each_of(domain)]
        Entity.objects.bulk_create(entities, batch_size=2000)
        ids = dict(Entity.objects.values_list("name", "id"))
        rows = {row for domain in domains for row in links(domain, len(domains), chance)}
        made = (Link(source_id=ids[source], target_id=ids[target], kind=kind) for source, kind, target in sorted(rows))
        Link.objects.bulk_create(made, batch_size=5000)
        revisions.bump(revisions.CATALOG)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def each_of(domain: int) -> Iterator[tuple[str, int]]:
    """Kinds and numbers of a domain."""
    return ((kind, n) for kind, count in IN_A_DOMAIN.items() for n in range(count))


def name(kind: str, domain: int, n: int) -> str:
    """Unique in the catalog."""
    return f"{kind}-{domain:03}-{n:02}"


def entity(kind: str, domain: int, n: int) -> Entity:
    """One, with the facts that such a thing has."""
    nodes = [name("component", domain, 3 * n + node) for node in range(3)]
    database = kind == "service" and n < 10
    return Entity(
        name=name(kind, domain, n),
        title=f"{kind.capitalize()} {n} of {domain}",
        kind=kind,
        customer_facing=kind in ("application", "workflow"),
        tier=1 if kind == "workflow" else None,
        revenue_per_minute=10.0 if kind == "application" else None,
        strategic=kind == "customer" and n == 0,
        redundancy=[{"of": nodes, "up": 2}] if database else [],
        users=100 if kind == "application" else None,
        updated_at=NOW,
    )


def links(domain: int, domains: int, chance: random.Random) -> Iterator[tuple[str, str, str]]:
    """What hangs on what in one domain."""
    some = lambda kind: name(kind, domain, chance.randrange(IN_A_DOMAIN[kind]))  # noqa: E731
    for n in range(IN_A_DOMAIN["service"]):
        here = name("service", domain, n)
        nodes = [name("component", domain, 3 * n + node) for node in range(3)] if n < 10 else []
        yield from ((here, "depends_on", other) for other in nodes)
        yield from ((here, "depends_on", some("component")) for _ in range(7))
        yield from ((here, "depends_on", other) for _ in range(3) if (other := some("service")) != here)
        if n == 0:
            platform = name("component", chance.randrange(max(domains // PLATFORM, 1)), 59)
            yield here, "depends_on", platform
    for n in range(IN_A_DOMAIN["application"]):
        yield from ((name("application", domain, n), "depends_on", some("service")) for _ in range(8))
    for n in range(IN_A_DOMAIN["workflow"]):
        yield from ((name("workflow", domain, n), "depends_on", some("application")) for _ in range(8))
    anywhere = lambda kind: name(kind, chance.randrange(domains), chance.randrange(IN_A_DOMAIN[kind]))  # noqa: E731
    for n in range(IN_A_DOMAIN["customer"]):
        here = name("customer", domain, n)
        yield from ((here, "contracted_for", anywhere("application")) for _ in range(4))
        yield from ((anywhere("workflow"), "serves", here) for _ in range(3))


# --- what is measured


def measure(times: int, alerts: int) -> dict[str, list[float]]:
    """Milliseconds by what was measured."""
    found: dict[str, list[float]] = {"build": [], "build, links as before": [], "build, a link less": []}
    gc.collect()
    before = resident()
    keep(found["build"], graph.graph)
    found["memory, MB"] = [resident() - before]
    for _ in range(5):
        changed()
        keep(found["build, links as before"], graph.graph)
        changed(without_a_link=True)
        keep(found["build, a link less"], graph.graph)
        found.setdefault("pause", []).append(longest_pause())
    return found | radius(times) | wide() | rolled_up(alerts)


def longest_pause() -> float:
    """How long, at most, a thread that asks the database again and again is held up while the graph is built beside."""
    changed()
    longest = 0.0
    while graph.at_hand() is None:
        _, took = timed(lambda: revisions.current(revisions.RULES))
        longest = max(longest, took)
    return longest


def radius(times: int) -> dict[str, list[float]]:
    """What a failing component or service reaches, each way in turns; where nothing is redundant all find the same."""
    chance, known, hits = random.Random(11), graph.graph(), by_names()
    failing = [each for each in known.entities if each.startswith(("component", "service")) and "-59" not in each]
    ways = ("radius", "radius, CPU", "radius again", "by SQL", "by Python", "reached")
    found: dict[str, list[float]] = {way: [] for way in ways}
    for n, failed in enumerate(chance.sample(failing, times)):
        began = time.process_time()
        reached = keep(found["radius"], lambda name=failed: known.reach([name]))
        found["radius, CPU"].append((time.process_time() - began) * 1000)
        keep(found["radius again"], lambda name=failed: known.reach([name]))
        plain = keep(found["by Python"], lambda name=failed: search(hits, name))
        found["reached"].append(len(reached))
        assert {each.name for each in reached} <= plain, failed
        if n < times // 4:  # the slowest: fewer tell enough
            assert keep(found["by SQL"], lambda name=failed: recursive(name)) == plain, failed
    return found


def wide() -> dict[str, list[float]]:
    """What a failing platform reaches: names and ways to them alone, then with all that the catalog says of them."""
    known, hits = graph.graph(), by_names()
    found: dict[str, list[float]] = {way: [] for way in ("wide", "wide, all said", "wide by SQL", "wide by Python")}
    found["wide reached"] = []
    for failed in sorted(each for each in known.entities if each.startswith("component") and each.endswith("-59"))[:5]:
        at = known.web.places[failed]  # type: ignore[attr-defined]
        for _ in range(3):
            keep(found["wide"], lambda place=at: known.web.walked([place]))  # type: ignore[attr-defined]
            plain = keep(found["wide by Python"], lambda name=failed: search(hits, name))
        found["wide reached"].append(len(keep(found["wide, all said"], lambda name=failed: known.reach([name]))))
        assert keep(found["wide by SQL"], lambda name=failed: recursive(name)) == plain, failed
    return found


def by_names() -> dict[str, list[str]]:
    """Whom each one's failure hits next, redundancy set aside: dictionaries of names."""
    hits: dict[str, list[str]] = {}
    rows = Link.objects.values_list("source__name", "target__name", "kind")
    for source, target, kind in rows.iterator(10_000):
        at, to = (source, target) if kind == "serves" else (target, source)
        hits.setdefault(at, []).append(to)
    gc.freeze()  # the peer's half a million references are not for the collector to walk while others are timed
    return hits


def search(hits: dict[str, list[str]], failed: str) -> set[str]:
    """The plain search in Python, names alone."""
    seen, queue = {failed}, deque([failed])
    while queue:
        for other in hits.get(queue.popleft(), ()):
            if other not in seen:
                seen.add(other)
                queue.append(other)
    return seen


def recursive(failed: str) -> set[str]:
    """The plain search in the database, names alone."""
    with connection.cursor() as cursor:
        cursor.execute(RECURSIVE, [failed])
        return {row[0] for row in cursor.fetchall()}


def rolled_up(alerts: int) -> dict[str, list[float]]:
    """From an alert that is stored and grouped to the last status written for it, in a house where much fires."""
    chance, memory = random.Random(13), status.Memory()
    failing = [each for each in graph.graph().entities if each.startswith("component") and "-59" not in each]
    chosen = chance.sample(failing, FIRING + alerts)
    integration = Integration.objects.create(
        name="bench", kind="alertmanager", key_hash="x", key_hint="x", created_at=NOW
    )
    found: dict[str, list[float]] = {"first": [], "idle look": [], "alert": [], "ended": [], "written": []}
    for name in chosen[:FIRING]:
        fire(name, integration)
    keep(found["first"], lambda: settle(memory, NOW))
    found["troubled"] = [len(memory.spans)]
    for n, name in enumerate(chosen[FIRING:], 1):
        now = NOW + timedelta(minutes=n)
        keep(found["idle look"], lambda at=now: status.look(memory, now=at))
        group = fire(name, integration)
        found["written"].append(keep(found["alert"], lambda at=now: settle(memory, at)))
        AlertGroup.objects.filter(pk=group.pk).update(firing=0)
        keep(found["ended"], lambda at=now: settle(memory, at))
    return found


def fire(entity: str, integration: Integration) -> AlertGroup:
    """An alert on an entity that its rule holds."""
    about: dict[str, Any] = {"entity": entity, "title": "Disk full", "state": "held", "firing": 1}
    group = AlertGroup.objects.create(key=entity, first_at=NOW, updated_at=NOW, **about)
    seen = dict.fromkeys(("starts_at", "first_seen_at", "last_seen_at", "changed_at"), NOW)
    state: dict[str, Any] = {"state": 1, "severity": "critical", "dirty": False, "group_id": group.pk}
    Alert.objects.create(integration=integration, fingerprint=f"{group.pk:016x}", **state, **seen)
    return group


def settle(memory: status.Memory, now: datetime) -> int:
    """All that the duty does until nothing is left."""
    written = 0
    while status.look(memory, now=now):
        written += status.follow(memory, now=now)
    return written


def changed(*, without_a_link: bool = False) -> None:
    """The catalog's revision moves."""
    with write(news=False):
        if without_a_link:
            Link.objects.filter(id=Link.objects.aggregate(last=Max("id"))["last"]).delete()
        revisions.bump(revisions.CATALOG)


def timed(act: Callable[[], Any]) -> tuple[Any, float]:
    """What it answers, and its milliseconds."""
    began = time.perf_counter()
    answer = act()
    return answer, (time.perf_counter() - began) * 1000


def keep(into: list[float], act: Callable[[], Any]) -> Any:
    """What it answers; its milliseconds are kept."""
    answer, took = timed(act)
    into.append(took)
    return answer


def resident() -> float:
    """Megabytes that the process has."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 2**20


def main() -> None:
    """The words of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--share", type=float, default=1.0)
    asked = parser.parse_args()
    call_command("migrate", verbosity=0)
    if not Entity.objects.exists():
        fill(asked.share)
    times = TIMES if asked.share == 1.0 else 20
    sizes = {"entities": [Entity.objects.count()], "links": [Link.objects.count()]}
    json.dump(sizes | measure(times, ALERTS if asked.share == 1.0 else 4), sys.stdout)


if __name__ == "__main__":
    main()
