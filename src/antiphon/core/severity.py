"""How bad it is (severity), how soon it must be resolved (priority), and where both start from.

Every table here is a default an organisation may replace; `check_matrix` refuses one with gaps.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from types import MappingProxyType
from typing import Final

from antiphon.core.decision import Refusal


class Severity(IntEnum):
    """SEV1 is the worst. The upward scale of some organisations is `level` = 6 − SEV."""

    SEV1 = 1
    SEV2 = 2
    SEV3 = 3
    SEV4 = 4
    SEV5 = 5

    @property
    def level(self) -> int:
        """The same severity counted upward: level 5 is SEV1."""
        return 6 - self.value

    @property
    def major(self) -> bool:
        """A major incident disrupts the business; by default SEV1 and SEV2."""
        return self <= Severity.SEV2

    def __str__(self) -> str:
        return self.name


class Level(StrEnum):
    """The steps of impact, urgency and priority, lowest first."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


LEVELS: Final = tuple(Level)

SeverityMap = Mapping[str, Severity | None]
Matrix = Mapping[Level, Mapping[Level, Level]]

ALERT_SEVERITIES: Final[SeverityMap] = MappingProxyType(
    {
        "critical": Severity.SEV2,
        "error": Severity.SEV3,
        "high": Severity.SEV3,
        "warning": Severity.SEV4,
        "info": Severity.SEV5,
        "none": None,
    }
)
"""What an alert's own word becomes; None opens nothing. Words not listed count as `UNLISTED`."""

UNLISTED: Final = Severity.SEV4
"""An unknown word is not dropped: it counts as a warning, and the reason says so."""

MAJOR_AFTER: Final = timedelta(minutes=5)
"""A customer-facing application down for longer than this is a major incident."""

TARGETS: Final[Mapping[Level, timedelta]] = MappingProxyType(
    {
        Level.LOW: timedelta(hours=72),
        Level.MEDIUM: timedelta(hours=12),
        Level.HIGH: timedelta(hours=6),
        Level.CRITICAL: timedelta(hours=2),
    }
)
"""Time to resolve by priority."""


def _row(*priorities: Level) -> Mapping[Level, Level]:
    return MappingProxyType(dict(zip(LEVELS, priorities, strict=True)))


MATRIX: Final[Matrix] = MappingProxyType(
    {
        Level.LOW: _row(Level.LOW, Level.LOW, Level.MEDIUM, Level.MEDIUM),
        Level.MEDIUM: _row(Level.LOW, Level.MEDIUM, Level.MEDIUM, Level.HIGH),
        Level.HIGH: _row(Level.MEDIUM, Level.MEDIUM, Level.HIGH, Level.CRITICAL),
        Level.CRITICAL: _row(Level.MEDIUM, Level.HIGH, Level.CRITICAL, Level.CRITICAL),
    }
)
"""Priority by impact (row) and urgency (column)."""

_IMPACT: Final[Mapping[Severity, Level]] = MappingProxyType(
    {
        Severity.SEV1: Level.CRITICAL,
        Severity.SEV2: Level.HIGH,
        Severity.SEV3: Level.MEDIUM,
        Severity.SEV4: Level.LOW,
        Severity.SEV5: Level.LOW,
    }
)


@dataclass(frozen=True, slots=True)
class Reach:
    """What of the catalog hangs on the thing that fails, as far as severity asks.

    `customer_facing` and `tier_one_workflow` name one such entity in production, or are empty.
    """

    customer_facing: str = ""
    tier_one_workflow: str = ""
    customers_hit: int = 0
    customers_total: int = 0

    @property
    def wide(self) -> bool:
        """Whether what is down because of it is SEV1."""
        return bool(self.tier_one_workflow) or self.most_customers

    @property
    def most_customers(self) -> bool:
        """More than half of all customers are behind it."""
        return self.customers_hit * 2 > self.customers_total > 0


NO_REACH: Final = Reach()


def mapped(alert_severity: str, *, table: SeverityMap = ALERT_SEVERITIES) -> tuple[Severity | None, str]:
    """The severity an alert's word stands for by the table alone, and why. None opens nothing."""
    word = alert_severity.strip().lower()
    if word in table:
        severity = table[word]
        return severity, f"alert severity {word} opens nothing" if severity is None else f"alert severity {word}"
    shown = f"severity “{word}” is not in the table" if word else "the alert carries no severity"
    return UNLISTED, f"{shown}, taken as {UNLISTED}"


def severity_for(
    alert_severity: str, reach: Reach = NO_REACH, *, table: SeverityMap = ALERT_SEVERITIES
) -> tuple[Severity | None, str]:
    """The severity an incident from this alert starts with, and the reason a person reads.

    The alert's word maps by the table. What is down (SEV2 and worse) is SEV1 when most customers or a tier-1
    workflow hang on it. None: opens nothing.
    """
    severity, reason = mapped(alert_severity, table=table)
    if severity is None or severity > Severity.SEV2:
        return severity, reason
    return _raised_by_reach(severity, reach, reason)


