"""What the six questions may see, and what they answer. Everything here is plain data with a JSON form, for replay."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

import msgspec

from antiphon.core.classification import STANDARD, Classification, differences, word_of
from antiphon.core.classification import read as read_rules
from antiphon.core.events import Answered, Evidence
from antiphon.core.severity import Reach


class Word(StrEnum):
    """An answer. Unknown is shown as unknown."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


PEOPLE: Final = frozenset({"customer", "segment", "partner"})
"""Kinds of entities that stand for those we work for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A time that is critical to a customer, such as a quarter-end closing. Aware UTC, the end excluded."""

    name: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """An affected entity, or one that hangs on an affected one. `path` runs from the affected entity to this one.

    None means that the catalog does not say. `internal`: a tool of our own people. `share`: how much of its work is
    hit, above 0 up to 1. `users`: how many people use it. `regions`: where it runs or is served from; empty: anywhere.
    `working`: whether the organisation counts its environment as production; None: by the usual names.
    """

    name: str
    kind: str
    title: str = ""
    environment: str = "production"
    customer_facing: bool | None = None
    tier: int | None = None
    internal: bool = False
    revenue_per_minute: float | None = None
    data_classes: tuple[str, ...] = ()
    strategic: bool = False
    critical_periods: tuple[Period, ...] = ()
    path: tuple[str, ...] = ()
    share: float = 1.0
    users: int | None = None
    regions: tuple[str, ...] = ()
    working: bool | None = None

    @property
    def production(self) -> bool:
        """Whether it serves real work; an environment that is not stated counts as production."""
        return STANDARD.production(self.environment) if self.working is None else self.working

    @property
    def shown(self) -> str:
        """The name people read."""
        return self.title or self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractView:
    """A contract with a customer over a service. Minutes are None when the contract does not speak of them.

    `resolution_minutes` is promised per incident; `downtime_budget_minutes` for the running period, of which
    `used_minutes` were used before this incident.
    """

    uid: str
    customer: str
    service: str
    starts_at: datetime
    ends_at: datetime | None = None
    resolution_minutes: float | None = None
    downtime_budget_minutes: float | None = None
    used_minutes: float = 0.0
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Usual:
    """How long similar incidents took: a percentile of it in minutes over `n` of them (None when there are none).

    `took`: the minutes that 0, 5, … 100 of 100 of them do not exceed, so that another percentile can be asked for.
    """

    p75_minutes: float | None = None
    n: int = 0
    similar: str = "similar incidents"
    took: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """Something recorded that bears on question 4. `kind`: security, privacy, compliance."""

    kind: str
    text: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A person's answer, with the reason. The latest to a question counts."""

    number: int
    answer: str
    by: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """All that the questions may see of one incident, at one moment.

    `affected`: names as stated; `missing`: those of them that the catalog does not know; `reached`: every affected
    entity that it knows and all that hangs on them. `ended_at` stops the clocks. `answerer` is asked what the
    program cannot know. `target_minutes`: the priority's time to resolve; `impact` and `urgency`: what made it.
    `rules`: what holds for classification; of the JSON form only what differs from the defaults is part.
    """

    incident: str
    severity: int
    incident_type: str
    detected_at: datetime
    declared_at: datetime
    target_minutes: float
    area: str = ""
    nature: str = "real"
    ended_at: datetime | None = None
    affected: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    reached: tuple[Reached, ...] = ()
    contracts: tuple[ContractView, ...] = ()
    usual: Usual = field(default_factory=Usual)
    flags: tuple[Flag, ...] = ()
    given: tuple[Given, ...] = ()
    nothing_to_restore: bool = False
    customers_total: int = 0
    answerer: str = ""
    business_lead: str = ""
    impact: str = ""
    urgency: str = ""
    rules: Classification = STANDARD

    @property
    def production(self) -> tuple[Reached, ...]:
        """What is reached and serves real work."""
        return tuple(entity for entity in self.reached if entity.production)

    @property
    def business_only(self) -> bool:
        """Nothing to restore: a person said so, or it is paperwork about nothing in the catalog."""
        return self.nothing_to_restore or paperwork_alone(
            self.incident_type, self.area, self.affected, areas=self.rules.paperwork_areas
        )

    @property
    def known(self) -> bool:
        """Whether the catalog knows everything that is said to be affected, and something is."""
        return bool(self.affected) and not self.missing

    @property
    def harmless(self) -> bool:
        """Development, staging or internal tools with no customer behind: technical whatever the severity says."""
        return self.known and bool(self.reached) and not any(map(_touches_customers, self.reached))

    def elapsed(self, *, now: datetime) -> timedelta:
        """How long it has run, from detection to its end or `now`."""
        return max((self.ended_at or now) - self.detected_at, timedelta())

    def under(self, rules: Classification) -> "Situation":
        """The same as it would have been had other settings held."""
        if rules == self.rules:
            return self
        other = replace(self, rules=rules)
        if rules.not_production != self.rules.not_production:
            reached = (replace(each, working=rules.production(each.environment)) for each in self.reached)
            other = replace(other, reached=tuple(reached))
        moved = (rules.matrix, rules.targets) != (self.rules.matrix, self.rules.targets)
        if moved and self.impact and self.urgency:
            target = rules.target(rules.matrix[self.impact][self.urgency])
            other = replace(other, target_minutes=target / timedelta(minutes=1))
        return other

    def parts(self) -> dict[str, bytes]:
        """The situation as JSON by field; of the settings what differs from the defaults."""
        values = {name: getattr(self, name) for name in self.__slots__}
        return {name: msgspec.json.encode(value) for name, value in (values | {"rules": _kept(self.rules)}).items()}

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> "Situation":
        """The situation from its JSON values; fields that it had not yet when it was written have their defaults."""
        return msgspec.convert({**values, "rules": read_rules(values.get("rules", {}))}, cls)


