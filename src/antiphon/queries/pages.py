"""One page to a person, as the link in it shows it."""

from dataclasses import dataclass
from datetime import datetime

from antiphon.core.escalation import APPROVAL
from antiphon.db.models import Escalation, Page, Person
from antiphon.db.snapshots import oncall


@dataclass(frozen=True, slots=True)
class NextStep:
    """How long until somebody else is paged, as a promise for the ring."""

    opened_at: datetime
    due_at: datetime
    state: str = "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class PageSeen:
    """What was paged. `ended` says why nobody is paged any more where nobody acknowledged."""

    person: str
    incident_number: int
    title: str
    severity: int
    summary: str
    practice: bool
    sent_at: datetime
    promise: NextStep | None
    next_person: str
    acknowledged_by: str
    acknowledged_at: datetime | None
    ended: str
    incident_url: str


def find(token: str, *, now: datetime) -> PageSeen | None:
    """The page that this secret opens, or None. The caller shows it without a sign-in: it says little."""
    pages = Page.objects.select_related("escalation__incident", "escalation__acknowledged_by", "person")
    page = pages.filter(token=token).first()
    if page is None:
        return None
    escalation, incident = page.escalation, page.escalation.incident
    running = escalation.state in ("paging", "exhausted")
    by, role = escalation.acknowledged_by, oncall.role_of(escalation.policy)
    return PageSeen(
        person=page.person.name,
        incident_number=incident.number,
        title=incident.title,
        severity=incident.severity,
        summary=_summary(escalation.track, role),
        practice=incident.nature != "real",
        sent_at=page.at,
        promise=NextStep(page.at, escalation.wake_at) if running and escalation.wake_at else None,
        next_person=_next_person(escalation, now=now) if running else "",
        acknowledged_by=by.name if by else "",
        acknowledged_at=escalation.ended_at if by else None,
        ended="" if running or by else "Nobody is paged for it any more: it was resolved or cancelled.",
        incident_url=f"/incidents/{incident.number}{'/tell' if escalation.track == APPROVAL else ''}",
    )


def _summary(track: str, role: str) -> str:
    if track == APPROVAL:
        return "A text waits for approval and nobody gave it: find somebody who may."
    return f"Called as {role}." if role else f"Paged for the {track} track."


def _next_person(escalation: Escalation, *, now: datetime) -> str:
    """Who is paged next unless somebody answers; several are counted, nobody is "the next person on call"."""
    policy = oncall.find_policy(escalation.policy)
    if policy is None:
        return ""
    left = policy.steps[escalation.step :] or (policy.steps if escalation.cycle <= policy.repeat else ())
    targets = left[0].targets if left else policy.catch_all
    reach = oncall.reach(policy, now=now)
    uids = [each.person for target in targets for each in reach.get(target, ())]
    names = list(Person.objects.filter(uid__in=uids).order_by("name").values_list("name", flat=True))
    if not names:
        return "The next person is paged"
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    return f"{names[0]}{more} paged"
