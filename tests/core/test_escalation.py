"""Paging goes on until somebody answers, never early, never silent (RELIABILITY I9, I12, I15, I16)."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.core.escalation import (
    CATCH_ALL_EVERY,
    CATCH_ALL_RETRY,
    Policy,
    Reachable,
    Step,
    Target,
    TargetKind,
    acknowledge,
    check,
    start,
    step,
    stop,
    wanted,
)
from antiphon.core.events import (
    PageAcknowledged,
    PagingExhausted,
    PagingStarted,
    PagingStopped,
    PersonPaged,
    StepReachedNobody,
)
from antiphon.core.sending import NotSent

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
PLATFORM = Target(TargetKind.ROTA, "platform")
BEN = Target(TargetKind.PERSON, "ben")
BOSS = Target(TargetKind.PERSON, "boss")
NOBODY = Target(TargetKind.ROTA, "empty")
REACH = {
    PLATFORM: (Reachable("ann", ("sms", "email")),),
    BEN: (Reachable("ben", ("email",)),),
    BOSS: (Reachable("boss", ("sms",)),),
}


def minutes(number):
    return timedelta(minutes=number)


def policy(*targets, repeat=0, delay=5, channels=(), catch_all=(BOSS,)):
    steps = tuple(Step(delay=minutes(delay), targets=(target,), channels=channels) for target in targets)
    return Policy(name="standard", steps=steps, repeat=repeat, catch_all=catch_all)


def started(plan):
    return start(uid="e1", incident="i1", track="technical", policy=plan, now=NOON).state


def run(plan, reach=REACH, *, until, every=30):
    """Step each `every` seconds; what was paged, as (minutes since the start, person)."""
    escalation, paged = started(plan), []
    for second in range(0, until * 60 + 1, every):
        stepped = step(escalation, plan, reach, reason="checkout is down.", now=NOON + timedelta(seconds=second))
        escalation = stepped.state
        paged += [(second / 60, page.person) for page in stepped.pages]
    return paged


def test_steps_fire_in_turn_then_the_catch_all_repeats():
    assert run(policy(PLATFORM, BEN), until=45) == [(0, "ann"), (5, "ben"), (10, "boss"), (25, "boss"), (40, "boss")]


def test_cycles_are_repeated_before_the_catch_all():
    paged = run(policy(PLATFORM, repeat=2), until=16)
    assert paged == [(0, "ann"), (5, "ann"), (10, "ann"), (15, "boss")]


def test_I15_a_step_that_reaches_nobody_gives_way_at_once():
    plan = policy(NOBODY, BEN)
    fired = step(started(plan), plan, REACH, reason="x.", now=NOON)
    assert [page.person for page in fired.pages] == ["ben"]
    assert [type(event) for event in fired.events] == [StepReachedNobody, PersonPaged]
    assert fired.state.wake_at == NOON + minutes(5)


def test_I15_when_no_step_reaches_anybody_the_catch_all_is_paged_at_once():
    plan = policy(NOBODY, NOBODY, repeat=9)
    fired = step(started(plan), plan, REACH, reason="x.", now=NOON)
    assert [(page.person, page.step) for page in fired.pages] == [("boss", 3)]
    assert [type(e) for e in fired.events] == [StepReachedNobody, StepReachedNobody, PagingExhausted, PersonPaged]


def test_I16_a_catch_all_that_reaches_nobody_is_tried_again_soon():
    plan = policy(NOBODY)
    fired = step(started(plan), plan, {}, reason="x.", now=NOON)
    assert fired.pages == ()
    assert isinstance(fired.events[-1], StepReachedNobody)
    assert fired.state.wake_at == NOON + CATCH_ALL_RETRY
    again = step(fired.state, plan, REACH, reason="x.", now=NOON + CATCH_ALL_RETRY)
    assert [page.person for page in again.pages] == ["boss"]


def test_a_policy_that_lost_its_steps_goes_to_the_catch_all():
    assert [person for _, person in run(policy(repeat=3), until=1)] == ["boss"]
    shorter = policy(PLATFORM)
    late = replace(started(shorter), step=4, next_at=NOON)
    assert [page.person for page in step(late, shorter, REACH, reason="x.", now=NOON).pages] == ["boss"]


def test_the_later_cycle_reaches_whom_the_earlier_did_not():
    plan = policy(PLATFORM, NOBODY, repeat=1)
    first = step(started(plan), plan, REACH, reason="x.", now=NOON).state
    second = step(first, plan, REACH, reason="x.", now=NOON + minutes(5))
    assert [(page.person, page.cycle, page.step) for page in second.pages] == [("ann", 2, 1)]


@given(
    st.lists(st.sampled_from([PLATFORM, BEN, NOBODY]), max_size=4),
    st.integers(0, 3),
    st.lists(st.integers(0, 20 * 60), max_size=40),
)
def test_I9_never_early_never_twice_never_silent(targets, repeat, gaps):
    plan = policy(*targets, repeat=repeat)
    escalation, now, names, last = started(plan), NOON, set(), None
    for gap in gaps:
        now += timedelta(seconds=gap)
        due = escalation.wake_at
        stepped = step(escalation, plan, REACH, reason="x.", now=now)
        assert due is not None
        assert bool(stepped.pages) == (now >= due)
        if stepped.pages:
            assert last is None or now - last >= minutes(5)
            last = now
        for page in stepped.pages:
            assert (page.cycle, page.step, page.person) not in names
            names.add((page.cycle, page.step, page.person))
        escalation = stepped.state
        assert step(escalation, plan, REACH, reason="x.", now=now) == type(stepped)(escalation)
        assert escalation.wake_at is not None
        assert now < escalation.wake_at <= now + CATCH_ALL_EVERY


def test_channels_are_those_of_the_step_else_whatever_the_person_has():
    plan = Policy("p", (Step(minutes(5), (PLATFORM, BEN, PLATFORM), ("sms",)),), 0, (BOSS,))
    pages = step(started(plan), plan, REACH, reason="x.", now=NOON).pages
    assert [(page.person, page.channels) for page in pages] == [("ann", ("sms",)), ("ben", ("email",))]


def test_somebody_without_any_channel_is_nobody():
    plan = policy(PLATFORM, BEN)
    fired = step(started(plan), plan, {**REACH, PLATFORM: (Reachable("ann", ()),)}, reason="x.", now=NOON)
    assert [page.person for page in fired.pages] == ["ben"]


def test_an_acknowledgement_stops_the_paging():
    plan = policy(PLATFORM)
    begun = start(uid="e1", incident="i1", track="technical", policy=plan, now=NOON)
    assert begun.events == (PagingStarted(policy="standard", track="technical", cycle=1),)
    acknowledged = acknowledge(begun.state, person="ann", via="email", now=NOON)
    assert acknowledged.events == (PageAcknowledged(person="ann", via="email"),)
    assert (acknowledged.state.wake_at, acknowledged.state.ended_at) == (None, NOON)
    assert step(acknowledged.state, plan, REACH, reason="x.", now=NOON + minutes(60)).pages == ()
    assert acknowledge(acknowledged.state, person="ben", via="api", now=NOON).events == ()
    assert stop(acknowledged.state, reason="resolved.", now=NOON).events == ()


def test_stopped_is_silent():
    stopped = stop(started(policy(PLATFORM)), reason="resolved.", now=NOON)
    assert stopped.events == (PagingStopped(reason="resolved."),)
    assert stopped.state.wake_at is None


@dataclass(frozen=True)
class Told:
    resolved_at: datetime | None = None
    closed_at: datetime | None = None
    cancelled_at: datetime | None = None


def test_I12_a_page_is_asked_again_whether_it_is_wanted():
    plan = policy(PLATFORM, repeat=1)
    fired = step(started(plan), plan, REACH, reason="x.", now=NOON)
    (page,), escalation = fired.pages, fired.state
    again = step(escalation, plan, REACH, reason="x.", now=NOON + minutes(5)).state

    def asked(at=0, escalation=escalation, incident=None):
        return wanted(page, escalation, incident or Told(), now=NOON + minutes(at))

    assert asked() is None
    assert asked(15) is None
    assert asked(15.1) is NotSent.STALE_FOLDED
    assert asked(escalation=acknowledge(escalation, person="ann", via="x", now=NOON).state) is NotSent.ACKNOWLEDGED
    assert asked(incident=Told(resolved_at=NOON)) is NotSent.RESOLVED
    assert asked(incident=Told(cancelled_at=NOON)) is NotSent.RESOLVED
    assert asked(escalation=stop(escalation, reason="merged.", now=NOON).state) is NotSent.SUPERSEDED
    assert asked(escalation=replace(escalation, uid="e2")) is NotSent.SUPERSEDED
    assert asked(escalation=again) is NotSent.SUPERSEDED


@pytest.mark.parametrize(
    ("plan", "word"),
    [
        (policy(), "no step"),
        (policy(PLATFORM, catch_all=()), "no catch-all"),
        (policy(PLATFORM, repeat=-1), "repeats -1 times"),
        (policy(PLATFORM, delay=0), "between 30 seconds"),
        (Policy("p", (Step(minutes(5), ()),), 0, (BOSS,)), "pages nobody"),
    ],
)
def test_a_policy_that_cannot_work_is_refused(plan, word):
    (problem,) = check(plan)
    assert word in problem


def test_a_policy_that_works_has_no_problem():
    assert check(policy(PLATFORM, BEN, repeat=2)) == ()
