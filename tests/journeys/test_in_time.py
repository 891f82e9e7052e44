"""How well people were told, counted: promises, first words, approvals, and who was told before they told us."""

from datetime import timedelta
from typing import Any

import pytest

from antiphon.actions import reports
from antiphon.core.decision import SYSTEM, Refusal
from antiphon.db.models import Contact, Entity, Ticket
from antiphon.queries import in_time
from tests.world import World, done

pytestmark = pytest.mark.patient


def loaded(world: World) -> in_time.InTime:
    return in_time.load(since=world.now - timedelta(days=1), reader=SYSTEM, now=world.now)


def told(world: World) -> None:
    world.service("checkout", customers=["Bo (untagged)", "Tess (technical)", "Kim (business)"])
    world.declare(entities=["checkout"])


def test_promises_first_words_and_approvals_are_counted_with_what_they_are_counted_over(world: World) -> None:
    told(world)
    assert loaded(world).told_before.total == 0
    world.knows_all()
    draft = world.draft("business", "public")
    world.advance(minutes=10)
    world.approve(draft)
    world.publish(draft)
    world.advance(minutes=10)  # the technical readers' first word was due at 10:15
    world.publish_draft("technical")
    found = loaded(world)
    rates = {each.audience: (each.kept, each.total) for each in found.promises}
    assert rates == {"business": (1, 1), "public": (1, 1), "technical": (0, 1)}
    assert [(each.audience, each.channel, each.kept) for each in found.channels] == [("business", "mail", 1)]
    words = {each.audience: each for each in found.first_words}
    assert (words["business"].in_time, words["business"].took.median) == (1, timedelta(minutes=10))
    assert (words["technical"].in_time, words["technical"].owed) == (0, 1)
    assert words["technical"].took.p90 == timedelta(minutes=20)
    assert words["technical"].promised == timedelta(minutes=15)
    assert (found.approvals.count, found.approvals.p90) == (3, timedelta(minutes=10))
    assert found.incidents == found.looked_at == 1
    assert set(found.definitions) == {"promises", "channels", "first_word", "approval", "told_before", "stranded"}


def test_who_was_told_before_they_told_us(world: World) -> None:
    told(world)
    ira = world.acts(world.ira)
    world.advance(minutes=2)
    known: dict[str, Any] = {"incident": world.incident.uid, "actor": ira}
    done(reports.report(**known, customer="kim-corp", at=world.now, reference="T-1", now=world.now))
    done(reports.report(**known, customer="kim-corp", at=world.now, reference="T-1", now=world.now))
    assert [line for line in world.timeline() if "told us" in line] == ["Kim Corp told us of it at 10:02 UTC (T-1)"]
    world.publish_draft("business", "technical")
    world.advance(minutes=5)
    bo, customer = Contact.objects.get(name="Bo"), Entity.objects.get(name="bo-corp")
    Ticket.objects.create(customer=customer, contact=bo, origin="desk", reference="1", at=world.now)
    before = Entity.objects.get(name="tess-corp")
    Ticket.objects.create(customer=before, origin="desk", reference="2", at=world.now - timedelta(days=1))
    seen = in_time.of_incident(world.incident, now=world.now)
    assert (seen.before, seen.total, seen.late) == (2, 3, ("Kim Corp",))
    assert loaded(world).told_before.share == 2 / 3


def test_a_report_that_cannot_be_is_refused(world: World) -> None:
    told(world)
    known: dict[str, Any] = {"incident": world.incident.uid, "actor": world.acts(world.ira)}
    for customer, at, field in (
        ("nobody", world.now, "customer"),
        ("kim-corp", world.now + timedelta(minutes=1), "at"),
        ("kim-corp", world.now - timedelta(days=2), "at"),
    ):
        refused = reports.report(**known, customer=customer, at=at, now=world.now)
        assert isinstance(refused, Refusal)
        assert refused.field == field
