"""Behind the links of a customer's mail: what its reader says of it, and, where it is turned on, opens and clicks.

Mail scanners follow every link and fetch every picture, so a look changes nothing that anybody acts on: readers say
what they say by a button. No cookie is set and no address of theirs is kept.
"""

from base64 import b64decode
from typing import Any, Final

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from antiphon.actions.reactions import saying
from antiphon.core.decision import Refusal
from antiphon.db import reaction_links
from antiphon.queries.reactions import own
from antiphon.web.answers import behind_a_link
from antiphon.web.guard import public
from antiphon.web.typed import typed

PICTURE: Final = b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
"""One transparent pixel."""
_WHY: Final = "customers have no account; the signed link names the one mail that it answers"


@csrf_exempt  # the signed address is the proof, and no cookie is set for a reader
@public(_WHY)
def heard(request: Any, token: str) -> HttpResponse:
    """GET shows what can be said of a mail, POST says it."""
    delivery = reaction_links.answered_by(token)
    refusal = _say(request, delivery) if delivery and request.method == "POST" else None
    if delivery and request.method == "POST" and refusal is None:
        return behind_a_link(HttpResponseRedirect(request.path))
    said = own.said(delivery) if delivery else None
    shown = {"said": said, "refusal": refusal.sentence if refusal else "", "typed": typed(request, "comment")}
    return behind_a_link(render(request, "heard.html", shown, status=404 if said is None else 422 if refusal else 200))


@public(_WHY)
def opened(request: Any, token: str) -> HttpResponse:
    """The picture of one pixel, whoever asks; that it was fetched counts only where opens are measured."""
    delivery = reaction_links.measured_by(token)
    if delivery and request.method == "GET" and reaction_links.measured().opens:
        saying.opened(delivery=delivery, now=request.now)
    return behind_a_link(HttpResponse(PICTURE, content_type="image/gif"))


@public(_WHY)
def followed(request: Any, token: str) -> HttpResponse:
    """On to an address that stands in the mail, and to no other."""
    url = request.META.get("QUERY_STRING", "").partition("to=")[2]
    delivery = reaction_links.measured_by(token)
    counts = request.method == "GET" and reaction_links.measured().clicks
    found = saying.followed(delivery=delivery, url=url, counts=counts, now=request.now) if delivery else None
    if found is None:
        return behind_a_link(render(request, "heard.html", {"said": None, "refusal": "", "typed": ""}, status=404))
    answer = HttpResponse(status=302, headers={"Location": found})
    return behind_a_link(answer)


def _say(request: Any, delivery: str) -> Refusal | None:
    what, now = typed(request, "what"), request.now
    if what == "read":
        return saying.acknowledge(delivery=delivery, now=now)
    if what in ("helpful", "unhelpful"):
        comment = request.POST.get("comment", "").replace("\0", "")
        return saying.rate(delivery=delivery, helpful=what == "helpful", comment=comment, now=now)
    if what in ("technical", "plain"):
        return saying.wish(delivery=delivery, technical=what == "technical", now=now)
    return Refusal("Choose one of the buttons below.", "what")


urlpatterns = [
    path("heard/<str:token>", heard),
    path("opened/<str:token>.gif", opened),
    path("followed/<str:token>", followed),
]
