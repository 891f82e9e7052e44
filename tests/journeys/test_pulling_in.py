"""Whom the answers call to the business track: given the role, and paged or told."""

from antiphon.actions import incidents
from antiphon.db.models import DutyRole, Escalation, Page, Person, RoleAssignment, Task
from antiphon.queries import pages, people, verdicts
from tests.world import World, done


def holds(world: World, role: str, person: Person, *, page_from: int = 2) -> None:
    DutyRole.objects.create(role=role, kind="person", target=person.uid, page_from=page_from)


def asked_for(world: World) -> set[str]:
    return {task.key for task in Task.objects.filter(track__incident=world.incident, key__startswith="pull in")}


def test_the_holder_of_a_role_is_paged_once_and_answers_for_it(world: World) -> None:
    fay, gil = world.person("Fay"), world.person("Gil")
    holds(world, "finance", fay)
    holds(world, "customer success", gil)
    world.service("checkout", customers=["Bo"])
    world.declare(severity=2, entities=["checkout"])
    assert world.verdict == "both"
    held = dict(RoleAssignment.objects.filter(incident=world.incident).values_list("role", "person__name"))
    assert held == {"finance": "Fay", "customer success": "Gil"}
    assert "as finance" in str(world.expect_page("Fay").message["subject"])
    world.expect_page("Gil")
    world.expect_page("Ann")
    assert asked_for(world) == {"pull in support", "pull in executive on duty"}
    page = Page.objects.get(person=fay)
    seen = pages.find(page.token, now=world.now)
    assert seen is not None
    assert seen.summary == "Called as finance."
    world.acknowledge(fay)
    assert Escalation.objects.get(policy="role: finance").acknowledged_by == fay
    assert Escalation.objects.get(policy="role: customer success").state == "paging"
    world.acknowledge(gil)
    world.acknowledge(world.ann)
    world.forget_mail()
    world.entity("mail", "service")
    ira = world.acts(world.ira)
    done(incidents.add_entity(incident=world.incident.uid, entity="mail", reason="too", actor=ira, now=world.now))
    world.advance(minutes=30)
    assert Page.objects.filter(person=fay).count() == 1


def test_a_milder_incident_tells_by_a_notice_and_a_rise_pages(world: World) -> None:
    fay = world.person("Fay")
    holds(world, "finance", fay)
    world.service("checkout", customers=["Bo"])
    world.alert("checkout", severity="error")
    world.expect_mail("Fay", says="brought in as finance")
    assert not Page.objects.filter(person=fay).exists()
    world.acknowledge(world.ann)
    ira = world.acts(world.ira)
    done(
        incidents.change_severity(incident=world.incident.uid, severity=2, reason="all fail", actor=ira, now=world.now)
    )
    world.settle()
    world.expect_page("Fay")
    assert RoleAssignment.objects.filter(incident=world.incident, role="finance").count() == 1


def test_nobody_named_stays_a_task_and_the_card_says_so(world: World) -> None:
    world.service("checkout", customers=["Bo"])
    world.declare(severity=2, entities=["checkout"])
    assert "pull in finance" in asked_for(world)
    card = verdicts.card(world.incident, people.names())
    assert card.nobody_holds == ("customer success", "support", "finance", "executive on duty")


def test_a_drill_pages_inside_as_practice(world: World) -> None:
    fay = world.person("Fay")
    holds(world, "finance", fay)
    world.service("checkout", customers=["Bo"])
    world.declare(severity=2, entities=["checkout"], nature="drill")
    page = Page.objects.get(person=fay)
    assert all(delivery.practice for delivery in page.deliveries.all())
    world.expect_page("Fay")
    world.expect_page("Ann")
    world.expect_nothing_else()


def test_someone_else_answering_does_not_answer_for_a_role(world: World) -> None:
    fay = world.person("Fay")
    holds(world, "finance", fay)
    world.service("checkout", customers=["Bo"])
    world.declare(severity=2, entities=["checkout"])
    world.acknowledge(world.ann)
    assert Escalation.objects.get(policy="role: finance").state == "paging"


def test_a_rise_by_itself_pages_too(world: World) -> None:
    fay = world.person("Fay")
    holds(world, "finance", fay)
    world.service("checkout", customers=["Bo"])
    world.entity("other", "service")
    for name in ("Cy", "Di", "Ed"):
        world.customer(name, uses="other")
    world.declare(severity=3, entities=["checkout"])
    assert not Page.objects.filter(person=fay).exists()
    world.advance(minutes=5)
    assert world.incident.severity == 2
    assert Page.objects.filter(person=fay).exists()
