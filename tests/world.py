"""A world for stories: real database, the real door for alerts, real SMTP and webhook receivers, one clock.

A story names its cast, lets time pass and says what must arrive; `expect_nothing_else` counts the rest.
Time passes by stepping the engine at each instant at which a row wakes, so three hours take moments.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from antiphon import channels, clock
from antiphon.actions import closing, facts, incidents, paging, tracks, updates
from antiphon.core.decision import Actor, Refusal
from antiphon.core.observations import key_hash
from antiphon.db import channel_settings, graph, record, revisions
from antiphon.db.models import (
    AlertGroup,
    Contact,
    ContactMethod,
    Contract,
    Entity,
    Incident,
    Integration,
    Link,
    Organisation,
    Page,
    Person,
    Policy,
    Promise,
    Rule,
    Stakeholder,
    Task,
    Update,
    Version,
)
from antiphon.db.snapshots import groups
from antiphon.db.transactions import write
from antiphon.delivery.rounds import Rounds
from antiphon.egress.guard import EgressPolicy
from antiphon.egress.transport import Transport
from antiphon.engine import duties
from antiphon.engine.loop import Engine
from tests.contracts.sinks import ReceivedMail, SmtpSink, WebhookSink
from tests.doors import DoorThread

START = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
KEY = "k" * 32
LOOPBACK = ip_network("127.0.0.0/8")

# Facts that make every draft whole; a story that is about something else need not think of them.
FACTS = {
    "what_happens": "Requests that need the database fail with an error.",
    "scope": "All customers of the checkout in every region.",
    "symptoms": "Payments fail or take very long",
    "actions": "We are moving the load to a healthy copy.",
    "customer_action": "You need to do nothing.",
    "expectation": "Payments may fail now and then until the move is done.",
    "cause": "A storage volume filled up.",
    "changed": "The volume was enlarged.",
    "prevention": "We now watch how fast the volume fills.",
    "verified": "Test payments have passed for twenty minutes.",
}


class World:
    """The cast and the clock of one story."""

    def __init__(self, smtp: SmtpSink, hook: WebhookSink, door: DoorThread, rounds: Rounds) -> None:
        self.now = START
        self.smtp, self.hook, self._door, self._rounds = smtp, hook, door, rounds
        self.engine = Engine(duties.registry())
        self._told: list[ReceivedMail] = []
        clock.use(clock.Clock(read=lambda: self.now, rate=lambda: 1.0))
        Organisation.objects.create(
            id=1, name="Fernhost", base_url="http://antiphon.test", support="support@fernhost.test"
        )
        secrets = {"security": "none", "host": smtp.host, "port": smtp.port}
        mail = {**secrets, "from_address": "status@fernhost.test", "from_name": "Fernhost"}
        with write():
            channel_settings.save("mail", mail, secret_names=set())
        self.ann = self.person("Ann")
        self.ben = self.person("Ben")
        self.ira = self.person("Ira", role="admin")
        self.lea = self.person("Lea", role="communicator")
        self.policy("on call", [self.ann, self.ben])
        self.integration()

    # --- the cast --------------------------------------------------------------------------------

    def person(self, name: str, role: str = "responder") -> Person:
        """Somebody of ours, reached by mail at their first name."""
        person = Person.objects.create(name=name, email=f"{name.lower()}@fernhost.test", role=role)
        ContactMethod.objects.create(person=person, channel="mail", address=person.email)
        return person

    def policy(self, name: str, people: list[Person], minutes: int = 5) -> None:
        """Page one after the other; the first is the catch-all too."""
        steps = [
            {"delay": f"PT{minutes}M", "targets": [{"kind": "person", "name": one.uid}], "channels": []}
            for one in people
        ]
        Policy.objects.create(name=name, steps=steps, repeat=1, catch_all=people[0])

    def integration(self, name: str = "prometheus", kind: str = "alertmanager", key: str = KEY) -> None:
        """A sender of alerts with its key."""
        Integration.objects.create(name=name, kind=kind, key_hash=key_hash(key), key_hint=key[-4:], created_at=self.now)

    def entity(self, name: str, kind: str = "service", *, needs: tuple[str, ...] = (), **known: Any) -> Entity:
        """Something in the catalog; `needs` are the entities it depends on."""
        known.setdefault("title", name.replace("-", " ").capitalize())
        entity, _ = Entity.objects.update_or_create(name=name, defaults={"kind": kind, "updated_at": self.now, **known})
        for other in needs:
            Link.objects.get_or_create(source=entity, target=Entity.objects.get(name=other), kind="depends_on")
        revisions.bump(revisions.CATALOG)
        return entity

    def service(self, name: str, customers: list[str] | None = None, **known: Any) -> Entity:
        """A service that customers use, with its customers as `"Bo (untagged)"` or `"Tess (technical)"`."""
        known = {"kind": "application", "customer_facing": True, "revenue_per_minute": 50.0, **known}
        service = self.entity(name, **known)
        for each in customers or []:
            self.customer(each, uses=name)
        return service

    def customer(self, who: str, *, uses: str, **known: Any) -> Entity:
        """A customer with one contact, named with the segment in brackets."""
        match = re.fullmatch(r"(\w+)(?: \((\w+)\))?", who)
        assert match
        name, segment = match[1], match[2] or "untagged"
        customer = self.entity(f"{name.lower()}-corp", "customer", title=f"{name} Corp", **known)
        Link.objects.create(source=customer, target=Entity.objects.get(name=uses), kind="contracted_for")
        Contact.objects.create(customer=customer, name=name, email=f"{name.lower()}@customer.test", segment=segment)
        revisions.bump(revisions.CATALOG)
        return customer

    def contract(self, customer: str, service: str, **terms: Any) -> Contract:
        """A contract in force over a service."""
        return Contract.objects.create(
            name=f"{customer} on {service}",
            customer=Entity.objects.get(name=customer),
            service=Entity.objects.get(name=service),
            starts_at=START - timedelta(days=100),
            ends_at=START + timedelta(days=100),
            **terms,
        )

    def stakeholder(self, audience: str, name: str) -> None:
        """A reader inside."""
        Stakeholder.objects.create(audience=audience, name=name, email=f"{name.lower()}@fernhost.test")

    def rule(self, name: str = "everything", **known: Any) -> Rule:
        """A rule; the first that matches decides."""
        rule = Rule.objects.create(name=name, position=Rule.objects.count(), **known)
        revisions.bump(revisions.RULES)
        return rule

    # --- what happens ----------------------------------------------------------------------------

    def alert(
        self, service: str, title: str = "5xx above 10 %", *, severity: str = "critical", held: str = "", **labels: str
    ) -> None:
        """An alert through the door, as Prometheus sends it; `held="30m"` lets so long pass with it firing."""
        self._post(service, title, severity, labels, ends_at=self.now + timedelta(days=1))
        if held:
            self.advance(minutes=int(held.removesuffix("m")))

    def ends(self, service: str, title: str = "5xx above 10 %", *, severity: str = "critical", **labels: str) -> None:
        """The same alert, ended now."""
        self._post(service, title, severity, labels, ends_at=self.now)

    def _post(self, service: str, title: str, severity: str, labels: dict[str, str], *, ends_at: datetime) -> None:
        self._door.rules = groups.rules()
        known = {"alertname": title, "service": service, "severity": severity, **labels}
        times = {"startsAt": self.now.isoformat(), "endsAt": ends_at.isoformat()}
        alert = {"labels": known, "annotations": {"summary": title}, **times}
        status, body = self._door.post(f"/in/{KEY}/api/v2/alerts", [alert])
        assert status == 200, body
        self.settle()

    def settle(self) -> None:
        """Everything that is due now happens, and is sent."""
        for _ in range(20):
            stepped = self.engine.settle(now=self.now)
            handled = self._rounds.deliver_all(now=self.now)
            if not stepped and not handled:
                break
        assert not self.engine.failed, f"steps failed: {sorted(self.engine.failed)}"

    def advance(self, *, minutes: float = 0, hours: float = 0, seconds: float = 0) -> None:
        """Let time pass; what wakes on the way is done at its own instant."""
        end = self.now + timedelta(minutes=minutes, hours=hours, seconds=seconds)
        self.settle()
        while (wake := self.engine.next_wake()) is not None and wake <= end:
            self.now = max(wake, self.now)
            self.settle()
        self.now = end
        self.settle()

    # --- the incident ----------------------------------------------------------------------------

    @property
    def incident(self) -> Incident:
        """The newest incident."""
        newest = Incident.objects.order_by("-number").first()
        assert newest is not None, f"nothing was declared: {self.reasons}"
        return newest

    @property
    def reasons(self) -> list[str]:
        """Why each group of alerts is where it is."""
        return [f"{group.state}: {group.reason}" for group in AlertGroup.objects.order_by("id")]

    @property
    def verdict(self) -> str:
        """Technical, business or both."""
        return str(self.incident.verdict.kind)

    def answer(self, number: int) -> dict[str, Any]:
        """One of the six answers as it stands."""
        answers = self.incident.verdict.snapshot["answers"]
        return next(dict(each) for each in answers if each["number"] == number)

    def track(self, kind: str) -> str:
        """The state of a track."""
        return str(self.incident.tracks.get(kind=kind).state)

    def promise(self, audience: str, what: str = "") -> Promise:
        """The newest promise to an audience."""
        found = Promise.objects.filter(incident=self.incident, audience=audience)
        if what:
            found = found.filter(what=what)
        newest = found.order_by("-id").first()
        assert newest is not None, f"nothing is promised to {audience}"
        return newest

    def timeline(self) -> list[str]:
        """The record's sentences."""
        stream = record.incident_stream(self.incident.uid)
        assert record.verify(stream) is None
        return [one.event.sentence() for one in record.read(stream)]

    def acts(self, person: Person) -> Actor:
        """A person as an actor."""
        return Actor(kind="person", uid=person.uid, role=person.role)

    def knows(self, name: str, text: str, audiences: list[str] | None = None) -> None:
        """Ann enters a fact."""
        done(
            facts.record(
                incident=self.incident.uid,
                name=name,
                text=text,
                audiences=audiences,
                actor=self.acts(self.ann),
                now=self.now,
            )
        )

    def knows_all(self) -> None:
        """Everything that any draft asks for."""
        for name, text in FACTS.items():
            self.knows(name, text)

    def draft(self, *audiences: str, moment: str = "first_word") -> Update:
        """Lea prepares an update."""
        uid = updates.draft(
            incident=self.incident.uid,
            moment=moment,
            audiences=audiences or None,
            actor=self.acts(self.lea),
            now=self.now,
        )
        assert not isinstance(uid, Refusal), uid.sentence
        return Update.objects.get(uid=uid)

    def approve(self, update: Update, by: Person | None = None) -> None:
        """Ann (or another) approves every version that leaves the house."""
        for version in update.versions.filter(audience__in=("technical", "business", "public")):
            done(
                updates.approve(
                    update=update.uid,
                    audience=version.audience,
                    digest=version.digest,
                    actor=self.acts(by or self.ann),
                    now=self.now,
                )
            )

    def publish(self, update: Update) -> None:
        """Lea sends it."""
        done(updates.publish(update=update.uid, actor=self.acts(self.lea), now=self.now))
        self.settle()

    def publish_draft(self, *audiences: str, approved_by: str | Person = "", moment: str = "first_word") -> Update:
        """Facts, draft, approval and publication in one go."""
        if not self.incident.facts.exists():
            self.knows_all()
        update = self.draft(*audiences, moment=moment)
        by = approved_by if isinstance(approved_by, Person) else None
        if isinstance(approved_by, str) and approved_by:
            by = Person.objects.get(name=approved_by)
        self.approve(update, by)
        self.publish(update)
        return update

    def version(self, update: Update, audience: str) -> Version:
        """One audience's version."""
        return update.versions.get(audience=audience)

    def resolve(self) -> Refusal | None:
        """Ira says that it is over."""
        refusal = closing.resolve(
            incident=self.incident.uid,
            how="The volume was enlarged.",
            verified="Test payments pass.",
            actor=self.acts(self.ira),
            now=self.now,
        )
        self.settle()
        return refusal

    def close(self) -> Refusal | None:
        """Ira closes it."""
        refusal = closing.close(incident=self.incident.uid, actor=self.acts(self.ira), now=self.now)
        self.settle()
        return refusal

    def tidy_up(self) -> None:
        """Everything that the second gate asks for and the story is not about."""
        ira, uid = self.acts(self.ira), self.incident.uid
        done(closing.write_sla_impact(incident=uid, text="No contract was touched.", actor=ira, now=self.now))
        done(
            incidents.record_change(
                incident=uid, title="Volume enlarged", effect="Writes work", actor=ira, now=self.now
            )
        )
        for task in Task.objects.filter(track__incident=self.incident, done_at__isnull=True):
            done(tracks.finish_task(incident=uid, task=task.uid, actor=ira, now=self.now))

    def acknowledge(self, person: Person) -> None:
        """By the link of the newest page."""
        page = Page.objects.filter(person=person).order_by("-id").first()
        assert page is not None, f"{person} was not paged"
        assert paging.acknowledge_page(token=page.token, via="link", now=self.now)
        self.settle()

    def declare(self, **known: Any) -> Incident:
        """Ira declares an incident by hand."""
        known = {"title": "Checkout fails", "severity": 2, "incident_type": "disruption", "reason": "seen", **known}
        incident = incidents.declare(actor=self.acts(self.ira), now=self.now, **known)
        assert not isinstance(incident, Refusal), incident.sentence
        self.settle()
        return incident

    # --- what must arrive ------------------------------------------------------------------------

    def expect_page(self, person: str, via: str = "mail") -> ReceivedMail:
        """Somebody of ours was paged since the last look."""
        assert via == "mail"
        return self._expect(f"{person.lower()}@fernhost.test", lambda mail: "SEV" in str(mail.message["subject"]))

    def expect_mail(self, person: str, *, says: str = "", says_next_update: bool = False) -> ReceivedMail:
        """A customer, or somebody inside, got a mail since the last look."""

        def fits(mail: ReceivedMail) -> bool:
            text = f"{mail.message['subject']}\n{mail.body()}"
            return says in text and (not says_next_update or "next update" in text.lower())

        address = f"{person.lower()}@"
        found = [mail for mail in self._unseen() if mail.recipient.startswith(address)]
        assert found, f"no mail to {person}; there are {self._listed()}"
        fitting = [mail for mail in found if fits(mail)]
        assert fitting, f"no mail to {person} says {says!r}: {[mail.body() for mail in found]}"
        self._told.append(fitting[0])
        return fitting[0]

    def expect_nothing_else(self) -> None:
        """Nobody got anything that the story did not name."""
        assert not self._unseen(), f"also sent: {self._listed()}"

    def forget_mail(self) -> None:
        """What was sent so far is not what this story is about."""
        self._told = list(self.smtp.mails)

    def _expect(self, address: str, fits: Any) -> ReceivedMail:
        found = next((mail for mail in self._unseen() if mail.recipient == address and fits(mail)), None)
        assert found is not None, f"nothing for {address}; there are {self._listed()}"
        self._told.append(found)
        return found

    def _unseen(self) -> list[ReceivedMail]:
        seen = {id(mail) for mail in self._told}
        return [mail for mail in self.smtp.mails if id(mail) not in seen]

    def _listed(self) -> list[str]:
        return [f"{mail.recipient}: {mail.message['subject']}" for mail in self._unseen()]


def done(result: object) -> None:
    """The action was not refused."""
    assert not isinstance(result, Refusal), result.sentence


@contextmanager
def opened(folder: Path) -> Iterator[World]:
    """A new world on an empty database."""
    graph.forget()
    policy = EgressPolicy(allowed_private=(LOOPBACK,))
    with SmtpSink() as smtp, WebhookSink() as hook:
        door = DoorThread(folder)
        rounds = Rounds(channels.registry(), lambda: Transport(policy), node="world")
        try:
            yield World(smtp, hook, door, rounds)
        finally:
            clock.use(clock.SYSTEM_CLOCK)
            rounds.close()
            door.close()
