"""Technical, business or both, row by row (DOMAIN §4), each with its evidence on the page and by the API."""

import html
import re
from typing import Any

import pytest
from django.test import Client

from antiphon.actions import incidents, verdicts
from antiphon.actions.catalog import changed
from antiphon.core.observations import key_hash
from antiphon.core.questions import QUESTIONS
from antiphon.db.models import ApiToken, Entity
from antiphon.db.transactions import write
from tests.world import World, done

pytestmark = pytest.mark.patient

SECRET = "guard rows"
QUIET: dict[str, Any] = {"customer_facing": False, "revenue_per_minute": 0.0}


def page(world: World) -> str:
    """The words of the incident's room, as a person reads them."""
    client = Client()
    client.force_login(world.ira)
    answer = client.get(f"/incidents/{world.incident.number}")
    assert answer.status_code == 200
    card = answer.content.decode().partition('id="verdict"')[2].partition("</section>")[0]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", card)).split())


def api(world: World) -> dict[str, Any]:
    """The verdict as a script reads it."""
    if not ApiToken.objects.exists():
        ApiToken.objects.create(name="reader", role="viewer", hash=key_hash(SECRET), created_at=world.now)
    client = Client(headers={"authorization": f"Bearer {SECRET}"})
    found: dict[str, Any] = client.get(f"/api/v1/incidents/{world.incident.number}/verdict").json()
    return found


def expect(world: World, kind: str, number: int, word: str, says: str) -> dict[str, Any]:
    """The verdict, one answer, and words of its evidence in both places."""
    found = api(world)
    assert found["kind"] == kind == world.verdict
    answer: dict[str, Any] = found["answers"][number - 1]
    assert (answer["number"], answer["answer"]) == (number, word)
    assert any(says in each["text"] for each in answer["evidence"]), answer["evidence"]
    read = page(world)
    assert QUESTIONS[number - 1].text in read
    assert says in read
    shown = {"both": "Technical Business", "technical": "Technical only", "business": "Business only"}
    assert shown[kind] in read
    return answer


def test_question_1_customers_use_it(world: World) -> None:
    world.entity("mysql", "component", **QUIET)
    world.service("checkout", needs=("mysql",), revenue_per_minute=0.0)
    world.alert("mysql", severity="error")
    answer = expect(world, "both", 1, "yes", "customers use the application Checkout (by mysql → checkout)")
    assert (answer["evidence"][0]["source"], answer["confidence"], answer["by"]) == ("entity:checkout", 1.0, "catalog")
    assert "From the catalog, 100 % sure" in page(world)


def test_question_2_it_earns_by_the_minute(world: World) -> None:
    world.entity("billing", "service", customer_facing=False, revenue_per_minute=120.0)
    world.alert("billing", severity="error")
    answer = expect(world, "both", 2, "yes", "Billing earns 120 per minute")
    assert answer["evidence"][0]["source"] == "entity:billing"


def test_question_3_a_contract_is_about_to_be_breached(world: World) -> None:
    world.entity("archive", "service", **QUIET)
    world.entity("bo-corp", "customer")
    contract = world.contract("bo-corp", "archive", resolution_minutes=100)
    world.alert("archive", severity="error")
    world.advance(minutes=79)
    expect(world, "technical", 3, "no", "breached at 2026-11-20 11:40 UTC")
    world.advance(minutes=1)
    answer = expect(world, "both", 3, "yes", "to be resolved within 100 min")
    assert (answer["evidence"][0]["source"], answer["by"]) == (f"contract:{contract.uid}", "clock")
    assert [each["answer"] for each in answer["history"]] == ["no", "yes"]


