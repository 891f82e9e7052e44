"""What people do by hand, reached by scripts: calls, posts, and messages about contracts; and what may not be."""

from datetime import timedelta
from typing import Any

import pytest

from antiphon.db.models import Call, CallAttempt, Delivery, Entity, FollowUp, Incident, SocialPost, Update
from antiphon.db.models import Version as Text
from tests.edges.api.house import ANN, NOW, Caller, declared
from tests.edges.api.test_updates import Browser

HOUR = timedelta(hours=1)
WORDS = {"subject": "Your contract: Checkout", "body": "The checkout was down for 90 minutes."}


def call() -> Call:
    """The call that Bo is owed, by nobody yet."""
    return Call.objects.get(incident=declared(), customer="bo-corp")


def post() -> SocialPost:
    incident = declared()
    update = Update.objects.create(incident=incident, moment="first_word", created_at=NOW)
    words: dict[str, Any] = {"subject": "x", "body": "x", "digest": "x", "edited_at": NOW}
    version = Text.objects.create(update=update, audience="public", **words)
    return SocialPost.objects.create(
        incident=incident, version=version, network="LinkedIn", text="Down.", made_at=NOW, due_at=NOW + HOUR
    )


def message(*, resolved: bool = True) -> str:
    """The address of a message about Bo's contract."""
    incident = declared()
    Incident.objects.update(resolved_at=NOW if resolved else None)
    row = FollowUp.objects.create(
        incident=incident,
        name="gold",
        title="Bo Corp",
        customer=Entity.objects.get(name="bo-corp"),
        subject="Your contract",
        body="[[the credit]]",
        made_at=NOW,
        edited_at=NOW,
    )
    return f"incidents/1/follow-ups/{row.uid}"


def told() -> Any:
    """The one matter's message, as a script reads it."""
    status, body = Caller("viewer").get("incidents/1/follow-ups")
    assert status == 200, body
    [matter] = [each for each in body["items"] if each["message"]]
    return matter["message"]


# --- calls --------------------------------------------------------------------------------------------------------


def test_a_call_is_taken_tried_and_settled_in_a_persons_name():
    at = f"incidents/1/calls/{call().uid}"
    status, body = Caller().post(f"{at}/owner", {"on_behalf_of": ANN, "shoe": 1})
    assert (status, body["items"][0]["owner"], body["ignored"]) == (200, "Ann", ["shoe"])
    assert body["items"][0]["script"]["missing"].startswith("Do not call yet")
    status, body = Caller().post(f"{at}/attempts", {"outcome": "not_reached", "on_behalf_of": ANN})
    assert (status, body["items"][0]["state"]) == (200, "open")
    status, body = Caller().post(f"{at}/attempts", {"outcome": "reached", "note": "Knows now.", "on_behalf_of": ANN})
    assert (status, body["items"][0]["state"]) == (200, "done")
    assert [(each["by"], each["note"]) for each in body["items"][0]["tries"]] == [("Ann", ""), ("Ann", "Knows now.")]
    status, body = Caller().post(f"{at}/attempts", {"outcome": "reached", "on_behalf_of": ANN})
    assert (status, body["error"]["field"]) == (409, "call")
    assert CallAttempt.objects.count() == 2
    assert Caller("viewer").get("incidents/1/calls")[1]["items"][0]["said"] == "called, reached"


def test_a_call_is_let_go_with_a_reason_only():
    at = f"incidents/1/calls/{call().uid}"
    assert Caller().post(f"{at}/waive", {"reason": " "})[0] == 422
    status, body = Caller().post(f"{at}/waive", {"reason": "They asked for mail."})
    assert (status, body["items"][0]["said"]) == (200, "not called: They asked for mail.")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"outcome": "eaten", "on_behalf_of": ANN}, "outcome"),
        ({"outcome": "asks", "on_behalf_of": ANN}, "note"),
        ({"outcome": "reached", "note": "x" * 501, "on_behalf_of": ANN}, "note"),
        ({"outcome": "reached", "on_behalf_of": "nobody@antiphon.example"}, "on_behalf_of"),
        ({"outcome": "reached"}, "on_behalf_of"),
        ({"on_behalf_of": ANN}, "outcome"),
    ],
)
def test_what_came_of_a_call_has_to_fit(body, field):
    status, answer = Caller().post(f"incidents/1/calls/{call().uid}/attempts", body)
    assert (status, answer["error"]["field"]) == (422, field)
    assert not CallAttempt.objects.exists()


