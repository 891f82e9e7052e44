"""What waits for one person: their pages, texts to approve, questions to answer, tasks of their track, reviews."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Max, Q, QuerySet, TextField
from django.db.models.functions import Cast, Coalesce

from antiphon.core.access import may
from antiphon.core.audiences import OUTSIDE
from antiphon.core.decision import Actor
from antiphon.core.incidents import OVER, IncidentState
from antiphon.db import approving
from antiphon.db.models import AlertGroup, Call, Page, Review, RoleAssignment, Task, Version
from antiphon.db.models import Verdict as VerdictRow
from antiphon.db.snapshots import verdicts
from antiphon.queries.counted import how_many
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
    """What waits for the reader, the most pressing kind first, so many of each. Eight statements, each from the
    incidents that go on: what is over is many times more, and nothing of it waits."""
    found = (_pages, _groups, _approvals, _questions, _calls, _tasks, _reviews)
    return tuple(item for each in found for item in each(reader))


def numbers(reader: Actor) -> tuple[Coalesce, ...]:
    """How many things of each kind wait, as columns of a statement; `questions` are counted apart."""
    return (
        how_many(_paged(reader), "escalation__incident"),
        how_many(_asking(reader)),
        how_many(_unapproved(reader), "update"),
        how_many(_to_call(reader)),
        how_many(_undone(reader)),
        how_many(_unwritten(reader)),
    )


def questions(reader: Actor) -> int:
    """How many questions wait: what a verdict waits for stands inside it."""
    return sum(1 for _ in _questions(reader))


def _paged(reader: Actor) -> QuerySet[Page]:
    pages = Page.objects.filter(person__uid=reader.uid, escalation__state__in=["paging", "exhausted"])
    return pages.filter(escalation__incident__state__in=ONGOING)


def _asking(reader: Actor) -> QuerySet[AlertGroup]:
    if may(reader, "alert.declare"):
        return AlertGroup.objects.none()
    return AlertGroup.objects.filter(state="asking")


def _unapproved(reader: Actor) -> QuerySet[Version]:
    versions = Version.objects.filter(update__state="draft", audience__in=OUTSIDE_NAMES, approved_digest="")
    versions = versions.filter(seen(reader, "update__incident")).exclude(update__incident__state="cancelled")
    versions = versions.alias(said=Cast("given", TextField())).exclude(said__contains=f'"{reader.uid}"')
    rules = approving.rules()
    if reader.uid not in rules.further.people and may(reader, "update.approve_technical"):
        held = RoleAssignment.objects.filter(person__uid=reader.uid, role__in=["technical lead", "incident commander"])
        versions = versions.filter(update__incident__in=held.values("incident"))
    own = Q(author__uid=reader.uid, author__isnull=False)
    return versions.exclude(own & Q(update__incident__severity__lte=rules.four_eyes_up_to))


def _undone(reader: Actor) -> QuerySet[Task]:
    theirs = Q(owner__uid=reader.uid) | Q(owner__isnull=True, track__lead__uid=reader.uid)
    tasks = Task.objects.filter(theirs, track__state="open", track__incident__state__in=RUNNING)
    return tasks.filter(done_at__isnull=True, due_at__isnull=False)


def _to_call(reader: Actor) -> QuerySet[Call]:
    return Call.objects.filter(owner__uid=reader.uid, state="open")


def _unwritten(reader: Actor) -> QuerySet[Review]:
    return Review.objects.filter(
        done_at__isnull=True, incident__roles__role=COMMANDER, incident__roles__person__uid=reader.uid
    )


def _pages(reader: Actor) -> Iterator[Waiting]:
    pages = _paged(reader).order_by().values("escalation__incident").annotate(last=Max("id"))
    last = pages.order_by("-last").values_list("last")
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
    for title, reason in _asking(reader).order_by("id").values_list("title", "reason")[:10]:
        yield Waiting(text=f"Is this an incident? {title}", detail=reason, url="/alerts?state=asking", action="Decide")


def _approvals(reader: Actor) -> Iterator[Waiting]:
    update = ("update__incident__number", "update__incident__title", "update__moment", "update__next_update_at")
    rows = _unapproved(reader).order_by("-update__incident__number", "update", "id")
    drafts: dict[tuple[Any, ...], list[str]] = {}
    for audience, *draft in rows.values_list("audience", "update", *update)[:60]:
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


def _calls(reader: Actor) -> Iterator[Waiting]:
    told = ("title", "kind", "due_at", "incident__number", "incident__title")
    for customer, kind, due_at, number, title in _to_call(reader).order_by("due_at").values_list(*told)[:10]:
        yield Waiting(
            text=f"Call {customer}: it is over" if kind == "closing" else f"Call {customer}",
            detail=f"#{number} {title}",
            url=f"/incidents/{number}/calls",
            action="Call",
            due_at=due_at,
        )


def _tasks(reader: Actor) -> Iterator[Waiting]:
    told = ("title", "due_at", "track__kind", "track__incident__number", "track__incident__title")
    for text, due_at, kind, number, title in _undone(reader).order_by("due_at").values_list(*told)[:10]:
        yield Waiting(
            text=text,
            detail=f"#{number} {title}, {kind} track",
            url=f"/incidents/{number}#lane-{kind}",
            action="Open",
            due_at=due_at,
        )


def _reviews(reader: Actor) -> Iterator[Waiting]:
    told = _unwritten(reader).order_by("due_at").values_list("incident__number", "incident__title", "due_at")
    for number, title, due_at in told[:5]:
        yield Waiting(
            text=f"Write the review of #{number}",
            detail=title,
            url=f"/incidents/{number}/review",
            action="Write",
            due_at=due_at,
        )
