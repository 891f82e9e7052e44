"""The alerts page: what came in, what became of it and why, and a person's word on what waits."""

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from antiphon.actions import groups
from antiphon.core.access import may
from antiphon.core.decision import Refusal
from antiphon.db.models import Incident
from antiphon.queries import alert_board
from antiphon.web.answers import done, refused
from antiphon.web.guard import act, page


@page("alert.see")
def board(request: Any) -> HttpResponse:
    """The stream, by state; `entity` narrows it to one thing in the catalog."""
    which = request.GET.get("state", "open")
    which = which if which in alert_board.FILTERS else "open"
    before, entity = _number(request.GET.get("before", "")), request.GET.get("entity", "")
    shown: dict[str, Any] = {"section": "alerts", "filters": _filters(which), "keys": alert_board.any_key()}
    if which == "unreadable":
        return render(request, "alerts/unreadable.html", {**shown, "rows": alert_board.unreadable()})
    found = alert_board.board(which, before=before, entity=entity, reader=request.actor)
    older = {"state": which, "before": found.older, **({"entity": entity} if entity else {})}
    shown |= {"alerts": found.alerts, "entity": entity, "may": _may(request.actor)}
    shown["live_url"] = "" if before else request.get_full_path()
    shown["older_url"] = f"/alerts?{urlencode(older)}" if found.older else ""
    return render(request, "alerts/list.html", shown)


@page("alert.see")
def alert(request: Any, integration: str, fingerprint: str) -> HttpResponse:
    """One alert with all that it said and what happened to it."""
    found = alert_board.whole(integration, fingerprint, reader=request.actor)
    if found is None:
        raise Http404
    return render(request, "alerts/alert.html", {"section": "alerts", "alert": found, "may": _may(request.actor)})


@act("alert.declare")
def answer(request: Any, group: str) -> HttpResponse:
    """A person says yes, this is an incident, or no, leave it alone."""
    yes = request.POST.get("answer") == "yes"
    refusal = None if yes else may(request.actor, "alert.dismiss")
    if refusal is not None:
        return refused(request, refusal, back="/alerts")
    reason = request.POST.get("reason", "").strip()[:300]
    came = groups.answer(group=group, yes=yes, reason=reason, actor=request.actor, now=request.now)
    if isinstance(came, Refusal):
        return refused(request, came, back="/alerts")
    if isinstance(came, Incident):
        return done(request, back=f"/incidents/{came.number}", said=_("Declared as incident #%d.") % came.number)
    return done(request, back="/alerts", said=_("Left alone until it ends and comes back."))


def _may(actor: Any) -> dict[str, bool]:
    """What the reader may do here, by the last word of the action."""
    actions = ("alert.declare", "alert.dismiss", "catalog.change")
    return {action.partition(".")[2]: may(actor, action) is None for action in actions}


def _filters(which: str) -> list[dict[str, Any]]:
    waiting = alert_board.counts()
    return [
        {
            "label": f"{label} {waiting[name]}" if waiting.get(name) else label,
            "url": f"/alerts?state={name}",
            "current": name == which,
        }
        for name, label in alert_board.FILTERS.items()
    ]


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else 0
