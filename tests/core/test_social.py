"""Posts fit, end with the page's address, and are made when they should be."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.core import social as rules
from antiphon.core.decision import Decision, Refusal
from antiphon.core.social import Choice, Post, PostState
from tests.contracts.sealed import outside

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
LINK = "https://status.example.org/status/"


@given(st.text(min_size=1, max_size=200).filter(str.strip), st.integers(100, 500))
def test_a_post_fits_and_ends_with_the_page(subject: str, most: int):
    said = rules.post_of(outside(subject=subject, audience="public"), LINK, most=most)
    assert len(said) <= most
    assert said.endswith(LINK)
    assert "[[" not in rules.post_of(outside(subject="[[greeting]] x", audience="public"), LINK, most=most)


@given(st.integers(1, 5), st.integers(0, 5), st.booleans(), st.sampled_from(["real", "drill", "test"]))
def test_practice_is_never_posted_and_what_was_begun_is_ended(severity: int, up_to: int, before: bool, nature: str):
    wanted = rules.wanted(severity=severity, nature=nature, before=before, choice=Choice(up_to=up_to))
    assert wanted == (nature == "real" and (before or severity <= up_to))


@pytest.mark.parametrize(
    "url", ["", "posted", "ftp://x.example/1", "https://", "https://[", "https://x.example/" + "a" * 500]
)
def test_a_post_is_ticked_off_with_an_address_that_can_be_looked_at(url: str):
    post = Post(uid="p", network="X", text="Checkout is slow")
    assert isinstance(rules.posted(post, url, now=NOW), Refusal)
    made = rules.posted(post, " https://x.example/1 ", now=NOW)
    assert isinstance(made, Decision)
    assert (made.state.state, made.state.url) == (PostState.POSTED, "https://x.example/1")
    assert isinstance(rules.posted(made.state, "https://x.example/2", now=NOW), Refusal)


def test_a_newer_text_takes_the_place_of_what_nobody_posted():
    posts = [Post(uid=uid, network=network, text="") for uid, network in (("a", "X"), ("b", "LinkedIn"))]
    assert [each.uid for each in rules.superseded(posts, ["X"])] == ["a"]


WRONG = (
    Choice(up_to=6),
    Choice(up_to=-1),
    Choice(networks=("x" * 41,)),
    Choice(networks=("a\nb",)),
    Choice(networks=tuple("abcdefghi")),
)


@pytest.mark.parametrize("choice", WRONG)
def test_a_choice_that_cannot_hold_is_refused(choice: Choice):
    assert rules.check(choice) is not None
    assert rules.check(Choice(up_to=0, networks=("X",))) is None
