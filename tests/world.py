"""A world for stories: real database, the real door for alerts, real SMTP and webhook receivers, one clock.

A story names its cast, lets time pass and says what must arrive; `expect_nothing_else` counts the rest.
Time passes by stepping the engine at each instant at which a row wakes, so three hours take moments.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from antiphon import channels, clock
from antiphon.actions import closing, facts, incidents, paging, tracks, updates
from antiphon.core.decision import Actor, Refusal
from antiphon.db import channel_settings, graph, record
from antiphon.db.models import (
    AlertGroup,
    Incident,
    Organisation,
    Page,
    Person,
    Promise,
    Task,
    Update,
    Version,
)
from antiphon.db.snapshots import groups
from antiphon.db.transactions import write
from antiphon.delivery.rounds import Rounds
from antiphon.engine import duties
from antiphon.engine.loop import Engine
from tests import canary
from tests.audited import Audited, way_out
from tests.cast import KEY, START, Cast
from tests.contracts.sinks import ReceivedMail, SmtpSink, WebhookSink
from tests.doors import DoorThread

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


class World(Cast, Audited):
    """The cast and the clock of one story."""

    def __init__(self, smtp: SmtpSink, hook: WebhookSink, door: DoorThread, rounds: Rounds) -> None:
        super().__init__()
        self.now = START
        self.smtp, self.hook, self._door, self._rounds = smtp, hook, door, rounds
        self.engine = Engine(duties.registry())
        self._told: list[ReceivedMail] = []
        self._pods: dict[tuple[str, str], str] = {}
        self.planted: list[str] = []
        self.also: list[Engine] = []
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

    def storm(self, services: Iterable[str], title: str = "5xx above 10 %") -> None:
        """Alerts of many services in one request. They are taken in, and no more: nothing is decided yet."""
        ends_at = self.now + timedelta(days=1)
        self._take_in([self._alert(service, title, "critical", {}, ends_at=ends_at) for service in services])

    def _post(self, service: str, title: str, severity: str, labels: dict[str, str], *, ends_at: datetime) -> None:
        self._take_in([self._alert(service, title, severity, labels, ends_at=ends_at)])
        self.settle()

    def _take_in(self, alerts: list[dict[str, Any]]) -> None:
        self._door.rules = groups.rules()
        status, body = self._door.post(f"/in/{KEY}/api/v2/alerts", alerts)
        assert status == 200, body

    def _alert(
        self, service: str, title: str, severity: str, labels: dict[str, str], *, ends_at: datetime
    ) -> dict[str, Any]:
        pod = self._pods.setdefault((service, title), canary.token("label"))
        known = {"alertname": title, "service": service, "severity": severity, "pod": pod, **labels}
        times = {"startsAt": self.now.isoformat(), "endsAt": ends_at.isoformat()}
        notes = {"summary": title, "description": canary.token("annotation")}
        return {"labels": known, "annotations": notes, "generatorURL": f"http://{canary.token('url')}", **times}

    def settle(self) -> None:
        """Everything that is due now happens, and is sent."""
        self._settle()
        assert not self.engine.failed, f"steps failed: {sorted(self.engine.failed)}"

    def _settle(self) -> None:
        for _ in range(20):
            stepped = sum(engine.settle(now=self.now) for engine in (self.engine, *self.also))
            handled = self._rounds.deliver_all(now=self.now)
            if not stepped and not handled:
                break

    def wrong_at_the_end(self) -> list[str]:
        """What an audit finds once everything that is due has happened."""
        self._settle()
        return self.wrong()

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
        """Everything that any draft asks for, and something that only people inside may know."""
        self.knows("metrics", f"Seen on {canary.token('fact')}", ["internal"])
        ann = self.acts(self.ann)
        done(incidents.note(incident=self.incident.uid, text=canary.token("note"), actor=ann, now=self.now))
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

    def leaked(self, mail: ReceivedMail, word: str) -> ReceivedMail:
        """The mail as if a word of ours had got into it."""
        message = mail.message
        message["X-Leak"] = word
        return replace(mail, data=message.as_bytes())

    def leaks(self) -> list[str]:
        """Inside words found wherever somebody outside could read."""
        return canary.found(self.smtp.mails, now=self.now)

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
    with SmtpSink() as smtp, WebhookSink() as hook:
        door = DoorThread(folder)
        rounds = Rounds(channels.registry(), way_out, node="world")
        try:
            yield World(smtp, hook, door, rounds)
        finally:
            clock.use(clock.SYSTEM_CLOCK)
            rounds.close()
            door.close()
