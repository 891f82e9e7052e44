"""Settings of other hosts that get the public pages: stores by form; folders and commands are the configuration's."""

from dataclasses import replace
from typing import Any

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from antiphon.actions import page_targets as actions
from antiphon.core.decision import Refusal
from antiphon.core.page_targets import Bucket
from antiphon.queries import page_targets
from antiphon.web.answers import answer, done
from antiphon.web.forms import refusals
from antiphon.web.guard import act, form
from antiphon.web.settings.tabs import tabs

HERE = "/settings/pages#targets"


class StoreForm(forms.Form):
    """A bucket of a store that speaks S3."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=60, help_text=gettext_lazy("Such as “second site”."))
    endpoint = forms.CharField(
        label=gettext_lazy("Address of the store"),
        max_length=300,
        help_text=gettext_lazy("Such as https://s3.eu-central-1.amazonaws.com, without the bucket."),
    )
    bucket = forms.CharField(label=gettext_lazy("Bucket"), max_length=200)
    region = forms.CharField(label=gettext_lazy("Region"), max_length=60, initial="us-east-1")
    folder = forms.CharField(
        label=gettext_lazy("Folder in the bucket"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("Empty: the pages lie at its root."),
    )
    access_key = forms.CharField(
        label=gettext_lazy("Access key"), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    secret_key = forms.CharField(
        label=gettext_lazy("Secret key"),
        max_length=300,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=gettext_lazy("Kept encrypted and never shown again. It needs to write and remove objects, no more."),
    )

    def store(self) -> Bucket:
        """What was entered, once it is valid."""
        known = {**self.cleaned_data}
        del known["name"]
        return Bucket(prefix=known.pop("folder"), **known)


@form("configuration.change")
def add(request: Any) -> HttpResponse:
    """Another store."""
    return _form(request, None)


@form("configuration.change")
def edit(request: Any, target: str) -> HttpResponse:
    """Change a store; an empty secret key stays what it was."""
    found = next((each for each in page_targets.kept() if each.uid == target and each.by_form), None)
    if found is None:
        raise Http404
    return _form(request, found)


@act("configuration.change")
def remove(request: Any, target: str) -> HttpResponse:
    """Push there no more."""
    refusal = actions.remove(uid=target, actor=request.actor, now=request.now)
    return answer(request, refusal, back=HERE, said=_("Nothing is pushed there any more. What lies there stays."))


def _form(request: Any, kept: page_targets.TargetKept | None) -> HttpResponse:
    known = {**kept.values, "folder": kept.values["prefix"], "name": kept.name} if kept else None
    entered = StoreForm(request.POST or None, initial=known)
    if request.method == "POST" and entered.is_valid():
        saved = actions.save_bucket(
            name=entered.cleaned_data["name"],
            bucket=entered.store(),
            uid=kept.uid if kept else "",
            actor=request.actor,
            now=request.now,
        )
        if not isinstance(saved, Refusal):
            return done(request, back=HERE, said=_("Saved. The pages are pushed there within a minute."))
        refusals.show(entered, replace(saved, field="folder") if saved.field == "prefix" else saved)
    heading = kept.name if kept else _("Push the pages to a store")
    shown = {"heading": heading, "form": entered, "names": (), "readers": ()}
    return render(request, "settings/page.html", {**tabs("pages"), **shown}, status=422 if entered.errors else 200)


urlpatterns = [
    path("settings/pages/targets/add", add),
    path("settings/pages/targets/<str:target>/edit", edit),
    path("settings/pages/targets/<str:target>/remove", remove),
]
