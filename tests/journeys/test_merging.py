"""Two incidents that are one: the duplicate ends in the other, and nobody who heard of it is left behind (I29)."""

from datetime import timedelta
from typing import Any

import pytest

from antiphon.actions import closing, incidents, merging
from antiphon.core.decision import Refusal
from antiphon.db.models import Delivery, Incident, Update
from antiphon.db.public import PublicIncident
from antiphon.db.snapshots import closing as gates
from tests.world import World, done

pytestmark = pytest.mark.patient


@pytest.fixture
def two(world: World) -> tuple[Incident, Incident]:
    """Checkout, which Bo was told of and the public page shows; and the disk behind it, which hits Kim."""
    world.service("checkout", customers=["Bo (untagged)"])
    world.service("disk", customers=["Kim (business)"])
    duplicate = world.declare(severity=3, entities=["checkout"])
    world.knows_all()
    world.publish_draft("business", "public")
    world.forget_mail()
    return duplicate, world.declare(severity=3, entities=["disk"])


def merge(world: World, duplicate: Incident, into: Incident, reason: str = "The same disk.") -> Refusal | None:
    known: dict[str, Any] = {"actor": world.acts(world.ira), "now": world.now}
    return merging.merge(incident=duplicate.uid, into=into.number, reason=reason, **known)


def test_who_heard_of_the_duplicate_hears_from_the_other_that_it_is_over(
    world: World, two: tuple[Incident, Incident]
) -> None:
    duplicate, host = two
    done(merge(world, duplicate, host))
    duplicate.refresh_from_db()
    assert (duplicate.state, duplicate.merged_into) == ("merged", host)
    assert gates.load(host).untold == ("business", "public")
    assert f"#{duplicate.number}" in " ".join(world.timeline())
    world.knows_all()
    world.publish_draft("business", "public", moment="progress")
    world.expect_mail("Bo")
    world.expect_mail("Kim")
    stage: dict[str, Any] = {"stage": "monitoring", "reason": "quiet", "actor": world.acts(world.ira)}
    done(incidents.set_stage(incident=host.uid, now=world.now, **stage))
    world.advance(minutes=15)
    done(world.resolve())
    world.publish_draft("business", "public", moment="resolution")
    world.expect_mail("Bo", says="esolved")
    world.expect_mail("Kim")
    host.refresh_from_db()
    assert gates.load(host).untold == ()
    shown = PublicIncident.objects.filter(uid__in=[duplicate.uid, host.uid])
    assert {each.uid: each.status for each in shown} == {duplicate.uid: "resolved", host.uid: "resolved"}


def test_the_earlier_time_that_readers_were_promised_holds(world: World, two: tuple[Incident, Incident]) -> None:
    duplicate, host = two
    due = duplicate.promises.get(audience="business", what="next update", state="open").due_at
    world.advance(minutes=1)
    done(merge(world, duplicate, host))
    assert not duplicate.promises.filter(state="open").exists()
    words = host.promises.filter(audience="business", state="open")
    assert [each.due_at for each in words] == [min(due, *(each.due_at for each in words))]


def test_nothing_of_the_duplicate_is_told_or_paged_any_more(world: World, two: tuple[Incident, Incident]) -> None:
    duplicate, host = two
    known: dict[str, Any] = {"actor": world.acts(world.ira), "now": world.now}
    draft = Update.objects.filter(incident=duplicate).exclude(state="published")
    done(merge(world, duplicate, host))
    assert set(draft.values_list("state", flat=True)) <= {"discarded"}
    assert not duplicate.escalations.filter(wake_at__isnull=False).exists()
    sent = Delivery.objects.latest("pk").pk
    world.advance(hours=1)
    told = Delivery.objects.filter(pk__gt=sent, text__incident=duplicate)
    assert not list(told.values_list("text__subject", "recipient"))
    assert isinstance(closing.resolve(incident=duplicate.uid, how="x", verified="y", **known), Refusal)


def test_the_duplicates_alerts_keep_the_other_from_being_stable(world: World) -> None:
    world.service("checkout")
    world.service("disk")
    world.alert("disk")
    host = world.incident
    world.ends("disk")
    world.alert("checkout")
    duplicate = world.incident
    assert duplicate.pk != host.pk
    done(merge(world, duplicate, host))
    host.refresh_from_db()
    assert host.firing == 1
    stable = Incident.objects.filter(pk=host.pk, stable_reached_at__isnull=False)
    world.advance(minutes=16)
    assert not stable.exists()
    world.ends("checkout")
    world.advance(minutes=15)
    assert stable.exists()
    assert Incident.objects.count() == 2


def test_what_was_merged_before_follows(world: World, two: tuple[Incident, Incident]) -> None:
    duplicate, host = two
    last = world.declare(severity=3, entities=["disk"])
    done(merge(world, duplicate, host))
    done(merge(world, host, last))
    assert set(last.merged.values_list("number", flat=True)) == {duplicate.number, host.number}
    assert gates.load(last).untold == ("business", "public")


def test_what_can_be_no_merger_is_refused(world: World, two: tuple[Incident, Incident]) -> None:
    duplicate, host = two
    drill = world.declare(severity=3, entities=["disk"], nature="drill")
    refusals = {
        "itself": merge(world, duplicate, duplicate),
        "is real and the other drill": merge(world, duplicate, drill),
        "Say why": merge(world, duplicate, host, reason=" "),
    }
    done(merge(world, host, duplicate))
    refusals |= {"is merged": merge(world, host, duplicate), "is merged: choose": merge(world, duplicate, host)}
    unknown = merging.merge(
        incident=duplicate.uid, into=4711, reason="x", actor=world.acts(world.ira), now=world.now + timedelta(seconds=1)
    )
    for words, refusal in (refusals | {"no incident #4711": unknown}).items():
        assert refusal is not None, words
        assert words in refusal.sentence
