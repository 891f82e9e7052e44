"""Matchers of GET, and which labels the rules name."""

import pytest

from antiphon.core.declaring import Rule, RuleSet
from antiphon.core.observations import Content
from antiphon.intake.matchers import BadMatcher, parse
from antiphon.intake.matching import Matching, named


@pytest.mark.parametrize(
    ("text", "labels", "fits"),
    [
        ('a="b"', {"a": "b"}, True),
        ("a=b", {"a": "bb"}, False),
        ('a!="b"', {}, True),
        ('a=""', {}, True),
        ('a=~"b|c"', {"a": "c"}, True),
        ('a=~"b"', {"a": "bb"}, False),
        ('a!~"x.*"', {"a": "xy"}, False),
        ('a="say \\"hi\\""', {"a": 'say "hi"'}, True),
    ],
)
def test_a_matcher(text, labels, fits):
    assert parse(text).fits(labels) is fits


@pytest.mark.parametrize("text", ["a", '="b"', 'a="b', 'a=~"("', "a=~" + "x" * 2000])
def test_a_matcher_that_nobody_can_apply(text):
    with pytest.raises(BadMatcher):
        parse(text)


@pytest.mark.parametrize(
    ("expression", "names"),
    [
        ('labels.team == "a" && severity == "critical"', (["team"], [])),
        ("labels[\"team\"] == 'a' || 'env' in labels", (["env", "team"], [])),
        ('has(labels.x) && annotations.summary.contains("y")', (["x"], ["summary"])),
        ('labels.exists(k, k == "x")', None),
        ('labels[labels.key] == "x"', None),
        ("size(annotations) > 1", None),
        ('severity == "critical"', ([], [])),
    ],
)
def test_the_labels_an_expression_names(expression, names):
    assert named([expression]) == names


def content(**labels):
    return Content("f", "t", "", labels, {})


@pytest.mark.parametrize("extra", ['labels.exists(k, k == "z")', 'severity == "none"'])
def test_remembered_answers_are_the_rules_own(extra):
    rules = RuleSet(
        [
            Rule(id=1, position=1, name="a", expression='has(labels.team) && labels.team == "a"'),
            Rule(id=2, position=2, name="b", expression='"env" in labels'),
            Rule(id=3, position=3, name="c", expression=extra),
        ]
    )
    matching = Matching(rules)
    for labels in ({"team": "a"}, {"team": "b"}, {"env": ""}, {}, {"z": "1"}, {"host": "1"}) * 2:
        for severity in ("critical", "none"):
            fresh = rules.match(labels=labels, annotations={}, severity=severity, integration="i")
            assert matching.rule_id(content(**labels), severity, "i") == fresh.rule_id
