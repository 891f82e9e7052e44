"""Versions of one update against each other, against what was said before, and facts against each other."""

from datetime import timedelta

import pytest

from antiphon.core.audiences import Audience, Mark
from antiphon.core.facts import Fact
from antiphon.core.lint.siblings import (
    Published,
    against_earlier,
    against_siblings,
    disagreements,
    facts_disagree,
)
from tests.core.lint.reading import AT, BUSINESS, CLOSE, PLAIN, TECHNICAL


def findings(business, technical):
    return against_siblings(business, [(TECHNICAL, technical)], zone="UTC", at=AT)


@pytest.mark.parametrize(
    ("business", "technical", "words", "level"),
    [
        ("The problem is resolved.", "**Status:** identified. We move the load.", "is resolved", Mark.ERROR),
        ("Payments are still failing.", "Resolved: the database answers.", "are still failing", Mark.ERROR),
        ("We are investigating.", "We have identified the cause.", "We are investigating", Mark.WARNING),
        ("Since 14:02 UTC payments fail.", "The errors began at 13:40 UTC.", "14:02 UTC", Mark.ERROR),
        ("It was first detected at 14:05 UTC.", "First detected: 15:09 CET.", "14:05 UTC", Mark.ERROR),
        ("About 12 % of payments fail.", "30 % of payments fail.", "12 %", Mark.WARNING),
        ("1,200 customers are affected.", "It hits 1300 customers.", "1,200 customers", Mark.WARNING),
        ("Customers in Europe are affected.", "Requests from Asia fail.", "Europe", Mark.WARNING),
    ],
)
def test_versions_that_cannot_both_be_right_are_quoted_in_each(business, technical, words, level):
    (found,) = findings(f"{business} {CLOSE}", f"{technical} {CLOSE}")
    assert (f"{business} {CLOSE}"[found.start : found.end], found.level) == (words, level)
    (back,) = against_siblings(f"{technical} {CLOSE}", [(BUSINESS, f"{business} {CLOSE}")], zone="UTC", at=AT)
    assert f"“{words}”" in back.message


@pytest.mark.parametrize(
    ("business", "technical"),
    [
        ("Payments fail since 14:02 UTC.", "The errors began at 15:02 CET."),
        ("Payments fail since 14:02 UTC.", "First detected: 14:05 UTC."),
        ("It began around 14:00 UTC.", "The errors began at 14:02 UTC."),
        ("It was first detected at 14:02 UTC and has been confirmed resolved since 14:09 UTC.",
         "Resolved: the database, affected since 14:02 UTC, resolved at 14:09 UTC."),
        ("It was resolved at 14:09 UTC. It began at 14:02 UTC.", "Resolved: mail, affected from 14:02 to 14:09 UTC."),
        ("Part of the customers in Europe are affected.", "Requests from Germany, Europe fail for 3 % of calls."),
        ("12 % of payments fail.", "30 % of connections are refused."),
        ("The next update comes once it is resolved.", "We have identified the cause."),
    ],
)  # fmt: skip
def test_versions_that_tell_the_same_in_their_own_words_are_left_alone(business, technical):
    assert not findings(f"{business} {CLOSE}", f"{technical} {CLOSE}")


def test_a_version_is_held_against_what_its_readers_heard_before():
    earlier = Published(BUSINESS, f"{PLAIN} {CLOSE}", AT - timedelta(hours=1))
    moved = PLAIN.replace("14:02", "13:40")
    (found,) = against_earlier(moved, earlier, zone="UTC", at=AT)
    assert "“14:02 UTC on 21 November 2026”" in found.message
    assert found.level is Mark.WARNING
    assert not against_earlier(f"{moved} This corrects our last text.", earlier, zone="UTC", at=AT)
    over = Published(BUSINESS, "The problem is resolved.", AT)
    assert against_earlier("We are investigating.", over, zone="UTC", at=AT)
    assert not against_earlier("The problem is back. We are investigating.", over, zone="UTC", at=AT)


def test_last_published_texts_disagree_on_a_state_only_when_they_left_together():
    technical = Published(TECHNICAL, "We have identified the cause. The errors began at 14:02 UTC.", AT)
    business = Published(BUSINESS, "We are investigating. Payments fail since 13:30 UTC.", AT - timedelta(minutes=5))
    (found,) = disagreements([technical, business], zone="UTC")
    assert found.kind == "began"
    assert "“13:30 UTC”" in found.sentence
    assert "“14:02 UTC”" in found.sentence
    assert found.key == disagreements([business, technical], zone="UTC")[0].key


def test_two_facts_of_one_name_that_both_hold_are_told_apart():
    def fact(uid, text, name="scope", superseded_by=""):
        return Fact(uid=uid, name=name, text=text, audiences=tuple(Audience), at=AT, superseded_by=superseded_by)

    one, other = fact("a", "1,200 customers in Europe."), fact("b", "About 900 customers in Europe.")
    ((first, second, sentence),) = facts_disagree([one, other], zone="UTC")
    assert (first.uid, second.uid) == ("a", "b")
    assert "“1,200 customers”" in sentence
    assert not facts_disagree([fact("a", one.text, superseded_by="b"), other], zone="UTC")
    assert not facts_disagree([one, fact("c", "900 customers wrote to us.", name="symptoms")], zone="UTC")
