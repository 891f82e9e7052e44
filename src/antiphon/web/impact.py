"""The whole map of what is hit: of an incident, and of what would be if one thing failed."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import path

from antiphon.actions import affected
from antiphon.core.decision import Refusal
from antiphon.core.impact import Stated
from antiphon.queries import entities, impact, incidents
from antiphon.queries.catalog import url_of
from antiphon.queries.impact import Impact
from antiphon.web import guard
from antiphon.web.at import incident_at
from antiphon.web.guard import Request
from antiphon.web.typed import percent


@guard.page("incident.see")
def of_incident(request: Request, number: int) -> HttpResponse:
    """What an incident hits."""
    incident = incident_at(request, number)
    shown = {
        "section": "incidents",
        "title": f"#{number} {incident.title}",
        "incident": incidents.head(incident, stage="", commander="", promised=()),
    }
    return _whole(request, impact.of_incident(incident, now=request.now), **shown)


@guard.page("catalog.see")
def of_entity(request: Request, name: str) -> HttpResponse:
    """What would be hit if this failed, wholly or to a share of it or in one region."""
    seen = entities.of_name(name)
    if seen is None:
        raise Http404
    asked, region = request.GET.get("share", "").strip()[:20], request.GET.get("region", "").strip()[:60]
    share = percent(asked)
    fault = share if isinstance(share, Refusal) else affected.fault({name: Stated(share, region)})
    wanted = Stated() if fault or isinstance(share, Refusal) else Stated(share, region)
    found = impact.of_entity(name, share=wanted.share, region=wanted.region, now=request.now)
    shown = {
        "section": "catalog",
        "title": seen.title or name,
        "back_url": url_of(name),
        "imagined": True,
        "share": asked,
        "region": region,
        "fault": fault.sentence if fault else affected.warning(region),
    }
    return _whole(request, found, **shown)


def _whole(request: Request, found: Impact, **shown: Any) -> HttpResponse:
    drawn = {"impact": found, "wide": found.wide, "narrow": found.narrow, "tables": found.tables}
    return render(request, "impact/whole.html", {**shown, **drawn})


urlpatterns = [
    path("incidents/<int:number>/impact", of_incident),
    path("catalog/<str:name>/impact", of_entity),
]