def test_question_4_access_to_regulated_data_is_lost(world: World) -> None:
    world.entity("records", "service", data_classes=["patient"], **QUIET)
    world.declare(severity=3, entities=["records"], title="No patient record opens")
    expect(world, "technical", 4, "no", "holds patient data; out of reach for 5 min")
    world.advance(minutes=5)
    expect(world, "both", 4, "yes", "holds patient data; out of reach for 5 min")
    assert {"compliance", "legal", "security", "public relations"} <= set(api(world)["nobody_holds"])
    assert "Nobody holds: compliance, legal, security, public relations" in page(world)


def test_question_4_a_security_incident(world: World) -> None:
    world.entity("batch", "service", **QUIET)
    world.declare(severity=4, incident_type="security", entities=["batch"])
    expect(world, "both", 4, "yes", "it is a security incident")


def test_question_5_a_strategic_customer_on_a_small_fault(world: World) -> None:
    world.entity("exports", "service", **QUIET)
    world.customer("Bo", uses="exports", strategic=True)
    world.declare(severity=5, entities=["exports"])
    expect(world, "both", 5, "yes", "customer Bo Corp is strategic (by exports → bo-corp)")


def test_question_5_a_critical_period(world: World) -> None:
    world.entity("exports", "service", **QUIET)
    closing = [
        {"name": "quarter-end", "starts_at": "2026-11-20T10:30:00+00:00", "ends_at": "2026-11-21T00:00:00+00:00"}
    ]
    world.customer("Bo", uses="exports", critical_periods=closing)
    world.entity("hub", "service", **QUIET)
    world.alert("exports", severity="error")
    expect(world, world.verdict, 5, "no", "is not strategic and in no critical period")
    world.advance(minutes=30)
    expect(world, "both", 5, "yes", "Bo Corp is in quarter-end until 2026-11-21")


def test_question_6_asks_the_lead_and_opens_on_their_word(world: World) -> None:
    world.entity("batch", "service", **QUIET)
    world.alert("batch", severity="error")
    world.advance(hours=12)
    answer = expect(world, "technical", 6, "yes", "the target of its priority counts: 720 min")
    assert (answer["by"], answer["confidence"]) == ("clock", 0.5)
    assert "From the clock, 50 % sure" in page(world)
    done(_answered(world, 6, "yes", "the bank asks"))
    expect(world, "both", 6, "yes", "the bank asks")


def _answered(world: World, number: int, word: str, reason: str) -> Any:
    return verdicts.answer(
        incident=world.incident.uid,
        number=number,
        word=word,
        reason=reason,
        person=world.lea,
        actor=world.acts(world.lea),
        now=world.now,
    )


def test_question_6_compares_with_eight_like_it(world: World) -> None:
    world.entity("batch", "service", **QUIET)
    world.entity("other", "service", **QUIET)
    ira = world.acts(world.ira)
    for minutes in (20, 20, 20, 20, 20, 20, 30, 40):
        world.declare(severity=4, entities=["batch"], title=f"Batch {world.now:%H:%M}")
        done(
            incidents.set_stage(
                incident=world.incident.uid, stage="monitoring", reason="quiet", actor=ira, now=world.now
            )
        )
        world.advance(minutes=minutes)
        assert world.resolve() is None
    world.declare(severity=4, entities=["other"])
    assert "only 0 disruption incidents at SEV4 on other" in page(world)
    world.declare(severity=4, entities=["batch"])
    world.advance(minutes=21)
    expect(world, "technical", 6, "no", "75 of 100 of 8 disruption incidents at SEV4 on batch took at most 22.5 min")
    world.advance(minutes=2)
    answer = expect(world, "technical", 6, "yes", "took at most 22.5 min; passed")
    assert answer["confidence"] == 1.0


def test_all_no_is_technical_only(world: World) -> None:
    world.entity("batch", "service", **QUIET)
    world.declare(severity=3, entities=["batch"])
    expect(world, "technical", 1, "no", "customers do not use it")
    assert [each["answer"] for each in api(world)["answers"]] == ["no"] * 6
    assert "No answer asks for the business track." in page(world)


