"""The public pages stand on other hosts too, and say so when they do not get there."""

import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from antiphon import clock
from antiphon.actions import configuration, page_targets, status_pages
from antiphon.actions.status_pages import Shown
from antiphon.config import Config
from antiphon.core.decision import Refusal
from antiphon.core.page_targets import Bucket
from antiphon.db.models import Link, PageTarget
from antiphon.db.public import PublicPage
from antiphon.pages.keep import render_to
from antiphon.queries import page_targets as seen
from antiphon.wiring import doctor
from antiphon.wiring.pushing import Pusher
from tests.contracts.pages.store import BROKEN, FORBIDDEN, Store
from tests.world import World, done

pytestmark = pytest.mark.patient


@pytest.fixture
def store() -> Iterator[Store]:
    with Store() as opened:
        yield opened


@pytest.fixture
def house(world: World, tmp_path: Path) -> Config:
    """A node with its folder of public pages; SEV2 that Bo feels."""
    world.service("checkout", customers=["Bo (untagged)"])
    world.declare(severity=2, entities=["checkout"])
    world.knows_all()
    world.forget_mail()
    return Config(data=tmp_path, allowed_private=("127.0.0.0/8",))


def _render(world: World, config: Config) -> None:
    render_to(config.public_folder, now=world.now, private=config.private_folder)


def _bucket(world: World, store: Store, name: str = "store") -> None:
    saved = page_targets.save_bucket(name=name, bucket=store.bucket(), actor=world.acts(world.ira), now=world.now)
    assert isinstance(saved, PageTarget), saved


def test_what_is_published_stands_elsewhere_too_and_private_pages_never(
    world: World, house: Config, store: Store
) -> None:
    bo = Link.objects.get(source__contacts__name="Bo").source.name
    shown = Shown(slug="bo", name="For Bo", audience="business", private=True, reader=bo)
    done(status_pages.save(shown=shown, actor=world.acts(world.ira), now=world.now))
    done(
        status_pages.save(
            shown=Shown(slug="europe", name="Europe", audience="public", private=False),
            actor=world.acts(world.ira),
            now=world.now,
        )
    )
    _bucket(world, store)
    update = world.publish_draft("business", "public")
    _render(world, house)
    assert Pusher(house).look() == 1
    assert Pusher(house).look() == 0, "nothing new"
    page = store.files["index.html"].decode()
    assert world.version(update, "public").subject in page
    assert "p/europe/index.html" in store.files
    assert (house.private_folder / "bo/index.html").exists()
    assert not [name for name in store.files if "bo" in name.split("/")]
    business = world.version(update, "business").body[:60].encode()
    assert not [name for name, body in store.files.items() if business in body]
    row = PageTarget.objects.get()
    assert (row.pushed_at, row.trouble) == (world.now, "")
    assert "not a secret" not in f"{row.values}{row.secrets}"
    done(
        status_pages.remove(page=PublicPage.objects.get(slug="europe").uid, actor=world.acts(world.ira), now=world.now)
    )
    world.now += timedelta(seconds=60)
    _render(world, house)
    assert Pusher(house).look() == 1
    assert not [name for name in store.files if name.startswith("p/europe")], "what is gone here is gone there"


