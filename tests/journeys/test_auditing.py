"""RELIABILITY I37: what nobody did is found within half a minute, told by another path, and told once."""

from datetime import timedelta
from typing import Any

import pytest

from antiphon import clock
from antiphon.actions import auditing, merging, segments
from antiphon.db import dead_man, record
from antiphon.db.models import (
    Alert,
    AlertGroup,
    Attempt,
    AuditFinding,
    Contact,
    Delivery,
    Escalation,
    Incident,
    Person,
    Promise,
    Text,
    Version,
)
from antiphon.db.transactions import write
from tests.world import World

pytestmark = pytest.mark.patient


def told(world: World) -> None:
    """Bo and Tess have heard of a checkout that fails."""
    world.service("checkout", customers=["Bo (untagged)", "Tess (technical)"])
    world.stakeholder("internal", "Ines")
    world.declare(entities=["checkout"], nothing_to_restore=True)
    world.publish_draft("technical", "business", "public")


def sentences() -> list[str]:
    return list(AuditFinding.objects.filter(gone_at__isnull=True).values_list("sentence", flat=True))


def test_I37_a_house_in_order_passes_and_calls_outside(world: World) -> None:
    with write():
        dead_man.keep("https://dead-man.example/ping")
    told(world)
    assert world.audit() == []
    assert world.called == ["https://dead-man.example/ping"]


def test_I37_a_step_that_nobody_took_is_told_to_the_last_resort_by_another_path_and_once(world: World) -> None:
    with write():
        dead_man.keep("https://dead-man.example/ping")
    world.declare(severity=1)
    world.forget_mail()
    Escalation.objects.update(wake_at=world.now - timedelta(seconds=31))
    assert world.audit() == ["overdue_step"]
    mail = world.expect_mail("Ann", says="The next step of paging of #1")
    assert "Antiphon found" in str(mail.message["subject"])
    assert world.called == []
    sent = Delivery.objects.get(slots__about="audit")
    assert (sent.state, Attempt.objects.get(delivery=sent).node) == ("sent", "auditor")
    assert world.audit() == ["overdue_step"]
    world.expect_nothing_else()
    assert any(line.startswith("Antiphon found: The next step of paging") for line in world.timeline())
    world.settle()  # the engine takes the step
    assert world.audit() == []
    assert world.called == ["https://dead-man.example/ping"]
    assert any(line.startswith("No longer so: ") for line in world.timeline())


def test_I37_a_page_without_a_message_and_one_that_stays_are_found(world: World) -> None:
    world.declare(severity=1)
    Attempt.objects.all().delete()
    assert world.audit() == ["without_outcome"]
    Delivery.objects.all().delete()
    assert world.audit() == ["page_lost"]
    assert "A page to Ann of #1" in sentences()[0]
    world.declare(severity=1, title="Search fails")
    page = Delivery.objects.get(text__incident__number=2, page__isnull=False)
    Attempt.objects.filter(delivery=page).delete()
    due = world.now - timedelta(minutes=2)
    Delivery.objects.filter(pk=page.pk).update(state="queued", done_at=None, wake_at=due)
    assert world.audit() == ["page_lost", "unsent_page"]
    world.leaves("page_lost")
    world.settle()


def test_I37_what_a_sender_that_died_had_claimed_and_never_gave_back_is_found(world: World) -> None:
    told(world)
    row = Delivery.objects.filter(outside=True).first()
    assert row is not None
    claimed = {"state": "queued", "wake_at": world.now, "lease": "dead", "lease_until": clock.real() - 60}
    Delivery.objects.filter(pk=row.pk).update(**claimed)
    assert world.audit() == ["stale_claim"]
    Delivery.objects.filter(pk=row.pk).update(wake_at=world.now - timedelta(minutes=16))
    assert world.audit() == ["stale_claim", "unsent"]
    world.settle()


def test_I37_alerts_and_rows_that_the_engine_left_lying_are_found(world: World) -> None:
    world.rule(hold_seconds=600)
    world.entity("db-1")
    world.alert("db-1")
    world.declare()
    assert world.audit() == []
    late = world.now - timedelta(minutes=2)
    Alert.objects.update(dirty=True, changed_at=late)
    AlertGroup.objects.update(wake_at=late)
    assert world.audit() == ["overdue_work", "undecided"]
    assert sorted(sentences()) == [
        "1 of the alert groups wait to be stepped, the oldest since 09:58:00 UTC.",
        "1 of the alerts wait to be looked at, the oldest since 09:58:00 UTC.",
    ]
    world.settle()


def test_I25_I37_a_text_that_left_otherwise_than_approved_is_found(world: World) -> None:
    told(world)
    Version.objects.filter(audience="business").update(approved_digest="0" * 64)
    assert world.audit() == ["unapproved"]
    assert "for business readers of #1" in sentences()[0]
    world.leaves("unapproved")


