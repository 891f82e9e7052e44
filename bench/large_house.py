"""Fills the database of `bench/screens.py`: a large house, copied from a small one that the product itself made.

    ANTIPHON_DATA=DIR python -m bench.large_house --share 1.0

The example organisation is applied, two incidents are worked on through the product's own verbs, one of them is then
closed. The database copies their rows: 9,700 closed incidents over 200 days and 300 open ones, each with its tracks,
promises, facts, updates, pages and 50 events, and 1,000,000 alerts; one in fifty of them fires, in the groups of the
open incidents. Copied records keep the events of the one they were made from, so `antiphon verify` would refuse them;
nothing here reads the chain.

Prints what the addresses of the pages name, as NAME=VALUE lines.
"""

import argparse
from datetime import datetime, timedelta
from typing import Any

import django

django.setup()

from django.conf import settings  # noqa: E402 -- models only after the set-up
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection, models, transaction  # noqa: E402

from antiphon import clock  # noqa: E402
from antiphon.actions import configuration, facts, incidents, tokens, updates  # noqa: E402
from antiphon.cli.apply import example  # noqa: E402
from antiphon.core.decision import SYSTEM, Actor  # noqa: E402
from antiphon.db import models as tables  # noqa: E402
from antiphon.db import revisions  # noqa: E402
from antiphon.db.fields import InstantField, UidField  # noqa: E402
from antiphon.engine import duties  # noqa: E402
from antiphon.engine.loop import Engine  # noqa: E402

CLOSED, OPEN, ALERTS = 9_700, 300, 1_000_000
EVENTS = 50
STRIDE = 1000
"""Copy n of a row has the id n × STRIDE + the row's own, and so every key between copied rows is known."""
APART = timedelta(minutes=30)
SERVICE = "mysql-cluster-03"
COPIED: tuple[type[models.Model], ...] = (
    tables.Incident, tables.Affected, tables.Track, tables.Task, tables.RoleAssignment, tables.Workaround,
    tables.Verdict, tables.Promise, tables.Fact, tables.Update, tables.Version, tables.Text, tables.Escalation,
    tables.Page, tables.Delivery, tables.Attempt, tables.AlertGroup, tables.Review,
)  # fmt: skip


# --- two incidents, as the product makes them


def small(now: datetime) -> dict[type[models.Model], int]:
    """An incident that is over and one that is not; answers the last id of the first one's rows, by table."""
    configuration.apply(example(), source="example", environ={}, actor=SYSTEM, now=now)
    worked_on("Payments failed at checkout", now=now)
    over(now)
    cut = {model: model._default_manager.aggregate(last=models.Max("pk"))["last"] or 0 for model in COPIED}
    worked_on("Checkout is slow", now=now)
    return cut


def worked_on(title: str, *, now: datetime) -> None:
    """An incident with a group of alerts, roles, facts, notes, a draft and so many events."""
    ira = tables.Person.objects.get(name__startswith="Ira")
    actor = Actor(kind="person", uid=ira.uid, role=ira.role)
    made = incidents.declare(
        title=title, severity=2, incident_type="disruption", reason="alerts", entities=[SERVICE], actor=actor, now=now
    )
    assert isinstance(made, tables.Incident), made
    tables.AlertGroup.objects.create(
        key=title, entity=SERVICE, title=title, state="declared", incident=made, firing=1, first_at=now, updated_at=now
    )
    Engine(duties.registry()).settle(now=now)
    act: dict[str, Any] = {"incident": made.uid, "actor": actor, "now": now}
    for role in ("incident commander", "technical lead", "business lead"):
        incidents.assign_role(role=role, person=ira, **act)
    for name, text in (("symptoms", "Customers cannot pay by card."), ("scope", "Everybody who pays at the checkout.")):
        facts.record(name=name, text=text, **act)
    incidents.add_workaround(title="The export is switched off", **act)
    updates.draft(moment="first_word", **act)
    head = tables.Stream.objects.get(name=f"incident:{made.uid}")
    for number in range(EVENTS - head.seq):
        incidents.note(text=f"Looked at node {number}; nothing there", **act)