# --- posts --------------------------------------------------------------------------------------------------------


def test_a_person_posts_and_says_where():
    row = post()
    [waiting] = Caller("viewer").get("incidents/1/posts")[1]["items"]
    assert (waiting["uid"], waiting["text"], waiting["state"]) == (row.uid, "Down.", "open")
    at = f"incidents/1/posts/{row.uid}/posted"
    status, body = Caller().post(at, {"url": "javascript:alert(1)", "on_behalf_of": ANN})
    assert (status, body["error"]["field"]) == (422, "url")
    status, body = Caller().post(at, {"url": "https://linkedin.example/1", "on_behalf_of": ANN})
    assert (status, body["items"][0]["where"], body["items"][0]["said"]) == (
        200,
        "https://linkedin.example/1",
        "posted by Ann",
    )
    assert Caller().post(at, {"url": "https://linkedin.example/2", "on_behalf_of": ANN})[0] == 409


# --- contracts ----------------------------------------------------------------------------------------------------


def test_a_script_words_what_two_people_let_go():
    at = message()
    cora, ann = Browser("cora@antiphon.example", "communicator"), Browser(ANN)
    assert told()["may_approve"] is False
    assert ann.post(f"{at}/approve", {"digest": told()["digest"]})[0] == 409  # a gap is left
    status, body = Caller().send("PUT", at, '{"subject": "", "body": "x"}')
    assert (status, body["error"]["field"]) == (422, "subject")
    assert Caller().send("PUT", at, f'{{"subject": "{WORDS["subject"]}", "body": "{WORDS["body"]}"}}')[0] == 200
    assert cora.post(f"{at}/send", {})[0] == 409  # nobody approved it
    status, body = ann.post(f"{at}/approve", {"digest": "of other words"})
    assert (status, body["error"]["field"]) == (422, "digest")
    assert ann.post(f"{at}/approve", {"digest": told()["digest"]})[0] == 200
    assert told()["approved_by"] == "Ann"
    assert cora.post(f"{at}/send", {})[0] == 200
    assert told()["state"] == "sent"
    assert set(Delivery.objects.values_list("address", flat=True)) >= {"bo@customer.example", "tess@customer.example"}
    sent = Delivery.objects.count()
    assert cora.post(f"{at}/send", {})[0] == 409
    assert Delivery.objects.count() == sent


def test_no_token_says_yes_for_a_person():
    at = message()
    for verb in ("approve", "send"):
        status, body = Caller("admin").post(f"{at}/{verb}", {"digest": told()["digest"]})
        assert (status, body["error"]["field"]) == (403, "Authorization")
    assert told()["state"] == "open"


def test_nothing_is_sent_while_it_lasts_and_a_reason_settles_it():
    at = message(resolved=False)
    status, body = Caller().post("incidents/1/follow-ups", {"contract": "none"})
    assert (status, body["error"]["field"]) == (409, "incident")
    assert Caller().post(f"{at}/waive", {"reason": ""})[0] == 422
    status, body = Caller().post(f"{at}/waive", {"reason": "They cancelled last week."})
    assert status == 200
    assert (told()["state"], told()["reason"]) == ("waived", "They cancelled last week.")


# --- all three ----------------------------------------------------------------------------------------------------


def test_what_is_of_another_incident_is_not_there():
    uid, other = call().uid, declared("Another").number
    of_post, of_message = post().uid, message().rpartition("/")[2]
    for path, body in (
        (f"incidents/{other}/calls/{uid}/attempts", {"outcome": "reached", "on_behalf_of": ANN}),
        (f"incidents/{other}/calls/{uid}/owner", {"on_behalf_of": ANN}),
        (f"incidents/{other}/calls/{uid}/waive", {"reason": "x"}),
        (f"incidents/{other}/posts/{of_post}/posted", {"url": "https://x.example/1", "on_behalf_of": ANN}),
        (f"incidents/{other}/follow-ups/{of_message}/waive", {"reason": "x"}),
    ):
        status, answer = Caller("admin").post(path, body)
        assert (status, answer["error"]["field"]) == (404, "uid"), path
    assert Caller("admin").send("PUT", f"incidents/{other}/follow-ups/{of_message}", "{}")[0] == 422
    assert Call.objects.get(uid=uid).state == "open"
