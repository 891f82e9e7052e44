"""Random sequences of telling on a real database, with a crash at any statement of any of them.

After each: what leaves was approved byte for byte, no secret is in it, nobody who was told is left behind, and nothing
is half written.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from random import Random
from typing import Any

import pytest
from django.db import connection

from antiphon.actions import closing, contacts, facts, incidents, merging, segments, updates
from antiphon.core.audiences import OUTSIDE
from antiphon.core.events import ApprovalVoided, FactRecorded, HoldingSent, UpdatePublished, VersionApproved
from antiphon.core.facts import NAMES, Fact
from antiphon.core.sending import OutsideText
from antiphon.db import record
from antiphon.db.fields import new_uid
from antiphon.db.models import Contact, Delivery, Incident, Promise, Suppression, Text, Update
from antiphon.db.snapshots import closing as gates
from antiphon.db.snapshots import telling
from antiphon.db.transactions import write
from antiphon.delivery.approved import approved
from tests.world import FACTS, World, done

SEQUENCES = int(os.environ.get("ANTIPHON_SEQUENCES", "8"))
"""`./run test --all` plays 1,000 on each database."""
STEPS = 7
CHOSEN = ("technical", "business", "public", "internal")
SECRETS = ("node-zx-4711", "rack-zx-4712", "CVE-2026-4713")


class Crash(Exception):
    """The process dies here, as far as the database can tell."""


@contextmanager
def crashing(at: int) -> Iterator[list[int]]:
    """Raise Crash in place of the `at`-th statement (from 1). Yields a list whose one entry counts the statements."""
    seen = [0]

    def count(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        seen[0] += 1
        if seen[0] == at:
            raise Crash(sql[:60])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count):
        yield seen


class Life:
    """One incident of the world's, told of in random steps."""

    longest: Counter[str] = Counter()
    crashes: Counter[str] = Counter()

    def __init__(self, world: World, seed: int) -> None:
        self.world, self.random = world, Random(seed)
        Contact.objects.update(unsubscribed_at=None)
        Suppression.objects.all().delete()
        self.uid = self.declare()
        self.merged: list[str] = []

    def declare(self) -> str:
        """Another incident of the same service, with every fact known."""
        world = self.world
        opened = incidents.declare(
            title="Checkout fails",
            severity=self.random.choice((1, 3, 4)),
            incident_type="disruption",
            reason="seen",
            entities=["checkout"],
            nothing_to_restore=True,
            actor=world.acts(world.ira),
            now=world.now,
        )
        assert isinstance(opened, Incident), opened
        with write():
            telling.save_facts(opened, facts_of(opened.uid, now=world.now))
        return opened.uid

    def live(self) -> None:
        """Random steps, half of them with a crash ahead; then the way out, and what must hold."""
        verbs = (
            self.draft, self.draft, self.edit, self.approve, self.approve, self.publish, self.approve_and_publish,
            self.approve_and_publish, self.revoke, self.move, self.no_change, self.learn, self.tag, self.unsubscribe,
            self.merge,
        )  # fmt: skip
        self.draft()
        for _ in range(STEPS):
            self.step(self.random.choice(verbs))
        self.end()
        self.holds()

    def step(self, verb: Callable[[], None]) -> None:
        name = verb.__name__
        with crashing(self.random.randint(1, self.longest[name] + 1) if self.random.random() < 0.5 else 0) as seen:
            try:
                verb()
            except Crash:
                self.crashes[name] += 1
        self.longest[name] = max(self.longest[name], seen[0])

    # --- steps -----------------------------------------------------------------------------------

    @property
    def row(self) -> Incident:
        return Incident.objects.get(uid=self.uid)

    def by(self, *people: Any) -> dict[str, Any]:
        person = self.random.choice(people or (self.world.ann, self.world.ben, self.world.ira, self.world.lea))
        return {"actor": self.world.acts(person), "now": self.world.now}

    def update(self) -> Update | None:
        return Update.objects.filter(incident__uid=self.uid).order_by("-id").first()

    def learn(self) -> None:
        known: dict[str, Any] = {
            "name": "metrics",
            "text": f"Seen on {self.random.choice(SECRETS)}",
            "audiences": ["internal"],
        }
        done(facts.record(incident=self.uid, **known, **self.by(self.world.ann)))

    def draft(self) -> None:
        few = self.random.sample(CHOSEN, self.random.randint(1, 2))
        moment = self.random.choice(("first_word", "progress"))
        updates.draft(incident=self.uid, moment=moment, audiences=few, **self.by())

    def edit(self) -> None:
        update = self.update()
        version = self.random.choice(list(update.versions.all())) if update else None
        if update and version:
            added = self.random.choice((" ", "\n\nThank you.", f"\n\nSeen on {self.random.choice(SECRETS)}."))
            known = {"subject": version.subject, "body": version.body + added, **self.by()}
            updates.edit(update=update.uid, audience=version.audience, **known)

    def approve(self) -> None:
        update = self.update()
        for version in update.versions.filter(audience__in=OUTSIDE) if update else ():
            known = {"digest": version.digest, **self.by(self.world.ann, self.world.ben)}
            updates.approve(update=version.update.uid, audience=version.audience, **known)

    def publish(self) -> None:
        if update := self.update():
            updates.publish(update=update.uid, **self.by(self.world.lea))

    def approve_and_publish(self) -> None:
        self.approve()
        self.publish()

    def revoke(self) -> None:
        if update := self.update():
            updates.revoke(update=update.uid, audience=update.versions.all()[0].audience, reason="no", **self.by())

    def move(self) -> None:
        update, later = self.update(), self.world.now.replace(hour=23)
        if update:
            updates.move_next_update(update=update.uid, next_update_at=later, **self.by())

    def no_change(self) -> None:
        updates.no_change(incident=self.uid, **self.by(self.world.lea))

    def tag(self) -> None:
        wanted = {self.contact().uid: self.random.choice(("technical", "business", "untagged"))}
        lea = self.world.acts(self.world.lea)
        segments.tag(wanted, person=lea, by=lea, source="a test", now=self.world.now)

    def unsubscribe(self) -> None:
        contacts.unsubscribe(contact=self.contact().uid, now=self.world.now)

    def merge(self) -> None:
        """It turns out to be the same as another, which nobody or some were told of."""
        if self.random.random() < 0.5:
            return  # so that lives are not merely a row of mergers
        before, after = self.uid, self.declare()
        known: dict[str, Any] = {"into": Incident.objects.get(uid=after).number, "reason": "The same disk."}
        done(merging.merge(incident=before, **known, **self.by()))
        self.merged.append(before)
        self.uid = after

    def contact(self) -> Contact:
        return self.random.choice(list(Contact.objects.order_by("id")))

    # --- the way out, and what must hold ---------------------------------------------------------

    def end(self) -> None:
        """Resolve it, and tell everybody whom the gate to closed names."""
        sentences: dict[str, Any] = {"how": "Enlarged.", "verified": "Payments pass.", **self.by(self.world.ira)}
        done(closing.resolve(incident=self.uid, **sentences))
        for _ in range(3):
            if untold := gates.load(self.row).untold:
                lea = self.by(self.world.lea)
                made = updates.draft(incident=self.uid, moment="resolution", audiences=untold, **lea)
                done(made)
                self.approve()
                done(updates.publish(update=str(made), **lea))
        assert not gates.load(self.row).untold

    def holds(self) -> None:
        """The record is whole and says what the tables say; nobody was told wrongly or is left behind."""
        for uid in (*self.merged, self.uid):
            self.record_holds(uid)
        told = Delivery.objects.filter(text__incident__uid__in=[*self.merged, self.uid], outside=True)
        heard = told.filter(text__version__update__moment="resolution").values("recipient")
        waiting = told.exclude(recipient__in=heard).values("recipient")
        assert not Contact.objects.filter(uid__in=waiting, unsubscribed_at__isnull=True).exists(), "left behind"
        owed = Promise.objects.filter(incident__uid=self.uid, what="resolution word", state="open")
        assert not owed.filter(audience__in=gates.told(self.row)).exists()
        assert not Promise.objects.filter(incident__uid__in=self.merged, state="open").exists()

    def record_holds(self, uid: str) -> None:
        """What stands on one incident's record is what its tables say."""
        stream = record.incident_stream(uid)
        assert record.verify(stream) is None
        events = [one.event for one in record.read(stream)]
        self.approvals_hold(events)
        published = {event.update: event for event in events if isinstance(event, UpdatePublished)}
        rows = {row.uid: row for row in Update.objects.filter(incident__uid=uid)}
        assert {uid for uid, row in rows.items() if row.state == "published"} == set(published)
        for text in Text.objects.filter(incident__uid=uid, version__isnull=False).select_related("version"):
            assert text.version is not None
            event = published[text.version.update.uid]
            assert Delivery.objects.filter(text=text).count() == event.recipients[text.audience]
            if text.outside:
                assert isinstance(approved(text), OutsideText)
        texts = Text.objects.filter(incident__uid=uid, version__isnull=False).count()
        assert texts == sum(len(event.digests) for event in published.values())

    def approvals_hold(self, events: list[Any]) -> None:
        """Each text to readers outside had a yes that nothing had taken back, and nothing that was secret then."""
        standing: dict[tuple[str, str], str] = {}
        secret: set[str] = set()
        for event in events:
            assert not isinstance(event, HoldingSent)
            if isinstance(event, VersionApproved):
                standing[event.update, event.audience] = event.digest
            elif isinstance(event, ApprovalVoided):
                standing.pop((event.update, event.audience), None)
            elif isinstance(event, UpdatePublished):
                for audience in OUTSIDE & event.digests.keys():
                    assert standing.get((event.update, audience)) == event.digests[audience], "unapproved"
                    assert not [word for word in secret if word in event.texts[audience]], "leaked"
            elif isinstance(event, FactRecorded):
                secret |= {word for word in SECRETS if word in event.text}


