"""Planned work: held alerts, an announcement that a second person approves, turns by itself, and told to the end."""

from datetime import timedelta

import pytest

from antiphon.actions import maintenance, status_pages
from antiphon.actions.maintenance import Words
from antiphon.actions.status_pages import Shown
from antiphon.core.decision import Actor, Refusal
from antiphon.core.maintenance import State
from antiphon.db import public, public_page
from antiphon.db.models import Entity, Incident, Link, Maintenance
from antiphon.db.public import PublicComponent, PublicIncident
from antiphon.db.snapshots.maintenance import load
from antiphon.pages.load import load as page_state
from tests.world import World

pytestmark = pytest.mark.patient

HOUR = timedelta(hours=1)


def _page(world: World) -> None:
    world.service("checkout", customers=["Bo (untagged)"])
    Entity.objects.filter(name="checkout").update(on_status_page=True)
    uid = Entity.objects.get(name="checkout").uid
    public.list_components(public_page.page(now=world.now), [public.Listed(uid, "Checkout")], now=world.now)


def _plan(world: World, **words: object) -> Maintenance:
    told = {
        "title": "Database upgrade",
        "entity": "checkout",
        "starts_at": world.now + HOUR,
        "ends_at": world.now + 2 * HOUR,
        "body": "Orders cannot be paid for up to an hour.",
    }
    made = maintenance.plan(words=Words(**{**told, **words}), actor=world.acts(world.ira), now=world.now)  # type: ignore[arg-type]
    assert isinstance(made, Maintenance)
    return made


def _approve(world: World, plan: Maintenance) -> Refusal | None:
    plan.refresh_from_db()
    return maintenance.approve(
        maintenance=plan.uid, digest=load(plan).digest, actor=world.acts(world.lea), now=world.now
    )


def _status() -> str:
    return PublicComponent.objects.get().status


def test_it_begins_and_ends_by_itself_and_readers_know_each_time(world: World) -> None:
    _page(world)
    plan = _plan(world)
    world.advance(minutes=5)
    assert not PublicIncident.objects.exists(), "nothing is told before somebody approved it"
    assert _approve(world, plan) is None
    assert PublicIncident.objects.get().status == "scheduled"
    assert _status() == "operational"
    world.advance(minutes=55)
    assert (PublicIncident.objects.get().status, _status()) == ("in_progress", "under_maintenance")
    world.alert("checkout", "5xx above 10 %")
    assert not Incident.objects.exists()
    assert any("maintenance" in reason for reason in world.reasons)
    world.advance(minutes=60)
    assert (PublicIncident.objects.get().status, _status()) == ("completed", "operational")
    state = page_state()
    assert [update.status for update in state.maintenances[0].updates] == ["completed", "in_progress", "scheduled"]
    assert state.incidents == ()
    world.settle()
    assert Incident.objects.exists(), "what still fires when the work is over opens an incident"


def test_what_it_touches_is_named_before_it_begins_and_nothing_is_said_of_its_status(world: World) -> None:
    _page(world)
    world.alert("checkout", "5xx above 10 %")
    world.acknowledge(world.ann)
    world.publish_draft("business", "public")
    down = _status()
    assert down != "operational"
    assert _approve(world, _plan(world)) is None
    (planned,) = page_state().maintenances
    assert [(each.name, each.old_status, each.new_status) for each in planned.updates[0].touched] == [
        ("Checkout", down, down)
    ]
    assert planned.component_uids
    assert _status() == down
    world.ends("checkout")
    world.advance(minutes=15)
    assert world.resolve() is None
    world.publish_draft("business", "public", moment="resolution")
    assert _status() == "operational", "a plan does not keep a component down that an incident left well"


def test_pages_for_some_readers_tell_of_what_touches_them(world: World) -> None:
    _page(world)
    world.service("mailing", customers=["Olga (untagged)"])
    bo, olga = (Link.objects.get(source__contacts__name=name).source.name for name in ("Bo", "Olga"))
    for slug, reader, components in (("bo", bo, ()), ("olga", olga, ()), ("tech", "", ("checkout",))):
        shown = Shown(slug=slug, name=slug, audience="technical", private=True, reader=reader, components=components)
        assert not isinstance(status_pages.save(shown=shown, actor=world.acts(world.ira), now=world.now), Refusal)
    assert _approve(world, _plan(world)) is None
    told = set(PublicIncident.objects.values_list("page__slug", flat=True))
    assert told == {"status", "bo", "tech"}
    world.advance(minutes=60)
    assert set(PublicComponent.objects.values_list("status", flat=True)) == {"under_maintenance"}
    assert world.leaks() == []


