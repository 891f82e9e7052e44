"""A text against the facts and the record."""

import pytest

from antiphon.core.audiences import Mark
from tests.core.lint.reading import AT, CLOSE, TECHNICAL, read, rules

FACTS = {
    "scope": ("About 12 % of payments fail for 1,200 customers in Europe.",),
    "detected_at": AT.replace(minute=2),
    "resolved_at": AT,
}


@pytest.mark.parametrize(
    ("rule", "sentence", "words"),
    [
        ("contradicts_time", "It was detected at 13:55 UTC.", "13:55 UTC"),
        ("contradicts_time", "It was resolved at 15:20 CET.", "15:20 CET"),
        ("contradicts_scope", "It affects 30 % of payments.", "30 %"),
        ("contradicts_scope", "It affects 1,300 customers.", "1,300 customers"),
        ("contradicts_scope", "It affects all customers.", "all customers"),
        ("contradicts_scope", "It affects customers in Asia.", "Asia"),
    ],
)
def test_what_the_facts_say_otherwise_is_pointed_at(rule, sentence, words):
    text = f"{sentence} {CLOSE}"
    found = [f for f in read(text, TECHNICAL, **FACTS).findings if f.rule == rule]
    assert [text[f.start : f.end] for f in found] == [words]
    assert {f.level for f in found} == {Mark.WARNING}


@pytest.mark.parametrize(
    "sentence",
    [
        "It was detected at 15:02 CET.",
        "It was detected around 14:00 UTC.",
        "It was resolved at 14:10 UTC.",
        "Resolved: the database, affected since 13:02 UTC.",
        "It affects 12% of payments of 1200 customers in Europe.",
        "The error rate fell, and latency with it.",
    ],
)
def test_what_fits_the_facts_is_left_alone(sentence):
    found = read(f"{sentence} {CLOSE}", TECHNICAL, **FACTS)
    assert not any(rule.startswith("contradicts") for rule in rules(found, Mark.WARNING) | rules(found))