def facts_of(incident: str, *, now: datetime) -> tuple[Fact, ...]:
    """What every draft asks for, free of secrets."""
    return tuple(
        Fact(uid=new_uid(), name=name, text=text, audiences=tuple(sorted(NAMES[name].audiences)), at=now)
        for name, text in FACTS.items()
    )


@pytest.mark.parametrize("half", [0, 1])
def test_I25_I26_I29_no_crash_leaves_anything_half_done(world: World, half: int) -> None:
    world.service("checkout", customers=["Bo (untagged)", "Tess (technical)", "Kim (business)"])
    world.stakeholder("internal", "Ines")
    if connection.vendor == "sqlite":
        connection.cursor().execute("PRAGMA synchronous=OFF")  # nothing here cuts the power
    Life.crashes.clear()
    seeds = range(half, SEQUENCES, 2)
    for seed in seeds:
        try:
            Life(world, seed).live()
        except AssertionError as error:
            raise AssertionError(f"sequence {seed}: {error}") from error
    world.leaves("stranded")  # a life takes back who unsubscribed in an earlier one; `holds` asked before that
    left = Text.objects.filter(outside=True).count()
    assert left > len(seeds) // 3 or len(seeds) < 100
    print(f"{len(seeds)} sequences on {connection.vendor}, {left} texts left, {Life.crashes.total()} crashes")
