"""Who is there in a story and what there is: people, senders, catalog, customers, contracts, rules."""

import base64
import re
from datetime import UTC, datetime, timedelta
from typing import Any

from antiphon.core.observations import key_hash
from antiphon.db import channel_settings, revisions
from antiphon.db.models import (
    Contact,
    ContactMethod,
    Contract,
    Entity,
    Integration,
    Link,
    Person,
    Policy,
    Rule,
    Stakeholder,
)
from antiphon.db.transactions import write
from tests import canary
from tests.contracts.sinks import WebhookSink

START = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
KEY = "k" * 32


class Cast:
    """Fills a story's database. `now` is the story's present, `hook` where webhooks arrive."""

    now: datetime
    hook: WebhookSink

    def person(self, name: str, role: str = "responder") -> Person:
        """Somebody of ours, reached by mail at their first name."""
        person = Person.objects.create(name=name, email=f"{name.lower()}@fernhost.test", role=role)
        ContactMethod.objects.create(person=person, channel="mail", address=person.email)
        return person

    def webhook_for(self, person: Person) -> None:
        """A signed webhook as a second way to reach somebody."""
        with write():
            secret = "whsec_" + base64.b64encode(b"s" * 24).decode()
            channel_settings.save("webhook", {"secrets": [secret]}, secret_names={"secrets"})
        ContactMethod.objects.create(person=person, channel="webhook", address=self.hook.url, position=1)

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
        entity, _ = Entity.objects.update_or_create(
            name=name, defaults={"kind": kind, "updated_at": self.now, **_inside_facts(), **known}
        )
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
            credits=canary.token("credits"),
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


def _inside_facts() -> dict[str, str]:
    return {name: canary.token(name) for name in ("description", "owner", "runbook")}
