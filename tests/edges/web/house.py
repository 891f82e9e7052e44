"""A small house for the screens: a catalog with customers behind it, people of each role, everything by actions."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.test import Client

from antiphon.actions import facts, incidents, tracks, updates
from antiphon.core.access import ROLES
from antiphon.core.decision import Actor, Refusal
from antiphon.db import graph, revisions
from antiphon.db.models import (
    Contact,
    ContactMethod,
    Contract,
    Entity,
    Incident,
    Link,
    Organisation,
    Person,
    Policy,
    Stakeholder,
)
from antiphon.engine import duties
from antiphon.engine.loop import Engine

SYMPTOMS = "Customers cannot pay by card; the page shows an error after about thirty seconds."


@dataclass
class House:
    """Who works here, and what there is."""

    people: dict[str, Person]

    def actor(self, name: str) -> Actor:
        """A person as they act."""
        person = self.people[name]
        return Actor(kind="person", uid=person.uid, role=person.role)


def build(*, now: datetime, customers: int = 3) -> House:
    """The catalog, a person of each role named after it (Ann, Ben, Cora, Vic), a policy that pages them."""
    graph.forget()
    Organisation.objects.create(id=1, name="Northwind Pay", support="support@northwind.example", set_up_at=now)
    people = {}
    for name, role in zip(("Ann", "Ben", "Cora", "Vic"), ROLES, strict=True):
        person = Person.objects.create(email=f"{name.lower()}@northwind.example", name=f"{name} Miller", role=role)
        ContactMethod.objects.create(person=person, channel="mail", address=person.email)
        people[name] = person
    targets = [{"kind": "person", "name": people[name].uid} for name in ("Ben", "Ann")]
    steps = [{"delay": "PT5M", "targets": [target], "channels": []} for target in targets]
    Policy.objects.create(name="operations", steps=steps, repeat=1, catch_all=people["Ann"])
    _catalog(now, customers)
    for audience, count in (("internal", 4), ("executives", 2), ("support", 6)):
        for n in range(count):
            Stakeholder.objects.create(
                audience=audience, name=f"{audience} {n}", email=f"{audience}{n}@northwind.example"
            )
    return House(people)


def _catalog(now: datetime, customers: int) -> None:
    def entity(kind: str, name: str, title: str, **facts: object) -> Entity:
        return Entity.objects.create(kind=kind, name=name, title=title, updated_at=now, **facts)

    database = entity("component", "mysql-cluster-03", "Payment database")
    api = entity("service", "payment-api", "Payment API", tier=1)
    shop = entity("application", "checkout", "Checkout", customer_facing=True, revenue_per_minute=420.0, tier=1)
    pay = entity("workflow", "pay-by-card", "Pay by card", tier=1)
    entity("application", "intranet", "Intranet", internal=True, customer_facing=False)
    for source, target in ((api, database), (shop, api), (pay, shop)):
        Link.objects.create(source=source, target=target, kind="depends_on")
    for n in range(customers):
        customer = entity("customer", f"customer-{n}", f"Customer {n}", strategic=n == 0)
        Link.objects.create(source=customer, target=shop, kind="contracted_for")
        Contact.objects.create(customer=customer, name=f"Bo {n}", email=f"bo@customer-{n}.example")
        Contact.objects.create(
            customer=customer, name=f"Tess {n}", email=f"tess@customer-{n}.example", segment="technical"
        )
        Contract.objects.create(
            name=f"Checkout for customer {n}",
            customer=customer,
            service=shop,
            starts_at=now - timedelta(days=100),
            ends_at=now + timedelta(days=265),
            resolution_minutes=120,
        )
    revisions.bump("catalog")


def declare(house: House, *, now: datetime, by: str = "Ann", **changes: object) -> Incident:
    """An incident on the payment database, with everything that follows at that instant."""
    words: dict[str, object] = {
        "title": "Card payments fail at checkout",
        "severity": 2,
        "incident_type": "disruption",
        "reason": "Support reports failing payments since a few minutes",
        "detected_at": now - timedelta(minutes=4),
        "detected_by": "support desk",
        "area": "database",
        "entities": ["mysql-cluster-03"],
    }
    made = incidents.declare(**(words | changes), actor=house.actor(by), now=now)  # type: ignore[arg-type]
    assert isinstance(made, Incident), made
    Engine(duties.registry()).settle(now=now)
    return made


def work(house: House, incident: Incident, *, now: datetime) -> str:
    """Roles, notes, facts, a task and a draft for every audience; answers the draft's uid."""
    ann, ben = house.actor("Ann"), house.actor("Ben")
    act: dict[str, Any] = {"incident": incident.uid, "now": now}
    for role, name in (("incident commander", "Ann"), ("technical lead", "Ben"), ("business lead", "Cora")):
        assert not incidents.assign_role(role=role, person=house.people[name], actor=ann, **act)
    incidents.set_stage(stage="identified", reason="the primary is out of disk", actor=ben, **act)
    incidents.note(text="Primary at 100 % disk, replicas healthy", actor=ben, **act)
    incidents.record_change(title="Failed over to replica 2", effect="writes work again", actor=ben, **act)
    incidents.add_workaround(title="Nightly export switched off", actor=ben, **act)
    known = {
        "symptoms": SYMPTOMS,
        "scope": "Everybody who pays by card at the checkout, in every region.",
        "actions": "We are moving payments to a second system.",
        "expectation": "Payments work for more and more of you over the next hour.",
        "customer_action": "You need to do nothing; failed payments were not charged.",
        "what_happens": "The primary of mysql-cluster-03 ran out of disk at 13:51 UTC.",
        "hypothesis": "A runaway audit table filled the disk.",
    }
    for name, text in known.items():
        assert not facts.record(name=name, text=text, actor=ben, **act)
    tracks.add_task(kind="technical", title="Find what filled the disk", due_at=None, actor=ben, **act)
    made = updates.draft(moment="first_word", actor=ann, **act)
    assert not isinstance(made, Refusal), made
    Engine(duties.registry()).settle(now=now)
    return made


def as_(here: House, name: str) -> Client:
    """A browser in which this person is signed in."""
    client = Client()
    client.force_login(here.people[name])
    return client


def text(client: Client, path: str) -> str:
    """A page as it stands; it is there and shown."""
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    return answer.content.decode()