def test_a_push_that_fails_is_tried_again_said_once_and_gone_on_with(
    world: World, house: Config, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = [1000.0]
    monkeypatch.setattr(clock, "real", lambda: real[0])
    _bucket(world, store)
    world.publish_draft("public")
    world.forget_mail()
    _render(world, house)
    store.always = BROKEN
    tries = 0
    for _ in range(100):
        before = store.seen
        Pusher(house).look()
        tries += store.seen > before
        real[0] += 4
    assert 5 <= tries <= 8, "with longer and longer waits"
    world.settle()
    mail = world.expect_mail("Ira", says="do not reach store")
    assert "HTTP 500" in mail.body()
    world.expect_nothing_else()
    found = next(doctor._page_targets(house, world.now))
    assert "HTTP 500" in found.mend
    (told,) = seen.kept()
    assert (told.trouble.startswith("127.0.0.1"), told.pushed_at, told.place) == (
        True, None, f"{store.bucket().endpoint}/status",
    )  # fmt: skip
    store.always = 0
    store.trouble.append(FORBIDDEN)
    real[0] += 600
    assert Pusher(house).look() == 0
    half = len(store.files)
    real[0] += 600
    assert Pusher(house).look() == 1
    assert len(store.files) > half
    assert seen.kept()[0].trouble == ""
    found = next(doctor._page_targets(house, world.now))
    assert not found.wrong


def test_two_nodes_push_as_one_and_one_goes_on_where_another_died(
    world: World, house: Config, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = [1000.0]
    monkeypatch.setattr(clock, "real", lambda: real[0])
    _bucket(world, store)
    _render(world, house)
    first, second = Pusher(house), Pusher(house)
    second._node = "another"
    assert (first.look(), second.look()) == (1, 0)
    count = store.seen
    world.publish_draft("public")
    _render(world, house)
    with monkeypatch.context() as dying:
        dying.setattr("antiphon.actions.page_targets.pushed", lambda *_, **__: None)  # killed before it could say so
        assert first.look() == 1
    assert second.look() == 0, "still the other's"
    real[0] += 200
    before = store.seen
    assert second.look() == 1
    assert before < store.seen < before + count, "what is unsure is sent again, and no more"
    assert PageTarget.objects.get().lease == "another"


def test_an_older_rendering_never_takes_the_place_of_a_newer(world: World, house: Config, store: Store) -> None:
    _bucket(world, store)
    behind = replace(house, data=house.data / "behind")
    _render(world, behind)
    world.now += timedelta(seconds=60)
    update = world.publish_draft("public")
    _render(world, house)
    assert Pusher(house).look() == 1
    assert Pusher(behind).look() == 0
    assert world.version(update, "public").subject in store.files["index.html"].decode()


def test_a_file_sets_folders_and_commands_and_the_settings_page_cannot(world: World, house: Config) -> None:
    there = house.data / "there"
    there.mkdir()
    copy = "import shutil, sys; shutil.copytree(sys.argv[1], sys.argv[2], dirs_exist_ok=True)"
    text = f"""
page_targets:
- name: mirror
  folder: {there}
- name: by hand
  command: ["{sys.executable}", "-c", "{copy}", "{{changed}}", "{house.data}/copied"]
  timeout: 20
- name: store
  s3: {{endpoint: "https://s3.example.org", bucket: status, access_key: AK, secret_key: {{env: STORE_SECRET}}}}
"""
    ira, environ = world.acts(world.ira), {"STORE_SECRET": "hush"}
    applied = configuration.apply(text, source="x.yaml", environ=environ, actor=ira, now=world.now)
    assert not isinstance(applied, Refusal)
    assert not applied.problems, applied.problems
    again = configuration.apply(text, source="x.yaml", environ=environ, actor=ira, now=world.now)
    assert not isinstance(again, Refusal)
    assert again.changes == ()
    done(page_targets.remove(uid=PageTarget.objects.get(name="store").uid, actor=ira, now=world.now))
    world.publish_draft("public")
    _render(world, house)
    assert Pusher(house).look() == 2
    assert (there / "index.html").read_bytes() == (house.data / "copied/index.html").read_bytes()
    mirror = PageTarget.objects.get(name="mirror")
    bucket = Bucket(endpoint="https://s3.example.org", bucket="b", access_key="a", secret_key="s")
    taken = page_targets.save_bucket(name="x", bucket=bucket, uid=mirror.uid, actor=ira, now=world.now)
    assert isinstance(taken, Refusal)
    assert seen.kept()[0].place == str(there)


def test_what_a_file_says_wrongly_is_said_by_line(world: World) -> None:
    text = """
page_targets:
- name: two
  folder: /srv/a
  command: [rsync]
- name: none
- name: bad
  folder: srv
- name: half
  s3: {endpoint: "https://s3.example.org", bucket: status}
"""
    applied = configuration.apply(text, source="x.yaml", environ={}, actor=world.acts(world.ira), now=world.now)
    assert not isinstance(applied, Refusal)
    lines = {problem.line for problem in applied.problems}
    assert {3, 6, 8, 10} <= lines, applied.problems
    assert not PageTarget.objects.exists()


def test_a_key_that_does_not_open_is_said_and_stops_no_other(world: World, house: Config, store: Store) -> None:
    _bucket(world, store)
    PageTarget.objects.update(secrets="gAAAAAB-not-ours")
    folder = house.data / "there"
    folder.mkdir()
    row = PageTarget(name="mirror", kind="folder", values={"path": str(folder)})
    row.save()
    _render(world, house)
    assert Pusher(house).look() == 1
    assert "another key" in PageTarget.objects.get(name="store").trouble
