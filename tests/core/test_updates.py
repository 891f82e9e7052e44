"""A text is approved byte for byte, and everything goes out at once or nothing does."""

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.core import holding, standing, updates
from antiphon.core.audiences import (
    OUTSIDE,
    ApprovalKind,
    Audience,
    Finding,
    Mark,
    Moment,
    Text,
    UpdateState,
    audience_of,
    digest_of,
    recipients,
)
from antiphon.core.decision import SYSTEM, Actor, Decision, Refusal
from antiphon.core.events import ApprovalVoided, UpdatePublished, VersionApproved
from antiphon.core.holding import Holding
from tests.core.telling import ANN, BEN, IRA, LEA, NEXT, NOW, loose

approve, discard, draft = loose(updates.approve), loose(updates.discard), loose(updates.draft)
edit, publish, revoke = loose(updates.edit), loose(updates.publish), loose(updates.revoke)
move_next_update = loose(updates.move_next_update)
approve_holding, no_change = loose(holding.approve), loose(standing.no_change)

BUSINESS, TECHNICAL, PUBLIC = Audience.BUSINESS, Audience.TECHNICAL, Audience.PUBLIC
ERROR = Finding("gap", "Fill this in.", 0, 3, Mark.ERROR)
WARNING = Finding("sooner", "Add it.", 0, 0, Mark.WARNING)
BODY = "Payments may fail.\n\n**Next update:** by 14:40 UTC on 21 November 2026, or sooner if the state changes."


@dataclass(frozen=True)
class Person:
    segment: str
    wants_technical: bool = False


def drafted(*audiences, moment=Moment.PROGRESS, author="", next_update_at=NEXT, subject="Checkout", body=BODY):
    texts = {audience: Text(subject=subject, body=body) for audience in audiences or (BUSINESS,)}
    decided = draft(
        uid="update", incident="incident", moment=moment, texts=texts, next_update_at=next_update_at,
        author=author, now=NOW,
    )  # fmt: skip
    assert isinstance(decided, Decision), decided
    return decided.state


def approved(update, audience=BUSINESS, *, by=BEN, severity=1, findings=(), now=NOW, **more):
    digest = more.get("digest", update.version(audience).digest if update.version(audience) else "")
    return approve(
        update, audience, digest, more.get("kind", ApprovalKind.TECHNICAL), findings=findings, severity=severity,
        actor=by, now=now,
    )  # fmt: skip


def sent(*audiences, now=NOW, **more):
    update = drafted(*audiences, **more)
    for audience in update.versions:
        update = approved(update, audience.audience).state
    return publish(update, {}, now=now).state


def test_I27_untagged_contacts_read_the_business_version():
    bo, tess, tag = Person("untagged"), Person("technical"), Person("something new")
    asked = Person("business", wants_technical=True)
    assert [audience_of(p) for p in (bo, tess, tag, asked)] == [BUSINESS, TECHNICAL, BUSINESS, TECHNICAL]
    everyone = (bo, tess, tag, asked)
    assert recipients(everyone, BUSINESS, nature="real") == (bo, tag)
    assert recipients(everyone, TECHNICAL, nature="real") == (tess, asked)
    assert recipients(everyone, PUBLIC, nature="real") == ()
    assert recipients(everyone, Audience.INTERNAL, nature="real") == ()


@pytest.mark.parametrize("nature", ["drill", "test"])
def test_practice_reaches_no_customer(nature):
    assert all(recipients([Person("technical"), Person("untagged")], a, nature=nature) == () for a in Audience)


@given(st.data())
def test_I25_one_changed_byte_voids_the_approval(data):
    update = approved(drafted()).state
    old = update.version(BUSINESS)
    where = data.draw(st.integers(0, len(BODY) - 1))
    other = data.draw(st.characters(exclude_characters=BODY[where], categories=("L", "N", "P", "S", "Z")))
    changed = edit(
        update, BUSINESS, Text(subject="Checkout", body=BODY[:where] + other + BODY[where + 1 :]), actor=LEA, now=NOW
    )
    new = changed.state.version(BUSINESS)
    assert old.approved
    assert not new.approved
    assert not replace(new, approval=old.approval).approved or new.digest == old.digest
    assert [type(event) for event in changed.events] == [ApprovalVoided]
    assert isinstance(publish(changed.state, {}, now=NOW), Refusal)


def test_I25_an_approval_smuggled_onto_other_bytes_does_not_count():
    version = approved(drafted()).state.version(BUSINESS)
    assert not replace(version, body="Something else").approved
    assert not replace(version, subject="Something else").approved
    assert not replace(version, audience=TECHNICAL).approved


def test_the_same_bytes_again_keep_the_approval():
    update = approved(drafted()).state
    again = edit(update, BUSINESS, Text(subject="Checkout", body=BODY, findings=(WARNING,)), actor=LEA, now=NOW)
    assert again.events == ()
    assert again.state.version(BUSINESS).approved
    assert again.state.version(BUSINESS).findings == (WARNING,)


