"""The main job, from the first alert to the closed incident, as stories."""

from datetime import timedelta

from antiphon.actions import closing, incidents
from antiphon.db.public import PublicIncident
from tests.world import World, done


def test_business_customers_hear_within_fifteen_minutes(world: World) -> None:
    world.service("checkout", customers=["Bo (untagged)", "Tess (technical)"])
    world.rule("5xx", hold_seconds=1800)
    world.alert("checkout", "5xx above 10 %", held="30m")
    world.expect_page("Ann")
    world.acknowledge(world.ann)
    world.advance(minutes=2)
    world.publish_draft("business", approved_by="Ira")
    world.expect_mail("Bo", says_next_update=True)
    world.expect_mail("Ann", says="waits for your approval")  # the others' word is due soon, and its draft is ready
    world.expect_nothing_else()


def test_the_whole_job(world: World) -> None:
    world.entity("mysql-cluster-03", "component", title="MySQL cluster 03")
    world.service("checkout", customers=["Bo (untagged)", "Tess (technical)"], needs=("mysql-cluster-03",))
    world.stakeholder("internal", "Ines")
    world.alert("mysql-cluster-03", "MySQL is down")
    assert world.verdict == "both"
    assert (world.track("technical"), world.track("business")) == ("open", "open")
    world.expect_page("Ann")
    world.acknowledge(world.ann)
    world.expect_mail("Ines", says="SEV1")

    world.publish_draft()
    technical = world.expect_mail("Tess", says="UTC")
    business = world.expect_mail("Bo", says_next_update=True)
    assert "mysql" not in business.body().lower()
    assert technical.body() != business.body()
    world.expect_mail("Ines", says_next_update=True)
    world.expect_nothing_else()
    assert PublicIncident.objects.get().status == "investigating"

    world.ends("mysql-cluster-03", "MySQL is down")
    assert world.resolve() is not None
    world.advance(minutes=15)
    world.forget_mail()
    assert world.resolve() is None
    assert world.incident.state == "resolved"
    world.publish_draft(moment="resolution")
    world.expect_mail("Tess")
    world.expect_mail("Bo")
    world.expect_mail("Ines")
    world.expect_nothing_else()
    assert PublicIncident.objects.get().status == "resolved"

    refusal = world.close()
    assert refusal is not None
    assert "service-level agreements" in refusal.sentence
    world.tidy_up()
    assert world.close() is None
    assert world.incident.state == "closed"
    assert world.incident.review.due_at > world.now
    assert world.promise("technical", "review").due_at == world.incident.resolved_at + timedelta(hours=48)


def test_an_alert_is_held_until_it_lasted_long_enough(world: World) -> None:
    world.service("checkout", customers=["Bo"])
    world.rule("cpu", hold_seconds=1800)
    world.alert("checkout", "CPU at 90 %", held="10m")
    assert world.reasons == ["held: held for 0 of 30 min"]
    world.ends("checkout", "CPU at 90 %")
    assert world.reasons == ["quiet: ended after 10 of 30 min; nothing was declared"]
    world.advance(hours=1)
    world.expect_nothing_else()


def test_a_resend_is_not_a_new_alert(world: World) -> None:
    world.service("checkout", customers=["Bo"])
    for _ in range(3):
        world.alert("checkout", "5xx above 10 %")
    assert world.incident.number == 1
    assert world.incident.groups.count() == 1
    world.expect_page("Ann")
    world.expect_nothing_else()


def test_severity_none_opens_nothing(world: World) -> None:
    world.service("checkout", customers=["Bo"])
    world.rule("everything")
    world.alert("checkout", "Watchdog", severity="none")
    assert world.reasons == ["suppressed: alert severity none opens nothing"]
    world.expect_nothing_else()


def test_an_unknown_service_says_why_nothing_opened(world: World) -> None:
    world.alert("paymnts", "5xx above 10 %")
    assert world.reasons == ["unmatched: unknown service paymnts: add it to the catalog"]
    world.expect_nothing_else()


def test_a_flap_resets_the_countdown(world: World) -> None:
    world.service("checkout", customers=["Bo"])
    world.alert("checkout")
    world.ends("checkout")
    world.advance(minutes=14)
    world.alert("checkout")
    assert "Stability countdown reset: alert fires again: 5xx above 10 %." in world.timeline()
    world.ends("checkout")
    world.advance(minutes=14)
    assert world.resolve() is not None
    world.advance(minutes=1)
    assert world.resolve() is None


def test_it_fires_again_after_it_was_resolved(world: World) -> None:
    world.service("checkout", customers=["Bo"])
    world.alert("checkout")
    world.acknowledge(world.ann)
    world.publish_draft("business", "public")
    world.ends("checkout")
    world.advance(minutes=15)
    assert world.resolve() is None
    world.publish_draft("business", "public", moment="resolution")
    world.forget_mail()
    world.advance(minutes=3)
    world.alert("checkout")
    assert world.incident.state == "investigating"
    world.expect_page("Ann")
    assert world.promise("business").what == "first word"
    assert world.promise("business").state == "open"


def test_a_workaround_stands_in_the_way_of_closing(world: World) -> None:
    world.service("checkout", customers=["Bo"])
    world.alert("checkout")
    ira = world.acts(world.ira)
    done(incidents.add_workaround(incident=world.incident.uid, title="Old nodes in use", actor=ira, now=world.now))
    world.ends("checkout")
    world.advance(minutes=15)
    assert world.resolve() is None
    world.tidy_up()
    refusal = world.close()
    assert refusal is not None
    assert "Old nodes in use" in refusal.sentence
    workaround = world.incident.workarounds.get()
    done(
        closing.waive_workaround(
            incident=world.incident.uid,
            workaround=workaround.uid,
            owner="Ben",
            until=world.now + timedelta(days=7),
            actor=ira,
            now=world.now,
        )
    )
    assert world.close() is None