def over(now: datetime) -> None:
    """Make what there is one that was closed, without the waits of the real way."""
    tables.Incident.objects.update(state="closed", resolved_at=now, closed_at=now, wake_at=None, firing=0)
    tables.Track.objects.exclude(state="not_needed").update(state="done", done_at=now)
    tables.Task.objects.update(done_at=now)
    tables.Promise.objects.update(state="kept", settled_at=now, wake_at=None)
    tables.Workaround.objects.update(removed_at=now)
    tables.Update.objects.update(state="published", published_at=now)
    tables.Escalation.objects.update(state="stopped", ended_at=now, wake_at=None)
    tables.Delivery.objects.update(state="sent", done_at=now, wake_at=None)
    tables.Verdict.objects.update(wake_at=None)
    tables.AlertGroup.objects.update(state="quiet", firing=0, wake_at=None)
    due = now + timedelta(days=5)
    tables.Review.objects.create(incident=tables.Incident.objects.get(), opened_at=now, due_at=due, done_at=now)


# --- many of them, as the database copies rows


def copy(model: type[models.Model], *, where: str, first: int, last: int, back: timedelta, **given: str) -> None:
    """Copies `first` … `last` of the rows that `where` names, each `back` further in the past than the one after."""
    columns = {}
    for field in model._meta.concrete_fields:
        name = str(field.column)
        moved = field.primary_key or (field.is_relation and field.related_model in COPIED)
        columns[name] = given.get(name) or _copied(field, f't."{name}"', bool(moved), back, last)
    names, values = ", ".join(f'"{name}"' for name in columns), ", ".join(columns.values())
    source = f'"{model._meta.db_table}" t, bench_number'
    with connection.cursor() as cursor:
        cursor.execute(
            f'INSERT INTO "{model._meta.db_table}" ({names}) SELECT {values} FROM {source}'
            f" WHERE {where} AND n BETWEEN {first} AND {last}"
        )


def _copied(field: Any, column: str, moved: bool, back: timedelta, newest: int) -> str:
    if isinstance(field, UidField):
        return f"CAST(100000000000 + n * {STRIDE} + t.id AS text)"
    if moved:
        return f"n * {STRIDE} + {column}"
    if isinstance(field, InstantField) and back:
        return f"{column} - ({newest} - n) * CAST({back // timedelta(microseconds=1)} AS bigint)"
    return column


def many_incidents(cut: dict[type[models.Model], int], share: float) -> None:
    """Copies of both incidents with everything of theirs."""
    closed, opened = int(CLOSED * share), int(OPEN * share) or 1
    spans = (("t.id <= {}", 1, closed, APART), ("t.id > {}", closed + 1, closed + opened, timedelta()))
    entities = list(tables.Entity.objects.exclude(kind="customer").values_list("name", flat=True))
    names = " ".join(f"WHEN {place} THEN '{name}'" for place, name in enumerate(entities))
    anything = f"CASE n % {len(entities)} {names} END"
    others = tables.Person.objects.get(name__startswith="Ann").pk
    given: dict[type[models.Model], dict[str, str]] = {
        tables.Incident: {"number": "n + 10", "title": "t.title || ' ' || n"},
        tables.Page: {"token": "t.token || n"},
        tables.Affected: {"entity": anything},
        tables.AlertGroup: {"key": "t.key || n", "entity": anything},
        tables.RoleAssignment: {"person_id": f"CASE WHEN n % 20 = 0 THEN t.person_id ELSE {others} END"},
    }
    first, second = tables.Incident.objects.order_by("id").values_list("pk", "uid")
    for model in COPIED:
        for where, begin, end, back in spans:
            within = f"t.id < {STRIDE} AND {where.format(cut[model])}"
            copy(model, where=within, first=begin, last=end, back=back, **given.get(model, {}))
    for (pk, uid), (_, begin, end, back) in zip((first, second), spans, strict=True):
        name = f"'incident:' || CAST(100000000000 + n * {STRIDE} + {pk} AS text)"
        where = f"= 'incident:{uid}'"
        copy(tables.Stream, where=f"t.name {where}", first=begin, last=end, back=back, name=name)
        pair = {"stream": name, "id": f"n * {STRIDE} + t.id"}
        copy(tables.Event, where=f"t.stream {where}", first=begin, last=end, back=back, **pair)


