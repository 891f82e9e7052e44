"""The first page: what is on fire, what is promised next, who is on call, what waits for the reader."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path

from antiphon import clock
from antiphon.queries import now
from antiphon.web import guard
from antiphon.web.guard import Request


@guard.page("incident.see")
def show(request: Request) -> HttpResponse:
    """Now."""
    loaded = now.load(request.actor, pace=clock.rate(), now=request.now)
    shown = {name: getattr(loaded, name) for name in loaded.__slots__}
    return render(request, "now.html", shown | {"section": "now"})


urlpatterns = [path("", show)]
