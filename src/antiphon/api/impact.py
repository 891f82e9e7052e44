"""What is hit, what it costs and what contracts have left: of an incident, and of what would be if one thing failed."""

from datetime import datetime
from typing import Annotated, Any

from ninja import Router
from ninja.responses import Status
from pydantic import Field

from antiphon.actions import affected
from antiphon.api.access import Bearer, Call, incident_of
from antiphon.api.answers import Refused, absent, refused
from antiphon.api.shapes import ERRORS, Input, Line, Name, Number, Shape
from antiphon.core.decision import Refusal
from antiphon.core.impact import Stated
from antiphon.core.questions.situation import Reached
from antiphon.queries import entities, impact
from antiphon.queries.impact import Clock, Impact

NAMED = 1_000
"""Entities that one list names; the counts beside them count all."""
router = Router(tags=["impact"])
Share = Annotated[float, Field(description="How much of its work is hit, above 0 up to 1: 0.3 is 30 %")]
Region = Annotated[str, Field(max_length=60, description="Hit in this region only; empty: in all")]


class Hit(Shape):
    """One thing that is hit. `path` is by which way; `share` how much of it, above 0 up to 1."""

    name: str
    title: str
    kind: str
    share: float
    path: list[str]
    strategic: bool
    users: int | None
    revenue_per_minute: float | None


class CustomersHit(Shape):
    """How many customers are hit, of `of`; by the segment of their contacts (one may have several; untagged too when
    nobody is known there). `contacts`: how many people read which version, the untagged among the business readers."""

    total: int
    of: int
    technical: int
    business: int
    untagged: int
    strategic: list[str]
    by_segment: dict[str, list[str]]
    named: list[Hit]
    contacts: dict[str, int]


class ContractLeft(Shape):
    """What a contract has left until its first limit; below 0 when it is breached, null when it sets none."""

    name: str
    customer: str
    service: str
    what: str
    minutes_left: float | None
    breach_at: datetime | None
    breached: bool
    left: str


class Spared(Shape):
    """What redundancy holds up: `left` of `total` still work, `needed` must."""

    name: str
    lost: list[str]
    left: int
    total: int
    needed: int


class Affected(Shape):
    """A thing that is named as affected, with what was stated of it."""

    entity: str
    share: float
    region: str


class ImpactSeen(Shape):
    """What is hit, as known `at` that instant. Sums are in `currency` and count what one thing earns through another
    once; null: the catalog states none. `counts` counts what the lists, which name the first 1,000, may not."""

    at: datetime
    affected: list[Affected]
    unknown: list[str]
    components: list[Hit]
    applications: list[Hit]
    workflows: list[Hit]
    customers: CustomersHit
    counts: dict[str, int]
    revenue_per_minute: float | None
    revenue_lost: float | None
    currency: str
    users: int | None
    contracts: list[ContractLeft]
    spared: list[Spared]


class StatedImpact(Input):
    """An entity is hit to this share in this region; one that was not named is affected from now on."""

    entity: Name
    share: Share = 1.0
    region: Region = ""
    reason: Line = ""


class ImpactStated(ImpactSeen):
    """What is hit after it; `warning`: what looks odd, or empty; `ignored`: fields that nothing was done with."""

    warning: str
    ignored: list[str]


@router.get("/incidents/{number}/impact", auth=Bearer("incident.see"), response={200: ImpactSeen, **ERRORS})
def incident_impact(request: Call, number: Number) -> dict[str, Any]:
    """What an incident hits, what it cost so far, and what contracts have left."""
    return _shown(impact.of_incident(incident_of(request, number), now=request.now))


@router.post("/incidents/{number}/affected", auth=Bearer("incident.edit"), response={201: ImpactStated, **ERRORS})
def state_impact(request: Call, number: Number, body: StatedImpact) -> Status[dict[str, Any]]:
    """Say what else is affected, or how much of it and where. The questions are asked again."""
    found = incident_of(request, number)
    said = affected.state_impact(
        incident=found.uid,
        entity=body.entity,
        share=body.share,
        region=body.region.replace("\0", ""),
        reason=body.reason or "Said by a program",
        actor=request.auth,
        now=request.now,
    )
    if isinstance(said, Refusal):
        raise refused(said, inputs=body.inputs())
    after = _shown(impact.of_incident(incident_of(request, number), now=request.now))
    return Status(201, {**after, "warning": said.warning, "ignored": body.ignored})


@router.get("/entities/{path:name}/impact", auth=Bearer("catalog.see"), response={200: ImpactSeen, **ERRORS})
def entity_impact(request: Call, name: Name, share: Share = 1.0, region: Region = "") -> dict[str, Any]:
    """What would be hit if this failed now, wholly or in part; contracts count from now."""
    if entities.uid_of(name) is None:
        raise absent(f"The catalog knows no {name}.", "name")
    fault = affected.fault({name: Stated(share, region)})
    if fault:
        raise Refused(fault, status=422)
    return _shown(impact.of_entity(name, share=share, region=region, now=request.now))


def _shown(found: Impact) -> dict[str, Any]:
    return {
        "at": found.at,
        "affected": [
            {"entity": name, "share": each.share, "region": each.region} for name, each in found.affected.items()
        ],
        "unknown": list(found.missing),
        "components": _hits(found, "component", "service", "vendor"),
        "applications": _hits(found, "application"),
        "workflows": _hits(found, "workflow"),
        "customers": _customers(found),
        "counts": found.counts,
        "revenue_per_minute": _sum(found.per_minute),
        "revenue_lost": _sum(found.lost),
        "currency": found.currency,
        "users": found.users,
        "contracts": [_contract(each) for each in found.contracts[:NAMED]],
        "spared": [
            {"name": e.name, "lost": list(e.lost), "left": e.left, "total": e.total, "needed": e.up}
            for e in found.hit.spared[:NAMED]
        ],
    }


def _hits(found: Impact, *kinds: str) -> list[Hit]:
    return [_hit(each) for each in found.hit.reached if each.kind in kinds][:NAMED]


def _hit(entity: Reached) -> Hit:
    plain = {name: getattr(entity, name) for name in Hit.model_fields if name != "path"}
    return Hit(**plain, path=list(entity.path))


def _customers(found: Impact) -> dict[str, Any]:
    hit = found.customers
    return {
        "total": len(hit.all),
        "of": found.customers_total,
        **{segment: len(each) for segment, each in hit.by_segment.items()},
        "strategic": [each.name for each in hit.all if each.strategic],
        "by_segment": {segment: [one.name for one in each[:NAMED]] for segment, each in hit.by_segment.items()},
        "named": [_hit(each) for each in hit.all[:NAMED]],
        "contacts": {name: hit.contacts.get(name, 0) for name in ("technical", "business", "untagged")},
    }


def _contract(clock: Clock) -> dict[str, Any]:
    plain = {name: getattr(clock, name) for name in ContractLeft.model_fields}
    left = clock.minutes_left
    return {**plain, "minutes_left": None if left is None else round(left, 2)}


def _sum(amount: float | None) -> float | None:
    return None if amount is None else round(amount, 2)
