"""Bringing in whom the answers call for: the holder of a role is given it and called, else a task asks who it is."""

from collections.abc import Iterable, Sequence

from antiphon.actions import deliveries, paging, tracks
from antiphon.actions.locked import Locked
from antiphon.core import tracks as rules
from antiphon.core.decision import Decision
from antiphon.core.escalation import APPROVAL
from antiphon.core.events import Event, RoleAssigned
from antiphon.core.questions.pulls import PullIn
from antiphon.core.sending import InsideText
from antiphon.core.tracks import Task, TrackKind
from antiphon.db.fields import new_uid
from antiphon.db.models import DutyRole, Escalation, Person, RoleAssignment
from antiphon.db.snapshots import incidents, oncall
from antiphon.db.transactions import remembered


def pull_in(held: Locked, wanted: Sequence[PullIn]) -> None:
    """Each role that the answers call for, once while the business track is open."""
    if not wanted or not incidents.load(held.incident).business.is_open:
        return
    duties = remembered("duty roles", lambda: {row.role: row for row in DutyRole.objects.all()})
    named = [each for each in wanted if each.role in duties]
    nobody = [each for each in wanted if each.role not in duties]
    if named:
        assigned = dict(RoleAssignment.objects.filter(incident=held.incident).values_list("role", "person__uid"))
        paged = set(
            Escalation.objects.filter(incident=held.incident).exclude(track=APPROVAL).values_list("policy", flat=True)
        )
        nobody += [each for each in named if not _call(held, each, duties[each.role], assigned, paged)]
    _ask_who(held, nobody)


def _call(held: Locked, wanted: PullIn, duty: DutyRole, assigned: dict[str, str], paged: set[str]) -> bool:
    """Give the role to its holder and call them; False when nobody holds it now.

    Who was only told is paged when the severity has risen to what the role is paged from.
    """
    pages = held.incident.severity <= duty.page_from and oncall.role_policy_name(duty.role) not in paged
    there = assigned.get(duty.role)
    if there and not pages:
        return True
    holders = oncall.holders(duty, now=held.now)
    if there and there not in {person.uid for person in holders}:
        return True  # somebody took it over; they know
    if not holders:
        return False
    if not there:
        _assign(held, duty.role, holders[0])
    if pages:
        paging.call_role(held, duty)
    else:
        deliveries.queue_notice(held, holders[0], _notice(held, wanted), urgent=False)
    return True


def _assign(held: Locked, role: str, person: Person) -> None:
    RoleAssignment.objects.create(incident=held.incident, role=role, person=person, assigned_at=held.now)
    if role == f"{TrackKind.BUSINESS} lead":
        tracks.lead(held, TrackKind.BUSINESS, person)
    else:
        held.record([RoleAssigned(role=role, person=person.uid)])


def _notice(held: Locked, wanted: PullIn) -> InsideText:
    which = ", ".join(map(str, wanted.numbers))
    return InsideText(
        subject=f"SEV{held.incident.severity} #{held.incident.number}: you are brought in as {wanted.role}",
        body_text=f"{held.incident.title}\n\nQuestion {which} of six is answered yes, and you hold the role "
        f"{wanted.role}. Open the incident and take part on the business track.",
    )


def _ask_who(held: Locked, wanted: Iterable[PullIn]) -> None:
    """A task on the business track for each role that nobody holds."""
    incident = incidents.load(held.incident)
    track = incident.business
    have = {task.key for task in track.tasks}
    events: list[Event] = []
    for each in wanted:
        key = f"{rules.PULL_IN}{each.role}"
        if key in have:
            continue
        because = ", ".join(str(number) for number in each.numbers)
        title = f"Bring in {each.role} (question {because})"
        task = Task(uid=new_uid(), track=TrackKind.BUSINESS, title=title, key=key)
        added = rules.add_task(track, task)
        if isinstance(added, Decision):
            track = added.state
            events += added.events
    if events:
        tracks.keep(held, incident, Decision(track, tuple(events)))
