"""A house with people, an incident and real receivers, for tests of what is sent and what is not."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from antiphon import channels
from antiphon.actions import deliveries
from antiphon.actions.locked import locked
from antiphon.core.audiences import Audience, digest_of
from antiphon.core.decision import SYSTEM
from antiphon.core.escalation import PagePerson
from antiphon.core.markup import bodies
from antiphon.core.sending import InsideText
from antiphon.db import channel_settings
from antiphon.db.fields import new_uid
from antiphon.db.models import (
    Contact,
    ContactMethod,
    Delivery,
    Entity,
    Escalation,
    Incident,
    Page,
    Person,
    Text,
    Update,
    Version,
)
from antiphon.db.transactions import write
from antiphon.delivery.rounds import Rounds
from antiphon.egress.transport import Transport
from tests.contracts.sinks import Sink, SmtpSink, WebhookSink
from tests.edges.egress.loopback import LOOPBACK

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SECRET = "whsec_c2VzYW1lLXNlc2FtZS1zZXNhbWUtb3Blbi1ub3c="
DEADLINE = 0.5
S = TypeVar("S", bound=AbstractContextManager[Any])
BODY = "Checkout is slow for some customers."


def transport(deadline: float = DEADLINE) -> Transport:
    """A way out that may reach loopback and is short of patience."""
    return Transport(LOOPBACK, deadline=deadline)


class House:
    """Ann on call with mail and webhook; one SEV1 incident; a mail server and a webhook receiver."""

    def __init__(self, stack: ExitStack) -> None:
        self.stack = stack
        self.mail = stack.enter_context(SmtpSink())
        self.hook = stack.enter_context(WebhookSink())
        self.use_mail_server(self.mail)
        channel_settings.save("webhook", {"secrets": [SECRET]}, secret_names={"secrets"})
        self.now = NOON
        self.ann = self.person("Ann", mail="ann@example.org", webhook=self.hook.url)
        self.incident = self.declare(1)
        self.escalation = self.escalate(self.incident)
        self.rounds = self.worker("one")

    def use_mail_server(self, server: Sink) -> None:
        """From now on mail goes there."""
        values = {"host": server.host, "port": server.port, "security": "none", "from_address": "a@example.org"}
        channel_settings.save("mail", values, secret_names={"password"})

    def worker(self, node: str, *, deadline: float = DEADLINE, **options: Any) -> Rounds:
        """A process that sends."""
        way_out = partial(transport, deadline)
        return self.stack.enter_context(Rounds(channels.registry(), way_out, deadline=deadline, node=node, **options))

    def deliver(self, **later: float) -> int:
        """Let time go by, then send all that is due."""
        self.now += timedelta(**later)
        return self.rounds.deliver_all(now=self.now)

    def person(self, name: str, *, role: str = "responder", **methods: str) -> Person:
        """Someone of ours, reached by `channel=address`."""
        person = Person.objects.create(email=f"{name.lower()}@home.example", name=name, role=role)
        for place, (channel, address) in enumerate(methods.items()):
            ContactMethod.objects.create(person=person, channel=channel, address=address, position=place)
        return person

    def declare(self, number: int, *, nature: str = "real") -> Incident:
        """A SEV1 incident."""
        return Incident.objects.create(
            number=number, title=f"Checkout is slow ({number})", incident_type="disruption", nature=nature,
            severity=1, impact="high", urgency="high", priority="P1", state="open",
            detected_at=self.now, declared_at=self.now, updated_at=self.now,
        )  # fmt: skip

    def escalate(self, incident: Incident) -> Escalation:
        """Paging that stands at step 1 and looks again in five minutes."""
        return Escalation.objects.create(
            incident=incident, track="technical", policy="usual", state="paging", step=1,
            started_at=self.now, wake_at=self.now + timedelta(minutes=5),
        )  # fmt: skip

    def page(self, person: Person | None = None, escalation: Escalation | None = None, *channels: str) -> None:
        """Page a person for the escalation's present step."""
        escalation = escalation or self.escalation
        with locked(escalation.incident.uid, actor=SYSTEM, now=self.now) as held:
            person = person or self.ann
            page = PagePerson(
                escalation=escalation.uid, incident=escalation.incident.uid, person=person.uid, step=escalation.step,
                cycle=escalation.cycle, channels=channels or ("mail", "webhook"), made_at=self.now,
            )  # fmt: skip
            text = InsideText("SEV1 #1: Checkout is slow", "Please answer.")
            deliveries.queue_pages([deliveries.Call(held, escalation, text, [(page, person)])])

    def contacts(self, count: int) -> list[Contact]:
        """People at a customer."""
        customer, _ = Entity.objects.get_or_create(
            name="acme", defaults={"kind": "customer", "title": "Acme", "updated_at": self.now}
        )
        return Contact.objects.bulk_create(
            Contact(customer=customer, name=f"Bo {number}", email=f"bo{number}@acme.example") for number in range(count)
        )

    def publish(self, contacts: list[Contact], *, incident: Incident | None = None) -> Text:
        """An approved business version, queued to the contacts."""
        incident, audience, subject = incident or self.incident, Audience.BUSINESS, "Checkout is slow"
        digest = digest_of(audience, subject, BODY)
        update = Update.objects.create(
            incident=incident, moment="progress", state="published", created_at=self.now, published_at=self.now
        )
        version = Version.objects.create(
            update=update, audience=audience, subject=subject, body=BODY, digest=digest, edited_at=self.now,
            approved_digest=digest, approved_by=self.ann, approved_at=self.now, approval="technical",
        )  # fmt: skip
        plain, markup = bodies(audience=audience, body=BODY)
        text = Text.objects.create(
            incident=incident, version=version, audience=audience, outside=True, subject=subject,
            body_text=plain, body_html=markup, digest=digest, created_at=self.now,
        )  # fmt: skip
        with write():
            Delivery.objects.bulk_create(
                Delivery(
                    uid=new_uid(), purpose="update", priority=6, text=text, channel="mail", address=contact.email,
                    recipient=contact.uid, slots={"name": contact.name}, outside=True,
                    created_at=self.now, wake_at=self.now,
                )
                for contact in contacts
            )  # fmt: skip
        return text

    def state(self, channel: str = "mail") -> tuple[str, str]:
        """State and reason of the only delivery by this channel."""
        row = Delivery.objects.get(channel=channel)
        return row.state, row.reason


def only_page() -> Page:
    """The page there is."""
    return Page.objects.get()


Deliver = Callable[..., int]
