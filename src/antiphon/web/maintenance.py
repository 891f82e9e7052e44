"""Planned work: what is coming, under way and past; plan it, approve its announcement, begin and end it by hand."""

from datetime import timedelta
from typing import Any, Final

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _

from antiphon.actions import maintenance as actions
from antiphon.core.access import may
from antiphon.core.decision import Refusal
from antiphon.core.maintenance import State
from antiphon.queries import catalog_names, maintenance
from antiphon.queries.maintenance import Planned
from antiphon.web.answers import answer, done
from antiphon.web.forms import refusals
from antiphon.web.forms.maintenance import MaintenanceForm
from antiphon.web.forms.zoned import typed, zone_of
from antiphon.web.guard import act, form, page

HERE: Final = "/maintenance"
TURNS: Final = {"begin": State.IN_PROGRESS, "finish": State.COMPLETED, "cancel": State.CANCELLED}


@page("catalog.see")
def listing(request: Any) -> HttpResponse:
    """Everything planned, with what each may need next."""
    ahead, past = maintenance.all_planned()
    shown = {
        "section": "maintenance",
        "ahead": [_shown(request, each) for each in ahead],
        "past": past,
        "may_plan": may(request.actor, "maintenance.plan") is None,
    }
    return render(request, "maintenance/list.html", shown)


@form("maintenance.plan")
def add(request: Any) -> HttpResponse:
    """Plan new work."""
    return _form(request, None)


@form("maintenance.plan")
def edit(request: Any, plan: str) -> HttpResponse:
    """Change a plan; an approval of other words or times holds no longer."""
    found = maintenance.of_uid(plan)
    if found is None:
        raise Http404
    return _form(request, found)


@act("maintenance.approve")
def approve(request: Any, plan: str) -> HttpResponse:
    """The reader answers for exactly this text; it is published."""
    digest = request.POST.get("digest", "")
    refusal = actions.approve(maintenance=plan, digest=digest, actor=request.actor, now=request.now)
    return answer(request, refusal, back=HERE, said=_("Announced exactly as it stands."))


@act("maintenance.plan")
def turn(request: Any, plan: str, verb: str) -> HttpResponse:
    """Begin, finish or cancel it now."""
    if verb not in TURNS:
        raise Http404
    refusal = actions.turn(maintenance=plan, to=TURNS[verb], actor=request.actor, now=request.now)
    return answer(request, refusal, back=HERE, said=_("Done; readers who knew of it are told."))


def _form(request: Any, plan: Planned | None) -> HttpResponse:
    zone = zone_of(request.person)
    begin = request.now.replace(minute=0, second=0) + timedelta(days=1)
    known: dict[str, Any] = {"starts_at": typed(begin, zone), "ends_at": typed(begin + timedelta(hours=1), zone)}
    if plan is not None:
        known = {
            "title": plan.title,
            "entity": plan.entity,
            "body": plan.body,
            "remind": plan.remind_minutes,
            "starts_at": typed(plan.starts_at, zone),
            "ends_at": typed(plan.ends_at, zone),
        }
    entered = MaintenanceForm(request.POST or None, initial=known, zone=zone)
    if request.method == "POST" and entered.is_valid():
        uid = plan.uid if plan else ""
        kept = actions.plan(words=entered.words(), uid=uid, actor=request.actor, now=request.now)
        if not isinstance(kept, Refusal):
            return done(request, back=HERE, said=_("Planned."))
        refusals.show(entered, kept)
    shown = {
        "section": "maintenance",
        "form": entered,
        "plan": plan,
        "names": catalog_names.some(),
    }
    return render(request, "maintenance/edit.html", shown, status=422 if entered.errors else 200)


def _shown(request: Any, plan: Planned) -> dict[str, Any]:
    may_plan = may(request.actor, "maintenance.plan") is None
    waits = bool(plan.body) and not plan.announced and not plan.over
    return {
        "plan": plan,
        "edit_url": f"{HERE}/{plan.uid}/edit" if may_plan and plan.state == State.SCHEDULED else "",
        "approve_url": f"{HERE}/{plan.uid}/approve"
        if waits and may(request.actor, "maintenance.approve") is None and plan.author != str(request.actor)
        else "",
        "waits": waits,
        "begin_url": f"{HERE}/{plan.uid}/begin" if may_plan and plan.state == State.SCHEDULED else "",
        "finish_url": f"{HERE}/{plan.uid}/finish" if may_plan and plan.state == State.IN_PROGRESS else "",
        "cancel_url": f"{HERE}/{plan.uid}/cancel" if may_plan else "",
    }


urlpatterns = [
    path("maintenance", listing),
    path("maintenance/add", add),
    path("maintenance/<str:plan>/edit", edit),
    path("maintenance/<str:plan>/approve", approve),
    path("maintenance/<str:plan>/<str:verb>", turn),
]
