"""Technical, business or both: the six questions, as stories."""

from typing import Any

import pytest

from antiphon.actions import incidents, verdicts
from antiphon.core.decision import Refusal
from antiphon.db import revisions
from antiphon.db.models import Entity, Verdict
from tests.world import World, done


def test_a_technical_incident_turns_business_and_never_falls_back(world: World) -> None:
    world.entity("batch", "service", customer_facing=False, revenue_per_minute=0.0)
    world.service("checkout", customers=["Bo"])
    world.alert("batch", severity="error")
    assert world.verdict == "technical"
    assert world.track("business") == "not_needed"
    ira = world.acts(world.ira)
    done(
        incidents.add_entity(
            incident=world.incident.uid, entity="checkout", reason="it waits for batch", actor=ira, now=world.now
        )
    )
    assert world.verdict == "both"
    assert world.track("business") == "open"
    world.ends("batch", severity="error")
    world.advance(minutes=30)
    assert world.verdict == "both"


@pytest.mark.parametrize("severity", [1, 2])
def test_sev1_and_sev2_tell_business_by_themselves(world: World, severity: int) -> None:
    world.stakeholder("internal", "Ines")
    world.entity("batch", "service", customer_facing=False, revenue_per_minute=0.0)
    world.declare(severity=severity, entities=["batch"])
    assert world.verdict == "technical"
    world.expect_mail("Ines", says=f"SEV{severity}")
    world.expect_page("Ann")
    world.expect_nothing_else()


def test_sev3_tells_nobody_by_itself(world: World) -> None:
    world.stakeholder("internal", "Ines")
    world.entity("batch", "service", customer_facing=False, revenue_per_minute=0.0)
    world.declare(severity=3, entities=["batch"])
    world.expect_page("Ann")
    world.expect_nothing_else()


def test_a_staging_outage_stays_technical_whatever_its_severity(world: World) -> None:
    world.stakeholder("internal", "Ines")
    world.entity("staging-web", "application", environment="staging", customer_facing=True)
    world.alert("staging-web", severity="critical")
    assert world.verdict == "technical"
    world.expect_page("Ann")
    world.expect_nothing_else()


def test_a_strategic_customer_makes_a_small_fault_a_business_matter(world: World) -> None:
    world.entity("exports", "service", customer_facing=False, revenue_per_minute=0.0)
    world.customer("Bo", uses="exports", strategic=True)
    world.alert("exports", severity="error")
    assert world.answer(5)["answer"] == "yes"
    assert world.verdict == "both"


@pytest.mark.parametrize("number", [1, 5])
def test_the_answer_flips_without_the_entity_its_evidence_names(world: World, number: int) -> None:
    world.entity("mysql", "component", customer_facing=False, revenue_per_minute=0.0)
    world.service("checkout", needs=("mysql",), revenue_per_minute=0.0)
    world.customer("Bo", uses="checkout", strategic=True)
    world.alert("mysql", severity="error")
    answer = world.answer(number)
    assert answer["answer"] == "yes"
    name = answer["evidence"][0]["source"].removeprefix("entity:")
    Entity.objects.get(name=name).delete()
    revisions.bump(revisions.CATALOG)
    Verdict.objects.update(wake_at=world.now)
    world.settle()
    assert world.answer(number)["answer"] != "yes"


def test_a_contract_about_to_be_breached_opens_the_business_track_in_time(world: World) -> None:
    world.entity("archive", "service", customer_facing=False, revenue_per_minute=0.0)
    world.entity("bo-corp", "customer")
    world.contract("bo-corp", "archive", resolution_minutes=100)
    world.alert("archive", severity="error")
    assert world.verdict == "technical"
    world.advance(minutes=79)
    assert world.verdict == "technical"
    world.advance(minutes=1)
    assert world.answer(3)["answer"] == "yes"
    assert world.verdict == "both"


def test_nobody_answers_an_unknown(world: World) -> None:
    world.service("checkout", revenue_per_minute=None, customer_facing=None)
    world.declare(severity=2, entities=["checkout"])
    assert world.answer(1)["answer"] == "unknown"
    assert world.verdict == "technical"
    world.advance(minutes=10)
    assert world.answer(1)["answer"] == "unknown"
    assert world.verdict == "both"


def test_question_six_asks_the_business_lead(world: World) -> None:
    world.entity("batch", "service", customer_facing=False, revenue_per_minute=0.0)
    world.alert("batch", severity="error")
    done(
        incidents.assign_role(
            incident=world.incident.uid,
            role="business lead",
            person=world.lea,
            actor=world.acts(world.ira),
            now=world.now,
        )
    )
    world.acknowledge(world.ann)
    world.forget_mail()
    world.advance(hours=12)
    assert world.answer(6)["answer"] == "yes"
    world.expect_mail("Lea", says="question 6")
    assert world.verdict == "technical"
    done(
        verdicts.answer(
            incident=world.incident.uid,
            number=6,
            word="yes",
            reason="customers ask",
            person=world.lea,
            actor=world.acts(world.lea),
            now=world.now,
        )
    )
    assert world.verdict == "both"


def test_an_override_needs_a_reason_and_holds(world: World) -> None:
    world.service("checkout", customers=["Bo"])
    world.alert("checkout", severity="error")
    assert world.verdict == "both"
    known: dict[str, Any] = {
        "incident": world.incident.uid,
        "kind": "technical",
        "actor": world.acts(world.ira),
        "now": world.now,
    }
    assert isinstance(verdicts.override(reason="", **known), Refusal)
    done(verdicts.override(reason="only our own test account", **known))
    world.advance(minutes=30)
    assert world.verdict == "technical"


def test_a_security_incident_with_nothing_to_restore_is_business_alone(world: World) -> None:
    world.service("checkout", customers=["Bo"])
    world.declare(severity=3, incident_type="security", entities=["checkout"], nothing_to_restore=True)
    assert world.verdict == "business"
    assert (world.track("technical"), world.track("business")) == ("not_needed", "open")


def test_five_minutes_down_is_a_major_incident(world: World) -> None:
    world.service("checkout", customers=["Bo"])
    world.entity("other", "service")
    for name in ("Cy", "Di", "Ed"):
        world.customer(name, uses="other")
    world.declare(severity=3, entities=["checkout"])
    world.advance(minutes=4)
    assert world.incident.severity == 3
    world.advance(minutes=1)
    assert world.incident.severity == 2
