"""Whom to call and where to post: how many of the largest accounts, at which severity, on which networks."""

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from antiphon.actions import calls, social
from antiphon.core.access import may
from antiphon.core.calls import AT_MOST
from antiphon.core.social import LONGEST_NAME, MOST_NETWORKS, Choice
from antiphon.db.snapshots import calls as call_settings
from antiphon.db.snapshots import social as social_settings
from antiphon.queries.social import choice
from antiphon.web.answers import done
from antiphon.web.forms import refusals
from antiphon.web.guard import act, page
from antiphon.web.settings.tabs import tabs

HERE = "/settings/posts"
_UP_TO = [("0", gettext_lazy("never")), ("1", gettext_lazy("SEV1")), *((str(n), f"SEV1–SEV{n}") for n in range(2, 6))]


class PostsForm(forms.Form):
    """What people do by hand."""

    most = forms.IntegerField(
        label=gettext_lazy("Largest accounts that are called"),
        min_value=0,
        max_value=AT_MOST,
        help_text=gettext_lazy("From SEV3 up, while the business track is open. Strategic accounts are called always."),
    )
    up_to = forms.ChoiceField(
        label=gettext_lazy("Texts for the public are posted at"),
        choices=_UP_TO,
        help_text=gettext_lazy("With their publication, never in practice. What was posted once is posted to its end."),
    )
    networks = forms.CharField(
        label=gettext_lazy("Networks where a person posts"),
        required=False,
        max_length=(LONGEST_NAME + 2) * MOST_NETWORKS,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("One a line, such as LinkedIn. Each gets a task with the words to copy."),
    )

    def choice(self) -> Choice:
        """What was entered of posts."""
        lines = (line.strip() for line in self.cleaned_data["networks"].splitlines())
        return Choice(up_to=int(self.cleaned_data["up_to"]), networks=tuple(dict.fromkeys(filter(None, lines))))


@page("configuration.see")
def listing(request: Any) -> HttpResponse:
    """What holds."""
    return _shown(request)


@act("configuration.change")
def change(request: Any) -> HttpResponse:
    """How many are called, and what is posted."""
    entered = PostsForm(request.POST)
    if entered.is_valid():
        most = entered.cleaned_data["most"]
        refusal = social.choose(choice=entered.choice(), actor=request.actor, now=request.now)
        refusal = refusal or calls.choose(most=most, actor=request.actor, now=request.now)
        if refusal is None:
            return done(request, back=HERE, said=_("Saved."))
        refusals.show(entered, refusal)
    return _shown(request, entered=entered)


def _shown(request: Any, *, entered: PostsForm | None = None) -> HttpResponse:
    chosen = choice()
    known = {"most": call_settings.most(), "up_to": chosen.up_to, "networks": "\n".join(chosen.networks)}
    shown = {
        "form": entered or PostsForm(initial=known),
        "account": social_settings.account(),
        "may_change": may(request.actor, "configuration.change") is None,
    }
    wrong = entered is not None and bool(entered.errors)
    return render(request, "settings/posts.html", {**tabs("posts"), **shown}, status=422 if wrong else 200)
