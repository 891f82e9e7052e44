"""What the six questions may see of an incident, gathered from catalog, contracts, facts and history."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from antiphon.core.classification import Classification
from antiphon.core.questions.q6_duration import percentile
from antiphon.core.questions.situation import ContractView, Flag, Given, Reached, Situation, Usual, reach_of
from antiphon.core.severity import Reach
from antiphon.db import classification
from antiphon.db.graph import Graph, graph
from antiphon.db.models import Affected, Contract, Fact, GivenAnswer, Incident, RoleAssignment
from antiphon.db.snapshots import affected as stated
from antiphon.db.snapshots import incidents as snapshots

FLAGS = ("security", "privacy", "compliance")
HISTORY = 500
MINUTE = timedelta(minutes=1)


def load(incident: Incident, *, now: datetime) -> Situation:
    """The incident's situation at `now`."""
    affected = snapshots.load(incident).entities
    known = graph()
    reached = known.reach(affected, stated=stated.load(incident))
    roles = dict(RoleAssignment.objects.filter(incident=incident).values_list("role", "person__name"))
    rules = classification.current()
    return Situation(
        incident=incident.uid,
        severity=incident.severity,
        incident_type=incident.incident_type,
        detected_at=incident.detected_at,
        declared_at=incident.declared_at,
        target_minutes=rules.target(incident.priority) / MINUTE,
        area=incident.area,
        nature=incident.nature,
        ended_at=incident.resolved_at or incident.cancelled_at,
        affected=affected,
        missing=tuple(name for name in affected if name not in known.entities),
        reached=reached,
        contracts=_contracts(known, reached, incident, now=now),
        usual=_usual(incident, affected, rules),
        flags=_flags(incident),
        given=_given(incident),
        nothing_to_restore=incident.nothing_to_restore,
        customers_total=known.customers,
        answerer=roles.get("incident commander", ""),
        business_lead=roles.get("business lead", ""),
        impact=incident.impact,
        urgency=incident.urgency,
        rules=rules,
    )


def reach(entity: str) -> Reach:
    """What of the catalog hangs on an entity, as far as severity asks."""
    known = graph()
    return reach_of(known.reach([entity]), customers_total=known.customers)


def _contracts(
    known: Graph, reached: Iterable[Reached], incident: Incident, *, now: datetime
) -> tuple[ContractView, ...]:
    services = [each.name for each in reached]
    rows = list(Contract.objects.filter(service__name__in=services).select_related("customer", "service"))
    used = {name: _used(known, name, incident, now=now) for name in {row.service.name for row in rows}}
    return tuple(
        ContractView(
            uid=row.uid,
            customer=row.customer.title,
            service=row.service.name,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            resolution_minutes=row.resolution_minutes,
            downtime_budget_minutes=row.downtime_minutes_per_month,
            used_minutes=used[row.service.name],
            source=row.name,
        )
        for row in rows
    )


def _used(known: Graph, service: str, incident: Incident, *, now: datetime) -> float:
    """Minutes of disruption this month, before this incident, on the service or what it leans on."""
    month = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    before = Incident.objects.filter(
        nature="real",
        incident_type="disruption",
        resolved_at__gt=month,
        affected__entity__in=known.foundations(service),
    ).exclude(pk=incident.pk)
    spans = before.values_list("id", "detected_at", "resolved_at").distinct()
    return float(sum(max((ended - max(began, month)) / MINUTE, 0.0) for _, began, ended in spans))


def _usual(incident: Incident, affected: Sequence[str], rules: Classification) -> Usual:
    """How long incidents of this type and severity about the same entities took; of any while none is named."""
    rows = Incident.objects.filter(
        nature="real", incident_type=incident.incident_type, severity=incident.severity, resolved_at__isnull=False
    ).exclude(pk=incident.pk)
    similar = f"{incident.incident_type} incidents at SEV{incident.severity}"
    if affected:
        rows = rows.filter(pk__in=Affected.objects.filter(entity__in=affected).values("incident"))
        more = f" and {len(affected) - 1} more" if len(affected) > 1 else ""
        similar = f"{similar} on {affected[0]}{more}"
    spans = rows.order_by("-resolved_at").values_list("detected_at", "resolved_at")[:HISTORY]
    minutes = sorted((ended - began) / MINUTE for began, ended in spans)
    if not minutes:
        return Usual(similar=similar)
    return Usual(
        p75_minutes=round(percentile(minutes, rules.percentile), 1),
        n=len(minutes),
        similar=similar,
        took=tuple(round(percentile(minutes, share), 1) for share in range(0, 101, 5)),
    )


def _flags(incident: Incident) -> tuple[Flag, ...]:
    facts = Fact.objects.filter(incident=incident, name__in=FLAGS, superseded_by="")
    return tuple(Flag(kind=fact.name, text=fact.text, source=f"fact:{fact.uid}") for fact in facts)


def _given(incident: Incident) -> tuple[Given, ...]:
    rows = GivenAnswer.objects.filter(incident=incident).select_related("person")
    return tuple(
        Given(
            number=row.number,
            answer=row.answer,
            by=f"person:{row.person.uid}" if row.person else "system:antiphon",
            reason=row.reason,
            at=row.at,
        )
        for row in rows
    )
