"""The link in a message that asks for approval: GET shows every word and changes nothing, POST approves exactly these.

It works without a sign-in: the link is signed, one person's, and ends after a day. What was changed since is shown only
when it is asked for, and approved by what it says then.
"""

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _

from antiphon.actions import asking, updates
from antiphon.core.decision import Refusal
from antiphon.db.models import Update
from antiphon.queries import asked
from antiphon.web import guard
from antiphon.web.answers import answer, behind_a_link
from antiphon.web.at import incident_at, room_of
from antiphon.web.guard import Request
from antiphon.web.room import PRACTICE
from antiphon.web.typed import typed

ALL = "all"


@guard.public("whoever holds the link was asked; its signature stands for the sign-in, for one person and one day")
def approve(request: Request, signed: str) -> HttpResponse:
    """Mail scanners follow links, so a look changes nothing; the buttons do."""
    found = asked.find(signed, now=request.now)
    if found is None:
        raise Http404
    if request.method != "POST":
        return _shown(request, found)
    refusal = _sent_back(request, found) if "note" in request.POST else _approved(request, found)
    if refusal is None:
        return HttpResponseRedirect(request.path + ("?said=back" if "note" in request.POST else "?said=yes"))
    return _shown(request, asked.find(signed, now=request.now) or found, refusal)


@guard.act("update.draft")
def ask(request: Request, number: int, update: str) -> HttpResponse:
    """Put the texts of an update to those who may approve them."""
    incident = incident_at(request, number)
    found = Update.objects.filter(uid=update, incident=incident).first()
    if found is None:
        raise Http404
    refusal = asking.ask(update=update, actor=request.actor, now=request.now)
    back = f"{room_of(number)}/tell?moment={found.moment}#sending"
    return answer(request, refusal, back=back, said=_("Asked. Those who may approve it have been told."))


def _approved(request: Request, found: asked.Asked) -> Refusal | None:
    """A yes to the text chosen, or to all that were shown; the first that cannot be given stops the rest."""
    if found.ended:
        return Refusal(found.ended)
    chosen = typed(request, "audience")
    texts = [text for text in found.open_texts if chosen in (ALL, text.audience)]
    refusal = None if texts else Refusal(_why_none(found, chosen))
    for text in texts:
        digest = typed(request, f"digest-{text.audience}")
        refusal = refusal or updates.approve(
            update=found.update, audience=text.audience, digest=digest, actor=found.actor, now=request.now
        )
    return refusal


def _why_none(found: asked.Asked, chosen: str) -> str:
    reasons = [text.why_not for text in found.texts if chosen in (ALL, text.audience) and text.why_not]
    if reasons:
        return reasons[0]
    given = any(text.approved for text in found.texts if chosen in (ALL, text.audience))
    return _("This text is approved already.") if given else _("There is no such text in this update.")


def _sent_back(request: Request, found: asked.Asked) -> Refusal | None:
    if found.ended:
        return Refusal(found.ended)
    return asking.send_back(update=found.update, note=typed(request, "note"), actor=found.actor, now=request.now)


def _shown(request: Request, found: asked.Asked, refusal: Refusal | None = None) -> HttpResponse:
    """The words as they stand; those changed since only on a second look, so that nobody takes them for the others."""
    context = {
        "asked": found,
        "shows": not found.changed or request.GET.get("text") == "now" or request.method == "POST",
        "refusal": refusal.sentence if refusal else "",
        "note": typed(request, "note") if refusal else "",
        "said": request.GET.get("said", "") if refusal is None else "",
        "practice": PRACTICE if found.practice else None,
    }
    return behind_a_link(render(request, "approve.html", context, status=422 if refusal else 200))


urlpatterns = [
    path("approve/<str:signed>", approve),
    path("incidents/<int:number>/updates/<slug:update>/asking", ask),
]
