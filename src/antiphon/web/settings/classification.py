"""Settings → Classification, with what they would have made of the past before they are saved; and who holds roles."""

import hashlib
from datetime import timedelta
from typing import Any, Final

import msgspec
from django.forms import BoundField
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from antiphon.actions import classification as actions
from antiphon.actions import duty_roles as roles_actions
from antiphon.core.access import may
from antiphon.core.classification import Classification, check, differences
from antiphon.core.questions import QUESTIONS
from antiphon.core.severity import LEVELS
from antiphon.db import classification
from antiphon.queries import duty_roles, oncall, people, replay
from antiphon.web.answers import answer, done
from antiphon.web.forms.classification import ClassificationForm, initial
from antiphon.web.guard import act, page
from antiphon.web.settings.tabs import tabs

HERE: Final = "/settings/classification"
LOOK_BACK: Final = timedelta(days=365)
NEWEST: Final = 1_000
"""Incidents that the page replays; the command replays any number."""
LISTED: Final = 20


@page("configuration.see")
def listing(request: Any) -> HttpResponse:
    """What holds now."""
    return _shown(request, ClassificationForm(initial=initial(classification.current())))


@act("configuration.change")
def change(request: Any) -> HttpResponse:
    """First what these settings would have made of the past; then, sent again as they were shown, they hold."""
    form = ClassificationForm(request.POST)
    if not form.is_valid():
        return _shown(request, form, status=422)
    rules = form.rules()
    if wrong := check(rules, questions={question.number for question in QUESTIONS}):
        form.refuse(wrong)
        return _shown(request, form, status=422)
    mark = _mark(rules)
    if request.POST.get("looked") != mark or request.POST.get("do") != "save":
        return _shown(request, form, looked=mark, would=_would(rules, now=request.now))
    if wrong := actions.change(rules=rules, actor=request.actor, now=request.now):
        form.refuse(wrong)
        return _shown(request, form, status=422)
    return done(request, back=HERE, said=_("Saved. Open incidents are asked again with it."))


@page("configuration.see")
def roles(request: Any) -> HttpResponse:
    """Who holds each role that an answer brings in."""
    shown = {
        "roles": duty_roles.held(now=request.now),
        "people": people.active(),
        "rotas": [rota.name for _uid, rota in oncall.rotas()],
        "severities": [(0, _("never: a notice")), *((number, f"SEV{number}") for number in range(1, 6))],
        "may_change": may(request.actor, "configuration.change") is None,
    }
    return render(request, "settings/roles.html", {**tabs("roles"), **shown})


@act("configuration.change")
def name_role(request: Any) -> HttpResponse:
    """Somebody holds a role from now on, or nobody does."""
    kind, _colon, target = request.POST.get("holder", "").partition(":")
    page_from = request.POST.get("page_from", "")
    refusal = roles_actions.name(
        role=request.POST.get("role", ""),
        kind=kind,
        target=target,
        page_from=int(page_from) if page_from in tuple("012345") else -1,
        actor=request.actor,
        now=request.now,
    )
    return answer(request, refusal, back="/settings/roles", said=_("Saved."))


def _would(rules: Classification, *, now: Any) -> dict[str, Any]:
    found = list(replay.replayed(since=now - LOOK_BACK, rules=rules, now=now, newest=NEWEST))
    told = replay.totals(found)
    return {
        "looked_at": told["incidents"],
        "other": told["other_verdicts"],
        "changes": told["changes"],
        "told": told["told_more_or_less"],
        "listed": [one for one in found if one.differs][:LISTED],
        "answers": [one for one in found if one.answers and not one.differs][:LISTED],
    }


def _mark(rules: Classification) -> str:
    return hashlib.sha256(msgspec.json.encode(differences(rules), order="deterministic")).hexdigest()[:16]


def _shown(
    request: Any, form: ClassificationForm, *, looked: str = "", would: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    def fields(*names: str) -> list[BoundField]:
        return [form[name] for name in names]

    per_question = {
        3: fields("near_share", "contract_areas"),
        4: fields("access_lost", "compliance_areas"),
        6: fields("percentile", "enough"),
    }
    shown = {
        "form": form,
        "questions": [
            {
                "number": each.number,
                "text": each.text,
                "fields": [
                    *per_question.get(each.number, ()),
                    *fields(f"pulls_in_{each.number}", f"pulls_in_at_sev1_{each.number}"),
                ],
            }
            for each in QUESTIONS
        ],
        "verdict_fields": fields("not_production", "paperwork_areas", "answer_within", "tells"),
        "severity_fields": fields("alert_severities", "must_match"),
        "levels": [str(level) for level in LEVELS],
        "matrix": [{"impact": str(i), "cells": fields(*(f"matrix_{i}_{u}" for u in LEVELS))} for i in LEVELS],
        "targets": fields(*(f"target_{level}" for level in LEVELS)),
        "looked": looked,
        "would": would,
        "may_change": may(request.actor, "configuration.change") is None,
    }
    return render(request, "settings/classification.html", {**tabs("classification"), **shown}, status=status)
