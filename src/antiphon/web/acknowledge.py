"""The link in a page: GET shows what was paged, POST acknowledges it. Works without a sign-in, by the link's secret."""

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path

from antiphon.actions import paging
from antiphon.queries import pages
from antiphon.web import guard
from antiphon.web.guard import Request


@guard.public("whoever holds the link was paged; the secret in it stands for the sign-in, and it says little")
def acknowledge(request: Request, token: str) -> HttpResponse:
    """Mail scanners follow links, so a look changes nothing; the button does."""
    if request.method == "POST":
        if paging.acknowledge_page(token=token, via="the link in the page", now=request.now) is None:
            raise Http404
        return HttpResponseRedirect(request.path)
    page = pages.find(token, now=request.now)
    if page is None:
        raise Http404
    response = render(request, "acknowledge.html", {"page": page, "practice": page.practice or None})
    response.headers["Cache-Control"] = "no-store"
    return response


urlpatterns = [path("acknowledge/<str:token>", acknowledge)]
