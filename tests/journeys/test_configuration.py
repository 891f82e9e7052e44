"""A company set up from one file lives: its database fails, the right people hear; a gap in its catalog is filled."""

from collections import Counter

from antiphon.actions import configuration
from antiphon.cli.apply import example
from antiphon.cli.demo_data import demo_configuration
from antiphon.core.decision import SYSTEM
from antiphon.db.models import Contact, Delivery, Incident
from antiphon.db.public import PublicIncident
from tests.world import World


def applied(world: World, text: str) -> None:
    found = configuration.apply(text, source="test.yaml", environ={}, actor=SYSTEM, now=world.now)
    assert isinstance(found, configuration.Applied)
    assert not found.problems, "\n".join(map(str, found.problems))


def test_a_company_from_a_file_tells_each_customer_once(world: World) -> None:
    applied(world, example())
    applied(world, demo_configuration(smtp_port=world.smtp.port))
    world.alert("mysql-cluster-03", "MySQL is down")

    assert (world.incident.severity, world.verdict) == (1, "both")
    assert world.answer(5)["answer"] == "yes"
    world.advance(minutes=1)
    told = Counter(mail.recipient for mail in world.smtp.mails)
    customers = set(Contact.objects.values_list("email", flat=True))
    assert {told[address] for address in customers} == {1}
    assert told["ben@lindenhof.example"] >= 1
    by_audience = Counter(Delivery.objects.filter(outside=True).values_list("text__audience", flat=True))
    assert by_audience == {"technical": 31, "business": 226}
    assert PublicIncident.objects.get().status == "investigating"


def test_staging_asks_a_person_and_stays_technical(world: World) -> None:
    applied(world, example())
    world.alert("mysql-staging", "Staging database is down", environment="staging")
    assert not Incident.objects.exists()
    assert world.reasons[0].startswith("asking")


def test_a_service_added_by_a_file_lets_its_waiting_alert_open(world: World) -> None:
    world.alert("payments", "5xx above 10 %")
    assert world.reasons == ["unmatched: unknown service payments: add it to the catalog"]
    applied(world, "catalog:\n- {kind: service, name: payments, customer_facing: yes}")
    world.settle()
    assert world.incident.title


def test_a_fact_from_a_file_raises_an_open_verdict(world: World) -> None:
    world.entity("checkout", "service", customer_facing=False, internal=True)
    world.alert("checkout", "5xx above 10 %", severity="error")
    assert world.verdict == "technical"
    applied(world, "catalog:\n- {kind: service, name: checkout, internal: no, customer_facing: yes}")
    world.settle()
    assert world.verdict == "both"