def test_I37_a_reader_whose_message_is_gone_is_missed(world: World) -> None:
    told(world)
    Delivery.objects.filter(address__startswith="bo@").delete()
    assert world.audit() == ["readers_lost"]
    assert "than it was for (1 of 2 readers)" in sentences()[0]
    world.leaves("readers_lost")


def test_I29_who_heard_of_a_duplicate_is_missed_when_the_other_ends_without_a_word(world: World) -> None:
    told(world)
    duplicate, host = world.incident, world.declare(severity=3, entities=["checkout"])
    known: dict[str, Any] = {"actor": world.acts(world.ira), "now": world.now}
    assert merging.merge(incident=duplicate.uid, into=host.number, reason="The same.", **known) is None
    assert "stranded" not in world.audit()
    Promise.objects.filter(state="open").update(state="released", wake_at=None)
    Incident.objects.filter(pk=host.pk).update(state="closed", closed_at=world.now)
    assert "stranded" in world.audit()
    found = AuditFinding.objects.filter(rule="stranded").values_list("sentence", flat=True)
    assert {f"#{host.number}" in one for one in found} == {True}
    world.leaves("stranded", "contradicting")


def test_I29_audiences_left_behind_by_a_merge_are_found(world: World) -> None:
    told(world)
    Incident.objects.update(state="merged")
    Promise.objects.filter(state="open").update(state="released", wake_at=None)
    assert set(world.audit()) == {"contradicting", "stranded"}
    stranded = AuditFinding.objects.filter(rule="stranded").values_list("sentence", flat=True)
    assert sum("was told that it is open and not that it is over" in one for one in stranded) == 3
    assert "The status page says “investigating”" in sentences()[-1] or "status page" in " ".join(sentences())
    world.leaves("stranded", "contradicting")


def test_I29_a_reader_tagged_anew_after_the_end_belongs_to_an_audience_that_waits(world: World) -> None:
    told(world)
    assert world.resolve() is None
    lea = world.acts(world.lea)
    world.publish_draft("technical", "public", moment="resolution")
    Promise.objects.filter(state="open", what="resolution word").update(state="released", wake_at=None)
    assert world.audit() == ["stranded"]
    assert "business audience" in sentences()[0]
    world.publish_draft("business", moment="resolution")
    assert world.audit() == []
    segments.tag({Contact.objects.get(name="Bo").uid: "technical"}, person=lea, by=lea, source="a test", now=world.now)
    assert world.audit() == []  # Bo has heard the end in the other version


def test_I29_a_promise_that_was_broken_and_then_forgotten_leaves_its_readers_waiting(world: World) -> None:
    told(world)
    world.advance(minutes=70)
    assert world.promise("business").state == "broken"
    waits = "The business audience of #1 Checkout fails was promised word by 11:00 UTC and has heard nothing since."
    world.audit()
    assert waits not in sentences()  # whoever owes it was paged, and has a moment
    world.advance(minutes=6)
    assert set(world.audit()) == {"unkept"}
    assert waits in sentences()
    assert AuditFinding.objects.filter(grave=True).count() == 0
    world.knows("diagnostics", "The logs were read; they show timeouts.")
    world.publish_draft("technical", "business", "public", "internal", moment="progress")
    assert world.audit() == []


def test_a_customer_with_nobody_to_tell_is_named_and_the_audit_passes(world: World) -> None:
    told(world)
    Contact.objects.filter(name="Bo").update(unsubscribed_at=world.now)
    assert world.audit() == ["unreachable"]
    assert "Bo Corp" in sentences()[0]
    assert not AuditFinding.objects.get().grave


def test_last_texts_that_contradict_each_other_are_found(world: World) -> None:
    told(world)
    for audience, words in (("business", "Payments fail since 09:40 UTC."), ("technical", "It began at 09:55 UTC.")):
        Version.objects.filter(audience=audience).update(body=words)
    assert world.audit() == ["contradicting"]
    assert "“09:40 UTC”" in sentences()[0]
    assert "“09:55 UTC”" in sentences()[0]
    world.leaves("contradicting")


def test_of_two_engines_one_audits(world: World) -> None:
    real = clock.real()
    assert auditing.begin(real=real)
    assert not auditing.begin(real=real + 29)
    assert auditing.begin(real=real + 30)
    assert auditing.begin(real=real - 3600)  # a clock set back stops no audit


def test_what_the_auditor_could_not_hand_over_is_sent_by_the_usual_way(world: World) -> None:
    world.declare(severity=1)
    world.forget_mail()
    Escalation.objects.update(wake_at=world.now - timedelta(seconds=31))
    found = auditing.look(now=world.now, real=0.0, pace=1.0)
    kept = auditing.keep(found, seconds=0.1, now=world.now, real=0.0)  # and dies here: the claim has run out
    assert len(kept.messages) == 1
    world.settle()
    world.expect_mail("Ann", says="The next step of paging")
    assert Person.objects.count() == 4
    assert Text.objects.filter(subject__startswith="Antiphon found").count() == 1
    assert record.verify(record.incident_stream(world.incident.uid)) is None
