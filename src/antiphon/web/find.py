"""Finding, from the palette and on a page of its own; and the page of keys."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path

from antiphon.queries import find
from antiphon.web import guard
from antiphon.web.answers import by_script
from antiphon.web.guard import Request


@guard.page("incident.see")
def show(request: Request) -> HttpResponse:
    """What matches; only the lines when the palette asks."""
    wanted = request.GET.get("q", "").replace("\0", "")
    results = find.find(wanted, reader=request.actor)
    name = "find_results.html" if by_script(request) else "find.html"
    return render(request, name, {"q": wanted, "results": results})


@guard.page("incident.see")
def help_page(request: Request) -> HttpResponse:
    """The keys."""
    return render(request, "help.html")


urlpatterns = [
    path("find", show),
    path("help", help_page),
]
