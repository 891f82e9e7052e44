"""A small house to call the API in: a catalog, people on call, an incident, tokens of every role."""

import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from django.test import Client

from antiphon.actions import incidents
from antiphon.core.access import ROLES
from antiphon.core.decision import Actor, Refusal
from antiphon.core.observations import key_hash
from antiphon.db import graph, revisions
from antiphon.db.models import (
    Alert,
    AlertDetail,
    AlertGroup,
    ApiToken,
    Contact,
    ContactMethod,
    Contract,
    Entity,
    Incident,
    Integration,
    Link,
    Person,
    Policy,
    Rota,
    Rule,
)

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ANN = "ann@antiphon.example"


def furnish() -> None:
    """Catalog, people, rota and policy, and a token named for each role."""
    graph.forget()
    for role in ROLES:
        token(role, role=role)
    ann = Person.objects.create(email=ANN, name="Ann", role="responder")
    ContactMethod.objects.create(person=ann, channel="mail", address=ANN)
    layer = {"name": "first", "members": [ann.uid], "first": "2026-01-05", "handoff": "09:00:00", "length": "P7D"}
    Rota.objects.create(name="database", zone="Europe/Berlin", layers=[layer])
    step = {"delay": "PT5M", "targets": [{"kind": "rota", "name": "database"}], "channels": []}
    Policy.objects.create(name="ops", steps=[step], catch_all=ann)
    _catalog()


def _catalog() -> None:
    cluster = entity("mysql-cluster-03", kind="component", customer_facing=False)
    shop = entity("checkout", kind="application", customer_facing=True, revenue_per_minute=120.0)
    customer = entity("bo-corp", kind="customer", strategic=True)
    entity("lab", kind="component", environment="staging", internal=True)
    Contact.objects.create(customer=customer, name="Bo", email="bo@customer.example")
    Contact.objects.create(customer=customer, name="Tess", email="tess@customer.example", segment="technical")
    Link.objects.create(source=shop, target=cluster, kind="depends_on")
    Link.objects.create(source=customer, target=shop, kind="contracted_for")
    Contract.objects.create(
        name="gold",
        customer=customer,
        service=shop,
        starts_at=NOW - timedelta(days=30),
        ends_at=NOW + timedelta(days=300),
        resolution_minutes=60,
    )
    revisions.bump(revisions.CATALOG)


def entity(name: str, **facts: Any) -> Entity:
    """One entity of the catalog."""
    return Entity.objects.create(name=name, title=name.capitalize(), updated_at=NOW, **facts)


def token(secret: str, *, role: str, **instants: datetime) -> ApiToken:
    """A token whose secret is as given."""
    return ApiToken.objects.create(name=f"{secret} token", role=role, hash=key_hash(secret), created_at=NOW, **instants)


def declared(title: str = "Checkout is down", **words: Any) -> Incident:
    """An incident declared by Ann."""
    given: dict[str, Any] = {"severity": 2, "incident_type": "disruption", "entities": ["checkout"], **words}
    made = incidents.declare(title=title, reason="", actor=Actor("person", "ann", "responder"), now=NOW, **given)
    assert not isinstance(made, Refusal), made
    return made


def alerted(title: str, *, group: AlertGroup | None = None, state: Alert.State = Alert.State.FIRING) -> Alert:
    """An alert as the intake stores it."""
    sender, _ = Integration.objects.get_or_create(
        name="prometheus",
        defaults={"kind": "alertmanager", "key_hash": "k" * 64, "key_hint": "kkkk", "created_at": NOW},
    )
    alert = Alert.objects.create(
        integration=sender,
        fingerprint=hashlib.sha256(title.encode()).hexdigest()[:16],
        state=state,
        severity="critical",
        starts_at=NOW,
        first_seen_at=NOW,
        last_seen_at=NOW,
        changed_at=NOW,
        group_id=group.pk if group else None,
    )
    AlertDetail.objects.create(alert=alert, labels=json.dumps({"alertname": title}), title=title)
    return alert


def grouped(state: str, reason: str, *, incident: Incident | None = None) -> AlertGroup:
    """A group that the engine has looked at."""
    rule, _ = Rule.objects.get_or_create(name="databases")
    key = f"{state} {reason}"
    return AlertGroup.objects.create(
        key=key, rule_id=rule.pk, state=state, reason=reason, incident=incident, firing=1, first_at=NOW, updated_at=NOW
    )


class Caller:
    """Calls the API with one token, over the whole stack of middleware."""

    def __init__(self, secret: str = "responder") -> None:
        self._client = Client(headers={"authorization": f"Bearer {secret}"} if secret else {})

    def get(self, path: str, **query: Any) -> tuple[int, Any]:
        """Status and decoded body."""
        answer = self._client.get(f"/api/v1/{path}", query)
        return answer.status_code, answer.json()

    def post(self, path: str, body: Any) -> tuple[int, Any]:
        """The same, with a JSON body."""
        return self.send("POST", path, json.dumps(body))

    def send(self, method: str, path: str, body: str | bytes = "") -> tuple[int, Any]:
        """The same, with any method and bytes."""
        answer = self._client.generic(method, f"/api/v1/{path}", body, content_type="application/json")
        return answer.status_code, answer.json() if answer.content else None
