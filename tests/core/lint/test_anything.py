"""Whatever is pasted, the lint answers: it reads so much and no more, and breaks on nothing."""

from dataclasses import replace
from datetime import UTC, datetime
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.core.audiences import LONGEST_BODY, Audience, Moment
from antiphon.core.lint import MOST, Known, lint, lint_subject
from tests.core.lint.reading import CLOSE, PLAIN, read, rules


class Paste:
    """A text that counts the characters handed out. It is no string, so nothing else of it can be read."""

    def __init__(self, text):
        self.text, self.handed_out = text, 0

    def __len__(self):
        return len(self.text)

    def __getitem__(self, place):
        piece = self.text[place]
        self.handed_out += len(piece)
        return piece


def test_of_a_paste_without_end_only_the_longest_body_is_read():
    paste = Paste(f"{PLAIN} {CLOSE} " + "Service is down. " * 600_000 + "Ask John Smith for a refund.")
    found = read(paste)
    assert paste.handed_out == LONGEST_BODY
    assert "too_long" in rules(found)
    assert {"money", "person"}.isdisjoint(rules(found))
    assert f"{found.next_update_at:%H:%M}" == "14:40"


def test_a_text_of_nothing_but_faults_has_so_many_findings_and_no_more():
    found = read("The API is slow. " * 1_100)
    assert len(found.findings) == MOST
    assert {"jargon", "missing_when", "next_update_missing"} <= rules(found)


REPEATED = (
    "we will ", "next update ", "a-", "[[", "at 14:30 ", "{{", "1.2.", "1,", "$1", "will be ",
    "we are currently still ", "we are the current ", "and we are ", "the potential ", "investigating the ", "2-3 pm ",
    "in the next ", "14:30 to ", "Nov 2 ", "ab:", "::", "a.", "Error", "A0", "a\u0430", "is expected ", "a, and ", "(",
    "x", "\n", "has been ", "Aa ", "some ", "not ",
)  # fmt: skip
HARD = [piece * (19_000 // len(piece)) for piece in REPEATED]


@pytest.mark.parametrize("text", HARD, ids=lambda text: text[:12])
def test_no_text_makes_the_lint_slow(text):
    began = process_time()
    read(text)
    assert process_time() - began < 2


@pytest.mark.parametrize(
    "text",
    ["next update in \u017fix minutes", "\u017f\u017fh is down", "next update 1 \u017fept at 14:00 UTC",
     "14:00 To\u212ayo time",
     "5 pm pac\u0130fic", "noon \u017funday", "next update \u0661\u0664:\u0663\u0660 UTC",
     "\u03a3\u03b9\u03c2 is slow", "\ud800 14:30 UTC"],
)  # fmt: skip
def test_letters_that_patterns_take_for_others_break_nothing(text):
    for audience in Audience:
        read(text, audience, glossary={"\u03c3\u03b9\u03c3": "the press", "\u0130x": "the other"})


WORDS = st.sampled_from(
    ["next", "update", "at", "14:30", "UTC", "in", "30", "minutes", "will", "be", "restored", ".", "\n\n", "[[", "]]",
     "{{", "mysql-cluster-03", "CVE-2026-1", "31 February", "25:99", "Europe/", "resolved", "refund", "@ann", "-",
     "\u017fix", "\u212a", "\u0130", "noon", "sun", "pm", "11/22", "tomorrow", "to"]
)  # fmt: skip


@given(
    st.one_of(st.text(max_size=300), st.lists(WORDS, max_size=60).map(" ".join)),
    st.sampled_from(list(Audience)),
    st.sampled_from(list(Moment)),
    st.integers(1, 5),
    st.integers(0, 3_000_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
)
def test_the_lint_reads_anything_and_points_into_the_text(text, audience, moment, severity, at):
    found = lint(text, audience=audience, severity=severity, moment=moment, at=at)
    assert all(0 <= finding.start <= finding.end <= len(text) for finding in found.findings)
    assert all(finding.message.endswith((".", "”")) for finding in found.findings)
    assert found == lint(text, audience=audience, severity=severity, moment=moment, at=at)
    lint_subject(text, audience=audience, number=1, at=at, known=replace(Known(), state="monitoring"))
