"""Whom the largest accounts are, what becomes of a call, and that nobody who was called is left with half the story."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.core import calls as rules
from antiphon.core.calls import About, Account, Call, CallState, Outcome
from antiphon.core.decision import Decision, Refusal

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def uids() -> Iterator[str]:
    return (f"call{number:08}" for number in count())


def owed(*names: str, existing: tuple[Call, ...] = (), severity: int = 2, now: datetime = NOON) -> tuple[Call, ...]:
    accounts = [Account(name=name, title=name.title()) for name in names]
    return rules.owe(
        existing, accounts, severity=severity, owner_of=lambda _: "lea", practice=False, uids=uids(), now=now
    ).state


def after(answer: Decision[Call] | Refusal) -> Call:
    assert isinstance(answer, Decision)
    return answer.state


def tried(call: Call, outcome: str, minutes: float = 1) -> Call:
    return after(rules.tried(call, outcome, "a list", by="ben", now=NOON + timedelta(minutes=minutes)))


def ended(*calls: Call, minutes: float = 90) -> dict[str, Call]:
    """The last call of each account after the resolution."""
    decided = rules.after_resolution(calls, severity=2, uids=uids(), now=NOON + timedelta(minutes=minutes)).state
    return {each.customer: each for each in (*calls, *decided)}


accounts = st.builds(
    Account,
    name=st.text("abcdef", min_size=1, max_size=6),
    title=st.just("x"),
    strategic=st.booleans(),
    revenue_per_minute=st.none() | st.floats(0, 1e6),
    contracts=st.integers(0, 5),
)


@given(st.lists(accounts, max_size=30, unique_by=lambda each: each.name), st.integers(0, 12))
def test_every_strategic_account_is_called_and_of_the_others_the_largest(all_hit: list[Account], most: int):
    chosen = rules.largest(all_hit, most)
    left = [each for each in all_hit if each not in chosen]
    assert not any(each.strategic for each in left)
    assert len(chosen) <= max(most, sum(each.strategic for each in all_hit))
    smallest = min((each.revenue_per_minute or 0 for each in chosen if not each.strategic), default=None)
    if smallest is not None:
        assert all((each.revenue_per_minute or 0) <= smallest for each in left)


def test_so_many_calls_and_no_more():
    many = [Account(name=str(number), title="x", strategic=True) for number in range(rules.AT_MOST + 5)]
    assert len(rules.largest(many)) == rules.AT_MOST


def test_mild_incidents_owe_no_calls():
    assert [bool(owed("bo", severity=severity)) for severity in range(1, 6)] == [True, True, True, False, False]
    (bo,) = owed("bo", severity=1)
    assert bo.due_at - NOON == timedelta(minutes=30)


moves = st.lists(
    st.sampled_from(["owe", "reached", "message", "not_reached", "resolve", "reopen", "waive"]), max_size=12
)


@given(moves)
def test_I29_who_was_called_is_called_again_when_it_is_over_and_nobody_else(steps: list[str]):
    known: dict[str, Call] = {}
    resolved, now, names = False, NOON, uids()

    def keep(changed: tuple[Call, ...]) -> None:
        known.update({each.uid: each for each in changed})

    for move in steps:
        now += timedelta(minutes=1)
        calls = tuple(known.values())
        waiting = next((each for each in calls if each.open), None)
        if move == "owe" and not resolved:
            bo = [Account(name="bo", title="Bo")]
            keep(rules.owe(calls, bo, severity=2, owner_of=lambda _: "", practice=False, uids=names, now=now).state)
        elif move == "resolve" and not resolved:
            resolved = True
            keep(rules.after_resolution(calls, severity=2, uids=names, now=now).state)
        elif move == "reopen" and resolved:
            resolved = False
            keep(rules.void_all(calls, "back", about=(About.CLOSING,), now=now).state)
        elif waiting and move == "waive":
            keep((after(rules.waive(waiting, "no", now=now)),))
        elif waiting and move in tuple(Outcome):
            keep((after(rules.tried(waiting, move, "", by="ben", now=now)),))
        assert sum(each.open for each in known.values()) <= 1
        standing = [each for each in known.values() if each.state is not CallState.VOID]
        last = standing[-1] if standing else None
        if resolved and last and last.about is About.OPENING:
            assert not last.heard  # whoever heard that it is open has a closing call


def test_a_closing_call_follows_the_same_person():
    (bo,) = owed("bo")
    last = ended(tried(bo, Outcome.MESSAGE))["bo"]
    assert (last.about, last.owner, last.open) == (About.CLOSING, "lea", True)
    assert rules.still_owed([last]) == ("Bo",)
    assert ended(bo)["bo"].state is CallState.VOID


def test_the_most_that_a_try_came_to_stays():
    (bo,) = owed("bo")
    again = tried(tried(bo, Outcome.MESSAGE), Outcome.NOT_REACHED, 50)
    assert (again.outcome, again.open, again.owner) == (Outcome.MESSAGE, True, "lea")
    assert again.due_at == NOON + timedelta(minutes=65)
    done = tried(again, Outcome.ASKS, 60)
    assert done.state is CallState.DONE
    assert rules.all_made([done])
    assert not rules.all_made([])


@pytest.mark.parametrize(("outcome", "note"), [("maybe", ""), ("asks", " "), ("reached", "x" * 501)])
def test_what_cannot_be_written_down_is_refused(outcome: str, note: str):
    (bo,) = owed("bo")
    assert isinstance(rules.tried(bo, outcome, note, by="ben", now=NOON), Refusal)


def test_what_is_over_stays_over():
    (bo,) = owed("bo")
    done = tried(bo, Outcome.REACHED)
    assert isinstance(rules.tried(done, Outcome.REACHED, "", by="ben", now=NOON), Refusal)
    assert isinstance(rules.give(done, "ben"), Refusal)
    assert isinstance(rules.waive(done, "no", now=NOON), Refusal)
    assert isinstance(rules.waive(bo, " ", now=NOON), Refusal)
    assert after(rules.give(bo, "lea")) == bo
    assert not rules.step(done, now=NOON + timedelta(days=1)).events


@given(st.integers(0, 300))
def test_its_owner_hears_before_and_at_its_time_and_stepping_twice_does_nothing(late: int):
    (bo,) = owed("bo")
    now = NOON + timedelta(minutes=late)
    first = rules.step(bo, now=now)
    assert bool(first.tell) == (now >= bo.warn_at)
    assert first.late == (now >= bo.due_at)
    assert first.state.open
    assert not rules.step(first.state, now=now).tell
    assert first.state.wake_at is None or first.state.wake_at > now
