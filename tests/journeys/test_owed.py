"""Whom an update is for when nobody chooses: everybody who is owed word, and nobody is forgotten."""

from tests.world import World


def test_legal_without_a_cadence_of_its_own_hears_of_the_next_update_with_the_others(world: World) -> None:
    world.stakeholder("legal", "Jonas")
    world.service("checkout", customers=["Bo"])
    world.declare(incident_type="security", entities=["checkout"])
    world.knows_all()
    update = world.draft()
    assert update.versions.filter(audience="legal").exists()
    world.approve(update)
    world.publish(update)
    world.expect_mail("Jonas", says_next_update=True)


def test_a_broken_promise_does_not_release_from_telling(world: World) -> None:
    world.stakeholder("legal", "Jonas")
    world.service("checkout", customers=["Bo"])
    world.declare(incident_type="security", entities=["checkout"])
    world.advance(minutes=30)
    assert world.promise("legal", "first word").state == "broken"
    assert world.draft().versions.filter(audience="legal").exists()
