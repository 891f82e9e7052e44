"""The rules that make incidents of alerts, and what they would have made of the past week's."""

import json
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Final

from antiphon.core.declaring import TEST_RULE, Problem, Rule, RuleSet, check_expression
from antiphon.db.models import Alert
from antiphon.db.snapshots import groups

WEEK: Final = timedelta(days=7)
LOOKED_AT: Final = 1_000
"""The newest alerts, of which a dry run looks at those of the week: ten microseconds each for every rule."""
SHOWN: Final = 20
_COLUMNS: Final = {
    "labels": "detail__labels",
    "annotations": "detail__annotations",
    "integration": "integration__name",
    "title": "detail__title",
}


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


@dataclass(frozen=True, slots=True)
class Came:
    """An alert of the past week: what rules read of it, which one the intake found at which revision, its times."""

    labels: str
    annotations: str
    severity: str
    integration: str
    rule_id: int | None
    rules_revision: int
    state: int
    starts_at: datetime
    changed_at: datetime
    last_seen_at: datetime
    title: str

    def match(self, rules: RuleSet) -> int | None:
        """The rule that it would be matched to."""
        labels, annotations = _words(self.labels), _words(self.annotations)
        return rules.match(
            labels=labels, annotations=annotations, severity=self.severity, integration=self.integration
        ).rule_id


def listed(*, now: datetime) -> tuple[list[Listed], int]:
    """The rules in their order, with the week's counts; and how many alerts no rule matched."""
    known = groups.rules()
    counts = dict.fromkeys(known.by_id, 0)
    unmatched = 0
    for alert in _past_week(now=now):
        # as the intake matched it, while the rules are the same
        found = alert.rule_id if alert.rules_revision == known.revision else alert.match(known)
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
    for alert in _past_week(now=now):
        looked_at += 1
        if alert.match(rules) != 1:
            continue
        matched += 1
        came, ended_early = _came(alert, hold, now=now)
        short += ended_early
        examples += [(alert.title, alert.starts_at, came)] if len(examples) < SHOWN else []
    return Tried((), matched, short, looked_at, tuple(examples))


def _came(alert: Came, hold: timedelta, *, now: datetime) -> tuple[str, bool]:
    """What an alert that fits comes to under a hold, and whether it ended before."""
    ended = alert.state == Alert.State.RESOLVED
    lasted = (alert.changed_at if ended else now) - alert.starts_at
    if lasted >= hold:
        return "opens or joins an incident", False
    minutes = int(lasted.total_seconds() // 60)
    if ended:
        return f"ended after {minutes} min: opens nothing", True
    return f"fires, held for {minutes} of {int(hold.total_seconds() // 60)} min", False


def _past_week(*, now: datetime) -> list[Came]:
    """Of when alerts were seen there is no index: the newest are read, and the older ones among them left out."""
    columns = [_COLUMNS.get(field.name, field.name) for field in fields(Came)]
    newest = Alert.objects.order_by("-id").values_list(*columns)[:LOOKED_AT]
    return [came for came in (Came(*row) for row in newest) if came.last_seen_at > now - WEEK]


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