def test_a_technical_person_approves_exactly_what_was_read():
    update = drafted(author="lea")
    decided = approved(update)
    assert [type(event) for event in decided.events] == [VersionApproved]
    assert decided.state.state is UpdateState.APPROVED
    assert decided.state.version(BUSINESS).approval.by == "ben"
    assert approved(decided.state).events == ()
    assert "read it again" in approved(update, digest="other").sentence


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"by": Actor(kind="token", uid="t", role="admin")}, "person"),
        ({"by": SYSTEM}, "person"),
        ({"by": LEA}, "role"),
        ({"kind": ApprovalKind.STANDING}, "standing"),
        ({"kind": ApprovalKind.BYPASS}, "bypass"),
        ({"findings": (ERROR,)}, "Fill this in"),
        ({"now": NEXT}, "past"),
        ({"audience": PUBLIC, "digest": ""}, "no text"),
    ],
)
def test_who_and_what_may_not_be_approved(changes, says):
    refused = approved(drafted(), **changes)
    assert isinstance(refused, Refusal)
    assert says in refused.sentence


@pytest.mark.parametrize(("severity", "refused"), [(1, True), (2, True), (3, True), (4, False), (5, False)])
def test_the_author_is_not_the_only_approver_up_to_sev3(severity, refused):
    decided = approved(drafted(author="ben"), severity=severity)
    assert isinstance(decided, Refusal) is refused
    assert isinstance(approved(drafted(author="ben"), by=ANN, severity=severity), Decision)


def test_an_edit_by_token_leaves_the_person_who_wrote_it_the_author():
    token = Actor("token", "ci")
    update = edit(drafted(author="ben"), BUSINESS, Text(subject="S", body=BODY), actor=token, now=NOW).state
    assert update.version(BUSINESS).author == "ben"


def test_whoever_edits_last_is_the_author():
    update = edit(drafted(author="lea"), BUSINESS, Text(subject="S", body=BODY), actor=BEN, now=NOW).state
    assert isinstance(approved(update), Refusal)
    assert isinstance(approved(update, by=ANN, findings=(WARNING,)), Decision)


def test_everything_goes_out_at_once_or_nothing():
    update = approved(drafted(TECHNICAL, BUSINESS)).state
    assert "technical" in publish(update, {}, now=NOW).sentence
    update = approved(update, TECHNICAL).state
    decided = publish(update, {BUSINESS: 226, TECHNICAL: 31}, now=NOW)
    (event,) = decided.events
    assert isinstance(event, UpdatePublished)
    assert event.recipients == {BUSINESS: 226, TECHNICAL: 31}
    assert event.digests[BUSINESS] == digest_of(BUSINESS, "Checkout", BODY)
    assert decided.state.published_at == NOW
    assert isinstance(publish(decided.state, {}, now=NOW), Refusal)
    assert isinstance(edit(decided.state, BUSINESS, Text(subject="S", body="B"), actor=LEA, now=NOW), Refusal)


def test_a_next_update_that_is_past_voids_what_was_approved():
    update = approved(drafted()).state
    late = NEXT + timedelta(minutes=1)
    assert "past" in publish(update, {}, now=late).sentence
    assert isinstance(move_next_update(update, NOW, now=late), Refusal)
    moved = move_next_update(update, late + timedelta(minutes=30), now=late)
    assert [type(event) for event in moved.events] == [ApprovalVoided]
    assert not moved.state.version(BUSINESS).approved
    assert move_next_update(update, NEXT, now=NOW).state == update
    assert "next update" in publish(drafted(next_update_at=None), {}, now=NOW).sentence
    ending = approved(drafted(moment=Moment.RESOLUTION, next_update_at=None)).state
    assert isinstance(publish(ending, {}, now=NOW), Decision)


def test_texts_inside_need_no_approval_but_no_gap_either():
    update = drafted(Audience.INTERNAL)
    assert isinstance(publish(update, {}, now=NOW), Decision)
    gap = Text(subject="S", body=BODY, findings=(ERROR,))
    update = edit(update, Audience.INTERNAL, gap, actor=LEA, now=NOW).state
    assert "Fill this in" in publish(update, {}, now=NOW).sentence


@pytest.mark.parametrize(
    ("subject", "body"),
    [
        ("", "B"),
        ("S", " "),
        ("S\r\nBcc: all@example.com", "B"),
        ("S\u2028x", "B"),
        ("S" * 201, "B"),
        ("S", "B" * 20_001),
    ],
)
def test_words_that_cannot_be_sent_are_refused_when_written(subject, body):
    text = Text(subject=subject, body=body)
    refused = draft(uid="u", incident="i", moment=Moment.PROGRESS, texts={BUSINESS: text}, next_update_at=NEXT, now=NOW)
    assert isinstance(refused, Refusal)
    assert isinstance(edit(drafted(), BUSINESS, text, actor=LEA, now=NOW), Refusal)


