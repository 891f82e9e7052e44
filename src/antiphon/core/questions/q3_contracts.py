"""Question 3: is a service-level agreement or contract breached, or about to be?"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from antiphon.core.classification import word_of
from antiphon.core.events import Evidence
from antiphon.core.questions.situation import (
    Answer,
    ContractView,
    Question,
    Situation,
    Word,
    first_change,
    nothing_reached,
)

NUMBER = 3


@dataclass(frozen=True, slots=True)
class _Clock:
    """One limit of one contract: when it is near and when it is broken, were the incident to go on."""

    contract: ContractView
    what: str
    near_at: datetime
    breach_at: datetime


def ask(situation: Situation, *, now: datetime) -> Answer:
    """Yes: a contract over something reached is breached or near it. Time alone may turn a no into a yes."""
    at = situation.ended_at or now
    clocks = [clock for contract in _covering(situation, at) for clock in _clocks(contract, situation)]
    pressing = [clock for clock in clocks if at >= clock.near_at]
    ahead = [] if situation.ended_at else [instant for c in clocks for instant in (c.near_at, c.breach_at)]
    change = first_change(ahead, now=now)
    if pressing:
        evidence = tuple(_evidence(clock, at) for clock in pressing)
        return Answer(number=NUMBER, answer=Word.YES, evidence=evidence, by="clock", next_change_at=change)
    if situation.business_only and word_of(situation.area) in situation.rules.contract_areas:
        about = Evidence(source="incident", text=f"it is about {situation.area}, with nothing to restore")
        return Answer(number=NUMBER, answer=Word.YES, evidence=(about,), by="fact")
    if not situation.known:
        unknown = nothing_reached(NUMBER, situation)
        return Answer(
            number=NUMBER, answer=Word.UNKNOWN, evidence=unknown.evidence, confidence=0.0, next_change_at=change
        )
    evidence = tuple(_evidence(clock, at) for clock in clocks) or (
        Evidence(source="catalog", text="no contract in force covers what is affected"),
    )
    return Answer(number=NUMBER, answer=Word.NO, evidence=evidence, by="clock", next_change_at=change)


def _covering(situation: Situation, at: datetime) -> list[ContractView]:
    """Contracts in force over something in production that is reached."""
    reached = {entity.name for entity in situation.production}
    return [
        contract
        for contract in situation.contracts
        if contract.service in reached
        and contract.starts_at <= at
        and (contract.ends_at is None or at < contract.ends_at)
    ]


def _clocks(contract: ContractView, situation: Situation) -> list[_Clock]:
    start, near_share = situation.detected_at, situation.rules.near_share
    clocks = []
    if contract.resolution_minutes is not None:
        limit = timedelta(minutes=contract.resolution_minutes)
        what = f"to be resolved within {contract.resolution_minutes:g} min"
        clocks.append(_Clock(contract, what, start + limit * near_share, start + limit))
    if contract.downtime_budget_minutes is not None:
        budget, used = contract.downtime_budget_minutes, contract.used_minutes
        near = start + timedelta(minutes=max(budget * near_share - used, 0))
        what = f"{budget:g} min of downtime allowed, {round(used, 1):g} used before"
        clocks.append(_Clock(contract, what, near, start + timedelta(minutes=max(budget - used, 0))))
    return clocks


def _evidence(clock: _Clock, at: datetime) -> Evidence:
    contract = clock.contract
    verb = "breached since" if at >= clock.breach_at else "breached at"
    text = f"{contract.customer} on {contract.service}: {clock.what}; {verb} {clock.breach_at:%Y-%m-%d %H:%M} UTC"
    return Evidence(source=f"contract:{contract.uid}", text=text)


QUESTION = Question(
    number=NUMBER,
    slug="contracts",
    text="Is an SLA or contract breached, or about to be?",
    ask=ask,
    pulls_in=("legal", "account managers"),
)
