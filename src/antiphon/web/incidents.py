"""The list of incidents, and declaring one."""

from typing import Any, Final

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _

from antiphon.actions import incidents as actions
from antiphon.core.decision import Refusal
from antiphon.queries import catalog_names, incidents
from antiphon.web import guard
from antiphon.web.at import room_of
from antiphon.web.forms import refusals
from antiphon.web.forms.declare import DeclareForm
from antiphon.web.guard import Request

PAGE: Final = 50

UNFOLDED: Final = ("share", "region", "started_at", "area", "nothing_to_restore")
"""Fields of the declaration that most do without: they unfold."""


@guard.page("incident.see")
def listed(request: Request) -> HttpResponse:
    """One page of the incidents of a view, the newest first."""
    view = request.GET.get("view", "open")
    view = view if view in incidents.VIEWS else "open"
    rows = incidents.listing(view, reader=request.actor, before=_number(request.GET.get("before")), limit=PAGE + 1)
    shown = rows[:PAGE]
    older = f"/incidents?view={view}&before={shown[-1].number}" if len(rows) > PAGE else ""
    filters = [
        {"label": label, "url": f"/incidents?view={key}", "current": key == view}
        for key, label in zip(incidents.VIEWS, (_("Open"), _("Resolved"), _("Over"), _("Practice")), strict=True)
    ]
    context = {"section": "incidents", "incidents": shown, "filters": filters, "older_url": older}
    return render(request, "incidents/list.html", context)


@guard.form("incident.declare")
def declare(request: Request) -> HttpResponse:
    """Say what is seen; the people on call are paged and the six questions asked."""
    if request.method != "POST":
        practice = bool(request.GET.get("practice"))
        named = {"practice": practice, "entities": request.GET.get("entity", "")}
        return _declaring(request, DeclareForm(initial=named, now=request.now))
    form = DeclareForm(request.POST, now=request.now)
    if not form.is_valid():
        return _declaring(request, form)
    told = form.cleaned_data
    made = actions.declare(
        title=told["title"],
        severity=told["severity"],
        incident_type=told["incident_type"],
        reason=told["reason"] or f"Declared by {request.person.name}",
        actor=request.actor,
        now=request.now,
        detected_at=told["started_at"],
        detected_by=request.person.name,
        area=told["area"],
        nature="drill" if told["practice"] else "real",
        entities=told["entities"],
        nothing_to_restore=told["nothing_to_restore"],
        stated=form.stated(),
    )
    if isinstance(made, Refusal):
        refusals.show(form, made)
        return _declaring(request, form)
    return HttpResponseRedirect(room_of(made.number))


def _declaring(request: Request, form: DeclareForm) -> HttpResponse:
    context: dict[str, Any] = {
        "section": "incidents",
        "form": form,
        "more": any(form[name].data or form[name].errors for name in UNFOLDED),
        "entity_names": catalog_names.some(),
    }
    return render(request, "incidents/declare.html", context, status=422 if form.errors else 200)


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None


urlpatterns = [
    path("incidents", listed),
    path("incidents/declare", declare),
]
