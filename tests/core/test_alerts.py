"""What a group of alerts comes to: held, asked, declared, joined, left alone; always with a reason."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.core.alerts import ASK_AGAIN, SETTLE, answer, declared, step
from antiphon.core.decision import Actor, Refusal
from antiphon.core.declaring import Rule
from antiphon.core.events import AlertEnded, AlertFired, AlertJoined
from antiphon.core.groups import (
    AlertGroup,
    AlertView,
    AskPerson,
    Declare,
    IncidentView,
    Join,
    Known,
    Nothing,
    Window,
)
from antiphon.core.severity import Reach, Severity

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
AT_ONCE = Rule(id=1, name="at once")
HALF_AN_HOUR = Rule(id=2, name="lasting", hold=timedelta(minutes=30))
FIVE_IN_TEN = Rule(id=3, name="many", count=5, window=timedelta(minutes=10))
ASKING = Rule(id=4, name="careful", ask=True)
ANN = Actor(kind="person", uid="ann", role="responder")
GROUP = AlertGroup(uid="g", key="k")
OPEN = IncidentView(uid="inc", number=12, state="investigating")


def at(minutes):
    return NOON + timedelta(minutes=minutes)


def alert(uid="a", *, since=0.0, until=None, severity="critical"):
    ended = None if until is None else at(until)
    return AlertView(
        uid=uid, title=f"{uid} is bad", severity=severity, firing=until is None, started_at=at(since), ended_at=ended
    )


def known(*alerts, entity="shop", **more):
    return Known(alerts=alerts or (alert(),), entity=entity, **more)


def steps(rule, *moments, group=GROUP):
    """Step through (minute, what is known), each twice; the last decision."""
    decision = None
    for minute, seen in moments:
        decision = step(group, rule, seen, now=at(minute))
        group = decision.state
        again = step(group, rule, seen, now=at(minute))
        assert again.state == group
        assert again.events == ()
        assert isinstance(again.effect, Nothing)
    assert decision is not None
    return decision


def test_a_rule_without_hold_declares_at_once():
    decision = steps(AT_ONCE, (1, known(alert(since=0))))
    assert decision.state.state == "declared"
    assert decision.state.wake_at is None
    effect = decision.effect
    assert isinstance(effect, Declare)
    assert (effect.title, effect.entity, effect.severity, effect.incident_type) == (
        "a is bad",
        "shop",
        Severity.SEV2,
        "disruption",
    )
    assert effect.detected_at == at(0)
    assert [type(event) for event in decision.events] == [AlertJoined]


def test_below_sev2_it_is_a_degradation_unless_the_rule_says_otherwise():
    slow = known(alert(severity="warning"))
    effect = steps(AT_ONCE, (0, slow)).effect
    assert isinstance(effect, Declare)
    assert (effect.severity, effect.incident_type) == (Severity.SEV4, "degradation")
    effect = steps(replace(AT_ONCE, incident_type="security"), (0, slow)).effect
    assert isinstance(effect, Declare)
    assert effect.incident_type == "security"


def test_reach_makes_it_sev1():
    effect = steps(AT_ONCE, (0, known(reach=Reach(tier_one_workflow="Checkout")))).effect
    assert isinstance(effect, Declare)
    assert effect.severity == Severity.SEV1


def test_a_hold_declares_when_it_lasted_and_not_before():
    held = steps(HALF_AN_HOUR, (4, known()))
    assert (held.state.state, held.state.reason) == ("held", "held for 4 of 30 min")
    assert held.state.wake_at == held.state.hold_until == at(30)
    almost = steps(HALF_AN_HOUR, (29.99, known()), group=held.state)
    assert almost.state.state == "held"
    due = steps(HALF_AN_HOUR, (30, known()), group=almost.state)
    assert isinstance(due.effect, Declare)
    assert due.effect.reason == "rule “lasting”, true for 30 min"


def test_a_hold_breaks_when_the_condition_ends_and_starts_anew():
    ended = steps(HALF_AN_HOUR, (4, known()), (10, known(alert(until=9))))
    assert (ended.state.state, ended.state.wake_at) == ("quiet", None)
    assert ended.state.reason == "ended after 9 of 30 min; nothing was declared"
    back = steps(HALF_AN_HOUR, (20, known(alert(since=0))), group=ended.state)
    assert back.state.hold_until == at(39), "a sender that repeats the old start does not shorten the hold"


def test_one_alert_taking_over_from_another_keeps_the_hold():
    both = known(alert("a", until=20), alert("b", since=10))
    decision = steps(HALF_AN_HOUR, (5, known(alert("a"))), (21, both), (30, both))
    assert isinstance(decision.effect, Declare)


def test_so_many_in_a_window():
    two = known(alert("a", until=1), alert("b", since=2))
    waiting = steps(FIVE_IN_TEN, (3, two))
    assert (waiting.state.state, waiting.state.reason) == ("held", "2 of 5 alerts in 10 min")
    assert waiting.state.wake_at == at(10)
    four = known(*(alert(f"n{i}", since=11 + i) for i in range(4)))
    later = steps(FIVE_IN_TEN, (15, four), group=waiting.state)
    assert later.state.reason == "4 of 5 alerts in 10 min", "the first two are out of the window"
    five = known(*four.alerts, alert("n5", since=15.5, until=15.6))
    decision = steps(FIVE_IN_TEN, (16, five), group=later.state)
    assert isinstance(decision.effect, Declare)
    assert "5 alerts in 10 min" in decision.effect.reason


def test_enough_beginnings_count_even_if_all_have_ended():
    ended = known(*(alert(f"n{i}", since=i, until=i + 0.5) for i in range(5)))
    assert isinstance(steps(FIVE_IN_TEN, (6, ended)).effect, Declare)


@pytest.mark.parametrize(
    ("more", "state", "reason", "wake"),
    [
        (
            {"windows": (Window(kind="maintenance", name="Disks", starts_at=at(-5), ends_at=at(60)),)},
            "suppressed",
            "in maintenance window “Disks” until 2026-03-02 13:00 UTC",
            at(60),
        ),
        (
            {"windows": (Window(kind="silence", name="known", starts_at=at(-5), ends_at=at(60)),)},
            "suppressed",
            "silenced by “known” until 2026-03-02 13:00 UTC",
            at(60),
        ),
        (
            {"silenced_by": "mysql-cluster-03 fails (#9)"},
            "suppressed",
            "silenced by its parent: mysql-cluster-03 fails (#9)",
            at(2),
        ),
        ({"entity": "", "named": "foo"}, "unmatched", "unknown service foo: add it to the catalog", None),
    ],
)
def test_what_is_left_alone_says_why(more, state, reason, wake):
    decision = steps(AT_ONCE, (1, known(**more)))
    assert (decision.state.state, decision.state.reason, decision.state.wake_at) == (state, reason, wake)


def test_planned_work_that_ends_while_it_still_fires_declares():
    window = Window(kind="maintenance", name="Disks", starts_at=at(-5), ends_at=at(10))
    planned = known(windows=(window,))
    assert isinstance(steps(AT_ONCE, (1, planned), (10, planned)).effect, Declare)
    ended = steps(AT_ONCE, (1, planned), (5, replace(planned, alerts=(alert(until=4),))))
    assert ended.state.reason.startswith("ended; was left alone: in maintenance window")


def test_severity_none_opens_nothing():
    decision = steps(AT_ONCE, (1, known(alert(severity="none"))))
    assert (decision.state.state, decision.state.reason) == ("suppressed", "alert severity none opens nothing")
    worse = steps(AT_ONCE, (2, known(alert(severity="none"), alert("b", severity="info"))), group=decision.state)
    assert isinstance(worse.effect, Declare)
    assert worse.effect.severity == Severity.SEV5


def test_no_rule_and_no_name():
    decision = steps(None, (1, known(reason="no rule matches (“x” stumbled)")))
    assert (decision.state.state, decision.state.reason) == ("unmatched", "no rule matches (“x” stumbled)")
    nameless = steps(AT_ONCE, (1, known(entity="")))
    assert nameless.state.reason.startswith("the alert names no service (looked for the labels service, app")
    anyway = steps(replace(AT_ONCE, declare_unknown=True), (1, known(entity="", named="foo")))
    assert isinstance(anyway.effect, Declare)


def test_a_person_is_asked_again_until_somebody_answers():
    asked = steps(ASKING, (1, known()))
    assert asked.state.state == "asking"
    assert isinstance(asked.effect, AskPerson)
    assert asked.state.wake_at == at(1) + ASK_AGAIN
    quiet = step(asked.state, ASKING, known(), now=at(9))
    assert isinstance(quiet.effect, Nothing)
    assert isinstance(steps(ASKING, (16, known()), group=asked.state).effect, AskPerson)
    ended = steps(ASKING, (5, known(alert(until=4))), group=asked.state)
    assert ended.state.reason == "ended before a person answered; nothing was declared"


def test_yes_declares_and_no_leaves_it_until_it_comes_back():
    asked = steps(ASKING, (1, known())).state
    yes = answer(asked, ASKING, known(), yes=True, by=ANN, reason="users call", now=at(2))
    assert not isinstance(yes, Refusal)
    assert isinstance(yes.effect, Declare)
    assert yes.effect.reason == "declared by a person: users call"
    no = answer(asked, ASKING, known(), yes=False, by=ANN, reason="", now=at(2))
    assert not isinstance(no, Refusal)
    left = steps(ASKING, (3, known()), group=no.state)
    assert (left.state.state, left.state.reason) == ("suppressed", "a person said no")
    back = steps(ASKING, (4, known(alert(until=3.5))), (30, known(alert(since=29))), group=left.state)
    assert isinstance(back.effect, AskPerson)


def test_a_persons_word_is_refused_where_there_is_nothing_to_declare():
    over = answer(GROUP, AT_ONCE, known(alert(until=1)), yes=True, by=ANN, reason="", now=at(2))
    assert isinstance(over, Refusal)
    mine = declared(steps(AT_ONCE, (1, known())).state, "inc")
    assert isinstance(answer(mine, AT_ONCE, known(), yes=False, by=ANN, reason="", now=at(2)), Refusal)
    by_hand = answer(steps(None, (1, known())).state, None, known(), yes=True, by=ANN, reason="", now=at(2))
    assert not isinstance(by_hand, Refusal)
    assert isinstance(by_hand.effect, Declare)


def test_alerts_of_an_open_incident_belong_to_it_whatever_they_do():
    group = declared(steps(AT_ONCE, (1, known())).state, "inc")
    mine = known(incident=OPEN)
    assert steps(AT_ONCE, (2, mine), group=group).events == ()
    ended = steps(AT_ONCE, (3, known(alert(until=2.5), incident=OPEN)), group=group)
    assert [type(event) for event in ended.events] == [AlertEnded]
    assert ended.state.reason == "part of incident #12, all ended"
    resolved = replace(OPEN, state="resolved")
    back = step(ended.state, AT_ONCE, known(alert(since=4), incident=resolved), now=at(4))
    assert [type(event) for event in back.events] == [AlertFired]
    assert isinstance(back.effect, Join)
    assert back.effect.reopens
    more = step(back.state, AT_ONCE, known(alert(since=4), alert("b", since=5), incident=OPEN), now=at(5))
    assert [type(event) for event in more.events] == [AlertJoined]


def test_the_same_entity_joins_the_open_incident_rather_than_opening_another():
    decision = step(GROUP, AT_ONCE, known(nearby=OPEN), now=at(1))
    assert isinstance(decision.effect, Join)
    after = steps(AT_ONCE, (1, known(incident=OPEN)), group=decision.state)
    assert (after.events, type(after.effect)) == ((), Nothing)
    assert decision.effect.incident == decision.state.incident == "inc"
    assert decision.effect.reason.startswith("shop is part of incident #12 already")
    assert [type(event) for event in decision.events] == [AlertJoined]
    practice = replace(OPEN, nature="drill")
    assert isinstance(steps(AT_ONCE, (1, known(nearby=practice))).effect, Declare)


def test_a_cancelled_incident_does_not_come_back_while_its_alert_still_fires():
    group = declared(steps(AT_ONCE, (1, known())).state, "inc")
    gone = known(incident=replace(OPEN, state="cancelled"))
    left = steps(AT_ONCE, (2, gone), group=group)
    assert left.state.state == "suppressed"
    assert left.state.reason == "incident #12 is cancelled; opens again after it ended and came back"
    back = steps(AT_ONCE, (5, known(alert(until=4))), (30, known(alert(since=29))), group=left.state)
    assert isinstance(back.effect, Declare)


def flapping(rule, group=GROUP):
    """Six minutes of on and off by the minute."""
    for minute in range(7):
        seen = known(alert(since=minute)) if minute % 2 == 0 else known(alert(since=minute - 1, until=minute))
        group = steps(rule, (minute, seen), group=group).state
    return group


def test_a_condition_that_flaps_counts_as_one_that_lasts():
    group = flapping(HALF_AN_HOUR)
    assert group.reason.endswith("it flaps")
    assert group.hold_until == at(36), "from the third return on, pauses do not break the hold"
    pause = steps(HALF_AN_HOUR, (7, known(alert(since=6, until=7))), group=group)
    assert pause.state.state == "held"
    assert pause.state.wake_at == at(7) + SETTLE
    over = steps(HALF_AN_HOUR, (12, known(alert(since=6, until=7))), group=pause.state)
    assert over.state.state == "quiet"


def test_a_flapping_condition_waits_until_it_settles():
    group = replace(flapping(HALF_AN_HOUR), rule=1)
    held = steps(AT_ONCE, (7, known(alert(since=6))), group=group)
    assert held.state.reason == "held for 1 of 5 min, it flaps"
    assert isinstance(steps(AT_ONCE, (11, known(alert(since=6))), group=held.state).effect, Declare)


@given(
    st.lists(st.tuples(st.integers(0, 40), st.sets(st.sampled_from("abc")), st.booleans()), min_size=1, max_size=12),
    st.sampled_from([AT_ONCE, HALF_AN_HOUR, FIVE_IN_TEN, ASKING, None]),
)
def test_any_history_is_stepped_once_has_a_reason_and_keeps_its_json(history, rule):
    group, minute = GROUP, 0
    began: dict[str, int] = {}
    for wait, firing, planned in history:
        minute += wait
        began = {uid: began.get(uid, minute) for uid in firing}
        views = [alert(uid, since=since) for uid, since in began.items()]
        windows = (Window(kind="maintenance", name="w", starts_at=at(0), ends_at=at(60)),) if planned else ()
        seen = Known(alerts=tuple(views), entity="shop", windows=windows)
        group = steps(rule, (minute, seen), group=group).state
        assert group.reason
        assert group.wake_at is None or group.wake_at > at(minute)
        assert msgspec.convert(msgspec.to_builtins(group), AlertGroup) == group
