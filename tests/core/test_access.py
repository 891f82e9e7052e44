"""Who may do what: one table, looked at whole."""

import pytest

from antiphon.core.access import ACTIONS, INCIDENT_ROLES, NEVER_BY_TOKEN, ROLES, matrix, may
from antiphon.core.decision import SYSTEM, Actor, Refusal

APPROVING = {name for name in ACTIONS if "approve" in name or name in ("update.bypass", "update.publish")}


def person(role, *incident_roles):
    return Actor(kind="person", uid="p", role=role, incident_roles=frozenset(incident_roles))


def test_every_cell_follows_the_table():
    cells = list(matrix())
    assert len(cells) == 2 * len(ROLES) * len(ACTIONS)
    for kind, role, action, allowed in cells:
        assert allowed == (role in ACTIONS[action] and not (kind == "token" and action in NEVER_BY_TOKEN))


def test_tokens_never_approve_whatever_their_role():
    assert APPROVING <= NEVER_BY_TOKEN <= set(ACTIONS)
    for action in APPROVING:
        for role in ROLES:
            token = Actor(kind="token", uid="t", role=role, incident_roles=frozenset(INCIDENT_ROLES))
            refusal = may(token, action, incident_roles=INCIDENT_ROLES)
            assert isinstance(refusal, Refusal)
            assert "person" in refusal.sentence


def test_incident_roles_do_not_lend_themselves_to_tokens():
    assert may(Actor(kind="token", uid="t", role="viewer"), "incident.resolve", incident_roles=("incident commander",))


def test_the_engine_never_approves():
    assert may(SYSTEM, "update.approve")
    assert may(SYSTEM, "update.publish") is None
    assert may(SYSTEM, "incident.declare") is None


def test_viewers_only_see():
    assert {action for action in ACTIONS if may(person("viewer"), action) is None} == {
        name for name in ACTIONS if name.endswith(".see") and name != "configuration.see"
    }


def test_a_role_in_the_incident_adds_what_it_needs():
    assert may(person("viewer"), "incident.resolve")
    assert may(person("viewer"), "incident.resolve", incident_roles=("incident commander",)) is None
    assert may(person("viewer", "scribe"), "incident.note") is None
    assert may(person("responder"), "update.publish")
    assert may(person("responder", "communications officer"), "update.publish") is None
    assert may(person("viewer", "unheard of"), "incident.note")
    for actions in INCIDENT_ROLES.values():
        assert actions <= set(ACTIONS)
        assert not actions & {"update.bypass", "configuration.change", "people.change", "token.change"}


def test_the_refusal_says_what_it_takes():
    refusal = may(person("viewer"), "incident.stage")
    assert refusal == Refusal("Your role (viewer) does not allow this; it takes: admin, responder.", "actor")


def test_those_without_an_account():
    assert may(Actor(kind="sender", uid="s"), "page.acknowledge") is None
    assert may(Actor(kind="customer", uid="c"), "incident.report") is None
    assert may(Actor(kind="customer", uid="c"), "incident.see") == Refusal("Sign in first.", "actor")


def test_an_action_that_is_not_in_the_table_is_our_fault():
    with pytest.raises(KeyError, match="not in the table"):
        may(person("admin"), "incident.explode")
