"""An incident of a customer followed by scripts to its end: the call, the post, what came back, the contract."""

import json
from typing import Any

import pytest

from antiphon.actions import incidents, social
from antiphon.core.observations import key_hash
from antiphon.core.social import Choice
from antiphon.db.models import ApiToken, Task
from tests.edges.api.house import Caller
from tests.edges.api.test_updates import Browser
from tests.world import World, done

pytestmark = pytest.mark.patient
GAP = "[[the credit, by the terms of the contract]]"


def script(world: World) -> Caller:
    ApiToken.objects.create(name="desk", role="responder", hash=key_hash("desk"), created_at=world.now)
    return Caller("desk")


def checkout_fails(world: World) -> None:
    world.service("checkout")
    world.customer("Bo (business)", uses="checkout", strategic=True, owner="Lea")
    world.contract("bo-corp", "checkout", resolution_minutes=60)
    done(social.choose(choice=Choice(up_to=1, networks=("LinkedIn",)), actor=world.acts(world.ira), now=world.now))
    world.declare(entities=["checkout"], severity=1)


def of(caller: Caller, what: str) -> list[dict[str, Any]]:
    status, body = caller.get(f"incidents/1/{what}")
    assert status == 200, body
    items: list[dict[str, Any]] = body["items"]
    return items


def sent(answer: tuple[int, Any]) -> Any:
    assert answer[0] == 200, answer[1]
    return answer[1]


def test_a_desk_of_scripts_settles_what_people_did(world: World) -> None:
    checkout_fails(world)
    desk = script(world)
    assert of(desk, "calls")[0]["script"]["words"] == ""
    assert of(desk, "posts") == []
    world.publish_draft("business", "public", approved_by="Ann")
    world.expect_mail("Bo")

    [call], [post] = of(desk, "calls"), of(desk, "posts")
    assert call["script"]["words"]
    assert (call["owner"], call["contact"], post["network"], post["state"]) == ("Lea", "Bo", "LinkedIn", "open")
    who = {"on_behalf_of": world.lea.email}
    sent(desk.post(f"incidents/1/calls/{call['uid']}/attempts", {"outcome": "reached", "note": "Calm.", **who}))
    sent(desk.post(f"incidents/1/posts/{post['uid']}/posted", {"url": "https://linkedin.example/1", **who}))
    assert not Task.objects.filter(key__in=("calls", "social"), done_at=None).exists()
    assert any("https://linkedin.example/1" in line for line in world.timeline())

    world.advance(minutes=70)
    ann = world.acts(world.ann)
    done(incidents.set_stage(incident=world.incident.uid, stage="monitoring", reason="ok", actor=ann, now=world.now))
    world.advance(minutes=16)
    done(world.resolve())
    world.forget_mail()
    the_contract(world, desk)
    heard = desk.get("incidents/1/reactions")[1]
    assert {each["name"] for each in heard["updates"][0]["audiences"]} == {"business"}
    assert heard["updates"][0]["audiences"][0]["delivered"] == 1
    assert not world.leaks()


def the_contract(world: World, desk: Caller) -> None:
    [matter] = of(desk, "follow-ups")
    assert (matter["breached"], matter["customer"]) == (True, "Bo Corp")
    words, at = matter["message"], f"incidents/1/follow-ups/{matter['message']['uid']}"
    filled = {"subject": words["subject"], "body": words["body"].replace(GAP, "10 %")}
    desk.send("PUT", at, json.dumps(filled))
    [matter] = of(desk, "follow-ups")
    digest = {"digest": matter["message"]["digest"]}
    assert desk.post(f"{at}/approve", digest)[0] == 403
    sent(Browser(world.ann.email).post(f"{at}/approve", digest))
    assert Browser(world.ann.email).post(f"{at}/send", {})[0] in (403, 409)
    sent(Browser(world.lea.email).post(f"{at}/send", {}))
    world.settle()
    world.expect_mail("Bo", says="a credit of 10 %")
    world.expect_nothing_else()
