"""Who subscribed to a status page, for those who keep it: find one, end it, erase it."""

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from antiphon.actions import subscribers as actions
from antiphon.queries import subscribers as queries
from antiphon.web.answers import answer
from antiphon.web.guard import act, page
from antiphon.web.settings.tabs import tabs


@page("configuration.change")
def listing(request: Any, status_page: str) -> HttpResponse:
    """A part of the list, the newest first; addresses are for admins alone."""
    like = request.GET.get("q", "").replace("\0", "").strip()[:254]
    before = request.GET.get("before", "")
    known = int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None
    found = queries.of_page(status_page, like=like, before=known)
    if found is None:
        raise Http404
    name, some, more = found
    following = {**({"q": like} if like else {}), "before": more}
    shown = {
        "page_uid": status_page,
        "name": name,
        "subscribers": some,
        "like": like,
        "next_url": f"{_here(status_page)}?{urlencode(following)}" if more else "",
    }
    return render(request, "settings/subscribers.html", {**tabs("pages"), **shown})


@act("configuration.change")
def end(request: Any, status_page: str, subscriber: str) -> HttpResponse:
    """Nothing more goes to them."""
    refusal = actions.remove(subscriber=subscriber, for_good=False, actor=request.actor, now=request.now)
    return answer(request, refusal, back=_here(status_page), said=_("Nothing more of this page goes to them."))


@act("configuration.change")
def erase(request: Any, status_page: str, subscriber: str) -> HttpResponse:
    """Their address is forgotten."""
    refusal = actions.remove(subscriber=subscriber, for_good=True, actor=request.actor, now=request.now)
    return answer(request, refusal, back=_here(status_page), said=_("The address is erased and stays out."))


def _here(status_page: str) -> str:
    return f"/settings/pages/{status_page}/subscribers"
