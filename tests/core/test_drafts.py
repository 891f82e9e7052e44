"""A draft lies ready before it is due, and never in the way of a person's own."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from antiphon.core.audiences import Moment
from antiphon.core.drafts import Open, plan
from antiphon.core.promises import Promise, PromiseState, What

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


def promise(audience: str, due: float, what: What = What.NEXT_UPDATE, **more: object) -> Promise:
    due_at, known = NOON + minutes(due), {"made_at": NOON, **more}
    return Promise(uid=f"{audience}-{what}", incident="i1", audience=audience, what=what, due_at=due_at, **known)  # type: ignore[arg-type]


def written(uid: str, *audiences: str, moment: Moment = Moment.PROGRESS, ours: bool = True) -> Open:
    return Open(uid=uid, moment=moment, audiences=frozenset(audiences), ours=ours)


@given(whole=st.integers(1, 10_000))
def test_it_is_made_between_the_promise_and_its_reminder(whole: int) -> None:
    made = promise("business", whole)
    at = made.prepare_at
    assert at is not None
    assert made.made_at < at < made.warn_at
    assert made.due_at - at <= minutes(20)


def test_nothing_is_made_twice_nor_for_what_no_draft_can_keep() -> None:
    assert promise("business", 60, prepared_at=NOON).prepare_at is None
    assert promise("business", 60, state=PromiseState.KEPT).prepare_at is None
    assert promise("business", 60, What.REVIEW).prepare_at is None


def test_one_draft_for_all_whose_word_is_due_soon() -> None:
    known = [promise("technical", 30), promise("business", 60), promise("public", 31)]
    first = plan(known, [], told=True, resolved=False, now=NOON + minutes(12))
    assert (first.moment, first.audiences, first.due_at) == (
        Moment.PROGRESS, frozenset({"technical", "public"}), NOON + minutes(30),
    )  # fmt: skip
    ready = [promise("technical", 60, prepared_at=NOON), promise("business", 60)]
    later = plan(ready, [written("u1", "technical")], told=True, resolved=False, now=NOON + minutes(45))
    assert (later.again, later.audiences, later.away) == ("u1", frozenset({"technical", "business"}), ())


def test_what_a_person_wrote_is_theirs() -> None:
    known = [promise("technical", 10), promise("business", 10)]
    theirs = written("lea", "business", ours=False)
    found = plan(
        known, [theirs, written("u1", "business", "technical")], told=True, resolved=False, now=NOON + minutes(9)
    )
    assert (found.audiences, found.again, found.away) == (frozenset(), "", ("u1",)), "none is made beside it"
    stale = written("old", "technical", moment=Moment.FIRST_WORD, ours=False)
    found = plan(known, [stale], told=True, resolved=False, now=NOON + minutes(9))
    assert found.audiences == {"technical", "business"}


def test_what_is_not_owed_any_more_is_put_away() -> None:
    found = plan([], [written("u1", "business")], told=True, resolved=False, now=NOON)
    assert (found.audiences, found.away) == (frozenset(), ("u1",))
    over = [promise("business", 15, What.RESOLUTION_WORD)]
    found = plan(over, [written("u1", "business")], told=True, resolved=True, now=NOON + minutes(6))
    assert (found.moment, found.again, found.away) == (Moment.RESOLUTION, "", ("u1",))
