"""Rules: what cannot work is refused when saved, with its place; what stumbles says so and does not match."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.core.declaring import (
    DEEPEST,
    DEFAULT_RULES,
    LONGEST,
    TEST_RULE,
    Rule,
    RuleSet,
    check,
    check_expression,
    entity_candidates,
    group_key,
)
from antiphon.core.severity import Severity


def match(rules, severity="critical", **labels):
    return RuleSet(rules).match(labels=labels, annotations={}, severity=severity, integration="prometheus")


@pytest.mark.parametrize(
    "expression",
    [
        "",
        'labels.service == "checkout" && severity in ["critical", "error"]',
        'has(labels.team) && labels["team"].startsWith("pay")',
        'labels.exists(name, name.contains("db"))',
        'labels.map(k, k).filter(j, j == "a").size() > 1',
        "int(labels.code) >= 500",
        'labels.host.matches("^web-[0-9]+$") // ( a comment',
        'labels.note == "((((((((((((((((((((((((((((((("',
        'integration == "prometheus" || annotations.summary.contains("x")',
    ],
)
def test_expressions_that_work_are_taken(expression):
    assert check_expression(expression) == []


@pytest.mark.parametrize(
    ("expression", "line", "column", "says"),
    [
        ("labels.service ===", 1, 18, "cannot be read here"),
        ('labels.service ==\n  "a" && (', 2, 11, "it ends too early"),
        ('service == "a"', 1, 1, "“service” is not known"),
        ('true &&\n lower(labels.a) == "x"', 2, 2, "no function “lower”"),
        ("labels.service", 1, 1, "must be true or false"),
        ("1", 1, 1, "must be true or false"),
        ('labels.a.matches("(")', 1, 18, "unclosed group"),
        ("labels.all(k, labels.all(j, k == j))", 1, 21, "A loop inside a loop"),
        ("(" * 50 + "true" + ")" * 50, 1, DEEPEST + 1, "brackets"),
        ("severity > 3", 1, 1, "mixes kinds of values"),
        ("true" + " || true" * LONGEST, 0, 0, "characters long"),
    ],
)
def test_expressions_that_cannot_work_are_refused_with_their_place(expression, line, column, says):
    problem, *_ = check_expression(expression)
    assert (problem.line, problem.column) == (line, column), problem
    assert says in problem.sentence


def test_arithmetic_that_fails_is_no_fault_of_the_check():
    assert check_expression("1 / 0 == 1") == []
    assert match([Rule(id=1, name="odd", expression="1 / 0 == 1")]).rule_id is None


@given(st.text(alphabet="labels.severity()[]\"'&|!=<>?:{}ak,+-1 \n/\\", max_size=80))
def test_no_expression_breaks_the_check(expression):
    for problem in check_expression(expression):
        assert problem.sentence


@pytest.mark.parametrize(
    ("rule", "field"),
    [
        (Rule(name=" "), "name"),
        (Rule(name="a", hold=-timedelta(1)), "hold"),
        (Rule(name="a", hold=timedelta(days=8)), "hold"),
        (Rule(name="a", count=0), "count"),
        (Rule(name="a", count=5), "window"),
        (Rule(name="a", window=-timedelta(1)), "window"),
        (Rule(name="a", nature="play"), "nature"),
        (Rule(name="a", incident_type="oops"), "incident_type"),
        (Rule(name="a", severity_map={"x": 9}), "severity_map"),  # type: ignore[dict-item]
        (Rule(name="a", expression="("), "expression"),
    ],
)
def test_a_rule_that_cannot_work_is_refused_at_its_field(rule, field):
    assert [problem.field for problem in check(rule)] == [field]
    assert str(check(rule)[0]).startswith(field)


def test_a_sound_rule_passes():
    rule = Rule(name="a", count=5, window=timedelta(minutes=10), severity_map={"bad": Severity.SEV1, "meh": None})
    assert check(rule) == []
    assert rule.severities["bad"] == Severity.SEV1
    assert rule.severities["critical"] == Severity.SEV2


def test_the_first_rule_by_position_decides():
    rules = [
        Rule(id=1, position=2, name="all"),
        Rule(id=2, position=1, name="shop", expression='labels.service == "shop"'),
    ]
    assert match(rules, service="shop") == (2, "rule “shop”")
    assert match(rules, service="mail") == (1, "rule “all”")


def test_a_rule_that_stumbles_does_not_match_and_says_so():
    rules = [
        Rule(id=1, name="team", expression='labels.team != "x"'),
        Rule(id=2, name="code", expression="int(labels.service) > 1"),
        Rule(id=3, name="text", expression="labels.service"),
        Rule(id=4, name="not this", expression='labels.service == "mail"'),
    ]
    found = match(rules, service="shop")
    assert found.rule_id is None
    assert "“team”: the alert has no 'team'" in found.reason
    assert "“code” could not be evaluated" in found.reason
    assert "“text” is neither true nor false" in found.reason
    assert "not this" not in found.reason


def test_without_rules_the_defaults_hold():
    rules = RuleSet(())
    assert rules.rules == (TEST_RULE, *DEFAULT_RULES)
    found = [match((), severity=word) for word in ("critical", "error", "warning", "info", "none")]
    assert [one.rule_id for one in found] == [-1, -1, -2, None, None]
    assert found[-1].reason == "no rule matches"
    assert rules.rule(-2) is DEFAULT_RULES[1]
    assert rules.rule(None) is None
    assert rules.rule(7) is None
    assert DEFAULT_RULES[1].hold == timedelta(minutes=30)
    assert all(check(rule) == [] for rule in DEFAULT_RULES)


def test_a_test_alert_opens_a_test_incident_whatever_the_rules_say():
    everything = Rule(id=1, name="everything")
    assert check(TEST_RULE) == []
    assert match((everything,), antiphon_test="a").rule_id == TEST_RULE.id
    assert match((everything,), **{"class": "antiphon_test:a"}).rule_id == TEST_RULE.id
    assert match((everything,), **{"class": "disk"}).rule_id == 1
    assert TEST_RULE.nature == "test"


def test_groups_by_entity_or_by_the_rules_labels():
    labels = {"service": "shop", "zone": "a", "alertname": "Down"}
    assert group_key(Rule(id=3, name="a"), labels, integration="p", entity="shop") == "rule=3;entity=shop"
    by_zone = Rule(id=3, name="a", group_by=("zone", "rack"))
    assert group_key(by_zone, labels, integration="p", entity="shop") == "rule=3;zone=a;rack="
    assert group_key(None, labels, integration="p", entity="") == "rule=None;from=p;alertname=Down"


def test_the_entity_is_looked_for_in_labels_a_port_left_away():
    labels = {"job": "node", "service": "shop", "instance": "db-1:9100", "host": "db-1"}
    assert entity_candidates(None, labels) == ("shop", "node", "db-1:9100", "db-1")
    assert entity_candidates(Rule(name="a", entity_from=("job",)), labels) == ("node",)
