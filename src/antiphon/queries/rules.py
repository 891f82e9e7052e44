"""The rules that make incidents of alerts, and what they would have made of the past week's."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from antiphon.core.declaring import TEST_RULE, Problem, Rule, RuleSet, check_expression
from antiphon.db.models import Alert
from antiphon.db.snapshots import groups

WEEK: Final = timedelta(days=7)
LOOKED_AT: Final = 1_000
"""The newest alerts of the week that a dry run looks at: ten microseconds each for every rule."""
SHOWN: Final = 20


@dataclass(frozen=True, slots=True)
class Listed:
    """A rule in words: what it waits for (`says`), and how many of the week's alerts it decided (`matched`)."""

    name: str
    says: str
    expression: str
    matched: int


@dataclass(frozen=True, slots=True)
class Tried:
    """What an expression would have matched: `short` ones ended before the hold, so they open nothing."""

    problems: tuple[Problem, ...]
    matched: int
    short: int
    looked_at: int
    examples: tuple[tuple[str, datetime, str], ...]


def listed(*, now: datetime) -> tuple[list[Listed], int]:
    """The rules in their order, with the week's counts; and how many alerts no rule matched."""
    known = groups.rules()
    counts = dict.fromkeys(known.by_id, 0)
    unmatched = 0
    for alert, labels, annotations in _past_week(now=now):
        found = alert.rule_id  # as the intake matched it, while the rules are the same
        if alert.rules_revision != known.revision:
            name = alert.integration.name
            found = known.match(
                labels=labels, annotations=annotations, severity=alert.severity, integration=name
            ).rule_id
        if found is None or found not in counts:
            unmatched += 1
        else:
            counts[found] += 1
    shown = [rule for rule in known.rules if rule is not TEST_RULE]
    return [Listed(rule.name, _says(rule), rule.expression, counts[rule.id or 0]) for rule in shown], unmatched


def try_out(expression: str, hold: timedelta, *, now: datetime) -> Tried:
    """An expression on the past week's alerts, as the only rule; nothing is changed."""
    problems = tuple(check_expression(expression))
    if problems:
        return Tried(problems, 0, 0, 0, ())
    rules = RuleSet([Rule(id=1, name="this", expression=expression, hold=hold)])
    matched = short = looked_at = 0
    examples: list[tuple[str, datetime, str]] = []
    for alert, labels, annotations in _past_week(now=now):
        looked_at += 1
        found = rules.match(
            labels=labels, annotations=annotations, severity=alert.severity, integration=alert.integration.name
        )
        if found.rule_id != 1:
            continue
        matched += 1
        came, ended_early = _came(alert, hold, now=now)
        short += ended_early
        examples += [(alert.detail.title, alert.starts_at, came)] if len(examples) < SHOWN else []
    return Tried((), matched, short, looked_at, tuple(examples))


def _came(alert: Alert, hold: timedelta, *, now: datetime) -> tuple[str, bool]:
    """What an alert that fits comes to under a hold, and whether it ended before."""
    ended = alert.state == Alert.State.RESOLVED
    lasted = (alert.changed_at if ended else now) - alert.starts_at
    if lasted >= hold:
        return "opens or joins an incident", False
    minutes = int(lasted.total_seconds() // 60)
    if ended:
        return f"ended after {minutes} min: opens nothing", True
    return f"fires, held for {minutes} of {int(hold.total_seconds() // 60)} min", False


def _past_week(*, now: datetime) -> list[tuple[Alert, dict[str, str], dict[str, str]]]:
    recent = Alert.objects.filter(last_seen_at__gt=now - WEEK).select_related("detail", "integration")
    return [
        (alert, _words(alert.detail.labels), _words(alert.detail.annotations))
        for alert in recent.order_by("-id")[:LOOKED_AT]
    ]


def _words(text: str) -> dict[str, str]:
    return {name: str(value) for name, value in json.loads(text).items()}


def _says(rule: Rule) -> str:
    """What the rule does, as a sentence."""
    minutes, window = int(rule.hold.total_seconds() // 60), int(rule.window.total_seconds() // 60)
    waits = [
        f"once it has been true for {minutes} min" if minutes else "",
        f"once {rule.count} alerts began within {window} min" if rule.count > 1 else "",
    ]
    when = " and ".join(filter(None, waits)) or "at once"
    verb = "Asks a person" if rule.ask else "Declares"
    what = f"a {rule.nature} incident" if rule.nature != "real" else "an incident"
    kind = f" of type {rule.incident_type}" if rule.incident_type else ""
    return f"{verb}{' about' if rule.ask else ''} {what}{kind} {when}."