def test_an_update_needs_a_text_and_may_be_put_away():
    nothing = draft(uid="u", incident="i", moment=Moment.PROGRESS, texts={}, next_update_at=NEXT, now=NOW)
    assert isinstance(nothing, Refusal)
    update = approved(drafted()).state
    assert [type(event) for event in revoke(update, BUSINESS, reason="wrong").events] == [ApprovalVoided]
    assert revoke(drafted(), BUSINESS, reason="wrong").events == ()
    assert isinstance(revoke(update, PUBLIC, reason="wrong"), Refusal)
    assert isinstance(edit(update, PUBLIC, Text(subject="S", body="B"), actor=LEA, now=NOW), Refusal)
    away = discard(update).state
    assert discard(away).state is away
    assert isinstance(discard(sent()), Refusal)
    assert isinstance(approved(away), Refusal)


def moved(update, step, audience, text):
    match step:
        case "edit":
            return edit(update, audience, text, actor=LEA, now=NOW)
        case "approve":
            return approved(update, audience)
        case "revoke":
            return revoke(update, audience, reason="no")
        case "move":
            return move_next_update(update, update.next_update_at + timedelta(minutes=1), now=NOW)
    return publish(update, {}, now=NOW)


@given(st.lists(st.sampled_from(["edit", "approve", "revoke", "move", "publish"]), max_size=12), st.data())
def test_I25_whatever_the_order_only_approved_bytes_go_out(steps, data):
    update = drafted(TECHNICAL, BUSINESS)
    for step in steps:
        audience = data.draw(st.sampled_from([TECHNICAL, BUSINESS]))
        text = Text(subject="S", body=data.draw(st.sampled_from(["one", "two"])))
        decided = moved(update, step, audience, text)
        update = decided.state if isinstance(decided, Decision) else update
    if update.state is UpdateState.PUBLISHED:
        for version in update.versions:
            assert version.audience not in OUTSIDE or version.approval.digest == version.digest


# --- approvals given before --------------------------------------------------------------------------------------


def again(published, *, actor=LEA, next_update_at=NEXT + timedelta(minutes=30), now=NEXT, zone="UTC"):
    return no_change(published, uid="again", next_update_at=next_update_at, zone=zone, actor=actor, now=now)


def test_no_change_says_again_what_was_approved_with_a_new_time():
    decided = again([sent(TECHNICAL, BUSINESS)], zone="Europe/Berlin")
    technical, business = (decided.state.version(audience) for audience in (TECHNICAL, BUSINESS))
    assert technical.body.startswith("No change since 14:10 UTC on 21 November 2026.")
    assert "by 15:10 UTC on 21 November 2026, or sooner" in technical.body
    assert "14:40" not in technical.body
    assert "by 16:10 CET on 21 November 2026, or sooner" in business.body
    assert business.approval.kind is ApprovalKind.STANDING
    assert isinstance(publish(decided.state, {}, now=NEXT), Decision)


def test_no_change_twice_keeps_the_first_since():
    first = again([sent(BUSINESS)]).state
    first = publish(first, {}, now=NEXT).state
    later = NEXT + timedelta(minutes=20)
    second = again([sent(BUSINESS), first], now=later, next_update_at=later + timedelta(minutes=30)).state
    assert second.version(BUSINESS).body.count("No change since") == 1
    assert "since 14:10 UTC" in second.version(BUSINESS).body
    assert "15:30 UTC" in second.version(BUSINESS).body


def test_no_change_adds_the_time_where_the_text_had_none():
    body = again([sent(BUSINESS, body="Payments may fail.")]).state.version(BUSINESS).body
    assert body.endswith("The next update comes by 15:10 UTC on 21 November 2026, or sooner if the state changes.")


@pytest.mark.parametrize(
    ("published", "changes"),
    [
        ([], {}),
        ([drafted()], {}),
        ([sent(moment=Moment.RESOLUTION, next_update_at=None)], {}),
        ([sent()], {"next_update_at": NOW}),
        ([sent()], {"actor": SYSTEM}),
        ([sent()], {"actor": BEN}),
    ],
)
def test_no_change_is_refused_where_there_is_nothing_to_say_again(published, changes):
    assert isinstance(again(published, **changes), Refusal)


def test_a_holding_message_is_approved_byte_for_byte_in_advance():
    holding = Holding(audience=BUSINESS, incident_type="disruption", subject="{{ effect }}", body="B", author="lea")
    yes = approve_holding(holding, holding.digest, actor=IRA, now=NOW)
    assert yes.state.approved
    assert approve_holding(yes.state, holding.digest, actor=IRA, now=NOW).state == yes.state
    assert not replace(yes.state, body="C").approved
    assert isinstance(approve_holding(holding, "other", actor=IRA, now=NOW), Refusal)
    assert isinstance(approve_holding(holding, holding.digest, actor=LEA, now=NOW), Refusal)
    assert isinstance(approve_holding(holding, holding.digest, actor=SYSTEM, now=NOW), Refusal)
    assert isinstance(approve_holding(holding, holding.digest, actor=BEN, now=NOW), Refusal)
