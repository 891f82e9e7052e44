"""What fits into an SMS: properties."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.core.channel_words import segments
from antiphon.core.sms import MOST_SEGMENTS, fitted, plain

LINKS = (
    "\nhttps://status.example.org/status/incidents/abcdefghijkl.html\nStop: https://status.example.org/subscription/x"
)


@given(st.text(max_size=900))
def test_whatever_the_words_it_fits_and_the_links_stay_whole(words):
    said = fitted(plain(words), LINKS)
    assert segments(said) <= MOST_SEGMENTS
    assert said.endswith(LINKS.lstrip())


@given(st.text(max_size=300))
def test_nothing_that_hides_or_reorders_is_sent(words):
    said = plain(f"{words}\u202egro.live\u2066\u200b\x00")
    assert not set(said) & set("\u202e\u2066\u200b\x00\r\t\u2028")
    assert plain(said) == said


@pytest.mark.parametrize(
    ("words", "many"),
    [("x" * 160, 1), ("x" * 161, 2), ("€" * 80, 1), ("€" * 81, 2), ("ж" * 70, 1), ("ж" * 71, 2), ("😀" * 35, 1)],
)
def test_letters_are_counted_as_networks_count_them(words, many):
    assert segments(words) == many


def test_typographic_signs_do_not_halve_the_room():
    assert plain("“Payments” – don’t…") == '"Payments" - don\'t...'
    assert segments(plain("“" + "x" * 158 + "”")) == 1
