"""Who knows what: every audience and customer, what they were told, when, and who is left waiting."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path

from antiphon.queries import calls, incidents, knowing
from antiphon.web import guard
from antiphon.web.at import incident_at
from antiphon.web.guard import Request
from antiphon.web.room import PRACTICE


@guard.page("incident.see")
def show(request: Request, number: int) -> HttpResponse:
    """The matrix, stranded readers first."""
    incident = incident_at(request, number)
    shown = {
        "section": "incidents",
        "incident": incidents.head(incident, stage="", commander="", promised=()),
        "calls": calls.of_incident(incident),
        "matrix": knowing.matrix(incident, now=request.now),
        "practice": PRACTICE if incident.nature != "real" else None,
    }
    return render(request, "incidents/who_knows.html", shown)


urlpatterns = [path("incidents/<int:number>/who-knows-what", show)]