def _raised_by_reach(severity: Severity, reach: Reach, reason: str) -> tuple[Severity, str]:
    if severity == Severity.SEV1:
        return severity, reason
    if reach.tier_one_workflow:
        return Severity.SEV1, f"{reason}, and the tier-1 workflow {reach.tier_one_workflow} hangs on it"
    if reach.most_customers:
        hit = f"{reach.customers_hit} of {reach.customers_total} customers"
        return Severity.SEV1, f"{reason}, and {hit} hang on it"
    return severity, reason


def rise(
    severity: Severity, reach: Reach, *, widened: bool = False, down_since: datetime | None, now: datetime
) -> tuple[Severity, str] | None:
    """The severity that reach and duration ask for when it is worse than the present one, with the reason.

    `widened`: most customers or a tier-1 workflow were hit only after the severity was stated. `down_since`: since
    when the affected entities are down; None when they are not (degraded, nothing to restore). A severity rises by
    itself; only a person lowers it.
    """
    if down_since is None:
        return None
    at = major_at(severity, reach, down_since=down_since)
    minutes = int(MAJOR_AFTER.total_seconds() // 60)
    risen, reason = severity, "the service is down"
    if at is not None and now >= at:
        risen, reason = Severity.SEV2, f"{reach.customer_facing} has been down for {minutes} minutes"
    if risen.major and widened:
        risen, reason = _raised_by_reach(risen, reach, reason)
    return (risen, reason) if risen < severity else None


def major_at(severity: Severity, reach: Reach, *, down_since: datetime | None) -> datetime | None:
    """When duration alone makes this a major incident; None when it never will, or it is one already.

    Only SEV3 rises so: who states SEV4 or 5 says that the application as such is not down.
    """
    if down_since is None or severity != Severity.SEV3 or not reach.customer_facing:
        return None
    return down_since + MAJOR_AFTER


def impact_of(severity: Severity) -> Level:
    """Where impact starts; a person may state another."""
    return _IMPACT[severity]


def urgency_of(severity: Severity) -> Level:
    """Where urgency starts: as pressing as the impact is wide, until a person says otherwise."""
    return _IMPACT[severity]


def priority_of(impact: Level, urgency: Level, *, matrix: Matrix = MATRIX) -> Level:
    """How soon it must be resolved, by impact × urgency. The matrix has passed `check_matrix`."""
    return matrix[impact][urgency]


def check_matrix(rows: Mapping[str, Mapping[str, str]]) -> tuple[Refusal, ...]:
    """What is wrong with an organisation's own matrix: cells missing, unknown words, priorities that fall.

    `rows` maps impact → urgency → priority, as written. An empty result means that `read_matrix` will read it.
    """
    unknown = sorted((set(rows) | {column for row in rows.values() for column in row}) - set(LEVELS))
    found = [Refusal(f"“{word}” is not a level; write low, medium, high or critical.", "matrix") for word in unknown]
    for impact in LEVELS:
        for urgency in LEVELS:
            found += _check_cell(rows, impact, urgency)
    return tuple(found) or _check_order(read_matrix(rows))


def _check_cell(rows: Mapping[str, Mapping[str, str]], impact: Level, urgency: Level) -> list[Refusal]:
    field = f"matrix.{impact}.{urgency}"
    word = rows.get(impact, {}).get(urgency)
    if word is None:
        return [Refusal(f"The matrix has no priority for impact {impact} and urgency {urgency}; add one.", field)]
    if word not in LEVELS:
        where = f"impact {impact}, urgency {urgency}"
        return [Refusal(f"“{word}” ({where}) is not a priority; write low, medium, high or critical.", field)]
    return []


def _check_order(matrix: Matrix) -> tuple[Refusal, ...]:
    found = []
    for index, lower in enumerate(LEVELS[:-1]):
        higher = LEVELS[index + 1]
        for level in LEVELS:
            if LEVELS.index(matrix[higher][level]) < LEVELS.index(matrix[lower][level]):
                text = f"With urgency {level}, impact {higher} has a lower priority than impact {lower}; raise it."
                found.append(Refusal(text, f"matrix.{higher}.{level}"))
            if LEVELS.index(matrix[level][higher]) < LEVELS.index(matrix[level][lower]):
                text = f"With impact {level}, urgency {higher} has a lower priority than urgency {lower}; raise it."
                found.append(Refusal(text, f"matrix.{level}.{higher}"))
    return tuple(found)


def read_matrix(rows: Mapping[str, Mapping[str, str]]) -> Matrix:
    """The matrix as levels. Raises KeyError or ValueError for one that `check_matrix` would refuse."""
    return MappingProxyType({impact: _row(*(Level(rows[impact][urgency]) for urgency in LEVELS)) for impact in LEVELS})
