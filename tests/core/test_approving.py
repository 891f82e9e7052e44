"""Who must approve which text: four eyes, a technical yes, and of whom else the organisation wants one."""

from dataclasses import replace

import pytest

from antiphon.core import updates
from antiphon.core.approving import Further, Rules, check, further
from antiphon.core.audiences import ApprovalKind, Audience, Moment, Text
from antiphon.core.decision import SYSTEM, Actor, Decision, Refusal
from tests.core.telling import ANN, BEN, IRA, LEA, NEXT, NOW, loose

approve, draft, edit = loose(updates.approve), loose(updates.draft), loose(updates.edit)
publish, revoke = loose(updates.publish), loose(updates.revoke)
bypass = loose(updates.bypass)
BUSINESS = Audience.BUSINESS
LEGAL = Rules(further=Further(people=frozenset({"lea", "ira"})))


def drafted(author=""):
    texts = {BUSINESS: Text(subject="Checkout", body="Payments may fail.")}
    return draft(
        uid="u", incident="i", moment=Moment.PROGRESS, texts=texts, next_update_at=NEXT, author=author, now=NOW
    ).state


def yes(update, by, *, legal=True, rules=LEGAL, severity=1):
    digest = update.version(BUSINESS).digest
    return approve(
        update, BUSINESS, digest, findings=(), severity=severity, rules=rules, legal=legal, actor=by, now=NOW
    )


@pytest.mark.parametrize("order", [(ANN, LEA), (LEA, ANN)])
def test_a_legal_matter_needs_two_people(order):
    once = yes(drafted(), order[0]).state
    assert not once.version(BUSINESS).approved
    assert isinstance(publish(once, {}, now=NOW), Refusal)
    assert yes(once, order[0]).events == ()
    twice = yes(once, order[1])
    assert len(twice.events) == 1
    assert twice.state.version(BUSINESS).approved
    assert isinstance(publish(twice.state, {}, now=NOW), Decision)


def test_whoever_is_named_gives_that_yes_and_no_other():
    once = yes(drafted(), IRA).state  # an admin could approve as technical too
    assert [each.kind for each in once.version(BUSINESS).given] == [ApprovalKind.FURTHER]
    assert not yes(once, IRA).state.version(BUSINESS).approved
    assert yes(once, BEN).state.version(BUSINESS).approved
    assert isinstance(yes(yes(drafted(), LEA).state, LEA), Decision)
    assert isinstance(yes(drafted(), LEA, legal=False), Refusal)


def test_where_it_is_no_legal_matter_the_technical_yes_is_enough():
    assert yes(drafted(), ANN, legal=False).state.version(BUSINESS).approved
    always = replace(LEGAL, further=replace(LEGAL.further, legal_only=False, up_to=2))
    assert not yes(drafted(), ANN, legal=False, rules=always).state.version(BUSINESS).approved
    assert yes(drafted(), ANN, legal=False, rules=always, severity=3).state.version(BUSINESS).approved
    assert further(always, Audience.INTERNAL, severity=1, legal=True) is None
    assert further(Rules(), BUSINESS, severity=1, legal=True) is None


def test_a_changed_byte_or_a_second_thought_voids_the_first_yes_too():
    once = yes(drafted(), LEA).state
    changed = edit(once, BUSINESS, Text(subject="Checkout", body="Payments fail."), actor=BEN, now=NOW)
    assert len(changed.events) == 1
    assert changed.state.version(BUSINESS).given == ()
    assert not yes(changed.state, ANN).state.version(BUSINESS).approved
    back = revoke(once, BUSINESS, reason="no")
    assert len(back.events) == 1
    assert back.state.version(BUSINESS).given == ()


def test_four_eyes_up_to_the_severity_that_is_set():
    for up_to, severity, refused in ((1, 2, False), (5, 5, True), (3, 3, True)):
        decided = yes(drafted(author="ben"), BEN, rules=Rules(four_eyes_up_to=up_to), severity=severity)
        assert isinstance(decided, Refusal) is refused


@pytest.mark.parametrize(
    "changes", [{"name": " "}, {"name": "x" * 41}, {"audiences": frozenset()}, {"up_to": 0}, {"name": "a\nb"}]
)
def test_rules_that_cannot_hold(changes):
    assert isinstance(check(replace(LEGAL, further=replace(LEGAL.further, **changes))), Refusal)
    assert check(LEGAL) is None


BOSS = Actor(kind="person", uid="eva", role="admin")
COMMANDER = Actor(kind="person", uid="ben", role="responder", incident_roles=frozenset({"incident commander"}))


def bypassed(update, by, *, digest="", reason="The plant is burning."):
    digests = {BUSINESS: digest or update.version(BUSINESS).digest}
    return bypass(update, digests, reason=reason, actor=by, now=NOW)


def test_in_an_emergency_two_people_let_it_go():
    once = bypassed(drafted(), IRA)
    assert not once.state.version(BUSINESS).approved
    assert not once.events[0].whole
    assert bypassed(once.state, IRA).events == ()
    twice = bypassed(once.state, COMMANDER)
    assert twice.events[0].whole
    assert twice.events[0].milestone
    assert twice.state.version(BUSINESS).approval.kind is ApprovalKind.BYPASS
    assert isinstance(publish(twice.state, {}, now=NOW), Decision)


def test_a_changed_byte_voids_a_bypass_and_others_may_not():
    once = bypassed(drafted(), IRA).state
    changed = edit(once, BUSINESS, Text(subject="Checkout", body="Payments fail."), actor=BEN, now=NOW).state
    assert not bypassed(changed, BOSS).state.version(BUSINESS).approved
    assert isinstance(bypassed(once, BOSS, digest="0" * 64), Refusal)
    assert isinstance(bypassed(once, BOSS, reason=" "), Refusal)
    for other in (ANN, LEA, SYSTEM, Actor(kind="token", uid="t", role="admin")):
        assert isinstance(bypassed(once, other), Refusal)
    assert yes(once, IRA, rules=Rules()).state.version(BUSINESS).approval.kind is ApprovalKind.TECHNICAL
