"""Which template a published text was made of, as of when it was prepared."""

from datetime import UTC, datetime, timedelta

import pytest

from antiphon.core import template_reviews as rules
from antiphon.core.template_reviews import Saved, Told, Used

START = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
SHIPPED = {("business", "en", "first_word"), ("business", "en", "first_word.security"), ("business", "en", "progress")}


def told(moment: str, minutes: int = 60, audience: str = "business", language: str = "en") -> Told:
    return Told(audience=audience, language=language, moment=moment, at=START + timedelta(minutes=minutes))


def saved(name: str, number: int, minutes: int, *, empty: bool = False) -> Saved:
    at = START + timedelta(minutes=minutes)
    return Saved(audience="business", language="en", name=name, number=number, at=at, empty=empty)


def used(*texts: Told, own: tuple[Saved, ...] = (), kind: str = "disruption") -> list[tuple[str, int]]:
    found = rules.used(texts, incident_type=kind, area="database", own=own, shipped=SHIPPED)
    return [(each.name, each.number) for each in found]


def test_the_most_particular_text_spoke():
    assert used(told("first_word")) == [("first_word", 0)]
    assert used(told("first_word"), kind="security") == [("first_word.security", 0)]
    own = (saved("first_word.disruption.database", 3, 0),)
    assert used(told("first_word"), own=own) == [("first_word.disruption.database", 3)]


def test_a_version_counts_as_it_held_when_the_text_was_prepared():
    own = (saved("first_word", 1, 0), saved("first_word", 2, 30), saved("first_word", 3, 90))
    assert used(told("first_word"), told("first_word", 10), own=own) == [("first_word", 1), ("first_word", 2)]
    given_back = (*own[:2], saved("first_word", 3, 40, empty=True))
    assert used(told("first_word"), own=given_back) == [("first_word", 0)]


def test_each_stands_once_and_what_no_template_made_is_left_out():
    texts = (told("progress"), told("progress", 90), told("resolution"), told("progress", language="de"))
    assert used(*texts) == [("progress", 0)]
    assert used(told("holding")) == [("holding.disruption", 0)]
    assert Used(audience="a", language="en", name="x") < Used(audience="b", language="en", name="a")


@pytest.mark.parametrize(
    ("verdict", "changed_to", "newest", "fits"),
    [
        ("kept", None, 0, True),
        ("kept", 7, 0, True),
        ("changed", 3, 3, True),
        ("changed", 2, 3, False),
        ("changed", 4, 3, False),
        ("changed", None, 3, False),
        ("", None, 3, False),
    ],
)
def test_it_is_ticked_off_as_kept_or_with_the_version_that_came_of_it(
    verdict: str, changed_to: int | None, newest: int, fits: bool
):
    assert (rules.check(verdict, number=2, newest=newest, changed_to=changed_to) is None) == fits
