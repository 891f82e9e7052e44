"""I26: what only people inside may know never appears outside. Every story looks; this one shows that looking works."""

from antiphon.db.public import PublicUpdate
from tests import canary
from tests.world import World


def test_I26_a_planted_leak_is_found_on_the_page(world: World) -> None:
    world.service("checkout", customers=["Bo"])
    world.alert("checkout")
    world.publish_draft("public")
    assert not world.leaks()
    update = PublicUpdate.objects.get()
    update.body += f"\n\nSeen on {canary.token('planted')}."
    update.save()
    world.planted = world.leaks()
    assert {place.split(":")[0] for place in world.planted} >= {"page index.html", "page api/v2/summary.json"}


def test_I26_a_planted_leak_is_found_in_a_mail(world: World) -> None:
    world.service("checkout", customers=["Bo"])
    world.alert("checkout")
    world.publish_draft("business")
    world.smtp.mails[-1] = world.leaked(world.smtp.mails[-1], canary.token("planted"))
    world.planted = world.leaks()
    assert world.planted