def test_who_wrote_it_does_not_approve_it_and_an_edit_takes_the_approval_away(world: World) -> None:
    _page(world)
    plan = _plan(world)
    own = maintenance.approve(
        maintenance=plan.uid, digest=load(plan).digest, actor=world.acts(world.ira), now=world.now
    )
    assert isinstance(own, Refusal)
    assert "somebody else" in own.sentence
    assert _approve(world, plan) is None
    moved = Words(
        title=plan.title,
        entity="checkout",
        starts_at=plan.starts_at + HOUR,
        ends_at=plan.ends_at + HOUR,
        body=plan.body,
    )
    maintenance.plan(words=moved, uid=plan.uid, actor=world.acts(world.ira), now=world.now)
    plan.refresh_from_db()
    assert not load(plan).announced
    assert PublicIncident.objects.get().scheduled_for == plan.starts_at - HOUR, "the page shows what was approved"


def test_who_was_told_hears_that_it_was_cancelled_even_after_an_edit(world: World) -> None:
    """I29: nobody is left waiting for work that never comes."""
    _page(world)
    plan = _plan(world)
    _approve(world, plan)
    words = Words(title="Another title", entity="checkout", starts_at=plan.starts_at, ends_at=plan.ends_at, body="New.")
    maintenance.plan(words=words, uid=plan.uid, actor=world.acts(world.ira), now=world.now)
    refused = maintenance.turn(maintenance=plan.uid, to=State.CANCELLED, actor=world.acts(world.ira), now=world.now)
    assert refused is None
    assert PublicIncident.objects.get().status == "completed"
    world.advance(hours=1.5)
    world.alert("checkout", "5xx above 10 %")
    assert Incident.objects.exists(), "cancelled work holds no alert back"


def test_finished_early_counts_alerts_again(world: World) -> None:
    _page(world)
    plan = _plan(world)
    world.advance(minutes=70)
    assert (
        maintenance.turn(maintenance=plan.uid, to=State.COMPLETED, actor=world.acts(world.ira), now=world.now) is None
    )
    world.alert("checkout", "5xx above 10 %")
    assert Incident.objects.exists()
    assert not PublicIncident.objects.filter(impact="maintenance").exists(), "it was never announced"


def test_a_component_under_an_incident_is_not_called_well_when_work_ends(world: World) -> None:
    _page(world)
    plan = _plan(world)
    _approve(world, plan)
    world.alert("checkout", "5xx above 10 %")
    world.publish_draft("business", "public")
    broken = _status()
    assert broken != "operational"
    world.advance(hours=2)
    plan.refresh_from_db()
    assert plan.state == "completed"
    assert _status() == broken


def test_saving_without_changing_a_word_makes_nobody_its_author(world: World) -> None:
    _page(world)
    plan = _plan(world)
    told = {"title": plan.title, "starts_at": plan.starts_at, "ends_at": plan.ends_at, "body": plan.body}
    same = Words(entity="checkout", remind=HOUR / 2, **told)
    maintenance.plan(words=same, uid=plan.uid, actor=world.acts(world.lea), now=world.now)
    plan.refresh_from_db()
    own = maintenance.approve(
        maintenance=plan.uid, digest=load(plan).digest, actor=world.acts(world.ira), now=world.now
    )
    assert isinstance(own, Refusal), "the one who wrote it still may not approve it"


def test_an_approval_does_not_hold_for_work_on_something_else(world: World) -> None:
    _page(world)
    plan = _plan(world)
    assert _approve(world, plan) is None
    told = {"title": plan.title, "starts_at": plan.starts_at, "ends_at": plan.ends_at, "body": plan.body}
    maintenance.plan(words=Words(**told), uid=plan.uid, actor=world.acts(world.ira), now=world.now)
    plan.refresh_from_db()
    assert not load(plan).announced


def test_an_edit_by_token_leaves_the_person_who_wrote_it_the_author(world: World) -> None:
    plan = _plan(world, entity="")
    words = Words(title="Other", starts_at=plan.starts_at, ends_at=plan.ends_at, body=plan.body)
    maintenance.plan(words=words, uid=plan.uid, actor=Actor("token", "ci"), now=world.now)
    plan.refresh_from_db()
    assert plan.author == str(world.acts(world.ira))
