"""What waits for one person: their pages, texts to approve, questions to answer, tasks of their track, reviews."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Max

from antiphon.core.access import may
from antiphon.core.audiences import OUTSIDE
from antiphon.core.decision import Actor
from antiphon.core.incidents import OVER, IncidentState
from antiphon.core.updates import FOUR_EYES_UP_TO
from antiphon.db.models import AlertGroup, Page, Review, RoleAssignment, Task, Version
from antiphon.db.models import Verdict as VerdictRow
from antiphon.db.snapshots import verdicts
from antiphon.queries.incidents import RUNNING
from antiphon.queries.readers import seen
from antiphon.queries.verdicts import waiting as waits_of

ONGOING: Final = tuple(str(state) for state in IncidentState if state not in OVER)
COMMANDER: Final = "incident commander"
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
    """What waits for the reader, the most pressing kind first. Seven statements, each from the incidents that go on:
    what is over is many times more, and nothing of it waits."""
    found = (_pages, _groups, _approvals, _questions, _tasks, _reviews)
    return tuple(item for each in found for item in each(reader))


def _pages(reader: Actor) -> Iterator[Waiting]:
    pages = Page.objects.filter(person__uid=reader.uid, escalation__state__in=["paging", "exhausted"])
    pages = pages.filter(escalation__incident__state__in=ONGOING).order_by()
    last = pages.values("escalation__incident").annotate(last=Max("id")).order_by("-last").values_list("last")
    rows = Page.objects.filter(id__in=[key for (key,) in last[:40]]).order_by("-id")
    incident = ("escalation__incident__number", "escalation__incident__title")
    for token, due_at, number, title in rows.values_list("token", "escalation__wake_at", *incident):
        yield Waiting(
            text=f"You were paged for #{number} {title}",
            detail="It goes on to the next person unless you answer.",
            url=f"/acknowledge/{token}",
            action="Acknowledge",
            due_at=due_at,
        )


def _groups(reader: Actor) -> Iterator[Waiting]:
    if may(reader, "alert.declare"):
        return
    for title, reason in AlertGroup.objects.filter(state="asking").order_by("id").values_list("title", "reason")[:10]:
        yield Waiting(text=f"Is this an incident? {title}", detail=reason, url="/alerts?state=asking", action="Decide")


def _approvals(reader: Actor) -> Iterator[Waiting]:
    versions = Version.objects.filter(update__state="draft", audience__in=OUTSIDE_NAMES, approved_digest="")
    versions = versions.filter(seen(reader, "update__incident")).exclude(update__incident__state="cancelled")
    if may(reader, "update.approve_technical"):
        held = RoleAssignment.objects.filter(person__uid=reader.uid, role__in=["technical lead", "incident commander"])
        versions = versions.filter(update__incident__in=held.values("incident"))
    told = ("audience", "author__uid", "update__incident__severity")
    draft_of = ("update__incident__number", "update__incident__title", "update__moment", "update__next_update_at")
    rows = versions.order_by("-update__incident__number", "update", "id").values_list(*told, "update", *draft_of)
    drafts: dict[tuple[Any, ...], list[str]] = {}
    for audience, author, severity, *draft in rows[:60]:
        if not (author == reader.uid and severity <= FOUR_EYES_UP_TO):
            drafts.setdefault(tuple(draft), []).append(audience)
    for (_, number, title, moment, due_at), audiences in drafts.items():
        yield Waiting(
            text=f"Approve the text for {', '.join(audiences)}",
            detail=f"#{number} {title}",
            url=f"/incidents/{number}/tell?moment={moment}",
            action="Read it",
            due_at=due_at,
        )


def _questions(reader: Actor) -> Iterator[Waiting]:
    theirs = VerdictRow.objects.filter(incident__roles__role=COMMANDER, incident__roles__person__uid=reader.uid)
    rows = theirs.filter(incident__state__in=RUNNING, wake_at__isnull=False)  # whatever waits wakes its verdict
    for row in rows.select_related("incident").only("snapshot", "incident__number", "incident__title"):
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
    rows = tasks.filter(track__incident__state__in=RUNNING).order_by("due_at")
    told = ("title", "due_at", "track__kind", "track__incident__number", "track__incident__title")
    for text, due_at, kind, number, title in rows.values_list(*told)[:10]:
        yield Waiting(
            text=text,
            detail=f"#{number} {title}, {kind} track",
            url=f"/incidents/{number}#lane-{kind}",
            action="Open",
            due_at=due_at,
        )


def _reviews(reader: Actor) -> Iterator[Waiting]:
    rows = Review.objects.filter(
        done_at__isnull=True, incident__roles__role=COMMANDER, incident__roles__person__uid=reader.uid
    )
    told = rows.order_by("due_at").values_list("incident__number", "incident__title", "due_at")
    for number, title, due_at in told[:5]:
        yield Waiting(
            text=f"Write the review of #{number}",
            detail=title,
            url=f"/incidents/{number}/review",
            action="Write",
            due_at=due_at,
        )
