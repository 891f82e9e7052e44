"""What follows an incident, as people do it on its pages: call, post, settle contracts, look at texts."""

import pytest
from django.test import Client

from antiphon import messages
from antiphon.actions import incidents, own_texts, updates
from antiphon.core.decision import Refusal
from antiphon.db.models import (
    Call,
    Contact,
    Delivery,
    FollowUp,
    Person,
    Reaction,
    SocialPost,
    TemplateReview,
)
from antiphon.db.snapshots import calls as call_settings
from antiphon.queries import template_reviews
from tests.world import FACTS, World, done

pytestmark = pytest.mark.patient


def at(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def told(world: World) -> None:
    """An hour of promises is broken, at SEV1, and everybody was told of it."""
    world.service("checkout", customers=["Bo (business)", "Tess (technical)"])
    world.contract("bo-corp", "checkout", resolution_minutes=60)
    Contact.objects.filter(name="Bo").update(phone="+49 30 5550100")
    world.declare(entities=["checkout"], severity=1)
    world.publish_draft("technical", "business", "public", approved_by="Ann")


def over(world: World) -> None:
    world.advance(minutes=70)
    ann = world.acts(world.ann)
    done(incidents.set_stage(incident=world.incident.uid, stage="monitoring", reason="ok", actor=ann, now=world.now))
    world.advance(minutes=16)
    done(world.resolve())
    world.publish_draft("technical", "business", "public", approved_by="Ann", moment="resolution")


def path(world: World, rest: str) -> str:
    return f"/incidents/{world.incident.number}/{rest}"


def test_a_call_is_made_from_its_page(world: World):
    told(world)
    lea = at(world.lea)
    call = Call.objects.get(customer="bo-corp")
    shown = lea.get(path(world, "calls")).content.decode()
    assert "+49 30 5550100" in shown
    assert FACTS["symptoms"] in shown
    assert lea.post(path(world, f"calls/{call.uid}/owner"), {"person": "me"}).status_code == 302
    refused = lea.post(path(world, f"calls/{call.uid}/attempts"), {"outcome": "asks"})
    assert refused.status_code == 422
    reached = {"outcome": "reached", "note": "Thanks"}
    assert lea.post(path(world, f"calls/{call.uid}/attempts"), reached).status_code == 302
    assert "Called, reached" in lea.get(path(world, "calls")).content.decode()
    assert "called, reached" in lea.get(path(world, "who-knows-what")).content.decode()
    call.refresh_from_db()
    assert call.owner == world.lea


def test_a_call_is_let_go_with_a_reason_and_never_by_another_incidents_page(world: World):
    told(world)
    call, number, lea = Call.objects.get(customer="bo-corp"), world.incident.number, at(world.lea)
    world.declare(title="Another")
    assert world.incident.number != number
    assert lea.post(path(world, f"calls/{call.uid}/waived"), {"reason": "x"}).status_code == 404
    assert lea.post(f"/incidents/{number}/calls/{call.uid}/waived", {"reason": ""}).status_code == 422
    assert lea.post(f"/incidents/{number}/calls/{call.uid}/waived", {"reason": "Met them"}).status_code == 302
    assert "Not called: Met them" in lea.get(f"/incidents/{number}/calls").content.decode()


def test_posts_and_calls_are_chosen_on_their_settings_page(world: World):
    ira = at(world.ira)
    sent = {"most": "3", "up_to": "2", "networks": "LinkedIn\n\nX\n"}
    assert ira.post("/settings/posts/change", sent).status_code == 302
    assert call_settings.most() == 3
    shown = ira.get("/settings/posts").content.decode()
    assert "LinkedIn\nX" in shown
    assert ira.post("/settings/posts/change", {**sent, "most": "900"}).status_code == 422
    account = {"server": "https://mastodon.example", "token": "s3cret", "visibility": "public", "longest": "500"}
    assert "Not set up" in ira.get("/settings/posts").content.decode()
    assert ira.post("/settings/channels/mastodon", {**account, "server": "ftp://x"}).status_code == 200
    assert ira.post("/settings/channels/mastodon", account).status_code == 302
    assert "https://mastodon.example" in ira.get("/settings/posts").content.decode()
    assert "s3cret" not in ira.get("/settings/channels/mastodon").content.decode()
    assert at(world.lea).get("/settings/posts").status_code == 200
    assert at(world.lea).post("/settings/posts/change", sent).status_code == 403
    told(world)
    linked = SocialPost.objects.get(network="LinkedIn")
    lea = at(world.lea)
    assert linked.text.split("\n")[0] in lea.get(path(world, "calls")).content.decode()
    assert lea.post(path(world, f"posts/{linked.uid}"), {"url": "nowhere"}).status_code == 422
    assert lea.post(path(world, f"posts/{linked.uid}"), {"url": "https://linkedin.example/1"}).status_code == 302
    assert "https://linkedin.example/1" in lea.get(path(world, "calls")).content.decode()


def test_a_contract_matter_goes_its_whole_way_on_its_page(world: World):
    told(world)
    assert "The incident is active" in at(world.lea).get(path(world, "follow-ups")).content.decode()
    over(world)
    matter = FollowUp.objects.get()
    here, lea, ann = path(world, f"follow-ups/{matter.uid}"), at(world.lea), at(world.ann)
    shown = lea.get(path(world, "follow-ups")).content.decode()
    assert "from the detection at" in shown
    assert "still to be filled in" in lea.get(f"{path(world, 'follow-ups')}?edit={matter.uid}").content.decode()
    empty = lea.post(f"{here}/text", {"subject": "", "body": "x"})
    assert empty.status_code == 422
    body = matter.body.replace("[[the credit, by the terms of the contract]]", "10 %")
    assert lea.post(f"{here}/text", {"subject": matter.subject, "body": body}).status_code == 302
    assert "waits for its approval" not in ann.get(path(world, "follow-ups")).content.decode()
    matter.refresh_from_db()
    assert ann.post(f"{here}/approval", {"digest": "other"}).status_code == 422
    assert ann.post(f"{here}/approval", {"digest": matter.digest}).status_code == 302
    assert "Send it to 1 person at Bo Corp" in lea.get(path(world, "follow-ups")).content.decode()
    world.forget_mail()
    assert lea.post(f"{here}/sent").status_code == 302
    world.settle()
    world.expect_mail("Bo", says="10 %")
    world.expect_nothing_else()
    assert lea.post(f"{here}/waived", {"reason": "late"}).status_code == 422


def test_texts_of_a_major_incident_are_looked_at_with_what_readers_said(world: World):
    told(world)
    over(world)
    bo = Contact.objects.get(name="Bo")
    delivery = Delivery.objects.filter(recipient=bo.uid, text__version__update__moment="first_word").latest("id")
    known = {"delivery": delivery, "text": delivery.text, "recipient": bo.uid, "at": world.now}
    Reaction.objects.create(kind="helpful", reference="1", **known)
    world.tidy_up()
    here = path(world, f"follow-ups/{FollowUp.objects.get().uid}")
    assert at(world.lea).post(f"{here}/waived", {"reason": "Told"}).status_code == 302
    done(world.close())
    names = set(TemplateReview.objects.values_list("audience", "name"))
    assert {("business", "first_word"), ("technical", "resolution"), ("public", "first_word")} <= names
    review = TemplateReview.objects.get(audience="business", name="first_word")
    shown = at(world.lea).get(path(world, "review")).content.decode()
    assert "1 found it helpful" in shown
    assert "No reader said anything." in shown
    assert "To be looked at" in at(world.ira).get("/settings/texts").content.decode()

    def tick(**sent: str) -> int:
        return at(world.lea).post(path(world, f"review/templates/{review.uid}"), sent).status_code

    assert tick(verdict="perhaps") == 422
    assert tick(verdict="changed", changed_to="1") == 422  # there is no such version yet
    own = messages.shipped("business")["first_word"].replace("**What we are doing:**", "**Our work:**")
    ira = world.acts(world.ira)
    saved = own_texts.save(audience="business", name="first_word", text=own, why="Plainer", actor=ira, now=world.now)
    assert not isinstance(saved, Refusal), saved
    assert tick(verdict="changed", changed_to=str(saved)) == 302
    assert tick(verdict="kept") == 302  # settled: nothing happens
    review.refresh_from_db()
    assert (review.verdict, review.changed_to, review.done_by) == ("changed", saved, world.lea)
    assert review.uid not in {each.uid for each in template_reviews.to_look_at()}


def test_mild_incidents_and_practice_leave_no_texts_to_look_at(world: World):
    world.service("checkout", customers=["Bo (business)"])
    world.declare(entities=["checkout"], severity=4)
    world.publish_draft("business", approved_by="Ann")
    over(world)
    world.tidy_up()
    done(world.close())
    assert not TemplateReview.objects.exists()


def test_the_review_page_says_what_readers_outside_are_owed(world: World):
    told(world)
    over(world)
    shown = at(world.lea).get(path(world, "review")).content.decode()
    assert "Technical customers: timeline, cause, prevention" in shown
    assert "Business customers: prevention in short" in shown
    promise = world.promise("technical", "review")
    assert (promise.due_at - promise.made_at).total_seconds() == 48 * 3600
    world.knows("diagnostics", "Compared what the disk held over a week.")
    update = world.draft("technical", moment="review")
    version = world.version(update, "technical")
    body = version.body.replace("[[the full timeline, in UTC]]", "It filled up.")
    lea, subject = world.acts(world.lea), version.subject
    done(updates.edit(update=update.uid, audience="technical", subject=subject, body=body, actor=lea, now=world.now))
    world.approve(update)
    world.publish(update)
    assert world.promise("technical", "review").state == "kept"
    world.publish_draft("business", approved_by="Ann", moment="review")
    assert at(world.lea).get(path(world, "review")).content.decode().count("sent") >= 2
