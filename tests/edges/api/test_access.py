"""Every route declares its action, and each role gets exactly as far as the table says."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from ninja.operation import Operation

from antiphon.actions import tokens
from antiphon.api.access import Bearer, Call, SignedIn, Undeclared
from antiphon.api.answers import Refused
from antiphon.api.door import api
from antiphon.core.access import ACTIONS, NEVER_BY_TOKEN, ROLES
from antiphon.core.decision import SYSTEM
from antiphon.db.models import ApiToken, Event
from tests.edges.api.house import NOW, Caller, declared, token

CONTRACT = {
    "GET /incidents": "incident.see",
    "POST /incidents": "incident.declare",
    "GET /incidents/{number}": "incident.see",
    "POST /incidents/{number}/acknowledge": "page.acknowledge",
    "POST /incidents/{number}/stage": "incident.stage",
    "POST /incidents/{number}/notes": "incident.note",
    "POST /incidents/{number}/resolve": "incident.resolve",
    "POST /incidents/{number}/close": "incident.close",
    "POST /incidents/{number}/merge": "incident.merge",
    "GET /incidents/{number}/timeline": "incident.see",
    "GET /incidents/{number}/verdict": "incident.see",
    "POST /incidents/{number}/verdict/override": "verdict.override",
    "POST /incidents/{number}/verdict/answers": "question.answer",
    "GET /incidents/{number}/facts": "incident.see",
    "POST /incidents/{number}/facts": "fact.record",
    "GET /incidents/{number}/promises": "incident.see",
    "POST /incidents/{number}/promises": "promise.keep",
    "GET /incidents/{number}/reactions": "incident.see",
    "GET /incidents/{number}/cap": "incident.see",
    "GET /incidents/{number}/updates": "incident.see",
    "POST /incidents/{number}/reports": "fact.record",
    "POST /incidents/{number}/updates": "update.draft",
    "POST /incidents/{number}/updates/{uid}/versions": "update.draft",
    "PUT /incidents/{number}/updates/{uid}/versions/{key}": "update.draft",
    "POST /incidents/{number}/updates/{uid}/versions/{key}/lint": "update.draft",
    "POST /incidents/{number}/updates/{uid}/ask": "update.draft",
    "PUT /incidents/{number}/updates/{uid}/next-update": "update.draft",
    "POST /incidents/{number}/updates/{uid}/discard": "update.draft",
    "GET /incidents/{number}/who-knows-what": "incident.see",
    "GET /incidents/{number}/calls": "incident.see",
    "POST /incidents/{number}/calls/{uid}/attempts": "task.change",
    "POST /incidents/{number}/calls/{uid}/owner": "task.change",
    "POST /incidents/{number}/calls/{uid}/waive": "task.change",
    "GET /incidents/{number}/posts": "incident.see",
    "POST /incidents/{number}/posts/{uid}/posted": "task.change",
    "GET /incidents/{number}/follow-ups": "incident.see",
    "POST /incidents/{number}/follow-ups": "update.draft",
    "PUT /incidents/{number}/follow-ups/{uid}": "update.draft",
    "POST /incidents/{number}/follow-ups/{uid}/waive": "incident.close",
    "GET /alerts": "alert.see",
    "GET /entities": "catalog.see",
    "GET /entities/{path:name}": "catalog.see",
    "POST /entities": "catalog.change",
    "PUT /entities/{path:name}": "catalog.change",
    "DELETE /entities/{path:name}": "catalog.change",
    "POST /entities/{path:name}/links": "catalog.change",
    "DELETE /entities/{path:name}/links": "catalog.change",
    "GET /entities/{path:name}/status": "catalog.see",
    "GET /customers": "catalog.see",
    "POST /customers/segments": "customer.tag",
    "POST /tickets": "ticket.import",
    "GET /on-call": "on_call.see",
    "GET /figures/escalation": "incident.see",
    "GET /figures/telling": "incident.see",
    "GET /duty-roles": "on_call.see",
    "GET /entities/{path:name}/impact": "catalog.see",
    "GET /incidents/{number}/impact": "incident.see",
    "POST /incidents/{number}/affected": "incident.edit",
    "GET /maintenance": "catalog.see",
    "POST /maintenance": "maintenance.plan",
    "PUT /maintenance/{uid}": "maintenance.plan",
    "POST /maintenance/{uid}/begin": "maintenance.plan",
    "POST /maintenance/{uid}/finish": "maintenance.plan",
    "POST /maintenance/{uid}/cancel": "maintenance.plan",
}
BY_A_PERSON = {
    "POST /incidents/{number}/updates/{uid}/approve": "update.approve",
    "POST /incidents/{number}/updates/{uid}/revoke": "update.approve_technical",
    "POST /incidents/{number}/updates/{uid}/publish": "update.publish",
    "POST /incidents/{number}/follow-ups/{uid}/approve": "update.approve",
    "POST /incidents/{number}/follow-ups/{uid}/send": "update.publish",
    "POST /maintenance/{uid}/approve": "maintenance.approve",
}
"""Routes that no token opens, whatever its role."""


def routes() -> Iterator[tuple[str, str, Operation]]:
    for router in api._get_bound_routers():
        for path, view in router.path_operations.items():
            for operation in view.operations:
                for method in operation.methods:
                    yield method, path, operation


def actions(operation: Operation) -> list[str]:
    return [check.action for check in operation.auth_callbacks if isinstance(check, Bearer | SignedIn)]


def test_the_routes_are_those_of_the_contract_each_with_its_action():
    found = {f"{method} {path}": actions(operation) for method, path, operation in routes()}
    assert found == {route: [action] for route, action in (CONTRACT | BY_A_PERSON).items()}
    assert {f"{method} {path}" for method, path, each in routes() if _by_a_person(each)} == set(BY_A_PERSON)


def _by_a_person(operation: Operation) -> bool:
    return any(isinstance(check, SignedIn) for check in operation.auth_callbacks)


@pytest.mark.parametrize("role", ROLES)
def test_no_token_of_any_role_does_what_a_person_has_to_answer_for(role: str):
    declared()
    for route in BY_A_PERSON:
        method, _, path = route.partition(" ")
        filled = path.replace("{number}", "1").replace("{uid}", "some").lstrip("/")
        status, body = Caller(role).send(method, filled, b"{}")
        assert (status, body["error"]["field"]) == (403, "Authorization")
        assert Caller("").send(method, filled, b"{}")[0] == 401


@pytest.mark.parametrize("role", ROLES)
def test_each_role_gets_as_far_as_the_table_says(role: str):
    declared()
    call = Caller(role)
    for route, action in CONTRACT.items():
        method, _, path = route.partition(" ")
        filled = path.replace("{number}", "1").replace("{path:name}", "checkout").lstrip("/")
        status, body = call.send(method, filled, b"" if method == "GET" else b"{}")
        allowed = status not in (401, 403)
        assert allowed == (role in ACTIONS[action]), (route, body)
        assert allowed or body["error"]["field"] == "Authorization"


def test_no_route_takes_what_a_token_may_never_do():
    assert not NEVER_BY_TOKEN & set(CONTRACT.values())


def test_a_route_without_an_action_lets_nobody_in(rf):
    check = Undeclared()
    request = rf.get("/", headers={"authorization": "Bearer admin"})
    with pytest.raises(Refused) as refused:
        check(request)
    assert refused.value.status == 403
    assert isinstance(api.auth, list)
    assert [type(each) for each in api.auth] == [Undeclared]


def test_an_action_that_is_not_in_the_table_is_a_fault_at_start():
    with pytest.raises(KeyError, match=r"incident\.eat"):
        Bearer("incident.eat")


@pytest.mark.parametrize("secret", ["", "nobody's", "expired", "revoked", "\udcff"])
def test_without_a_valid_token_nothing_is_shown(secret: str):
    token("expired", role="admin", expires_at=NOW)
    token("revoked", role="admin", expires_at=NOW + timedelta(days=1), revoked_at=NOW)
    status, body = Caller(secret).get("incidents")
    assert status == 401
    assert body["error"]["sentence"].endswith(".")
    assert body["error"]["field"] == "Authorization"


def test_a_token_that_was_just_given_out_opens_the_door_until_it_is_revoked():
    secret = tokens.add(name="deployer", role="viewer", actor=SYSTEM, now=NOW)
    assert isinstance(secret, str)
    assert Caller(secret).get("incidents")[0] == 200
    assert tokens.revoke(name="deployer", actor=SYSTEM, now=NOW) is None
    assert Caller(secret).get("incidents")[0] == 401


def test_using_a_token_writes_nothing():
    before = list(ApiToken.objects.values()), Event.objects.count()
    assert Caller("viewer").get("incidents")[0] == 200
    assert (list(ApiToken.objects.values()), Event.objects.count()) == before


def test_a_restricted_incident_is_there_for_admins_only():
    hidden = declared("Board matter")
    hidden.restricted = True
    hidden.save()
    assert Caller("responder").get("incidents")[1]["items"] == []
    assert Caller("responder").get("incidents/1/timeline")[0] == 404
    assert Caller("responder").post("incidents/1/notes", {"text": "seen"})[0] == 404
    assert [each["number"] for each in Caller("admin").get("incidents")[1]["items"]] == [1]


def test_what_a_token_does_is_on_the_record_in_its_name():
    declared()
    Caller("responder").post("incidents/1/notes", {"text": "Looking."})
    last = Caller("viewer").get("incidents/1/timeline")[1]["items"][-1]
    assert (last["kind"], last["by"], last["sentence"]) == ("note.added", "responder token", "Looking.")
    assert last["actor"] == f"token:{ApiToken.objects.get(role='responder').uid}"


def test_call_is_what_routes_are_given():
    assert {operation.view_func.__annotations__["request"] for _, _, operation in routes()} == {Call}
