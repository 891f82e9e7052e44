"""The reference of the rules is true: every rule stands in it, and every example gives what it says."""

import html
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from antiphon.core.audiences import LONGEST_BODY, Audience, Moment
from antiphon.core.lint import Finding, Known, Rule, lint, lint_subject
from antiphon.core.lint.rules import OF_SUBJECTS
from antiphon.core.lint.siblings import Published, against_earlier, against_siblings

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "lint.md"
AT = datetime(2026, 11, 21, 14, 10, tzinfo=UTC)
OTHERWISE = "Payments fail since 13:30 UTC."
ROW = re.compile(r"^\| (\w+) \| (error|warning) \| (\w*) ?\| (.*?) ?\| [^|]+ \|$", re.MULTILINE)
ROWS = ROW.findall(PAGE.read_text(encoding="utf-8"))


def example(marked: str) -> tuple[str, int, int]:
    """The text without its marks, and the place that they mark (0, 0 for none)."""
    before, _, rest = html.unescape(marked).partition("**")
    bold, _, after = rest.partition("**")
    return (before + bold + after, len(before), len(before) + len(bold)) if bold else (before, 0, 0)


def found_in(rule: str, said_for: str, text: str, start: int, end: int) -> tuple[Finding, ...]:
    audience = Audience(said_for) if said_for in set(Audience) else Audience.BUSINESS
    moment = Moment(said_for) if said_for in set(Moment) else Moment.PROGRESS
    if rule in OF_SUBJECTS:
        return lint_subject(text, audience=audience, number=42, at=AT)
    if rule == Rule.VERSIONS_DIFFER:
        return against_siblings(text, [("technical", OTHERWISE)], zone="UTC", at=AT)
    if rule == Rule.EARLIER_DIFFERS:
        return against_earlier(text, Published("business", OTHERWISE, AT), zone="UTC", at=AT)
    known = Known(
        detected_at=AT.replace(minute=2),
        scope=("12 % of payments in Europe fail",),
        next_update_at=AT.replace(minute=40),
        hidden=((start, end),) if rule == Rule.HIDDEN_FACT else (),
    )
    return lint(text, audience=audience, severity=2, moment=moment, at=AT, known=known).findings


def test_every_rule_stands_in_the_reference_once():
    assert sorted(rule for rule, *_ in ROWS) == sorted(Rule)


@pytest.mark.parametrize(("rule", "level", "said_for", "marked"), ROWS, ids=[row[0] for row in ROWS])
def test_every_example_gives_its_finding_at_its_words(rule: str, level: str, said_for: str, marked: str):
    text, start, end = example(marked)
    if rule == Rule.TOO_LONG:
        text, start, end = "x" * (LONGEST_BODY + 1), LONGEST_BODY, LONGEST_BODY + 1
    found = {(one.rule, one.level, one.start, one.end) for one in found_in(rule, said_for, text, start, end)}
    assert (rule, level, start, end) in found
