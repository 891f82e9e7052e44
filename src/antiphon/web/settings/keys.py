"""Keys of those who send alerts, and tokens of programs."""

from datetime import timedelta
from typing import Any

from django import forms
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from antiphon.actions import keys, tokens
from antiphon.core.access import ROLES, may
from antiphon.core.decision import Refusal
from antiphon.db.models import ApiToken, Integration
from antiphon.queries import keys as queries
from antiphon.web import test_alerts
from antiphon.web.answers import answer, refused
from antiphon.web.forms.refusals import show
from antiphon.web.guard import act, form, page
from antiphon.web.settings.tabs import tabs
from antiphon.web.setup import arrived as arrival
from antiphon.web.setup import shown_key


class KeyForm(forms.Form):
    """A sender of alerts."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=120, help_text=gettext_lazy("What sends the alerts."))
    kind = forms.ChoiceField(label=gettext_lazy("Speaks"), choices=Integration.Kind.choices)


class TokenForm(forms.Form):
    """A program that uses the API."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=120, help_text=gettext_lazy("What will use it."))
    role = forms.ChoiceField(
        label=gettext_lazy("Role"),
        choices=[(role, role) for role in ROLES],
        initial="viewer",
        help_text=gettext_lazy("Whatever its role, a token never approves or sends outside."),
    )
    days = forms.IntegerField(
        label=gettext_lazy("Lasts, in days"), min_value=1, max_value=3650, required=False, initial=90
    )


@never_cache
@page("configuration.see")
def listing(request: Any) -> HttpResponse:
    """Every key, with what came in by it."""
    return _keys(request, KeyForm())


@never_cache
@act("configuration.change")
def add(request: Any) -> HttpResponse:
    """A new key: this answer is the only place that ever shows it."""
    entered = KeyForm(request.POST)
    if entered.is_valid():
        data = entered.cleaned_data
        made = keys.add(name=data["name"], kind=data["kind"], actor=request.actor, now=request.now)
        if not isinstance(made, Refusal):
            return _keys(request, KeyForm(), new_key=shown_key(data["name"].strip(), data["kind"], made))
        show(entered, made)
    return _keys(request, entered)


@act("configuration.change")
def off(request: Any, key: str) -> HttpResponse:
    """Nothing gets in by this key any more."""
    row = _find(key)
    refusal = keys.revoke(name=row.name, actor=request.actor, now=request.now)
    return answer(request, refusal, back="/settings/keys", said=_("The key of %s is off.") % row.name)


@act("alert.declare")
def test(request: Any, key: str) -> HttpResponse:
    """Send a test alert through our own door; the page then follows it."""
    marker = test_alerts.send(_find(key), now=request.now)
    if isinstance(marker, Refusal):
        return refused(request, marker, back="/settings/keys")
    return HttpResponseRedirect(f"/settings/keys?test={marker}")


@page("alert.see")
def arrived(request: Any) -> HttpResponse:
    """How far a test alert has come: a part of a page, asked for until it is there."""
    marker = request.GET.get("marker", "")[:60]
    return render(request, "parts/arrived.html", {"arrived": arrival(marker, request.actor), "marker": marker})


def _keys(request: Any, entered: KeyForm, new_key: dict[str, Any] | None = None) -> HttpResponse:
    marker = request.GET.get("test", "")[:60]
    shown = {
        **tabs("keys"),
        "keys": queries.listed(),
        "new_key": new_key,
        "form": entered if may(request.actor, "configuration.change") is None else None,
        "may_test": may(request.actor, "alert.declare") is None,
        "marker": marker,
        "arrived": arrival(marker, request.actor) if marker else None,
    }
    return render(request, "settings/keys.html", shown)


def _find(key: str) -> Integration:
    row = Integration.objects.filter(uid=key).first()
    if row is None:
        raise Http404
    return row


@never_cache
@form("token.change")
def api_tokens(request: Any) -> HttpResponse:
    """Tokens in use, and a new one, shown once."""
    entered, made = TokenForm(request.POST or None), ""
    if request.method == "POST" and entered.is_valid():
        data = entered.cleaned_data
        lasts = timedelta(days=data["days"]) if data["days"] else None
        said = tokens.add(name=data["name"], role=data["role"], lasts=lasts, actor=request.actor, now=request.now)
        if isinstance(said, Refusal):
            show(entered, said)
        else:
            entered, made = TokenForm(), said
    rows = ApiToken.objects.filter(revoked_at=None).order_by("name")
    return render(request, "settings/tokens.html", {**tabs("tokens"), "tokens": rows, "new": made, "form": entered})


@act("token.change")
def revoke_token(request: Any, token: str) -> HttpResponse:
    """The token opens nothing any more."""
    refusal = tokens.revoke(name=token, actor=request.actor, now=request.now)
    return answer(request, refusal, back="/settings/tokens", said=_("The token opens nothing any more."))
