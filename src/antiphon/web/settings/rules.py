"""Rules with their dry run, holding messages, mail, and the file that holds it all."""

from datetime import timedelta
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from antiphon import config
from antiphon.actions import holding, settings
from antiphon.core.access import may
from antiphon.db import channel_settings
from antiphon.db.models import HoldingMessage
from antiphon.queries import rules as queries
from antiphon.web import mail_test
from antiphon.web.answers import answer, done
from antiphon.web.forms import channels
from antiphon.web.guard import act, form, page
from antiphon.web.settings.tabs import tabs


class TryForm(forms.Form):
    """A rule to try; GET, so that what is tried can be sent to somebody."""

    expression = forms.CharField(
        label=gettext_lazy("When"),
        required=False,
        max_length=2_000,
        help_text=gettext_lazy("CEL over labels, annotations, severity and integration. Empty: every alert."),
        widget=forms.Textarea(attrs={"rows": 3, "class": "mono", "spellcheck": "false"}),
    )
    minutes = forms.IntegerField(
        label=gettext_lazy("True for, in minutes"), min_value=0, max_value=10_080, required=False, initial=0
    )


@page("configuration.see")
def listing(request: Any) -> HttpResponse:
    """The rules in their order; below, any expression on the past week's alerts."""
    asked = TryForm(
        request.GET if "expression" in request.GET else None, initial={"expression": 'severity == "critical"'}
    )
    tried = None
    if asked.is_bound and asked.is_valid():
        hold = timedelta(minutes=asked.cleaned_data["minutes"] or 0)
        tried = queries.try_out(asked.cleaned_data["expression"], hold, now=request.now)
        for problem in tried.problems:
            asked.add_error("expression", str(problem).partition(": ")[2] or str(problem))
    rules, unmatched = queries.listed(now=request.now)
    shown = {"rules": rules, "unmatched": unmatched, "form": asked, "tried": tried}
    return render(request, "settings/rules.html", {**tabs("rules"), **shown})


@page("configuration.see")
def holding_messages(request: Any) -> HttpResponse:
    """Texts approved in advance, and those that wait for it."""
    rows = HoldingMessage.objects.select_related("approved_by").order_by("audience", "incident_type")
    may_approve = may(request.actor, "holding.approve") is None
    return render(
        request, "settings/holding.html", {**tabs("holding"), "messages_held": rows, "may_approve": may_approve}
    )


@act("holding.approve")
def approve(request: Any, message: int) -> HttpResponse:
    """The reader answers for exactly this text."""
    refusal = holding.approve(
        message=message,
        digest=request.POST.get("digest", ""),
        person=request.person,
        actor=request.actor,
        now=request.now,
    )
    return answer(request, refusal, back="/settings/holding", said=_("Approved exactly as it stands."))


@form("configuration.change")
def mail(request: Any) -> HttpResponse:
    """How mail leaves the house; the button also sends a test to whoever presses it."""
    kept = channels.initial(channel_settings.load("mail"), "mail")
    entered = channels.channel_form("mail")(request.POST or None, initial=kept)
    if request.method == "POST" and entered.is_valid():
        values = channels.values_of(entered, "mail")
        problems = settings.save_channel(channel="mail", values=values, actor=request.actor, now=request.now)
        if not problems:
            return _saved(request)
        channels.show(problems, entered)
    test = mail_test.shown(request)
    shown = {
        "heading": _("Mail"),
        "text": _("Pages and updates go out by this server."),
        "form": entered,
        "submit": _("Save and send a test to me"),
        "test": test,
        "refresh": test is not None and test["waits"],
    }
    return render(request, "settings/form.html", {**tabs("mail"), **shown})


def _saved(request: Any) -> HttpResponse:
    uid = mail_test.send(request)
    return done(request, back=f"/settings/mail?test={uid}" if uid else "/settings/mail", said=_("Saved."))


@page("configuration.see")
def file(request: Any) -> HttpResponse:
    """Everything as one file: how to get an example, see what would change, and apply it."""
    data = config.from_environment().data
    commands = (
        (_("A commented file to start from"), f"antiphon apply --example --data {data} > antiphon.yaml"),
        (_("What it would change"), f"antiphon apply antiphon.yaml --diff --data {data}"),
        (_("Apply it"), f"antiphon apply antiphon.yaml --data {data}"),
    )
    return render(request, "settings/file.html", {**tabs("file"), "commands": commands})
