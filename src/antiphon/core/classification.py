"""Everything an organisation may change in how its incidents are classified; the defaults are those of the product.

What differs from them is kept as JSON (`differences`, `read`). A verdict keeps what held when it was reached, so that
a replay knows. Source: DOMAIN §2 and §4.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import timedelta
from types import MappingProxyType
from typing import Any, Final

import msgspec

from antiphon.core.decision import Refusal
from antiphon.core.severity import (
    ALERT_SEVERITIES,
    LEVELS,
    MATRIX,
    TARGETS,
    Level,
    Matrix,
    Severity,
    SeverityMap,
    check_matrix,
)

DUTIES: Final = (
    "finance", "legal", "account managers", "compliance", "executive on duty", "customer success", "support",
    "security", "public relations", "business lead",
)  # fmt: skip
"""Business roles that an answer pulls in, each held by a person or a rota."""

HOUR: Final = timedelta(hours=1)
LONGEST_WORD: Final = 40
LONGEST_WAIT: Final = 24 * 60
MOST_WORDS: Final = 50

ACCESS_LOST: Final[Mapping[str, float]] = MappingProxyType(
    {
        "patient": 5.0,
        "health": 5.0,
        "regulated": 15.0,
        "payment": 60.0,
        "payment_card": 60.0,
        "financial": 60.0,
        "personal": 240.0,
    }
)
"""Minutes that data of a class may be out of reach before that alone is a matter for compliance."""


def _alert_severities() -> Mapping[str, int | None]:
    return {word: severity and int(severity) for word, severity in ALERT_SEVERITIES.items()}


def _matrix() -> Mapping[str, Mapping[str, str]]:
    return {str(impact): {str(urgency): str(cell) for urgency, cell in row.items()} for impact, row in MATRIX.items()}


def _targets() -> Mapping[str, float]:
    return {str(level): TARGETS[level] / HOUR for level in LEVELS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Classification:
    """How incidents are classified.

    near_share: a contract is about to be breached once this share of what it allows is gone; access_lost: minutes by
    data class; contract_areas, compliance_areas: areas of an incident that are a yes to question 3 or 4;
    paperwork_areas: areas of operational issues with nothing to restore; percentile, enough: what question 6 compares
    with, and how many similar incidents that takes; answer_within: minutes a person has to answer; pulls_in and
    pulls_in_at_sev1: roles by question, where they differ from the question's own; tells: severities at which
    stakeholders are told whatever the answers are; not_production: environments whose failures no customer feels;
    alert_severities: SEV by an alert's own word, None opens nothing; matrix: priority by impact and urgency; targets:
    hours to resolve by priority; must_match: an incident's priority must be the one its alert asks for.
    """

    near_share: float = 0.8
    access_lost: Mapping[str, float] = field(default_factory=lambda: dict(ACCESS_LOST))
    contract_areas: tuple[str, ...] = ("billing", "contract", "contracts", "payment")
    compliance_areas: tuple[str, ...] = ("compliance", "disclosure", "legal", "privacy", "security")
    paperwork_areas: tuple[str, ...] = (
        "billing", "compliance", "contract", "contracts", "disclosure", "legal", "payment",
    )  # fmt: skip
    percentile: int = 75
    enough: int = 8
    answer_within: int = 10
    pulls_in: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    pulls_in_at_sev1: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    tells: tuple[int, ...] = (1, 2)
    not_production: tuple[str, ...] = ("dev", "development", "qa", "sandbox", "stage", "staging", "test", "testing")
    alert_severities: Mapping[str, int | None] = field(default_factory=_alert_severities)
    matrix: Mapping[str, Mapping[str, str]] = field(default_factory=_matrix)
    targets: Mapping[str, float] = field(default_factory=_targets)
    must_match: bool = False

    def production(self, environment: str) -> bool:
        """Whether an environment serves real work; one that is not stated does."""
        return environment.strip().lower() not in self.not_production

    def lost_after(self, data_class: str) -> timedelta | None:
        """How long data of this class may be out of reach; None when that alone is no matter for compliance."""
        minutes = self.access_lost.get(word_of(data_class).replace(" ", "_"))
        return None if minutes is None else timedelta(minutes=minutes)

    def severity_of(self, alert_severity: str) -> Severity | None:
        """The severity that an alert's word stands for; None for a word that is not listed, or opens nothing."""
        found = self.alert_severities.get(word_of(alert_severity))
        return Severity(found) if found else None

    @property
    def severities(self) -> SeverityMap:
        """Severity by an alert's own word; None opens nothing."""
        return {word: Severity(number) if number else None for word, number in self.alert_severities.items()}

    @property
    def priorities(self) -> Matrix:
        """The matrix as levels."""
        return {Level(i): {Level(u): Level(cell) for u, cell in row.items()} for i, row in self.matrix.items()}

    def target(self, priority: str) -> timedelta:
        """Time to resolve an incident of this priority."""
        return self.targets[priority] * HOUR


