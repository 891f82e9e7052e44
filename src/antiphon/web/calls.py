"""Calls to the largest accounts, and posts that a person makes: whom, the words, and what came of it."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _

from antiphon.actions import calls as actions
from antiphon.actions import social as posting
from antiphon.core.access import may
from antiphon.core.decision import Refusal
from antiphon.db.models import Call, Incident, SocialPost
from antiphon.queries import calls, incidents, people, social
from antiphon.web import guard
from antiphon.web.answers import answer
from antiphon.web.at import incident_at, room_of
from antiphon.web.guard import Request
from antiphon.web.room import PRACTICE
from antiphon.web.typed import typed

OUTCOMES = (
    ("reached", _("Reached")),
    ("asks", _("Reached, asks for something")),
    ("message", _("Left a message")),
    ("not_reached", _("Not reached, try again")),
)


@guard.page("incident.see")
def show(request: Request, number: int) -> HttpResponse:
    """Every call and post of the incident."""
    incident = incident_at(request, number)
    shown = {
        "section": "incidents",
        "incident": incidents.head(incident, stage="", commander="", promised=()),
        "calls": calls.of_incident(incident),
        "posts": social.of_incident(incident),
        "outcomes": OUTCOMES,
        "people": people.active(),
        "reader_name": request.person.name,
        "may_call": may(request.actor, "task.change") is None and incident.closed_at is None,
        "practice": PRACTICE if incident.nature != "real" else None,
    }
    return render(request, "incidents/calls.html", shown)


@guard.act("task.change")
def tried(request: Request, number: int, call: str) -> HttpResponse:
    """What came of ringing them up."""
    refusal = actions.tried(
        call=_call(incident_at(request, number), call),
        outcome=typed(request, "outcome"),
        note=typed(request, "note"),
        person=request.person,
        actor=request.actor,
        now=request.now,
    )
    return answer(request, refusal, back=f"{room_of(number)}/calls", said=_("Written down."))


@guard.act("task.change")
def give(request: Request, number: int, call: str) -> HttpResponse:
    """Take a call over, or hand it to somebody."""
    uid, wanted = _call(incident_at(request, number), call), request.POST.get("person", "me")
    person = request.person if wanted == "me" else people.find(wanted)
    refusal: Refusal | None
    if person is None:
        refusal = Refusal("There is nobody of that name any more: reload the page and choose again.", "person")
    else:
        refusal = actions.give(call=uid, person=person, actor=request.actor, now=request.now)
    return answer(request, refusal, back=f"{room_of(number)}/calls")


@guard.act("task.change")
def waive(request: Request, number: int, call: str) -> HttpResponse:
    """Let a call go, with the reason."""
    uid = _call(incident_at(request, number), call)
    refusal = actions.waive(call=uid, reason=typed(request, "reason"), actor=request.actor, now=request.now)
    return answer(request, refusal, back=f"{room_of(number)}/calls")


@guard.act("task.change")
def posted(request: Request, number: int, post: str) -> HttpResponse:
    """The post is made; where it stands."""
    found = SocialPost.objects.filter(uid=post, incident=incident_at(request, number)).first()
    if found is None:
        raise Http404
    refusal = posting.posted(
        post=found.uid, url=typed(request, "url"), person=request.person, actor=request.actor, now=request.now
    )
    return answer(request, refusal, back=f"{room_of(number)}/calls#posts", said=_("Written down."))


def _call(incident: Incident, call: str) -> str:
    """The call's id, when it is one of this incident."""
    found = Call.objects.filter(uid=call, incident=incident).values_list("uid", flat=True).first()
    if found is None:
        raise Http404
    return found


urlpatterns = [
    path("incidents/<int:number>/calls", show),
    path("incidents/<int:number>/calls/<slug:call>/attempts", tried),
    path("incidents/<int:number>/calls/<slug:call>/owner", give),
    path("incidents/<int:number>/calls/<slug:call>/waived", waive),
    path("incidents/<int:number>/posts/<slug:post>", posted),
]
