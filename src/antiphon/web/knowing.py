"""Who knows what: every audience and customer, what they were told, when, and who is left waiting."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _

from antiphon.actions import reports
from antiphon.core.access import may
from antiphon.db.models import Incident
from antiphon.queries import calls, incidents, knowing
from antiphon.web import guard
from antiphon.web.answers import done
from antiphon.web.at import incident_at
from antiphon.web.forms import refusals
from antiphon.web.forms.reports import ReportForm
from antiphon.web.guard import Request
from antiphon.web.room import PRACTICE


@guard.page("incident.see")
def show(request: Request, number: int) -> HttpResponse:
    """The matrix, stranded readers first."""
    return _page(request, incident_at(request, number), ReportForm(now=request.now))


@guard.act("fact.record")
def report(request: Request, number: int) -> HttpResponse:
    """A customer told us themselves."""
    incident, form = incident_at(request, number), ReportForm(request.POST, now=request.now)
    if form.is_valid():
        refusal = reports.report(incident=incident.uid, actor=request.actor, now=request.now, **form.cleaned_data)
        if refusal is None:
            return done(request, back=f"/incidents/{number}/who-knows-what", said=_("Noted."))
        refusals.show(form, refusal)
    return _page(request, incident, form)


def _page(request: Request, incident: Incident, form: ReportForm) -> HttpResponse:
    shown = {
        "section": "incidents",
        "incident": incidents.head(incident, stage="", commander="", promised=()),
        "calls": calls.of_incident(incident),
        "matrix": knowing.matrix(incident, now=request.now),
        "practice": PRACTICE if incident.nature != "real" else None,
        "form": form,
        "customers": form.customers() if may(request.actor, "fact.record") is None else None,
    }
    return render(request, "incidents/who_knows.html", shown, status=422 if form.errors else 200)


urlpatterns = [
    path("incidents/<int:number>/who-knows-what", show),
    path("incidents/<int:number>/reports", report),
]
