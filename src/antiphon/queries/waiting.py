"""What waits for one person: their pages, texts to approve, questions to answer, tasks of their track, reviews."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from antiphon.core.access import may
from antiphon.core.audiences import OUTSIDE
from antiphon.core.decision import Actor
from antiphon.core.updates import FOUR_EYES_UP_TO
from antiphon.db.models import AlertGroup, Page, Review, RoleAssignment, Task, Version
from antiphon.db.models import Verdict as VerdictRow
from antiphon.db.snapshots import verdicts
from antiphon.queries.incidents import RUNNING
from antiphon.queries.readers import seen_by
from antiphon.queries.verdicts import waiting as waits_of

OUTSIDE_NAMES: Final = tuple(str(audience) for audience in OUTSIDE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """One thing that waits, where it is done, and what the button says."""

    text: str
    detail: str
    url: str
    action: str
    due_at: datetime | None = None


def for_person(reader: Actor) -> tuple[Waiting, ...]:
    """What waits for the reader, the most pressing kind first. Six statements."""
    found = (_pages, _groups, _approvals, _questions, _tasks, _reviews)
    return tuple(item for each in found for item in each(reader))


def _pages(reader: Actor) -> Iterator[Waiting]:
    pages = Page.objects.filter(person__uid=reader.uid, escalation__state__in=["paging", "exhausted"])
    shown: set[int] = set()
    for page in pages.select_related("escalation__incident").order_by("-id")[:40]:
        incident = page.escalation.incident
        if incident.pk not in shown:
            shown.add(incident.pk)
            yield Waiting(
                text=f"You were paged for #{incident.number} {incident.title}",
                detail="It goes on to the next person unless you answer.",
                url=f"/acknowledge/{page.token}",
                action="Acknowledge",
                due_at=page.escalation.wake_at,
            )


def _groups(reader: Actor) -> Iterator[Waiting]:
    if may(reader, "alert.declare"):
        return
    for group in AlertGroup.objects.filter(state="asking").order_by("id")[:10]:
        yield Waiting(
            text=f"Is this an incident? {group.title}", detail=group.reason, url="/alerts?state=asking", action="Decide"
        )


def _approvals(reader: Actor) -> Iterator[Waiting]:
    theirs = RoleAssignment.objects.filter(
        person__uid=reader.uid, role__in=["technical lead", "incident commander"]
    ).values("incident")
    versions = Version.objects.filter(update__state="draft", audience__in=OUTSIDE_NAMES, approved_digest="")
    versions = versions.filter(update__incident__in=seen_by(reader)).exclude(update__incident__state="cancelled")
    if may(reader, "update.approve_technical"):
        versions = versions.filter(update__incident__in=theirs)
    rows = versions.select_related("update__incident", "author").order_by("update_id", "id")
    updates: dict[int, list[Version]] = {}
    for version in rows[:60]:
        own = version.author is not None and version.author.uid == reader.uid
        if not (own and version.update.incident.severity <= FOUR_EYES_UP_TO):
            updates.setdefault(version.update_id, []).append(version)
    for group in updates.values():
        update = group[0].update
        audiences = ", ".join(version.audience for version in group)
        yield Waiting(
            text=f"Approve the text for {audiences}",
            detail=f"#{update.incident.number} {update.incident.title}",
            url=f"/incidents/{update.incident.number}/tell?moment={update.moment}",
            action="Read it",
            due_at=update.next_update_at,
        )


def _questions(reader: Actor) -> Iterator[Waiting]:
    commands = RoleAssignment.objects.filter(person__uid=reader.uid, role="incident commander").values("incident")
    rows = VerdictRow.objects.filter(incident__in=commands, incident__state__in=RUNNING).select_related("incident")
    for row in rows:
        for wait in waits_of(verdicts.read(row)):
            yield Waiting(
                text=f"Answer question {wait.number} of #{row.incident.number}",
                detail=row.incident.title,
                url=f"/incidents/{row.incident.number}#verdict",
                action="Answer",
                due_at=wait.until,
            )


def _tasks(reader: Actor) -> Iterator[Waiting]:
    tasks = Task.objects.filter(
        track__lead__uid=reader.uid, track__state="open", done_at__isnull=True, due_at__isnull=False
    )
    rows = tasks.filter(track__incident__state__in=RUNNING).select_related("track__incident").order_by("due_at")
    for task in rows[:10]:
        incident = task.track.incident
        yield Waiting(
            text=task.title,
            detail=f"#{incident.number} {incident.title}, {task.track.kind} track",
            url=f"/incidents/{incident.number}#lane-{task.track.kind}",
            action="Open",
            due_at=task.due_at,
        )


def _reviews(reader: Actor) -> Iterator[Waiting]:
    commands = RoleAssignment.objects.filter(person__uid=reader.uid, role="incident commander").values("incident")
    rows = Review.objects.filter(incident__in=commands, done_at__isnull=True).select_related("incident")
    for row in rows.order_by("due_at")[:5]:
        yield Waiting(
            text=f"Write the review of #{row.incident.number}",
            detail=row.incident.title,
            url=f"/incidents/{row.incident.number}/review",
            action="Write",
            due_at=row.due_at,
        )
