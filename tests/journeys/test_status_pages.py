"""Pages for some readers: each shows its own audience's version of what hits them, and nobody else's."""

import json
from pathlib import Path

import pytest

from antiphon.actions import settings, status_pages
from antiphon.actions.status_pages import Shown
from antiphon.core.decision import Refusal
from antiphon.db import public, public_page
from antiphon.db.addresses import base_url
from antiphon.db.models import Incident, Link
from antiphon.db.public import PublicPage
from antiphon.pages.keep import render_to
from antiphon.queries.status_pages import kept
from antiphon.queries.subscribers import offered
from tests.world import World

pytestmark = pytest.mark.patient


def _page(world: World, slug: str, **told: object) -> PublicPage:
    shown = Shown(**{"slug": slug, "name": slug.title(), "audience": "public", "private": False, **told})  # type: ignore[arg-type]
    made = status_pages.save(shown=shown, actor=world.acts(world.ira), now=world.now)
    assert isinstance(made, PublicPage), made
    return made


def _titles(page: PublicPage) -> list[str]:
    return [incident.title for incident in page.incidents.all()]


def test_each_page_shows_its_audience_s_version_of_what_hits_its_reader(world: World, tmp_path: Path) -> None:
    world.service("checkout", customers=["Bo (untagged)", "Tess (technical)"])
    world.service("mailing", customers=["Olga (untagged)"])
    bo, tess, olga = (Link.objects.get(source__contacts__name=name).source.name for name in ("Bo", "Tess", "Olga"))
    pages = {
        "bo": _page(world, "bo", audience="business", private=True, reader=bo),
        "tess": _page(world, "tess", audience="technical", private=True, reader=tess),
        "olga": _page(world, "olga", audience="business", private=True, reader=olga),
        "mailing": _page(world, "mailing", components=("mailing",)),
        "checkout": _page(world, "checkout", components=("checkout",)),
    }
    world.alert("checkout", "5xx above 10 %")
    update = world.publish_draft("technical", "business", "public")
    assert _titles(pages["bo"]) == [world.version(update, "business").subject]
    assert _titles(pages["tess"]) == [world.version(update, "technical").subject]
    assert _titles(pages["olga"]) == _titles(pages["mailing"]) == [], "nothing of what does not hit them"
    assert _titles(pages["checkout"]) == [world.version(update, "public").subject]
    public, private = tmp_path / "public", tmp_path / "private"
    render_to(public, now=world.now, private=private)
    assert (public / "p/checkout/api/v2/summary.json").exists()
    assert not (public / "p/bo").exists(), "a private page never lies in the public folder"
    assert world.version(update, "technical").subject.encode() in (private / "tess/index.html").read_bytes()
    assert world.leaks() == []


def test_links_lead_to_where_the_installation_is_now(world: World, tmp_path: Path) -> None:
    world.service("checkout")
    _page(world, "partners", components=("checkout",))
    world.alert("checkout", "5xx above 10 %")
    world.publish_draft("public")
    for base in ("http://127.0.0.1:40907", "https://incidents.example.org"):
        assert settings.save_address(base_url=base, actor=world.acts(world.ira), now=world.now) is None
        render_to(tmp_path, now=world.now, base=base_url())
        for folder in ("", "p/partners/"):
            said = json.loads((tmp_path / folder / "api/v2/summary.json").read_bytes())
            assert said["page"]["url"] == f"{base}/status/{folder}"
            assert said["incidents"][0]["shortlink"].startswith(f"{base}/status/{folder}incidents/")
        assert [each.link for each in kept()] == [f"{base}/status/", f"{base}/status/p/partners/"]
        found = offered("partners")
        assert found is not None
        assert found.url == f"{base}/status/p/partners/"


@pytest.mark.parametrize(
    ("base", "form"),
    [
        ("https://incidents.example.org", "https://incidents.example.org/subscribe/status"),
        ("http://127.0.0.1:8047", None),
    ],
)
def test_a_page_with_an_address_apart_leads_to_the_form_that_readers_can_reach(
    world: World, tmp_path: Path, base: str, form: str | None
) -> None:
    public.open_page(slug="status", name="Status", url="https://status.example.com/", zone="UTC", now=world.now)
    render_to(tmp_path, now=world.now, base=base)
    said = json.loads((tmp_path / "api/v2/status.json").read_bytes())["page"]
    assert said["url"] == "https://status.example.com/"
    assert said["x_subscribe"]["form"] == form


def test_only_the_public_version_is_open_to_all(world: World) -> None:
    for told in ({"audience": "business"}, {"reader": "bo"}, {"slug": "status"}, {"components": ("nothing",)}):
        shown = Shown(**{"slug": "x", "name": "X", "audience": "public", "private": False, **told})  # type: ignore[arg-type]
        refused = status_pages.save(shown=shown, actor=world.acts(world.ira), now=world.now)
        assert isinstance(refused, Refusal), told
    assert not PublicPage.objects.filter(slug="x").exists()


def test_what_stands_on_a_page_is_never_shown_to_other_readers(world: World) -> None:
    world.service("checkout", customers=["Bo (untagged)"])
    bo = Link.objects.get(source__contacts__name="Bo").source.name
    page = _page(world, "bo", audience="business", private=True, reader=bo)
    world.alert("checkout", "5xx above 10 %")
    world.publish_draft("business")
    for told in ({"audience": "public", "private": False}, {"audience": "business", "private": True}):
        shown = Shown(slug="bo", name="Bo", **told)  # type: ignore[arg-type]
        refused = status_pages.save(shown=shown, uid=page.uid, actor=world.acts(world.ira), now=world.now)
        assert isinstance(refused, Refusal), told


def test_the_installation_s_own_page_is_changed_to_no_other(world: World) -> None:
    own = public_page.page(now=world.now)
    shown = Shown(slug="mine", name="Mine", audience="public", private=True)
    refused = status_pages.save(shown=shown, uid=own.uid, actor=world.acts(world.ira), now=world.now)
    assert isinstance(refused, Refusal)
    own.refresh_from_db()
    assert (own.slug, own.private) == ("status", False)


def test_a_component_that_is_reached_no_longer_is_said_to_be_well(world: World) -> None:
    world.service("checkout", customers=["Bo (untagged)"])
    page = _page(world, "checkout", components=("checkout",))
    world.alert("checkout", "5xx above 10 %")
    world.publish_draft("public")
    component = page.components.get()
    assert component.status != "operational"
    incident = Incident.objects.get()
    said = public_page._components(page, incident, (), over=True)
    assert said == {component.uid: "operational"}
