"""How messages leave beside mail: SMS, chat and webhooks, each set up by the form that its channel declares."""

from dataclasses import asdict
from typing import Any, Final

from django import forms as django
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from antiphon.actions import settings
from antiphon.channels.channel import registry
from antiphon.channels.mail import NAME as MAIL
from antiphon.core.access import may
from antiphon.core.digest import Pace
from antiphon.db import channel_settings
from antiphon.db.models import Organisation
from antiphon.web.answers import done
from antiphon.web.forms import channels as forms
from antiphon.web.forms import refusals
from antiphon.web.guard import act, form, page
from antiphon.web.settings.tabs import tabs

TEXTS: Final = {
    "sms": "By Twilio, or a server that speaks its API. Who answers STOP gets nothing more.",
    "chat": "Into rooms of Slack, Mattermost, Rocket.Chat, Microsoft Teams, Google Chat and Discord by their incoming "
    "webhooks. There is nothing to enter: each room has a URL of its own.",
    "mastodon": "Texts for the public are posted on your account; see also Calls and posts.",
    "webhook": "To programs, as signed JSON (Standard Webhooks).",
}


class DigestForm(django.Form):
    """How many messages somebody in several incidents gets before the rest is gathered."""

    messages = django.IntegerField(
        label=_lazy("Messages"), min_value=0, max_value=100, help_text=_lazy("To one reader; 0 gathers nothing.")
    )
    minutes = django.IntegerField(
        label=_lazy("Minutes"), min_value=5, max_value=240, help_text=_lazy("At most one digest in this time.")
    )


@page("configuration.see")
def listing(request: Any) -> HttpResponse:
    """The channels, and whether each is set up and meant for the readers of status pages."""
    return _listing(request, DigestForm(initial=asdict(Pace.of(Organisation.only().settings))))


@act("configuration.change")
def digest(request: Any) -> HttpResponse:
    """From when on what is not urgent is gathered."""
    entered = DigestForm(request.POST)
    if entered.is_valid():
        refusal = settings.save_digest(**entered.cleaned_data, actor=request.actor, now=request.now)
        if refusal is None:
            return done(request, back="/settings/channels", said=_("Saved."))
        refusals.show(entered, refusal)
    return _listing(request, entered, status=422)


@form("configuration.change")
def channel(request: Any, channel: str) -> HttpResponse:
    """One channel's settings; a secret that is left empty stays as it was."""
    if channel not in registry() or channel == MAIL:
        raise Http404
    kept = forms.initial(channel_settings.load(channel), channel)
    entered = forms.channel_form(channel)(request.POST or None, initial=kept)
    if request.method == "POST" and entered.is_valid():
        values = forms.values_of(entered, channel)
        problems = settings.save_channel(channel=channel, values=values, actor=request.actor, now=request.now)
        if not problems:
            return done(request, back="/settings/channels", said=_("Saved."))
        forms.show(problems, entered)
    shown = {
        "heading": registry()[channel].label,
        "text": TEXTS.get(channel, ""),
        "form": entered,
        "submit": _("Save"),
    }
    return render(request, "settings/form.html", {**tabs("channels"), **shown})


def _listing(request: Any, digests: DigestForm, *, status: int = 200) -> HttpResponse:
    rows = [_row(name) for name in registry() if name != MAIL]
    shown = {"channels": rows, "form": digests, "may_change": may(request.actor, "configuration.change") is None}
    return render(request, "settings/channels.html", {**tabs("channels"), **shown}, status=status)


def _row(name: str) -> dict[str, Any]:
    values = channel_settings.load(name)
    return {
        "name": name,
        "label": registry()[name].label,
        "text": TEXTS.get(name, ""),
        "is_set_up": values is not None,
        "for_readers": bool(values and values.get("subscribers", name == "chat")),
        "url": f"/settings/channels/{name}",
    }


urlpatterns = [
    path("settings/channels", listing),
    path("settings/channels/digest/change", digest),
    path("settings/channels/<str:channel>", channel),
]
