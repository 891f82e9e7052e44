"""The gates of an incident: resolve, close, cancel, merge, and what has to be written or settled before."""

from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _

from antiphon.actions import closing, merging
from antiphon.core.decision import Refusal
from antiphon.db.models import Incident
from antiphon.queries import gates
from antiphon.queries import merging as queries
from antiphon.queries.gates import Gate
from antiphon.web import guard
from antiphon.web.answers import answer, done
from antiphon.web.at import incident_at, room_of
from antiphon.web.forms import refusals
from antiphon.web.forms.gates import CancelForm, CloseForm, MergeForm, ResolveForm, SlaForm, WaiverForm
from antiphon.web.guard import Request
from antiphon.web.room import PRACTICE
from antiphon.web.typed import LINE, too_long, typed

Form = ResolveForm | CloseForm | CancelForm | MergeForm


@guard.form("incident.resolve")
def resolve(request: Request, number: int) -> HttpResponse:
    """Say that it is over, and how that is known."""
    incident = incident_at(request, number)
    form = ResolveForm(_sent(request), initial={"how": incident.how, "verified": incident.verified})
    if request.method == "POST" and form.is_valid():
        refusal = closing.resolve(
            incident=incident.uid,
            how=form.cleaned_data["how"],
            verified=form.cleaned_data["verified"],
            actor=request.actor,
            now=request.now,
        )
        if refusal is None:
            return done(request, back=f"{room_of(number)}/tell?moment=resolution")
        refusals.show(form, refusal)
    return _page(
        request,
        incident,
        form,
        gates.to_resolved(incident),
        heading=_("Resolve"),
        text=_("It works again, and somebody has seen that it does. Whoever was told of it is told that it is over."),
        button=_("Resolve the incident"),
    )


@guard.form("incident.close")
def close(request: Request, number: int) -> HttpResponse:
    """Nothing is owed any more."""
    incident, form = incident_at(request, number), CloseForm(_sent(request))
    if request.method == "POST":
        refusal = closing.close(incident=incident.uid, actor=request.actor, now=request.now)
        if refusal is None:
            return done(request, back=room_of(number), said=_("Closed."))
        form.is_valid()
        refusals.show(form, refusal)
    return _page(
        request,
        incident,
        form,
        gates.to_closed(incident),
        heading=_("Close"),
        text=_("Everyone has heard, every promise is settled, every temporary measure is gone or owned."),
        button=_("Close the incident"),
        rest=True,
    )


@guard.form("incident.cancel")
def cancel(request: Request, number: int) -> HttpResponse:
    """It was no incident."""
    incident, form = incident_at(request, number), CancelForm(_sent(request))
    if request.method == "POST" and form.is_valid():
        refusal = closing.cancel(
            incident=incident.uid, reason=form.cleaned_data["reason"], actor=request.actor, now=request.now
        )
        if refusal is None:
            return done(request, back=room_of(number), said=_("Cancelled."))
        refusals.show(form, refusal)
    return _page(
        request,
        incident,
        form,
        gates.to_cancelled(incident),
        heading=_("Cancel"),
        text=_("It turned out to be no incident, and nobody outside the work was told of one."),
        button=_("Cancel the incident"),
    )


@guard.form("incident.merge")
def merge(request: Request, number: int) -> HttpResponse:
    """It is the same as another one, which goes on."""
    incident = incident_at(request, number)
    offered = queries.offered(incident, reader=request.actor)
    form = MergeForm(_sent(request), offered=offered)
    if request.method == "POST" and form.is_valid():
        into = form.cleaned_data["into"]
        refusal = queries.unseen(into, reader=request.actor) or merging.merge(
            incident=incident.uid, into=into, reason=form.cleaned_data["reason"], actor=request.actor, now=request.now
        )
        if refusal is None:
            return done(request, back=room_of(into), said=_("Merged into #%(number)d.") % {"number": into})
        refusals.show(form, refusal)
    return _page(
        request,
        incident,
        form,
        gates.to_merged(incident, others=len(offered)),
        heading=_("Merge"),
        text=_("Another incident is about the same thing. This one ends, and the other goes on for both."),
        button=_("Merge the incident"),
    )


@guard.act("incident.close")
def sla_impact(request: Request, number: int) -> HttpResponse:
    """What it meant for contracts."""
    text = typed(request, "text")
    refusal = closing.write_sla_impact(
        incident=incident_at(request, number).uid, text=text, actor=request.actor, now=request.now
    )
    return answer(request, refusal, back=f"{room_of(number)}/close")


@guard.act("workaround.change")
def waive(request: Request, number: int, workaround: str) -> HttpResponse:
    """A temporary measure stays, owned by somebody until a day."""
    incident, form = incident_at(request, number), WaiverForm(request.POST)
    refusal: Refusal | None
    if form.is_valid():
        refusal = closing.waive_workaround(
            incident=incident.uid,
            workaround=workaround,
            owner=form.cleaned_data["owner"],
            until=form.cleaned_data["until"],
            actor=request.actor,
            now=request.now,
        )
    else:
        refusal = too_long(typed(request, "owner"), LINE, "owner") or Refusal(
            "Name who owns the workaround that stays, and until which day.", "owner"
        )
    return answer(request, refusal, back=f"{room_of(number)}/close")


def _sent(request: Request) -> QueryDict | None:
    """What was sent, empty or not; None for a look."""
    return request.POST if request.method == "POST" else None


def _page(
    request: Request,
    incident: Incident,
    form: Form,
    gate: Gate,
    *,
    heading: str,
    text: str,
    button: str,
    rest: bool = False,
) -> HttpResponse:
    context: dict[str, Any] = {
        "section": "incidents",
        "incident": gate.incident,
        "heading": heading,
        "text": text,
        "button": button,
        "form": form,
        "criteria": gate.criteria,
        "effects": gate.effects,
        "open": gate.open,
        "refusal": gate.refusal,
        "practice": PRACTICE if incident.nature != "real" else None,
    }
    if rest:
        context |= _rest(gate)
    return render(request, "incidents/gate.html", context, status=422 if form.errors else 200)


def _rest(gate: Gate) -> dict[str, Any]:
    """What may have to be written before closing, each with its own small form."""
    return {
        "sla_form": SlaForm(initial={"text": gate.sla_impact}),
        "sla_url": f"{gate.incident.url}/sla-impact",
        "workarounds": gate.workarounds,
        "changes_missing": not gate.changes,
    }


urlpatterns = [
    path("incidents/<int:number>/resolve", resolve),
    path("incidents/<int:number>/close", close),
    path("incidents/<int:number>/cancel", cancel),
    path("incidents/<int:number>/merge", merge),
    path("incidents/<int:number>/sla-impact", sla_impact),
    path("incidents/<int:number>/workarounds/<slug:workaround>/waived", waive),
]
