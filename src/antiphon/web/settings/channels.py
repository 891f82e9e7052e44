"""How messages leave beside mail: SMS, chat and webhooks, each set up by the form that its channel declares."""

from typing import Any, Final

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _

from antiphon.actions import settings
from antiphon.channels.channel import registry
from antiphon.channels.mail import NAME as MAIL
from antiphon.db import channel_settings
from antiphon.web.answers import done
from antiphon.web.forms import channels as forms
from antiphon.web.guard import form, page
from antiphon.web.settings.tabs import tabs

TEXTS: Final = {
    "sms": "By Twilio, or a server that speaks its API. Who answers STOP gets nothing more.",
    "chat": "Into rooms of Slack, Mattermost, Rocket.Chat, Microsoft Teams, Google Chat and Discord by their incoming "
    "webhooks. There is nothing to enter: each room has a URL of its own.",
    "mastodon": "Texts for the public are posted on your account; see also Calls and posts.",
    "webhook": "To programs, as signed JSON (Standard Webhooks).",
}


@page("configuration.see")
def listing(request: Any) -> HttpResponse:
    """The channels, and whether each is set up and meant for the readers of status pages."""
    shown = [_row(name) for name in registry() if name != MAIL]
    return render(request, "settings/channels.html", {**tabs("channels"), "channels": shown})


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
    path("settings/channels/<str:channel>", channel),
]