STANDARD: Final = Classification()


def word_of(text: str) -> str:
    """An area, environment, data class or alert's severity as it is compared."""
    return text.strip().lower()


def differences(rules: Classification) -> dict[str, Any]:
    """What differs from the defaults, as JSON values by field."""
    named = (each.name for each in fields(Classification))
    changed = {name: getattr(rules, name) for name in named if getattr(rules, name) != getattr(STANDARD, name)}
    return {name: msgspec.to_builtins(value, str_keys=True) for name, value in changed.items()}


def read(stored: Mapping[str, Any]) -> Classification:
    """The settings back from `differences`. Raises `msgspec.ValidationError` for what they cannot be."""
    return msgspec.convert(dict(stored), Classification, str_keys=True) if stored else STANDARD


# --- what cannot be ------------------------------------------------------------------------------------------------


def check(rules: Classification, *, questions: Collection[int]) -> tuple[Refusal, ...]:
    """Everything that is wrong with the settings, by field; empty when they may hold."""
    return (*_numbers(rules), *_words(rules), *_roles(rules, questions), *_tables(rules))


def _numbers(rules: Classification) -> Iterator[Refusal]:
    if not 0 < rules.near_share <= 1:
        yield Refusal("The share must be above 0 and at most 1, such as 0.8.", "near_share")
    if not 1 <= rules.percentile <= 99:
        yield Refusal("The percentile must be from 1 to 99, such as 75.", "percentile")
    if not 1 <= rules.enough <= 500:
        yield Refusal("Compare with 1 to 500 similar incidents, such as 8.", "enough")
    if not 1 <= rules.answer_within <= LONGEST_WAIT:
        yield Refusal("Give people from 1 minute to 24 hours to answer, such as 10 minutes.", "answer_within")
    for name, minutes in rules.access_lost.items():
        if not 0 <= minutes <= 30 * LONGEST_WAIT:
            yield Refusal(f"Data of class {name} may be out of reach for 0 minutes to 30 days.", f"access_lost.{name}")
    for severity in rules.tells:
        if severity not in tuple(Severity):
            yield Refusal(f"There is no SEV{severity}; choose SEV1 to SEV5.", "tells")


def _words(rules: Classification) -> Iterator[Refusal]:
    listed = ("contract_areas", "compliance_areas", "paperwork_areas", "not_production", "access_lost")
    for name in (*listed, "alert_severities"):
        words = tuple(getattr(rules, name))
        if len(words) > MOST_WORDS:
            yield Refusal(f"At most {MOST_WORDS} words fit; there are {len(words)}.", name)
        for word in words:
            if not word.strip() or len(word) > LONGEST_WORD:
                yield Refusal(f"“{word[:LONGEST_WORD]}” must have 1 to {LONGEST_WORD} characters.", name)
            elif word != word_of(word):
                yield Refusal(f"Write “{word_of(word)}” in small letters.", name)


def _roles(rules: Classification, questions: Collection[int]) -> Iterator[Refusal]:
    for name in ("pulls_in", "pulls_in_at_sev1"):
        for number, roles in getattr(rules, name).items():
            if number not in questions:
                yield Refusal(f"There is no question {number}.", name)
            for role in roles:
                if role not in DUTIES:
                    yield Refusal(f"“{role}” is not a role; choose of {', '.join(DUTIES)}.", f"{name}.{number}")


def _tables(rules: Classification) -> Iterator[Refusal]:
    yield from check_matrix(rules.matrix)
    for word, severity in rules.alert_severities.items():
        if severity is not None and severity not in tuple(Severity):
            yield Refusal(f"There is no SEV{severity}; choose SEV1 to SEV5, or none.", f"alert_severities.{word}")
    for level in LEVELS:
        hours = rules.targets.get(level)
        if hours is None or not 0 < hours <= 8760:
            sentence = f"Say within how many hours priority {level} is to be resolved: above 0, at most a year."
            yield Refusal(sentence, f"targets.{level}")
    known = [rules.targets[level] for level in LEVELS if level in rules.targets]
    if known != sorted(known, reverse=True):
        yield Refusal("A higher priority must not have longer than a lower one; put the hours in order.", "targets")
