"""Settings of status pages: which there are, what each shows, and the links of private ones."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from antiphon.actions import status_pages as actions
from antiphon.core.access import may
from antiphon.core.decision import Refusal
from antiphon.queries import catalog_names, page_targets, status_pages
from antiphon.web.answers import answer, done
from antiphon.web.forms import refusals
from antiphon.web.forms.status_pages import StatusPageForm
from antiphon.web.guard import act, form, page
from antiphon.web.settings.tabs import tabs

HERE = "/settings/pages"


@page("configuration.see")
def listing(request: Any) -> HttpResponse:
    """Every page with its link."""
    may_change = may(request.actor, "configuration.change") is None
    shown = {"pages": status_pages.kept(), "targets": page_targets.kept(), "may_change": may_change}
    return render(request, "settings/pages.html", {**tabs("pages"), **shown})


@form("configuration.change")
def add(request: Any) -> HttpResponse:
    """Another page."""
    return _form(request, None)


@form("configuration.change")
def edit(request: Any, page: str) -> HttpResponse:
    """Change a page."""
    found = next((each for each in status_pages.kept() if each.uid == page and not each.own), None)
    if found is None:
        raise Http404
    return _form(request, found)


@act("configuration.change")
def renew(request: Any, page: str) -> HttpResponse:
    """The link before opens the page no more."""
    refusal = actions.renew_link(page=page, actor=request.actor, now=request.now)
    return answer(request, refusal, back=HERE, said=_("The page has a new link; the old one opens nothing."))


@act("configuration.change")
def remove(request: Any, page: str) -> HttpResponse:
    """Take a page away."""
    refusal = actions.remove(page=page, actor=request.actor, now=request.now)
    return answer(request, refusal, back=HERE, said=_("The page is gone."))


def _form(request: Any, kept: status_pages.PageKept | None) -> HttpResponse:
    known: dict[str, Any] = {"audience": "public"}
    if kept:
        known = {name: getattr(kept, name) for name in ("name", "slug", "audience", "private", "reader")}
        known["components"] = "\n".join(kept.components)
    entered = StatusPageForm(request.POST or None, initial=known)
    if request.method == "POST" and entered.is_valid():
        uid = kept.uid if kept else ""
        saved = actions.save(shown=entered.shown(), uid=uid, actor=request.actor, now=request.now)
        if not isinstance(saved, Refusal):
            return done(request, back=HERE, said=_("Saved."))
        refusals.show(entered, saved)
    shown = {
        "heading": kept.name if kept else _("Add a status page"),
        "form": entered,
        "names": catalog_names.some(),
        "readers": status_pages.readers(),
    }
    return render(request, "settings/page.html", {**tabs("pages"), **shown}, status=422 if entered.errors else 200)
