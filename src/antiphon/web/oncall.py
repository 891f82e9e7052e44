"""The on-call page: who now and next, the coming weeks, whom an incident would page, and how you are reached."""

from datetime import timedelta
from typing import Any, Final

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from antiphon.actions import contacts
from antiphon.actions import oncall as actions
from antiphon.core.access import may
from antiphon.core.decision import Refusal
from antiphon.db.models import Entity, RotaOverride
from antiphon.queries import oncall as queries
from antiphon.web.answers import answer, done, refused
from antiphon.web.forms.oncall import OverrideForm, SimulateForm
from antiphon.web.forms.refusals import show
from antiphon.web.forms.zoned import typed, zone_of
from antiphon.web.guard import act, page

MOST_NAMES: Final = 2_000
A_DAY: Final = timedelta(days=1)


@page("on_call.see")
def now(request: Any) -> HttpResponse:
    """Everything about who is on call; `at` and `service` ask who would be paged then."""
    return _shown(request, None)


@act("on_call.override")
def override(request: Any) -> HttpResponse:
    """Somebody takes over for a while."""
    entered = OverrideForm(request.POST, zone=zone_of(request.person), rotas=queries.rotas())
    if entered.is_valid():
        made = actions.override(**entered.cleaned_data, actor=request.actor, now=request.now)
        if not isinstance(made, Refusal):
            return done(request, back="/on-call", said=_("%s takes over.") % made.person.name)
        show(entered, made)
    return _shown(request, entered)


@act("on_call.override")
def end_override(request: Any, override: str) -> HttpResponse:
    """The rota goes on as it was."""
    refusal = actions.end_override(override=override, actor=request.actor, now=request.now)
    return answer(request, refusal, back="/on-call", said=_("The rota goes on as it was."))


@act("on_call.see")
def test_contact(request: Any, method: int) -> HttpResponse:
    """A message to one of your own ways to be reached; the page then says what became of it."""
    queued = contacts.send_test(person=request.person, method=method, actor=request.actor, now=request.now)
    if isinstance(queued, Refusal):
        return refused(request, queued, back="/on-call")
    return done(request, back="/on-call?tested=1#reached", said=_("A test is on its way."))


def _shown(request: Any, entered: OverrideForm | None) -> HttpResponse:
    zone, rotas = zone_of(request.person), queries.rotas()
    asked = SimulateForm(request.GET if "at" in request.GET else None, zone=zone)
    at = (asked.cleaned_data["at"] if asked.is_bound and asked.is_valid() else None) or request.now
    service = asked.cleaned_data.get("service", "") if asked.is_bound and asked.is_valid() else ""
    mine = queries.contacts(request.person)
    begin = {"starts_at": typed(request.now, zone), "ends_at": typed(request.now + A_DAY, zone)}
    shown = {
        "section": "oncall",
        "rotas": queries.on_duty(rotas, at=request.now),
        "form": asked,
        "simulate": queries.simulate(service, at=at),
        "asked": asked.is_bound,
        "calendar": queries.calendar(rotas, now=request.now),
        "override_form": entered or OverrideForm(initial=begin, zone=zone, rotas=rotas) if rotas else None,
        "may_override": may(request.actor, "on_call.override") is None,
        "overrides": _overrides(request.now),
        "names": Entity.objects.values_list("name", flat=True)[:MOST_NAMES],
        "my_contacts": mine,
        "refresh": "tested" in request.GET and any(each.state == "queued" for each in mine),
    }
    return render(request, "oncall/now.html", shown)


def _overrides(at: Any) -> list[dict[str, Any]]:
    rows = RotaOverride.objects.filter(ends_at__gt=at).select_related("rota", "person").order_by("starts_at")
    return [
        {
            "rota": row.rota.name,
            "person": row.person.name,
            "starts_at": row.starts_at,
            "ends_at": row.ends_at,
            "end_url": f"/on-call/overrides/{row.uid}/end",
        }
        for row in rows
    ]
