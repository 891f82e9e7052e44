"""One customer or segment reads other words than the rest of its audience, as stories."""

import pytest

from antiphon.actions import status_pages, updates
from antiphon.actions.status_pages import Shown
from antiphon.core.decision import Refusal
from antiphon.db.models import Entity, Link, Update, Version
from antiphon.db.public import PublicPage
from antiphon.queries import telling
from tests.world import World, done

pytestmark = pytest.mark.patient


@pytest.fixture
def told(world: World) -> World:
    """A SEV1 that Bo, Olga and Tess feel; every fact is known."""
    world.service("checkout", customers=["Bo (untagged)", "Olga (untagged)", "Tess (technical)"])
    world.alert("checkout")
    world.acknowledge(world.ann)
    world.knows_all()
    world.forget_mail()
    return world


def _customer(name: str) -> Entity:
    return Link.objects.get(source__contacts__name=name).source


def _own(told: World, update: Update, reader: Entity, *, says: str = "") -> Version:
    """A text of its own for this reader, with a sentence that nobody else gets."""
    lea = told.acts(told.lea)
    done(updates.add_part(update=update.uid, audience="business", reader=reader.name, actor=lea, now=told.now))
    version = update.versions.get(part=reader.uid)
    if says:
        body = f"{version.body}\n\n{says}"
        key, subject = f"business:{reader.uid}", version.subject
        done(updates.edit(update=update.uid, audience=key, subject=subject, body=body, actor=lea, now=told.now))
    return update.versions.get(pk=version.pk)


def _approve(told: World, update: Update) -> None:
    for version in _versions(update):
        done(
            updates.approve(
                update=update.uid, audience=version[0], digest=version[1], actor=told.acts(told.ann), now=told.now
            )
        )


def _versions(update: Update) -> list[tuple[str, str]]:
    rows = update.versions.filter(audience__in=("technical", "business", "public"))
    return [(f"{row.audience}:{row.part}" if row.part else row.audience, row.digest) for row in rows]


def test_a_customer_with_a_text_of_its_own_reads_that_one_alone(told: World) -> None:
    update = told.draft("technical", "business")
    _own(told, update, _customer("Bo"), says="Your own payment lanes were moved first.")
    _approve(told, update)
    told.publish(update)
    assert "Your own payment lanes" in told.expect_mail("Bo").body()
    assert "Your own payment lanes" not in told.expect_mail("Olga").body()
    told.expect_mail("Tess")
    told.expect_nothing_else()
    assert told.leaks() == []


def test_nothing_goes_out_while_it_waits_for_its_own_approval(told: World) -> None:
    update = told.draft("business")
    told.approve(update)
    _own(told, update, _customer("Bo"))
    refused = updates.publish(update=update.uid, actor=told.acts(told.lea), now=told.now)
    assert isinstance(refused, Refusal)
    assert "business for" in refused.sentence
    told.settle()
    told.expect_nothing_else()


def test_without_it_they_read_what_all_read(told: World) -> None:
    update = told.draft("business")
    told.approve(update)
    bo = _customer("Bo")
    _own(told, update, bo, says="Only for you.")
    key = f"business:{bo.uid}"
    done(updates.drop_part(update=update.uid, version=key, actor=told.acts(told.lea), now=told.now))
    told.publish(update)
    assert "Only for you" not in told.expect_mail("Bo").body()
    told.expect_mail("Olga")
    told.expect_nothing_else()


def test_a_segment_s_members_read_its_text_and_a_customer_s_own_goes_before(told: World) -> None:
    gold = Entity.objects.create(name="Gold", kind="segment", title="Gold", updated_at=told.now)
    bo, olga = _customer("Bo"), _customer("Olga")
    for member in (bo, olga):
        Link.objects.create(source=member, target=gold, kind="part_of")
    update = told.draft("business")
    _own(told, update, gold, says="As a gold customer you have a direct line.")
    _own(told, update, olga, says="Ola will call you.")
    _approve(told, update)
    seen = telling.update(told.incident, "first_word", {}, reader=told.acts(told.ann), now=told.now)
    assert seen
    assert {version.title: version.count for version in seen.versions} == {
        "Business": 0,
        "Business, Gold only": 1,
        f"Business, {olga.name} only": 1,
    }
    told.publish(update)
    assert "direct line" in told.expect_mail("Bo").body()
    mail = told.expect_mail("Olga").body()
    assert "Ola will call you" in mail
    assert "direct line" not in mail


def test_the_next_update_has_one_too_and_no_change_says_each_again(told: World) -> None:
    bo = _customer("Bo")
    update = told.draft("business")
    _own(told, update, bo, says="Only for you.")
    _approve(told, update)
    told.publish(update)
    told.forget_mail()
    told.advance(minutes=20)
    done(updates.no_change(incident=told.incident.uid, actor=told.acts(told.lea), now=told.now))
    told.settle()
    assert "Only for you" in told.expect_mail("Bo", says="No change").body()
    assert "Only for you" not in told.expect_mail("Olga", says="No change").body()
    following = told.draft("business", moment="progress")
    assert following.versions.filter(audience="business", part=bo.uid, approved_digest="").count() == 1


def test_the_customer_s_own_page_shows_its_own_text(told: World) -> None:
    bo, olga = _customer("Bo"), _customer("Olga")
    for reader, slug in ((bo, "bo"), (olga, "olga")):
        shown = Shown(slug=slug, name=slug, audience="business", private=True, reader=reader.name)
        made = status_pages.save(shown=shown, actor=told.acts(told.ira), now=told.now)
        assert isinstance(made, PublicPage)
    update = told.draft("business")
    _own(told, update, bo, says="Only for you.")
    _approve(told, update)
    told.publish(update)
    bodies = {
        page.slug: " ".join(each.body for incident in page.incidents.all() for each in incident.updates.all())
        for page in PublicPage.objects.filter(slug__in=("bo", "olga"))
    }
    assert "Only for you" in bodies["bo"]
    assert bodies["olga"]
    assert "Only for you" not in bodies["olga"]


def test_only_customers_and_segments_of_the_catalog_get_one(told: World) -> None:
    update = told.draft("business", "internal")
    for audience, reader in (("business", "checkout"), ("business", "nobody"), ("internal", _customer("Bo").name)):
        refused = updates.add_part(
            update=update.uid, audience=audience, reader=reader, actor=told.acts(told.lea), now=told.now
        )
        assert isinstance(refused, Refusal), audience
    assert not update.versions.exclude(part="").exists()
