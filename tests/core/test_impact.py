"""What a failure reaches: worked examples, and against a search that tries everything until nothing moves."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.core.arrays import Arrays
from antiphon.core.impact import Redundancy, Spared, Stated, Web, paths, reach, spared

NAMES = tuple("abcdefgh")
THREE = Web(
    hits={"db": ["api"], "api": ["shop"], "shop": ["acme"]},
    redundancy={"db": (Redundancy(("n1", "n2", "n3"), up=2),)},
)


def fully(*names: str) -> dict[str, Stated]:
    return {name: Stated() for name in names}


def test_a_failure_reaches_what_hangs_on_it_by_the_shortest_way():
    web = Web(hits={"a": ["b", "d"], "b": ["c"], "c": ["d"], "d": ["a"]})
    assert {name: way.path for name, way in reach(web, fully("a")).items()} == {
        "a": ("a",), "b": ("a", "b"), "d": ("a", "d"), "c": ("a", "b", "c"),
    }  # fmt: skip


def test_one_of_three_is_held_up_and_two_are_not():
    assert list(reach(THREE, fully("n1"))) == ["n1"]
    assert spared(THREE, {"n1"}) == (Spared("db", ("n1",), left=2, total=3, up=2),)
    assert spared(THREE, {"n1"})[0].text == "2 of 3 left"
    assert list(reach(THREE, fully("n1", "n3"))) == ["n1", "n3", "db", "api", "shop", "acme"]
    assert spared(THREE, set(reach(THREE, fully("n1", "n3")))) == ()


def test_a_group_that_needs_more_than_it_has_breaks_at_the_first():
    web = Web(redundancy={"x": (Redundancy(("a", "b"), up=5),)})
    assert set(reach(web, fully("a"))) == {"a", "x"}


def test_of_two_groups_the_one_that_is_nearer_to_breaking_is_told():
    web = Web(redundancy={"x": (Redundancy(("a", "b", "c"), up=1), Redundancy(("a", "d"), up=1))})
    assert spared(web, {"a"}) == (Spared("x", ("a",), left=1, total=2, up=1),)


def test_the_highest_share_that_reaches_it_counts():
    web = Web(hits={"a": ["c"], "b": ["c"], "c": ["d"]})
    shares = {name: way.share for name, way in reach(web, {"a": Stated(0.2), "b": Stated(0.7)}).items()}
    assert shares == {"a": 0.2, "b": 0.7, "c": 0.7, "d": 0.7}


def test_a_redundant_group_breaks_by_the_share_at_which_enough_fail():
    stated = {"n1": Stated(0.9), "n2": Stated(0.4), "n3": Stated(0.1)}
    assert reach(THREE, stated)["shop"].share == 0.4


def test_a_failure_in_one_region_passes_by_what_lies_elsewhere():
    web = Web(hits={"a": ["here", "there", "anywhere"]}, regions={"here": ["eu"], "there": ["us"]})
    assert set(reach(web, {"a": Stated(region="eu")})) == {"a", "here", "anywhere"}
    assert set(reach(web, {"a": Stated()})) == {"a", "here", "there", "anywhere"}


def test_redundancy_is_counted_region_by_region():
    web = Web(redundancy={"x": (Redundancy(("a", "b"), up=1),)})
    assert "x" not in reach(web, {"a": Stated(region="eu"), "b": Stated(region="us")})
    assert "x" in reach(web, {"a": Stated(region="eu"), "b": Stated()})


@st.composite
def webs(draw: st.DrawFn) -> Web:
    pairs = draw(st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)), max_size=20))
    groups = st.builds(
        Redundancy,
        st.lists(st.sampled_from(NAMES), min_size=1, max_size=4, unique=True).map(tuple),
        st.integers(1, 4),
    )
    redundancy = draw(st.dictionaries(st.sampled_from(NAMES), st.lists(groups, max_size=2).map(tuple), max_size=3))
    regions = draw(st.dictionaries(st.sampled_from(NAMES), st.sets(st.sampled_from(["eu", "us"])), max_size=4))
    hits: dict[str, list[str]] = {}
    for source, target in pairs:
        hits.setdefault(source, []).append(target)
    return Web(hits, redundancy, regions)


STATED = st.dictionaries(
    st.sampled_from(NAMES),
    st.builds(Stated, st.sampled_from([0.1, 0.5, 1.0]), st.sampled_from(["", "eu", "us"])),
    max_size=4,
)


def tried(web: Web, stated: Mapping[str, Stated]) -> dict[str, float]:
    """By region and share, whatever follows from what is known to have failed, until nothing is added."""
    found: dict[str, float] = {}
    for region in ("", "eu", "us"):
        for share in (0.1, 0.5, 1.0):
            failed = {n for n, each in stated.items() if each.share >= share and each.region in ("", region)}
            moved = True
            while moved:
                following = {
                    name
                    for name in set(NAMES) - failed
                    if (not region or not web.regions.get(name) or region in web.regions[name])
                    and (
                        any(name in web.hits.get(other, ()) for other in failed)
                        or any(
                            len(failed & set(group.of)) > max(len(group.of) - group.up, 0)
                            for group in web.redundancy.get(name, ())
                        )
                    )
                }
                failed |= following
                moved = bool(following)
            found.update({name: max(share, found.get(name, 0)) for name in failed})
    return found


@given(webs(), STATED)
def test_reach_equals_trying_everything(web, stated):
    assert {name: way.share for name, way in reach(web, stated).items()} == tried(web, stated)


@given(webs(), STATED, st.randoms(use_true_random=False))
def test_the_order_of_names_and_links_changes_nothing(web, stated, chance):
    def mixed(mapping):
        items = list(mapping.items())
        chance.shuffle(items)
        return dict(items)

    other = Web({name: chance.sample(to, len(to)) for name, to in mixed(web.hits).items()}, mixed(web.redundancy))
    same = Web(web.hits, web.redundancy)
    assert list(reach(other, mixed(stated)).items()) == list(reach(same, stated).items())


@given(webs(), STATED, st.sampled_from(NAMES))
def test_one_more_failure_never_reaches_less(web, stated, name):
    more = reach(web, {**stated, name: Stated()})
    for reached, way in reach(web, stated).items():
        assert more[reached].share >= way.share
        assert len(more[reached].path) <= len(way.path)


@given(webs(), STATED)
def test_nothing_is_both_reached_and_spared(web, stated):
    reached = reach(web, stated)
    for each in spared(web, reached):
        assert each.name not in reached
        assert set(each.lost) <= set(reached)
        assert each.left >= each.up


@given(webs(), STATED)
def test_a_way_begins_at_a_failure_and_follows_links(web, stated):
    for name, path in paths(web.walk(stated)).items():
        assert path[0] in stated
        assert path[-1] == name
        for before, after in pairwise(path):
            leans = any(before in group.of for group in web.redundancy.get(after, ()))
            assert after in web.hits.get(before, ()) or leans


@pytest.mark.parametrize(("of", "up", "at"), [(3, 2, 2), (3, 1, 3), (3, 3, 1), (2, 5, 1)])
def test_how_many_must_fail(of, up, at):
    assert Redundancy(tuple(NAMES[:of]), up).breaks_at == at


@given(webs(), STATED, st.sampled_from(NAMES))
def test_arrays_answer_what_names_answer(web, stated, name):
    pairs = np.array([(NAMES.index(a), NAMES.index(b)) for a, to in web.hits.items() for b in to], dtype=np.int64)
    soft = {(other, owner) for owner, groups in web.redundancy.items() for group in groups for other in group.of}
    hard = {a: [b for b in to if (a, b) not in soft] for a, to in web.hits.items()}
    one, two = Web(hard, web.redundancy, web.regions), arrays(web, pairs.reshape(-1, 2))
    assert list(reach(two, stated).items()) == list(reach(one, stated).items())
    assert spared(two, reach(two, stated)) == spared(one, reach(one, stated))
    assert set(two.back.walk([name])) == set(one.back.walk([name]))


def arrays(web: Web, pairs: Any) -> Arrays:
    return Arrays(NAMES, (pairs[:, 0], pairs[:, 1]), web.redundancy, web.regions)


def test_arrays_pass_by_what_they_do_not_know():
    assert arrays(Web(), np.zeros((0, 2), dtype=np.int64)).walk(["nobody"]) == {}
