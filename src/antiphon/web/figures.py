"""Figures over many incidents."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path

from antiphon.queries import figures, in_time
from antiphon.queries.reactions.figures import by_segment, comments
from antiphon.web.guard import page

SPANS: Final = {"30": "30 days", "90": "90 days", "365": "a year"}


@page("incident.see")
def escalation(request: Any) -> HttpResponse:
    """Over- and under-escalation, where people disagreed with the program, and how well people were told."""
    days = request.GET.get("days", "365")
    days = days if days in SPANS else "365"
    since = datetime.combine(_day(request.now) - timedelta(days=int(days)), time(), UTC)
    shown = {
        "section": "figures",
        "filters": [
            {"label": label, "url": f"/figures?days={key}", "current": key == days} for key, label in SPANS.items()
        ],
        "found": figures.escalations(since=since, reader=request.actor),
        "in_time": in_time.load(since=since, reader=request.actor, now=request.now),
        "heard": by_segment(figures.told(since=since, reader=request.actor)),
        "comments": comments(figures.told(since=since, reader=request.actor)),
    }
    return render(request, "figures.html", shown)


def _day(now: datetime) -> date:
    return now.astimezone(UTC).date()


urlpatterns = [path("figures", escalation)]
