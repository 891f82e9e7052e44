"""Who knows what: the matrix follows every word, and names whoever is left waiting with the reason."""

from typing import Any

import pytest

from antiphon.actions import merging
from antiphon.db.fields import new_uid
from antiphon.db.models import Contact, Delivery, Promise
from antiphon.queries.knowing import Cell, matrix
from tests.world import World

pytestmark = pytest.mark.patient


def _cells(world: World) -> dict[str, Cell]:
    """By the contact's name, of whom each customer of these stories has one."""
    customers = dict(Contact.objects.values_list("customer__title", "name"))
    return {customers[cell.customer]: cell for cell in matrix(world.incident, now=world.now).cells}


def test_the_matrix_follows_every_word(world: World) -> None:
    world.service("checkout", customers=["Bo (untagged)", "Tess (technical)"])
    world.alert("checkout", "5xx above 10 %")
    before = _cells(world)
    assert {name: (cell.audience, cell.told, cell.stranded) for name, cell in before.items()} == {
        "Bo": ("business", "", ""),
        "Tess": ("technical", "", ""),
    }
    world.publish_draft("technical")
    after = _cells(world)
    assert (after["Tess"].told, after["Tess"].reached, after["Tess"].people) == ("first_word", 1, 1)
    world.advance(minutes=16)
    assert _cells(world)["Bo"].stranded == "owed a first word that is late"
    assert matrix(world.incident, now=world.now).cells[0].customer == before["Bo"].customer, "who waits stands first"
    world.publish_draft("business")
    assert matrix(world.incident, now=world.now).stranded == 0


def test_whoever_heard_of_it_and_not_of_its_end_is_named(world: World) -> None:
    """I29, for those who look: what the closing gate refuses is shown by name."""
    world.service("checkout", customers=["Bo (untagged)"])
    world.alert("checkout", "5xx above 10 %")
    world.publish_draft("business")
    world.ends("checkout", "5xx above 10 %")
    world.resolve()
    world.advance(minutes=15)
    assert world.resolve() is None
    assert _cells(world)["Bo"].stranded == "not told that it is over"
    world.publish_draft("business", moment="resolution")
    assert matrix(world.incident, now=world.now).stranded == 0


def test_who_was_told_of_a_duplicate_waits_for_the_end_of_the_other(world: World) -> None:
    world.service("checkout", customers=["Bo (untagged)"])
    world.service("disk", customers=[])
    duplicate = world.declare(severity=3, entities=["checkout"])
    world.publish_draft("business")
    host = world.declare(severity=3, entities=["disk"])
    words: dict[str, Any] = {"reason": "The same disk.", "actor": world.acts(world.ira), "now": world.now}
    assert merging.merge(incident=duplicate.uid, into=host.number, **words) is None
    duplicate.refresh_from_db()
    of_duplicate = matrix(duplicate, now=world.now)
    assert (of_duplicate.stranded, of_duplicate.wrong) == (0, ())
    cell = _cells(world)["Bo"]
    assert (world.incident, cell.told, cell.stranded) == (host, "first_word", "")
    assert matrix(host, now=world.now).wrong == ()


def test_a_text_that_did_not_arrive_is_shown_as_that(world: World) -> None:
    world.service("checkout", customers=["Bo (untagged)"])
    world.alert("checkout", "5xx above 10 %")
    world.publish_draft("business")
    Delivery.objects.filter(outside=True).update(state="dead", reason="550 no such user")
    cell = _cells(world)["Bo"]
    assert (cell.reached, cell.failed, cell.stranded) == (0, 1, "the last text did not reach them")


def test_readers_inside_are_counted_by_their_audience(world: World) -> None:
    world.service("checkout", customers=["Bo (untagged)"])
    world.stakeholder("support", "Sue")
    world.alert("checkout", "5xx above 10 %")
    audiences = {each.audience: each for each in matrix(world.incident, now=world.now).audiences}
    assert (audiences["support"].people, audiences["support"].told) == (1, "")
    assert audiences["public"].people == 0, "the public reads the page"
    world.publish_draft("support", "business")
    audiences = {each.audience: each for each in matrix(world.incident, now=world.now).audiences}
    assert (audiences["support"].people, audiences["support"].reached) == (1, 1)


def test_each_channel_that_was_used_is_shown_and_one_that_arrived_is_enough(world: World) -> None:
    world.service("checkout", customers=["Bo (untagged)"])
    world.declare(entities=["checkout"])
    world.publish_draft("business")
    mail = Delivery.objects.get(outside=True)
    mail.pk, mail.uid, mail.channel, mail.address = None, new_uid(), "sms", "+4912345"
    mail.save()
    Delivery.objects.filter(channel="mail", outside=True).update(state="dead")
    seen = matrix(world.incident, now=world.now)
    assert seen.channels == ("mail", "sms")
    assert [(cell.channel, cell.reached, cell.failed, cell.stranded) for cell in seen.cells] == [
        ("mail", 0, 1, ""),
        ("sms", 1, 0, ""),
    ]
    business = next(each for each in seen.audiences if each.audience == "business")
    assert [(way.channel, way.reached, way.failed) for way in business.by] == [("mail", 0, 1), ("sms", 1, 0)]


def test_an_audience_that_is_left_behind_is_marked_by_the_auditors_own_rule(world: World) -> None:
    world.service("checkout", customers=["Bo (untagged)"])
    world.declare(entities=["checkout"])
    world.publish_draft("business", "public")
    Promise.objects.filter(state="open").update(state="released", wake_at=None)
    seen = matrix(world.incident, now=world.now)
    why = {each.audience: each.why for each in seen.audiences}
    assert "no next word is promised" in why["business"]
    assert why["business"] in seen.wrong
    assert world.audit() == ["stranded", "stranded"]
    world.leaves("stranded")
