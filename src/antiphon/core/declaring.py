"""Rules: which alerts become incidents. Users' expressions (CEL) are compiled, checked and evaluated here alone.

CEL has no cost limit and holds the interpreter's lock, so `check` refuses what could be slow before it is saved:
long, deeply nested expressions and comprehensions inside comprehensions.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import pairwise
from types import MappingProxyType
from typing import Final, NamedTuple

import cel

from antiphon.core.severity import ALERT_SEVERITIES, Severity, SeverityMap

VARIABLES: Final = ("labels", "annotations", "severity", "integration")
"""What an expression may name. `severity` is critical, error, warning, info or none."""

ENTITY_LABELS: Final = ("service", "app", "application", "job", "component", "cluster", "instance", "host")
"""Labels whose value may name a catalog entity, tried in this order."""

LONGEST: Final = 2_000
"""Characters an expression may have."""

DEEPEST: Final = 20
"""Brackets that may be open at once."""

LONGEST_HOLD: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """When alerts become an incident. The first rule by `position` whose expression is true decides.

    expression     CEL over `VARIABLES`; empty matches every alert
    hold           how long the condition must have been true
    count, window  so many alerts must have begun within the window
    ask            a person must say yes before the incident is declared
    severity_map   the organisation's words on top of the default table; None opens nothing
    group_by       labels whose values part alerts into groups; empty: by the entity
    entity_from    labels tried for the catalog entity; empty: `ENTITY_LABELS`
    incident_type  empty: disruption for SEV1–2, degradation below
    policy         escalation policy by name; empty: the entity's own, then the organisation's
    nature         real or test
    declare_unknown  declare although the catalog does not know the entity
    """

    name: str
    expression: str = ""
    id: int | None = None
    hold: timedelta = timedelta()
    count: int = 1
    window: timedelta = timedelta()
    ask: bool = False
    severity_map: Mapping[str, Severity | None] = field(default_factory=dict)
    group_by: tuple[str, ...] = ()
    entity_from: tuple[str, ...] = ()
    incident_type: str = ""
    area: str = ""
    policy: str = ""
    nature: str = "real"
    declare_unknown: bool = False
    position: int = 0

    @property
    def severities(self) -> SeverityMap:
        """The default table with this rule's own words on top."""
        if not self.severity_map:
            return ALERT_SEVERITIES
        return MappingProxyType({**ALERT_SEVERITIES, **self.severity_map})

    @property
    def entity_labels(self) -> tuple[str, ...]:
        return self.entity_from or ENTITY_LABELS


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a rule cannot be saved. Line and column count from 1 within the field; 0 where there is no place."""

    field: str
    sentence: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        place = f", line {self.line}, column {self.column}" if self.line else ""
        return f"{self.field}{place}: {self.sentence}"


class Match(NamedTuple):
    """Which rule decides about an alert (None: none does), and why."""

    rule_id: int | None
    reason: str


# --- what cannot work is refused when saved ----------------------------------------------------------------------


def check(rule: Rule) -> list[Problem]:
    """Everything that keeps the rule from working; an empty list means that it may be saved."""
    found = list(_check_numbers(rule))
    found += [
        Problem("severity_map", f"“{word}”: write {', '.join(map(str, Severity))} or none.")
        for word, severity in rule.severity_map.items()
        if severity is not None and severity not in tuple(Severity)
    ]
    return found + check_expression(rule.expression)


def _check_numbers(rule: Rule) -> Iterator[Problem]:
    if not rule.name.strip():
        yield Problem("name", "Give the rule a name.")
    if rule.hold < timedelta():
        yield Problem("hold", "The hold time cannot be negative; write 0 to declare at once.")
    if rule.hold > LONGEST_HOLD:
        yield Problem("hold", f"The hold time is longer than {LONGEST_HOLD.days} days; shorten it.")
    if rule.count < 1:
        yield Problem("count", "At least one alert is needed; write 1 or more.")
    if rule.count > 1 and rule.window <= timedelta():
        yield Problem("window", f"To count {rule.count} alerts a window is needed; say within how many minutes.")
    if rule.window < timedelta():
        yield Problem("window", "The window cannot be negative.")
    if rule.nature not in ("real", "test"):
        yield Problem("nature", f"“{rule.nature}” is not known; write real or test.")
    if rule.incident_type not in ("", *INCIDENT_TYPES):
        yield Problem("incident_type", f"“{rule.incident_type}” is not a type; write {', '.join(INCIDENT_TYPES)}.")


INCIDENT_TYPES: Final = ("disruption", "degradation", "security", "operational")


def check_expression(expression: str) -> list[Problem]:
    """What is wrong with a CEL expression, each with its place. Empty is fine: it matches every alert."""
    if not expression.strip():
        return []
    if len(expression) > LONGEST:
        return [Problem("expression", f"It is {len(expression)} characters long; at most {LONGEST} are taken.")]
    shape = _check_shape(expression)
    if shape:
        return shape
    try:
        program = cel.compile(expression)
    except ValueError as error:
        return [_syntax_problem(expression, str(error))]
    return [*_check_names(expression, program), *_check_patterns(expression)] or _check_result(expression, program)


_TOKEN = re.compile(
    r"""(?P<text>[rRbB]{0,2}(?:\"{3}.*?\"{3}|'{3}.*?'{3}|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'))"""
    r"""|(?P<comment>//[^\n]*)|(?P<loop>\.\s*(?:all|exists|exists_one|map|filter)\s*\()"""
    r"""|(?P<matches>\bmatches\s*\()|(?P<open>[(\[{])|(?P<close>[)\]}])""",
    re.DOTALL,
)
_PLACE = re.compile(r"<input>:(\d+):(\d+): (?:Syntax error: )?(.*)")


def _place(expression: str, index: int) -> tuple[int, int]:
    before = expression[:index]
    return before.count("\n") + 1, index - (before.rfind("\n") + 1) + 1


def _check_shape(expression: str) -> list[Problem]:
    """Nesting of brackets and of comprehensions, read from the text before the parser may stumble over it."""
    brackets: list[bool] = []  # one per open bracket: whether it belongs to a comprehension
    for token in _TOKEN.finditer(expression):
        if token["close"] and brackets:
            brackets.pop()
        if not (token["open"] or token["loop"] or token["matches"]):
            continue
        if token["loop"] and any(brackets):
            text = "A loop inside a loop could be slow; use at most one level of all, exists, map or filter."
            return [Problem("expression", text, *_place(expression, token.start()))]
        brackets.append(bool(token["loop"]))
        if len(brackets) > DEEPEST:
            text = f"More than {DEEPEST} brackets are open at once; simplify it."
            return [Problem("expression", text, *_place(expression, token.start()))]
    return []


def _syntax_problem(expression: str, message: str) -> Problem:
    found = _PLACE.search(message)
    if found is None:
        return Problem("expression", "It cannot be read; check brackets and quotes.", 1, 1)
    line, column, text = int(found[1]), int(found[2]), found[3].split(" expecting ")[0].strip()
    if "<EOF>" in text:
        text = "it ends too early; something is missing"
    return Problem("expression", f"It cannot be read here: {text}.", line, column)


def _check_names(expression: str, program: cel.Program) -> list[Problem]:
    bound = set(re.findall(r"\.\s*(?:all|exists|exists_one|map|filter)\s*\(\s*(\w+)\s*,", expression))
    known = ", ".join(VARIABLES)
    found = []
    for name in program.variables():
        if name not in VARIABLES and name not in bound:
            text = f"“{name}” is not known; an expression can use {known}. Text stands in quotes."
            found.append(Problem("expression", text, *_find_word(expression, name)))
    for name in program.functions():
        if name.isidentifier() and name not in FUNCTIONS:
            text = f"There is no function “{name}”; there are {', '.join(sorted(FUNCTIONS))}."
            found.append(Problem("expression", text, *_find_word(expression, name)))
    return found


FUNCTIONS: Final = frozenset(
    {"all", "exists", "exists_one", "map", "filter", "has", "size", "contains", "startsWith", "endsWith", "matches"}
    | {"int", "uint", "double", "string", "bool", "duration", "timestamp", "min", "max"}
)


def _find_word(expression: str, word: str) -> tuple[int, int]:
    found = re.search(rf"\b{re.escape(word)}\b", expression)
    return _place(expression, found.start() if found else 0)


def _check_patterns(expression: str) -> list[Problem]:
    """Patterns written out in `matches(…)` must compile; the library's regexes run in linear time."""
    found = []
    tokens = list(_TOKEN.finditer(expression))
    for token, following in pairwise(tokens):
        if not token["matches"] or not following["text"]:
            continue
        try:
            cel.evaluate(f'"".matches({following["text"]})')
        except STUMBLES as error:
            why = str(error).split(". Check function")[0].splitlines()[-1].removeprefix("error:").strip(" .")
            text = f"The pattern does not work: {why}."
            found.append(Problem("expression", text, *_place(expression, following.start())))
    return found


STUMBLES: Final = (LookupError, ArithmeticError, RuntimeError, TypeError, ValueError)
"""What evaluating an expression may raise."""

_LABEL = re.compile(r"""\b(?:labels|annotations)(?:\.(\w+)|\[["']([^"']+)["']\])""")


def _check_result(expression: str, program: cel.Program) -> list[Problem]:
    """Try the expression on an alert that carries every label it names; labels are text."""
    sample = {first or second: "1" for first, second in _LABEL.findall(expression)}
    try:
        result = program.execute(_context(sample, sample, "critical", "sample"))
    except TypeError as error:
        why = str(error).split(". CEL does not")[0]
        text = f"It mixes kinds of values ({why}). Labels and severity are text; int(…) makes a number of one."
        return [Problem("expression", text, 1, 1)]
    except STUMBLES:
        return []  # it depends on what the values are
    if isinstance(result, bool):
        return []
    return [Problem("expression", "It must be true or false; compare it with something.", 1, 1)]


# --- matching ----------------------------------------------------------------------------------------------------


def _context(labels: Mapping[str, str], annotations: Mapping[str, str], severity: str, integration: str) -> cel.Context:
    variables = {
        "labels": dict(labels),
        "annotations": dict(annotations),
        "severity": severity,
        "integration": integration,
    }
    return cel.Context(variables=variables)


class RuleSet:
    """The organisation's rules at one revision, compiled once, asked for each new or changed alert."""

    __slots__ = ("_programs", "by_id", "revision", "rules")

    def __init__(
        self, rules: Sequence[Rule], revision: int = 0, *, words: Mapping[str, Severity | None] = ALERT_SEVERITIES
    ) -> None:
        """Compile the rules, which have passed `check`; no rules at all means `DEFAULT_RULES`.

        `TEST_RULE` comes before all of them. `words`: the organisation's severity of an alert's own word, beneath
        those of each rule.
        """
        own = sorted(rules, key=lambda rule: (rule.position, rule.id or 0)) or list(DEFAULT_RULES)
        if words != ALERT_SEVERITIES:
            own = [replace(rule, severity_map={**words, **rule.severity_map}) for rule in own]
        ordered = [TEST_RULE, *own]
        self.rules: tuple[Rule, ...] = tuple(ordered)
        self.revision = revision
        self.by_id = {rule.id: rule for rule in ordered if rule.id is not None}
        self._programs = [(rule, cel.compile(rule.expression) if rule.expression.strip() else None) for rule in ordered]

    def match(
        self, *, labels: Mapping[str, str], annotations: Mapping[str, str], severity: str, integration: str
    ) -> Match:
        """The first rule that is true for the alert. A rule that cannot be evaluated does not match and says so."""
        context = _context(labels, annotations, severity, integration)
        stumbled = []
        for rule, program in self._programs:
            if program is None:
                return Match(rule.id, f"rule “{rule.name}”")
            try:
                result = program.execute(context)
            except KeyError as error:
                stumbled.append(f"“{rule.name}”: the alert has no {error}")
                continue
            except STUMBLES as error:
                stumbled.append(f"“{rule.name}” could not be evaluated: {str(error)[:200]}")
                continue
            if result is True:
                return Match(rule.id, f"rule “{rule.name}”")
            if result is not False:
                stumbled.append(f"“{rule.name}” is neither true nor false")
        return Match(None, "no rule matches" + (f" ({'; '.join(stumbled)})" if stumbled else ""))

    def rule(self, rule_id: int | None) -> Rule | None:
        """The rule that an alert was matched to; None when it is gone or never was."""
        return self.by_id.get(rule_id) if rule_id is not None else None


DEFAULT_RULES: Final = (
    Rule(id=-1, position=1, name="Critical and error at once", expression='severity in ["critical", "error"]'),
    Rule(
        id=-2,
        position=2,
        name="Warning that lasts half an hour",
        expression='severity == "warning"',
        hold=timedelta(minutes=30),
    ),
)
"""What holds while nothing is configured: info opens nothing, since no rule matches it."""

TEST_LABEL: Final = "antiphon_test"
"""The label of our own test alerts; its value parts one test from the next."""

TEST_RULE: Final = Rule(
    id=-3,
    position=-1,
    name="Test alert",
    expression=f'"{TEST_LABEL}" in labels || ("class" in labels && labels["class"].startsWith("{TEST_LABEL}:"))',
    nature="test",
    declare_unknown=True,
    group_by=(TEST_LABEL, "class"),
)
"""A test alert opens a test incident, whatever the organisation's rules say, and so reaches nobody outside. PagerDuty's
events carry no labels of their own; theirs are told by their class."""


def group_key(rule: Rule | None, labels: Mapping[str, str], *, integration: str, entity: str) -> str:
    """The key of the group an alert belongs to: its rule, and the entity or the labels the rule groups by.

    An alert that no rule matches, or that names no entity, is grouped by integration and alert name.
    """
    if rule is not None and rule.group_by:
        parts = [f"{name}={labels.get(name, '')}" for name in rule.group_by]
    elif entity:
        parts = [f"entity={entity}"]
    else:
        parts = [f"from={integration}", f"alertname={labels.get('alertname', '')}"]
    return ";".join([f"rule={rule.id if rule else None}", *parts])


def entity_candidates(rule: Rule | None, labels: Mapping[str, str]) -> tuple[str, ...]:
    """The names an alert offers for the catalog entity it is about, best first; a port is also left away."""
    names: dict[str, None] = {}
    for label in rule.entity_labels if rule else ENTITY_LABELS:
        value = labels.get(label, "")
        if value:
            names[value] = None
            host, colon, port = value.rpartition(":")
            if colon and port.isdigit():
                names[host] = None
    return tuple(names)