def _kept(rules: Classification) -> dict[str, Any]:
    return {} if rules is STANDARD else differences(rules)


def paperwork_alone(
    incident_type: str, area: str, affected: Sequence[str], *, areas: Collection[str] = STANDARD.paperwork_areas
) -> bool:
    """Whether an incident is about papers and about nothing in the catalog: there is nothing to restore."""
    return incident_type == "operational" and word_of(area) in areas and not affected


def _touches_customers(entity: Reached) -> bool:
    """Customers behind, or production work that is not marked as internal."""
    return entity.kind in PEOPLE or (entity.production and not entity.internal)


PROGRAM: Final = frozenset({"catalog", "clock", "fact"})
"""What answers for the program; `by` of a person's answer is the actor, such as `person:<uid>`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One question's answer now. `next_change_at`: when time alone may change it. `program`: what the program itself
    says, which differs from `answer` where a person disagrees."""

    number: int
    answer: str
    evidence: tuple[Evidence, ...] = ()
    by: str = "catalog"
    confidence: float = 1.0
    next_change_at: datetime | None = None
    program: str = ""

    @property
    def by_person(self) -> bool:
        """Whether a person answered, not the catalog, a clock or a recorded fact."""
        return self.by not in PROGRAM

    @property
    def disputed(self) -> bool:
        """A person says otherwise than the program."""
        return bool(self.program) and self.program != self.answer and self.program != Word.UNKNOWN

    def record(self) -> Answered:
        """The answer as it stands on the record."""
        return Answered(
            number=self.number,
            answer=str(self.answer),
            evidence=self.evidence,
            by=self.by,
            confidence=self.confidence,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One of the questions: its text, what answers it, and whom a yes pulls in (roles of the business track)."""

    number: int
    slug: str
    text: str
    ask: Callable[..., Answer]
    pulls_in: tuple[str, ...] = ()
    pulls_in_at_sev1: tuple[str, ...] = ()


def reach_of(reached: Iterable[Reached], *, customers_total: int = 0) -> Reach:
    """What severity asks of what is reached: the first of its kind by name, so that the order does not matter."""
    working = sorted((e for e in reached if e.production and not e.internal), key=lambda entity: entity.name)
    facing = (e.shown for e in working if e.customer_facing and e.kind not in PEOPLE)
    tier_one = (e.shown for e in working if e.kind == "workflow" and e.tier == 1)
    return Reach(
        customer_facing=next(facing, ""),
        tier_one_workflow=next(tier_one, ""),
        customers_hit=sum(entity.kind == "customer" for entity in working),
        customers_total=customers_total,
    )


def entity_evidence(entity: Reached, text: str) -> Evidence:
    """Evidence that rests on one catalog entity, with the way from the failure to it."""
    way = f" (by {' → '.join(entity.path)})" if len(entity.path) > 1 else ""
    return Evidence(source=f"entity:{entity.name}", text=f"{text}{way}")


def nothing_reached(number: int, situation: Situation) -> Answer:
    """Unknown, because the catalog does not know what is affected."""
    if situation.missing:
        evidence = tuple(
            Evidence(source=f"entity:{name}", text=f"{name} is not in the catalog; add it, or answer yourself")
            for name in situation.missing
        )
    else:
        evidence = (Evidence(source="incident", text="nothing is named as affected yet"),)
    return Answer(number=number, answer=Word.UNKNOWN, evidence=evidence, confidence=0.0)


def first_change(instants: Iterable[datetime | None], *, now: datetime) -> datetime | None:
    """The earliest of the instants that still lie ahead."""
    ahead = [instant for instant in instants if instant is not None and instant > now]
    return min(ahead, default=None)
