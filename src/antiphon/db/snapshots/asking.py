"""Waits for approval as `core.asking` sees them, and the people who might be asked."""

from collections.abc import Iterable
from datetime import datetime

from antiphon.core.access import ACTIONS
from antiphon.core.asking import Wait, WaitState
from antiphon.core.decision import Actor
from antiphon.db.models import ApprovalWait, Escalation, Incident, Page, Person, RoleAssignment, Update
from antiphon.db.snapshots import oncall

COMMANDER = "incident commander"


def load(update: Update) -> Wait | None:
    """The wait of an update, or None when nobody was ever asked."""
    row = ApprovalWait.objects.filter(update=update).select_related("returned_by").first()
    if row is None:
        return None
    return Wait(
        update=update.uid,
        asked_at=row.asked_at,
        due_at=row.due_at,
        step=row.step,
        state=WaitState(row.state),
        ended_at=row.ended_at,
        returned_by=row.returned_by.uid if row.returned_by else "",
        note=row.note,
    )


def save(update: Update, wait: Wait, *, asked_by: str = "") -> None:
    """Write the wait; `asked_by` (a person's uid) only when it begins."""
    uids = {wait.returned_by, asked_by} - {""}
    people = {person.uid: person for person in Person.objects.filter(uid__in=uids)} if uids else {}
    values = {
        "state": wait.state,
        "step": wait.step,
        "asked_at": wait.asked_at,
        "due_at": wait.due_at,
        "ended_at": wait.ended_at,
        "returned_by": people.get(wait.returned_by),
        "note": wait.note,
        "wake_at": wait.wake_at,
    }
    begins = {**values, "asked_by": people.get(asked_by)}
    again = begins if wait.state is WaitState.WAITING and asked_by else values
    ApprovalWait.objects.update_or_create(update=update, defaults=again, create_defaults=begins)


def people(incident: Incident) -> list[Actor]:
    """Everybody who can be told and has, or may have, a say in the incident's texts; with their roles in it."""
    held: dict[str, set[str]] = {}
    for uid, role in RoleAssignment.objects.filter(incident=incident).values_list("person__uid", "role"):
        held.setdefault(uid, set()).add(role)
    rows = Person.objects.filter(is_active=True, contact_methods__isnull=False).distinct().order_by("id")
    if incident.restricted:
        known = held.keys() | _paged(incident)
        rows = rows.filter(uid__in=known) | rows.filter(role="admin")
    roles = ACTIONS["update.approve"]
    return [
        Actor(kind="person", uid=row.uid, role=row.role, incident_roles=frozenset(held.get(row.uid, ())))
        for row in rows
        if row.role in roles or row.uid in held
    ]


def near(incident: Incident, *, now: datetime) -> frozenset[str]:
    """Who is at work on it: holds a role, answered a page for it, or is the first on call for it now (uids)."""
    holders = RoleAssignment.objects.filter(incident=incident).values_list("person__uid", flat=True)
    answered = Escalation.objects.filter(incident=incident, acknowledged_by__isnull=False)
    on_call = oncall.first_paged(incident.policy, now=now)
    return frozenset([*holders, *answered.values_list("acknowledged_by__uid", flat=True), *on_call])


def commander(actors: Iterable[Actor]) -> Actor | None:
    """Who leads the incident."""
    return next((actor for actor in actors if COMMANDER in actor.incident_roles), None)


def _paged(incident: Incident) -> set[str]:
    return set(Page.objects.filter(escalation__incident=incident).values_list("person__uid", flat=True))