def test_nothing_to_restore_is_business_only(world: World) -> None:
    world.declare(severity=3, incident_type="operational", area="contract", title="A clause was overlooked")
    expect(world, "business", 3, "yes", "it is about contract, with nothing to restore")
    assert world.track("technical") == "not_needed"


def test_sev3_and_below_stay_technical_until_a_question_says_yes(world: World) -> None:
    world.stakeholder("internal", "Ines")
    world.entity("batch", "service", **QUIET)
    world.service("checkout", customers=["Bo"])
    world.declare(severity=3, entities=["batch"])
    expect(world, "technical", 2, "no", "Batch earns nothing")
    ira = world.acts(world.ira)
    done(
        incidents.add_entity(
            incident=world.incident.uid, entity="checkout", reason="it waits", actor=ira, now=world.now
        )
    )
    expect(world, "both", 2, "yes", "Checkout earns 50 per minute")


def test_it_rises_by_itself_and_never_falls(world: World) -> None:
    world.entity("mysql", "component", **QUIET)
    world.service("checkout", needs=("mysql",))
    world.alert("mysql", severity="error")
    assert world.verdict == "both"
    Entity.objects.filter(name="checkout").delete()
    with write():
        changed.everywhere(now=world.now)
    world.settle()
    expect(world, "both", 1, "no", "customers do not use it")
    assert "a verdict falls only by a person's word" in page(world)


@pytest.mark.parametrize("environment", ["staging", "development"])
def test_staging_at_sev1_stays_technical_and_tells_nobody(world: World, environment: str) -> None:
    world.stakeholder("internal", "Ines")
    world.entity("web", "application", environment=environment, customer_facing=True, revenue_per_minute=9.0)
    world.declare(severity=1, entities=["web"])
    expect(world, "technical", 1, "no", f"Web: {environment}, no customer stands behind it")
    assert "technical whatever the severity" in page(world)
    world.expect_page("Ann")
    world.expect_nothing_else()


def test_an_internal_tool_with_no_customer_behind_stays_technical(world: World) -> None:
    world.entity("wiki", "application", internal=True, customer_facing=False)
    world.alert("wiki", severity="critical")
    expect(world, "technical", 1, "no", "Wiki: internal, no customer stands behind it")


@pytest.mark.parametrize(("severity", "kind"), [(1, "both"), (2, "both"), (3, "technical")])
def test_an_unknown_that_nobody_answers(world: World, severity: int, kind: str) -> None:
    world.service("portal", revenue_per_minute=None, customer_facing=None)
    world.declare(severity=severity, entities=["portal"])
    expect(world, "technical", 1, "unknown", "the catalog does not say whether customers use it")
    assert "was asked, answer due" in page(world)
    world.advance(minutes=10)
    answer = expect(world, kind, 1, "unknown", "the catalog does not say whether customers use it")
    assert answer["confidence"] == 0.0
    assert api(world)["treated_as_yes"][0] == 1
    assert ("it counts as yes" in page(world)) == (severity <= 2)


def test_a_person_disagrees_and_that_is_shown(world: World) -> None:
    world.service("checkout", customers=["Bo"])
    world.declare(severity=3, entities=["checkout"])
    done(_answered(world, 1, "no", "a test account only"))
    answer = expect(world, "both", 1, "no", "a test account only")
    assert (answer["disputed"], answer["program"]) == (True, "yes")
    assert "Answered by Lea · the catalog says yes" in page(world)


@pytest.mark.parametrize("name", ["security", "privacy", "compliance"])
def test_question_4_a_recorded_flag(world: World, name: str) -> None:
    world.entity("batch", "service", **QUIET)
    world.declare(severity=4, entities=["batch"])
    assert world.verdict == "technical"
    world.knows(name, "a report was readable by anybody")
    answer = expect(world, "both", 4, "yes", f"{name}: a report was readable by anybody")
    assert answer["by"] == "fact"
    assert "From what is recorded" in page(world)
