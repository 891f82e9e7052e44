"""The auditor: what it found, and the address outside that hears of every audit that passed."""

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from antiphon import clock
from antiphon.actions import auditing as actions
from antiphon.core.access import may
from antiphon.db import dead_man
from antiphon.queries import auditing
from antiphon.web.answers import done
from antiphon.web.forms import refusals
from antiphon.web.guard import act, page
from antiphon.web.settings.tabs import tabs


class WatchForm(forms.Form):
    """The address; it is a secret, and never shown."""

    url = forms.CharField(
        label=gettext_lazy("Address"),
        required=False,
        max_length=500,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "placeholder": "unchanged when left empty"}),
        help_text=gettext_lazy("Such as the ping address of a check at a monitoring service."),
    )
    off = forms.BooleanField(label=gettext_lazy("Call nobody"), required=False)


@page("configuration.see")
def listing(request: Any) -> HttpResponse:
    """The last audit, what it found, and the form."""
    return _shown(request, WatchForm())


@act("configuration.change")
def change(request: Any) -> HttpResponse:
    """Set the address, or take it away."""
    entered = WatchForm(request.POST)
    if entered.is_valid():
        url, off = entered.cleaned_data["url"].strip(), entered.cleaned_data["off"]
        refusal = actions.watch(url=url, actor=request.actor, now=request.now) if url or off else None
        if refusal is None:
            return done(request, back="/settings/watch", said=_("Saved."))
        refusals.show(entered, refusal)
    return _shown(request, entered)


def _shown(request: Any, entered: WatchForm) -> HttpResponse:
    shown = {
        "form": entered,
        "may_change": may(request.actor, "configuration.change") is None,
        "set": dead_man.is_set(),
        "looked": auditing.last(pace=clock.rate(), now=request.now),
        "found": auditing.found(reader=request.actor, limit=50, pace=clock.rate(), now=request.now),
        "history": auditing.history(reader=request.actor),
    }
    return render(request, "settings/watch.html", {**tabs("watch"), **shown}, status=422 if entered.errors else 200)
