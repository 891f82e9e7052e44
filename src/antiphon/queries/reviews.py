"""The look back on one incident: its figures, its story, what was learnt."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from antiphon.core import figures
from antiphon.core.in_time import DEFINITIONS
from antiphon.db import record
from antiphon.db.models import Incident, Organisation, Promise, Review, Version
from antiphon.queries import impact, in_time, people, timeline
from antiphon.queries.promises import Promised, promised
from antiphon.queries.timeline import Entry

REVIEWED: Final = ("technical", "business")
"""Readers outside whom a review is written for."""


@dataclass(frozen=True, slots=True)
class FigureSeen:
    """One figure by its full name; `note` says from what to what."""

    label: str
    value: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class ReviewDue:
    """The review as a promise to ourselves, for the ring."""

    opened_at: datetime
    due_at: datetime
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewSeen:
    """The review. `due` is None before the incident was resolved."""

    due: ReviewDue | None
    done_at: datetime | None
    went_well: str
    went_badly: str
    causes: str
    business_needed: str
    business_reason: str
    figures: tuple[FigureSeen, ...]
    entries: tuple[Entry, ...]


def load(incident: Incident, *, now: datetime) -> ReviewSeen:
    """The review at `now`; the record is read once."""
    row = Review.objects.filter(incident=incident).first()
    return ReviewSeen(
        due=ReviewDue(row.opened_at, row.due_at, "kept" if row.done_at else "open") if row else None,
        done_at=row.done_at if row else None,
        went_well=row.went_well if row else "",
        went_badly=row.went_badly if row else "",
        causes=row.causes if row else "",
        business_needed=row.business_needed if row else "",
        business_reason=row.business_reason if row else "",
        figures=_figures(incident, now=now),
        entries=timeline.folded(timeline.milestones(incident, people.names())),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldReview:
    """A review for readers outside. `promise`: by when it is owed; None where it is a kindness. `sent_at`: when it went
    out; `draft`: one is being written."""

    audience: str
    promise: Promised | None
    sent_at: datetime | None
    draft: bool


def told(incident: Incident, *, now: datetime) -> tuple[ToldReview, ...]:
    """The technical review, promised within 48 hours of the resolution to technical customers who were told, and the
    short optional one for business readers; nothing while it goes on. Two statements."""
    if incident.resolved_at is None:
        return ()
    owed = Promise.objects.filter(incident=incident, what="review").order_by("id")
    promises = {row.audience: promised(row, incident.number) for row in owed}
    rows = Version.objects.filter(update__incident=incident, update__moment="review", audience__in=REVIEWED)
    states = {(audience, state): at for audience, state, at in rows.order_by("id").values_list(
        "audience", "update__state", "update__published_at")}  # fmt: skip
    return tuple(
        ToldReview(
            audience=audience,
            promise=promises.get(audience),
            sent_at=states.get((audience, "published")),
            draft=any((audience, state) in states for state in ("draft", "approved")),
        )
        for audience in REVIEWED
        if audience in promises or audience == "business"
    )


def markdown(incident: Incident, review: ReviewSeen) -> str:
    """The review as one page of Markdown."""
    parts = [
        f"# Review of #{incident.number}: {_plain(incident.title)}",
        f"SEV{incident.severity}, {incident.incident_type}, detected {incident.detected_at:%Y-%m-%d %H:%M} UTC.",
        "## Figures",
        "\n".join(f"- {each.label}: {each.value}" for each in review.figures),
        "## Causes",
        review.causes or "Not written yet.",
        "## What went well",
        review.went_well or "Not written yet.",
        "## What did not",
        review.went_badly or "Not written yet.",
        "## Was the business track needed",
        _business(review),
        "## What happened",
        "\n".join(f"- {each.at:%Y-%m-%d %H:%M} UTC: {_plain(each.text)}" for each in review.entries),
    ]
    return "\n\n".join(parts) + "\n"


def _business(review: ReviewSeen) -> str:
    if not review.business_needed:
        return "Not said yet."
    return f"{review.business_needed.capitalize()}: {_plain(review.business_reason)}"


def _figures(incident: Incident, *, now: datetime) -> tuple[FigureSeen, ...]:
    story = [(one.at, one.event) for one in record.read(record.incident_stream(incident.uid))]
    down = figures.downtime(story, now=now)
    shown = [FigureSeen(each.label, _span(each.span), each.definition) for each in figures.spans(story)]
    shown.append(FigureSeen("Disturbed for", _span(down), "from the detection to the resolution, reopenings included"))
    if (cost := impact.lost(incident, now=now)) is not None:
        note = "revenue by the minute, for the share that was hit; an estimate"
        shown.append(FigureSeen("Cost, estimated", impact.money(cost, Organisation.only().currency), note))
    before = in_time.of_incident(incident, now=now)
    if before.total:
        value = f"{before.before} of {before.total} customers"
        shown.append(FigureSeen("Told before they told us", value, DEFINITIONS["told_before"]))
    shown.extend(
        FigureSeen(f"Promises to {each.audience}", f"{each.kept} kept, {each.broken} broken")
        for each in figures.promises(story)
    )
    return tuple(shown)


def _span(span: timedelta | None) -> str:
    if span is None:
        return "not known"
    minutes = round(span.total_seconds() / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"


def _plain(text: str) -> str:
    return " ".join(text.split())
