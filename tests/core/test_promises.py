"""What was said to come by a time is kept or broken, never forgotten."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.core.cadence import cadence, owed
from antiphon.core.decision import Decision, Refusal
from antiphon.core.events import PromiseBroken, PromiseKept, PromiseMade, PromiseReleased, PromiseWarned
from antiphon.core.promises import (
    Promise,
    PromiseState,
    What,
    after_publication,
    first_words,
    keep,
    make,
    owner,
    quicken,
    release,
    resolution_words,
    step,
    unsettled,
)
from antiphon.core.promises.brought import given as given_word
from antiphon.core.promises.brought import pass_on

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def minutes(number):
    return timedelta(minutes=number)


def uids():
    return (f"promise{number:05}" for number in count())


def promised(*, audience="business", what=What.NEXT_UPDATE, in_=60):
    return make(
        uid="p1", incident="i1", audience=audience, what=what, due_at=NOON + minutes(in_), reason="x.", now=NOON
    ).state


def opening(*audiences, severity=2, holding=(), since=NOON, existing=()):
    return first_words(
        existing, audiences, incident="i1", severity=severity, since=since, holding=holding, uids=uids(), now=NOON
    )


def published(promises, *audiences, moment="progress", severity=2, next_update_at=None, now=NOON):
    return after_publication(
        promises,
        incident="i1",
        audiences=audiences,
        moment=moment,
        severity=severity,
        next_update_at=next_update_at,
        uids=(f"next{number:08}" for number in count()),
        now=now,
    )


@pytest.mark.parametrize(
    ("severity", "technical", "business", "inside"),
    [
        (1, (5, 30), (5, 60), 15),
        (2, (15, 60), (15, 60), 30),
        (3, (15, 60), (15, 60), 30),
        (4, (30, 120), (45, 180), 30),
        (5, (30, 120), (45, 180), 30),
    ],
)
def test_the_cadence_table(severity, technical, business, inside):
    def read(audience):
        pace = cadence(severity, audience)
        assert pace is not None
        assert pace.then_every is not None
        return pace.first_word // minutes(1), pace.then_every // minutes(1)

    assert read("technical") == technical
    assert read("business") == read("public") == business
    assert read("internal") == read("executives") == read("support") == (inside, inside)


def test_at_once_is_a_minute_with_a_holding_message_at_sev1_only():
    firsts = [getattr(cadence(s, "business", holding=True), "first_word", None) for s in (1, 2)]
    assert firsts == [minutes(1), minutes(15)]


def test_legal_hears_at_once_then_with_each_change_and_responders_are_promised_nothing():
    legal = cadence(4, "legal")
    assert legal is not None
    assert (legal.first_word, legal.then_every) == (minutes(5), None)
    assert cadence(1, "responders") is None


def test_who_is_owed_word():
    assert owed(affected=("business", "public"), business_open=False, legal=False) == ("business", "public")
    assert owed(affected=(), business_open=True, legal=True) == ("executives", "internal", "support", "legal")
    assert owed(affected=("technical",), business_open=False, legal=False, technical_only=True) == ()


def test_first_words_start_at_the_declaration_or_the_later_yes():
    at_declaration = opening("technical", "business", "responders", since=NOON - minutes(2))
    assert [(p.audience, p.due_at) for p in at_declaration.state] == [
        ("technical", NOON + minutes(13)),
        ("business", NOON + minutes(13)),
    ]
    assert all(isinstance(event, PromiseMade) for event in at_declaration.events)
    later = opening("technical", "business", "internal", existing=at_declaration.state)
    assert [(p.audience, p.due_at) for p in later.state] == [("internal", NOON + minutes(30))]


def test_a_released_audience_can_be_owed_again():
    gone = release(promised(), reason="x.", now=NOON).state
    assert len(opening("business", existing=(gone,)).state) == 1


@given(st.integers(1, 7 * 24 * 60), st.lists(st.integers(0, 8 * 24 * 60), max_size=8).map(sorted))
def test_I29_warned_before_it_breaks_and_stepping_twice_does_nothing(length, ticks):
    promise = promised(in_=length)
    for tick in ticks:
        now = NOON + minutes(tick)
        before = promise
        stepped = step(promise, now=now)
        promise = stepped.state
        assert step(promise, now=now) == type(stepped)(promise)
        assert promise.settled == (now >= promise.due_at)
        assert bool(stepped.tell) == bool(stepped.events) == (before != promise)
        if before.wake_at is not None and now < before.wake_at:
            assert promise == before
        assert promise.wake_at is None or promise.wake_at > now


@pytest.mark.parametrize(("length", "lead"), [(60, 5), (10, 5), (9, 4.5), (5, 2.5), (1, 0.5)])
def test_the_owner_is_warned_five_minutes_before_or_halfway(length, lead):
    promise = promised(in_=length)
    assert promise.due_at - promise.warn_at == minutes(lead)
    warned = step(promise, now=promise.warn_at)
    assert isinstance(warned.events[0], PromiseWarned)
    assert warned.tell is not None
    assert not warned.tell.breach


def test_a_broken_promise_pages_its_owner_once_and_stays_broken():
    late = NOON + minutes(75)
    broken = step(promised(), now=late)
    assert isinstance(broken.events[0], PromiseBroken)
    assert broken.tell is not None
    assert broken.tell.breach
    assert broken.state.settled_at == NOON + minutes(60)
    for after in (
        keep(broken.state, now=late),
        release(broken.state, reason="x.", now=late),
        step(broken.state, now=late),
    ):
        assert (after.state, after.events, after.tell) == (broken.state, (), None)


def test_keeping_in_time_gives_the_margin():
    kept = keep(promised(), now=NOON + minutes(48))
    assert kept.state.state is PromiseState.KEPT
    assert kept.events == (PromiseKept(promise="p1", audience="business", what="next update", margin=minutes(12)),)
    assert keep(kept.state, now=NOON + minutes(50)).events == ()


@pytest.mark.parametrize("act", [keep, lambda p, now: release(p, reason="x.", now=now)])
def test_too_late_is_broken_even_when_nobody_had_noticed(act):
    settled = act(promised(), now=NOON + minutes(60))
    assert settled.state.state is PromiseState.BROKEN
    assert settled.tell.breach


def test_released_when_no_longer_owed():
    released = release(promised(), reason="The business track is done.", now=NOON)
    assert isinstance(released.events[0], PromiseReleased)
    assert released.state.wake_at is None


@pytest.mark.parametrize(
    ("audience", "roles", "person"),
    [
        ("business", {"communications officer": "cora", "incident commander": "ira"}, "cora"),
        ("technical", {"technical lead": "ann", "business lead": "lea", "incident commander": "ira"}, "ann"),
        ("public", {"technical lead": "ann", "business lead": "lea"}, "lea"),
        ("internal", {"communications officer": "", "incident commander": "ira"}, "ira"),
        ("business", {}, None),
    ],
)
def test_who_answers_for_a_promise(audience, roles, person):
    assert owner(promised(audience=audience), roles) == person


def test_a_publication_keeps_the_open_promise_and_makes_the_next():
    first = opening("business", "technical").state
    told = published(first, "business", moment="first_word", now=NOON + minutes(10))
    kept, following = told.state
    assert (kept.audience, kept.state) == ("business", "kept")
    assert (following.what, following.due_at) == ("next update", NOON + minutes(70))


def test_the_time_announced_in_the_text_is_the_promise():
    told = published((), "business", next_update_at=NOON + minutes(20))
    assert [promise.due_at for promise in told.state] == [NOON + minutes(20)]


def test_a_holding_message_keeps_the_first_word():
    first = opening("business", severity=1, holding=("business",)).state
    told = published(first, "business", moment="holding", severity=1, now=NOON + timedelta(seconds=20))
    assert [p.state for p in told.state] == ["kept", "open"]


def test_there_is_one_next_update_at_a_time():
    told = published((promised(),), "business", moment="holding")
    assert told.state == ()


def test_after_the_resolution_nothing_more_is_owed_unless_announced():
    open_ones = (promised(), promised(what=What.RESOLUTION_WORD), promised(what=What.REVIEW))
    told = published(open_ones, "business", moment="resolution")
    assert [(p.what, p.state) for p in told.state] == [("next update", "kept"), ("resolution word", "kept")]
    assert len(published(open_ones, "business", moment="resolution", next_update_at=NOON + minutes(30)).state) == 3


def test_a_publication_that_comes_too_late_breaks_the_promise_and_says_so():
    told = published((promised(),), "business", now=NOON + minutes(61))
    assert [p.state for p in told.state] == ["broken", "open"]
    assert [tell.breach for tell in told.tells] == [True]


def test_legal_is_promised_no_next_update():
    told = published(opening("legal").state, "legal")
    assert [p.state for p in told.state] == ["kept"]


def test_everyone_who_was_told_is_promised_the_resolution():
    made = resolution_words((), ("business", "responders"), incident="i1", severity=2, uids=uids(), now=NOON)
    assert [p.due_at for p in made.state] == [NOON + minutes(15), NOON + minutes(5)]
    again = resolution_words(made.state, ("business",), incident="i1", severity=2, uids=uids(), now=NOON)
    assert again.state == ()


def test_a_rise_in_severity_brings_word_sooner():
    first = opening("business", "technical", "legal", severity=4).state
    quicker = quicken(first, severity=1, holding=("business",), uids=(f"q{n}" for n in count()), now=NOON)
    assert [(p.audience, p.state, p.due_at) for p in quicker.state] == [
        ("business", "released", NOON + minutes(45)),
        ("business", "open", NOON + minutes(1)),
        ("technical", "released", NOON + minutes(30)),
        ("technical", "open", NOON + minutes(5)),
    ]
    assert len(quicker.events) == 4
    settled = [replace(p, state=PromiseState.KEPT) for p in quicker.state]
    for untouched in (quicker.state[1::2], settled, (promised(what=What.REVIEW),), (promised(audience="responders"),)):
        assert quicken(untouched, severity=1, holding=("business",), uids=uids(), now=NOON).state == ()


OWED = st.lists(
    st.tuples(st.sampled_from(("business", "technical", "public")), st.integers(-30, 240)),
    max_size=3,
    unique_by=lambda each: each[0],
)


@given(OWED, OWED)
def test_I29_after_a_merger_each_audience_hears_by_the_earlier_of_both_times(passed, own):
    theirs, mine = (
        [replace(promised(audience=who, in_=due), uid=f"{side}{at}") for at, (who, due) in enumerate(some)]
        for side, some in (("a", passed), ("b", own))
    )
    taken = pass_on(theirs, mine, incident="b", reason="merged", uids=uids(), now=NOON)
    after = {each.uid: each for each in (*mine, *taken.state)}.values()
    due = {each.audience: each.due_at for each in after if not each.settled}
    ahead = [each for each in theirs if each.due_at > NOON]
    for audience in {each.audience for each in (*mine, *ahead)}:
        wanted = [each.due_at for each in (*mine, *ahead) if each.audience == audience]
        late = any(each.audience == audience and each.due_at <= NOON for each in mine)
        assert late or due[audience] == min(wanted)
    assert len(due) == sum(not each.settled for each in after), "one promise of a word to each audience"


def test_word_of_mouth_brings_a_promise_forward_and_never_delays_one():
    known = (promised(in_=60),)
    said = given_word(known, "business", NOON + minutes(30), incident="i", reason="", uids=uids(), now=NOON)
    assert isinstance(said, Decision)
    assert [(each.state, each.due_at) for each in said.state] == [
        (PromiseState.RELEASED, NOON + minutes(60)),
        (PromiseState.OPEN, NOON + minutes(30)),
    ]
    for audience, in_ in (("business", 90), ("business", -1), ("business", 60 * 24 * 31), ("responders", 10)):
        refused = given_word(known, audience, NOON + minutes(in_), incident="i", reason="", uids=uids(), now=NOON)
        assert isinstance(refused, Refusal), (audience, in_)


def test_a_fall_in_severity_moves_nothing():
    first = opening("business", severity=1).state
    assert quicken(first, severity=5, holding=(), uids=uids(), now=NOON).state == ()


def test_the_review_does_not_keep_an_incident_open():
    assert unsettled((promised(), promised(what=What.REVIEW))) == ("next update for business by 13:00 UTC",)


def test_a_promise_already_due_when_made_is_broken_at_once():
    promise = Promise(
        uid="p", incident="i", audience="business", what=What.ANSWER, made_at=NOON, due_at=NOON - minutes(1)
    )
    assert promise.wake_at == promise.due_at
    assert step(promise, now=NOON).state.state is PromiseState.BROKEN
