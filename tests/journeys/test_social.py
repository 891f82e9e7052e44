"""What is published for everybody is posted: by the program where it may, else by a person; never in practice."""

import pytest

from antiphon.actions import incidents, social, updates
from antiphon.core.decision import Refusal
from antiphon.core.social import Choice
from antiphon.db import channel_settings
from antiphon.db.models import Delivery, SocialPost, Task, Text
from antiphon.db.transactions import write
from tests.contracts.delivery.mastodon import MastodonServer
from tests.contracts.sinks import HttpAnswer
from tests.world import World, done

pytestmark = pytest.mark.patient


def checkout_fails(world: World, *, severity: int = 1, nature: str = "real") -> None:
    world.service("checkout", customers=["Bo (business)"])
    world.declare(entities=["checkout"], severity=severity, nature=nature)


def resolve(world: World) -> None:
    ann = world.acts(world.ann)
    done(incidents.set_stage(incident=world.incident.uid, stage="monitoring", reason="ok", actor=ann, now=world.now))
    world.advance(minutes=16)
    done(world.resolve())


def set_up(world: World, server: MastodonServer) -> None:
    with write():
        values = {"server": server.server, "token": server.token}
        channel_settings.save("mastodon", values, secret_names={"token"})


def choose(world: World, *networks: str, up_to: int = 1) -> None:
    done(social.choose(choice=Choice(up_to=up_to, networks=networks), actor=world.acts(world.ira), now=world.now))


def test_at_the_gravest_the_public_text_is_posted_at_once_and_in_one_thread(world: World):
    with MastodonServer() as server:
        set_up(world, server)
        checkout_fails(world)
        world.publish_draft("business", "public", approved_by="Ann")
        first, *_ = server.posts.values()
        assert first["status"].endswith("http://antiphon.test/status/")
        assert Task.objects.get(key="social").done_at is not None
        world.publish_draft("business", "public", approved_by="Ann", moment="progress")
        resolve(world)
        world.publish_draft("business", "public", approved_by="Ann", moment="resolution")
    later = list(server.posts.values())[1:]
    assert [each["in_reply_to_id"] for each in later] == [first["id"], first["id"]]
    assert "customer.test" not in str(server.posts)
    assert not world.leaks()
    assert not [each for each in server.posts.values() if "canary-" in each["status"]]


def test_a_post_that_fails_is_tried_again_and_made_once(world: World):
    with MastodonServer() as server:
        set_up(world, server)
        checkout_fails(world)
        server.faults.extend([HttpAnswer(500), HttpAnswer(429, {"Retry-After": "2"})])
        world.publish_draft("public", approved_by="Ann")
        world.advance(minutes=2)
        world.advance(minutes=2)
        assert len(server.posts) == 1
    assert Delivery.objects.get(channel="mastodon").state == "sent"


def test_a_token_that_is_not_taken_is_told_inside(world: World):
    with MastodonServer() as server:
        set_up(world, server)
        server.token = "another"
        checkout_fails(world)
        world.publish_draft("public", approved_by="Ann")
    row = Delivery.objects.get(channel="mastodon")
    assert row.state == "dead"
    assert "access token" in row.reason


def test_milder_ones_are_posted_as_the_organisation_chose(world: World):
    with MastodonServer() as server:
        set_up(world, server)
        checkout_fails(world, severity=3)
        world.publish_draft("public", approved_by="Ann")
        assert not server.posts
        choose(world, up_to=3)
        world.publish_draft("public", approved_by="Ann", moment="progress")
        assert len(server.posts) == 1


def test_practice_is_never_posted(world: World):
    with MastodonServer() as server:
        set_up(world, server)
        choose(world, "LinkedIn", up_to=5)
        checkout_fails(world, nature="drill")
        world.publish_draft("public", approved_by="Ann")
        assert not server.calls
    assert not SocialPost.objects.exists()


def test_a_person_posts_where_no_program_may_and_says_where(world: World):
    choose(world, "LinkedIn", "X")
    checkout_fails(world)
    world.publish_draft("public", approved_by="Ann")
    linked, x = SocialPost.objects.order_by("id")
    assert (linked.network, x.network) == ("LinkedIn", "X")
    assert "http://antiphon.test/status/" in linked.text
    assert (linked.due_at - linked.made_at).seconds == 15 * 60

    def tick(row: SocialPost, url: str) -> Refusal | None:
        lea = world.acts(world.lea)
        return social.posted(post=row.uid, url=url, person=world.lea, actor=lea, now=world.now)

    assert tick(linked, "done") is not None
    done(tick(linked, "https://linkedin.example/1"))
    assert Task.objects.get(key="social").done_at is None
    world.publish_draft("public", approved_by="Ann", moment="progress")
    assert SocialPost.objects.get(uid=x.uid).state == "void"  # the newer words say it
    for row in SocialPost.objects.filter(state="open"):
        done(tick(row, f"https://{row.network}.example/2"))
    assert Task.objects.get(key="social").done_at is not None
    assert any("Posted on LinkedIn: https://linkedin.example/1" in line for line in world.timeline())


def test_what_is_changed_behind_its_approval_is_not_posted(world: World):
    with MastodonServer() as server:
        set_up(world, server)
        checkout_fails(world)
        world.knows_all()
        update = world.draft("public")
        world.approve(update)
        done(updates.publish(update=update.uid, actor=world.acts(world.lea), now=world.now))
        Text.objects.filter(audience="public").update(subject="X")
        world.settle()
        assert not server.posts
