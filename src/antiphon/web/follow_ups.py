"""The contract matters of an incident: figures, the message to each customer alone, its approval and sending."""

from typing import Any

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from antiphon.actions import follow_ups as actions
from antiphon.core.access import may
from antiphon.core.audiences import LONGEST_BODY
from antiphon.core.updates import LONGEST_SUBJECT
from antiphon.db.models import FollowUp, Incident
from antiphon.queries import follow_ups, incidents
from antiphon.web import guard
from antiphon.web.answers import answer, done
from antiphon.web.at import incident_at, room_of
from antiphon.web.forms import refusals
from antiphon.web.guard import Request
from antiphon.web.room import PRACTICE
from antiphon.web.typed import typed


class MessageForm(forms.Form):
    """The words to the customer."""

    subject = forms.CharField(label=gettext_lazy("Subject"), max_length=LONGEST_SUBJECT)
    body = forms.CharField(
        label=gettext_lazy("Text"),
        max_length=LONGEST_BODY,
        widget=forms.Textarea(attrs={"rows": 14}),
        help_text=gettext_lazy("To this customer alone. What stands in double brackets is still to be filled in."),
    )


@guard.page("incident.see")
def show(request: Request, number: int) -> HttpResponse:
    """Every contract that the incident touched; `?edit=` opens one message."""
    return _page(request, incident_at(request, number), editing=request.GET.get("edit", ""))


@guard.act("update.draft")
def ask(request: Request, number: int) -> HttpResponse:
    """A message about a contract that was not breached."""
    refusal = actions.ask(
        incident=incident_at(request, number).uid,
        contract=typed(request, "contract"),
        actor=request.actor,
        now=request.now,
    )
    return answer(request, refusal, back=_here(number), said=_("A draft is ready."))


@guard.act("update.draft")
def edit(request: Request, number: int, matter: str) -> HttpResponse:
    """Other words."""
    incident, form = incident_at(request, number), MessageForm(request.POST)
    uid = _matter(incident, matter)
    if form.is_valid():
        refusal = actions.edit(follow_up=uid, **form.cleaned_data, actor=request.actor, now=request.now)
        if refusal is None:
            return done(request, back=f"{_here(number)}#matter-{uid}", said=_("Saved."))
        refusals.show(form, refusal)
    return _page(request, incident, editing=uid, form=form)


@guard.act("update.approve")
def approve(request: Request, number: int, matter: str) -> HttpResponse:
    """A yes to exactly the bytes that were shown."""
    uid = _matter(incident_at(request, number), matter)
    refusal = actions.approve(follow_up=uid, digest=typed(request, "digest"), actor=request.actor, now=request.now)
    return answer(request, refusal, back=f"{_here(number)}#matter-{uid}", said=_("Approved exactly as it stands."))


@guard.act("update.publish")
def send(request: Request, number: int, matter: str) -> HttpResponse:
    """To this contract's customer, now."""
    uid = _matter(incident_at(request, number), matter)
    refusal = actions.send(follow_up=uid, actor=request.actor, now=request.now)
    return answer(request, refusal, back=f"{_here(number)}#matter-{uid}", said=_("Sent."))


@guard.act("incident.close")
def waive(request: Request, number: int, matter: str) -> HttpResponse:
    """Settled without a message, with the reason."""
    uid = _matter(incident_at(request, number), matter)
    refusal = actions.waive(follow_up=uid, reason=typed(request, "reason"), actor=request.actor, now=request.now)
    return answer(request, refusal, back=f"{_here(number)}#matter-{uid}")


def _page(request: Request, incident: Incident, *, editing: str, form: MessageForm | None = None) -> HttpResponse:
    matters = follow_ups.of_incident(incident, reader=request.actor, now=request.now)
    message = next((each.message for each in matters if each.message and each.message.uid == editing), None)
    if form is None and message is not None and message.may_edit:
        form = MessageForm(initial={"subject": message.subject, "body": message.body})
    shown: dict[str, Any] = {
        "section": "incidents",
        "incident": incidents.head(incident, stage="", commander="", promised=()),
        "matters": matters,
        "resolved": incident.resolved_at is not None,
        "editing": editing,
        "form": form,
        "may_draft": may(request.actor, "update.draft") is None,
        "practice": PRACTICE if incident.nature != "real" else None,
    }
    return render(request, "incidents/follow_ups.html", shown, status=422 if form and form.errors else 200)


def _matter(incident: Incident, matter: str) -> str:
    """The matter's id, when it is one of this incident."""
    found = FollowUp.objects.filter(uid=matter, incident=incident).values_list("uid", flat=True).first()
    if found is None:
        raise Http404
    return found


def _here(number: int) -> str:
    return f"{room_of(number)}/follow-ups"


urlpatterns = [
    path("incidents/<int:number>/follow-ups", show),
    path("incidents/<int:number>/follow-ups/asked", ask),
    path("incidents/<int:number>/follow-ups/<slug:matter>/text", edit),
    path("incidents/<int:number>/follow-ups/<slug:matter>/approval", approve),
    path("incidents/<int:number>/follow-ups/<slug:matter>/sent", send),
    path("incidents/<int:number>/follow-ups/<slug:matter>/waived", waive),
]
