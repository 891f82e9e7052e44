"""What came back from readers, as our own people see it beside the texts; and seeing to a reply."""

from typing import Any

from django.http import HttpResponse
from django.urls import path
from django.utils.translation import gettext as _

from antiphon.actions.reactions import replies as actions
from antiphon.core.access import may
from antiphon.db.models import Incident
from antiphon.queries import people
from antiphon.queries.reactions import figures, replies
from antiphon.web import guard
from antiphon.web.answers import answer
from antiphon.web.at import incident_at, room_of
from antiphon.web.guard import Request


@guard.act("incident.note")
def answered(request: Request, number: int, reply: str) -> HttpResponse:
    """Somebody has seen to a reply."""
    incident = incident_at(request, number)
    refusal = actions.answer(reply=reply, incident=incident.uid, actor=request.actor, now=request.now)
    return answer(request, refusal, back=f"{room_of(number)}/tell#replies", said=_("Marked as answered."))


def beside(request: Request, incident: Incident, update: str) -> dict[str, Any]:
    """What the screen Tell shows below the versions of an update (uid, "" for one not published yet)."""
    return {
        "heard": tuple(figures.of_update(update).values()) if update else (),
        "replies": replies.of_incident(incident, people.names()),
        "may_answer": may(request.actor, "incident.note") is None,
    }


urlpatterns = [path("incidents/<int:number>/replies/<slug:reply>/answered", answered)]
