"""How trouble rolls up: worked examples, and against a fixed point found by trying every entity again and again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.core.impact import Redundancy, Web
from antiphon.core.status import Cause, State, of_incident, roll_up, worst
from tests.core.test_impact import NAMES, THREE, webs

UP, WORK, DEGRADED, PARTIAL, DOWN = State


def down(*names: str) -> dict[str, Cause]:
    return {name: Cause(DOWN, f"{name} fails") for name in names}


def test_one_of_three_degrades_and_two_take_it_down():
    assert roll_up(down("n1"), THREE).state("db") == DEGRADED
    assert roll_up(down("n1"), THREE).state("shop") == DEGRADED
    assert roll_up(down("n1", "n2"), THREE).state("shop") == DOWN
    assert roll_up({}, THREE).state("shop") == UP


def test_why_leads_to_the_cause():
    why = roll_up(down("n1"), THREE).why("api")
    assert [(each.entity, each.because) for each in why] == [
        ("api", "needs db, which does not work as it should"),
        ("db", "2 of 3 left, 2 needed: n1 down"),
        ("n1", "n1 fails"),
    ]
    assert [each.because for each in roll_up(down("n1", "n2"), THREE).why("db")] == [
        "1 of 3 left, 2 needed: n1, n2 down", "n1 fails", "n2 fails",
    ]  # fmt: skip


def test_what_works_badly_degrades_what_needs_it_and_no_more():
    for state in (DEGRADED, PARTIAL):
        rolled = roll_up({"db": Cause(state, "slow")}, THREE)
        assert rolled.state("db") == state
        assert rolled.state("acme") == DEGRADED


def test_degraded_spares_cost_nothing_until_too_few_work_well():
    slow = {name: Cause(DEGRADED, "slow") for name in ("n1", "n2")}
    assert roll_up({"n1": slow["n1"]}, THREE).state("db") == UP
    assert roll_up(slow, THREE).state("db") == DEGRADED


def test_planned_work_is_shown_on_what_works_and_stays_there():
    planned = Cause(State.MAINTENANCE, "new disks")
    assert roll_up({"db": planned}, THREE).state("db") == State.MAINTENANCE
    assert roll_up({"db": planned}, THREE).state("api") == UP
    assert roll_up({"db": planned, **down("n1", "n2")}, THREE).state("db") == DOWN


def test_a_long_story_is_cut_short():
    chain = Web(hits={str(at): [str(at + 1)] for at in range(30)})
    assert len(roll_up(down("0"), chain).why("30")) == 12


@pytest.mark.parametrize(
    ("kind", "severity", "share", "region", "state"),
    [
        ("disruption", 2, None, "", DOWN),
        ("disruption", 1, 1.0, "", DOWN),
        ("disruption", 3, None, "", PARTIAL),
        ("disruption", 1, 0.3, "", PARTIAL),
        ("disruption", 1, None, "eu", PARTIAL),
        ("degradation", 1, None, "", DEGRADED),
        ("security", 1, None, "", DEGRADED),
    ],
)
def test_what_an_incident_says_of_what_it_is_about(kind, severity, share, region, state):
    assert of_incident(kind, severity, share=share, region=region) == state


def test_the_worst_cause_counts():
    causes = [Cause(DEGRADED, "a"), Cause(DOWN, "c"), Cause(DOWN, "b")]
    assert worst(causes) == Cause(DOWN, "b")


CAUSES = st.dictionaries(
    st.sampled_from(NAMES), st.builds(Cause, st.sampled_from(list(State)), st.just("it is so")), max_size=5
)


def rank(state: State) -> int:
    return state.rank


def tried(own: dict[str, Cause], web: Web) -> dict[str, State]:
    """Everything starts as well as its own causes let it, and is looked at until nothing moves."""
    states = {name: own[name].state if name in own else UP for name in NAMES}
    while True:
        moved = {name: max([states[name], *_by_others(name, states, web)], key=rank) for name in NAMES}
        if moved == states:
            return states
        states = moved


def _by_others(name: str, states: dict[str, State], web: Web) -> list[State]:
    needed = [states[other] for other in NAMES if name in web.hits.get(other, ())]
    found = [DOWN if state == DOWN else DEGRADED if state.rank >= DEGRADED.rank else UP for state in needed]
    for group in web.redundancy.get(name, ()):
        lost = sum(states[other] == DOWN for other in group.of)
        bad = sum(states[other].rank >= DEGRADED.rank for other in group.of)
        found.append(DOWN if lost >= group.breaks_at else DEGRADED if lost or bad >= group.breaks_at else UP)
    return found


@given(webs(), CAUSES)
def test_equals_the_least_fixed_point(web, own):
    rolled = roll_up(own, web)
    assert {name: rolled.state(name) for name in NAMES} == tried(own, web)


@given(webs(), CAUSES, st.randoms(use_true_random=False))
def test_the_order_changes_nothing(web, own, chance):
    mixed = dict(chance.sample(list(own.items()), len(own)))
    other = Web({name: chance.sample(to, len(to)) for name, to in web.hits.items()}, web.redundancy, web.regions)
    one, two = roll_up(own, web), roll_up(mixed, other)
    assert [(name, one.step(name)) for name in one] == [(name, two.step(name)) for name in two]
    assert [one.why(name) for name in NAMES] == [two.why(name) for name in NAMES]


@given(webs(), CAUSES, st.sampled_from(NAMES), st.sampled_from(list(State)))
def test_more_trouble_makes_nothing_better(web, own, name, state):
    more = {**own, name: worst([own.get(name, Cause(UP, "")), Cause(state, "more")])}
    before, after = roll_up(own, web), roll_up(more, web)
    assert all(after.state(each).rank >= before.state(each).rank for each in NAMES)


@given(webs(), CAUSES)
def test_every_trouble_is_told_back_to_a_cause(web, own):
    rolled = roll_up(own, web)
    for name in rolled:
        why = rolled.why(name)
        assert why[0].entity == name
        assert why[0].state == rolled.state(name)
        assert any(each.entity in own and each.because == own[each.entity].because for each in why)


@given(webs(), CAUSES, CAUSES)
def test_what_did_not_change_is_told_as_before(web, own, other):
    before, after = roll_up(own, web), roll_up(other, web)
    changed = after.changed_since(before)
    for name in after:
        if name not in changed:
            assert after.state(name) == before.state(name)
            assert after.step(name) == before.step(name)
    assert not roll_up(dict(own), web).changed_since(before)


def test_a_new_reason_far_away_is_a_change():
    before, after = (roll_up({"n1": Cause(DOWN, words)}, THREE) for words in ("disk full", "no power"))
    assert after.changed_since(before) == {"n1", "db", "api", "shop", "acme"}


def test_a_group_within_a_cycle_settles():
    web = Web(hits={"a": ["b"], "b": ["a"]}, redundancy={"a": (Redundancy(("x", "y"), 1),)})
    assert {name: roll_up(down("x", "y"), web).state(name) for name in "ab"} == {"a": DOWN, "b": DOWN}