def many_alerts(now: datetime, share: float) -> None:
    """One alert a million times over: the newest ones fire."""
    count, firing = int(ALERTS * share), int(ALERTS * share / 50)
    closed, opened = int(CLOSED * share), int(OPEN * share) or 1
    sender = tables.Integration.objects.create(
        name="prometheus", kind="alertmanager", key_hash="0", key_hint="0", created_at=now
    )
    alert = tables.Alert.objects.create(
        integration=sender, fingerprint="0" * 16, state=1, severity="warning", starts_at=now, first_seen_at=now,
        last_seen_at=now, changed_at=now, dirty=False, rules_revision=revisions.current(revisions.RULES),
    )  # fmt: skip
    labels = '{"alertname":"HighLatency","service":"checkout","instance":"host-#","severity":"warning"}'
    summary = '{"summary":"Latency is high on host-#"}'
    tables.AlertDetail.objects.create(
        alert=alert, labels=labels, annotations=summary, title="Latency is high on host-#"
    )
    tables.AlertLog.objects.create(alert=alert, at=now, kind="fired")
    quiet, declared = tables.AlertGroup.objects.order_by("pk").values_list("pk", flat=True)[:2]
    fires = f"n > {count - firing}"
    its_group = f"CASE WHEN {fires} THEN {closed} + 1 + n % {opened} ELSE 1 + n % {closed} END"
    numbered = {name: f"replace(t.{name}, '#', CAST(n AS text))" for name in ("labels", "annotations", "title")}
    span: dict[str, Any] = {"first": 1, "last": count, "back": timedelta(seconds=10)}
    copy(
        tables.Alert, where=f"t.id = {alert.pk}", **span, id="n + 10", fingerprint="CAST(1000000000000000 + n AS text)",
        state=f"CASE WHEN {fires} THEN 1 ELSE 3 END",
        group_id=f"{STRIDE} * ({its_group}) + CASE WHEN {fires} THEN {declared} ELSE {quiet} END",
    )  # fmt: skip
    copy(tables.AlertDetail, where=f"t.alert_id = {alert.pk}", **span, alert_id="n + 10", **numbered)
    kind = f"CASE WHEN {fires} THEN 'fired' ELSE 'resolved' END"
    copy(tables.AlertLog, where="t.id = 1", **span, id="n + 10", alert_id="n + 10", kind=kind)


def numbers(count: int) -> None:
    """A table of 1 … count."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_number (n bigint PRIMARY KEY)")
        cursor.execute(
            f"WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < {count})"
            " INSERT INTO bench_number SELECT n FROM c"
        )


def fill(share: float, now: datetime) -> None:
    """Everything, and the statistics that the planner reads."""
    cut = small(now)
    with transaction.atomic():
        numbers(int(ALERTS * share))
        many_incidents(cut, share)
        many_alerts(now, share)
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE bench_number")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


# --- ways in


def session() -> str:
    """The key of a session that is signed in as an admin."""
    person = tables.Person.objects.filter(role="admin").earliest("pk")
    store = SessionStore()
    store[SESSION_KEY] = str(person.pk)
    store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    store[HASH_SESSION_KEY] = person.get_session_auth_hash()
    store.create()
    return str(store.session_key)


def main() -> None:
    """The words of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--share", type=float, default=1.0)
    asked = parser.parse_args()
    now = clock.now()
    call_command("migrate", verbosity=0)
    if not tables.Integration.objects.exists():
        fill(asked.share, now)
    alert = tables.Alert.objects.select_related("integration").latest("pk")
    opened = tables.Incident.objects.exclude(state="closed").latest("number")
    print(f"open={opened.number}\nclosed={tables.Incident.objects.filter(state='closed').latest('number').number}")
    print(f"alert={alert.integration.uid}/{alert.fingerprint}\nservice={SERVICE}")
    print(f"session={session()}\ntoken={tokens.add(name=f'bench {now}', role='admin', actor=SYSTEM, now=now)}")


if __name__ == "__main__":
    main()
