"""Who must approve texts before they leave the house."""

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from antiphon.actions import approving as actions
from antiphon.core.access import ACTIONS, may
from antiphon.core.approving import (
    LARGEST_SHARE,
    LEAST,
    LONGEST_NAME,
    LONGEST_WAIT,
    MOST,
    SMALLEST_SHARE,
    Further,
    Pace,
    Rules,
)
from antiphon.core.audiences import OUTSIDE, Audience
from antiphon.db import approving
from antiphon.db.models import Person
from antiphon.web.answers import done
from antiphon.web.forms import refusals
from antiphon.web.guard import act, page
from antiphon.web.settings.tabs import tabs

_UP_TO = [
    (str(each), gettext_lazy("SEV1 only") if each == LEAST else f"SEV1–SEV{each}") for each in range(LEAST, MOST + 1)
]


class ApprovalsForm(forms.Form):
    """Four eyes, and the people whose yes some texts need beside the technical one."""

    four_eyes_up_to = forms.ChoiceField(
        label=gettext_lazy("Somebody other than the writer approves at"), choices=_UP_TO
    )
    people = forms.MultipleChoiceField(
        label=gettext_lazy("People whose yes is needed as well"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy(
            "One of them is enough, and not the one who approved as technical. Nobody: none is asked."
        ),
    )
    name = forms.CharField(
        label=gettext_lazy("What it is called"),
        required=False,
        max_length=LONGEST_NAME,
        help_text=gettext_lazy("Such as “legal”."),
    )
    audiences = forms.MultipleChoiceField(
        label=gettext_lazy("For texts to"),
        required=False,
        choices=[(str(each), str(each).capitalize()) for each in Audience if each in OUTSIDE],
        widget=forms.CheckboxSelectMultiple,
    )
    up_to = forms.ChoiceField(label=gettext_lazy("At"), choices=_UP_TO)
    legal_only = forms.BooleanField(
        label=gettext_lazy("Only where question 4 (legal and compliance) is answered yes"), required=False
    )

    share = forms.IntegerField(
        label=gettext_lazy("Time to answer, in percent of the time until word is due"),
        min_value=SMALLEST_SHARE,
        max_value=LARGEST_SHARE,
        help_text=gettext_lazy("After that the commander is told, then the business track is paged."),
    )
    minutes_at_sev1 = forms.IntegerField(
        label=gettext_lazy("Time to answer at SEV1, at most so many minutes"), min_value=1, max_value=LONGEST_WAIT
    )
    minutes = forms.IntegerField(
        label=gettext_lazy("Time to answer where nothing is promised, in minutes"), min_value=1, max_value=LONGEST_WAIT
    )
    prepare = forms.BooleanField(
        label=gettext_lazy("Make drafts before they are due, and ask for their approval"), required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = Person.objects.filter(is_active=True, role__in=ACTIONS["update.approve"]).order_by("name")
        self.fields["people"].choices = list(people.values_list("uid", "name"))  # type: ignore[attr-defined]

    def rules(self) -> Rules:
        """What was entered."""
        data = self.cleaned_data
        beside = Further(
            name=data["name"].strip() or Further().name,
            people=frozenset(data["people"]),
            audiences=frozenset(Audience(each) for each in data["audiences"]),
            up_to=int(data["up_to"]),
            legal_only=data["legal_only"],
        )
        pace = Pace(share=data["share"], minutes_at_sev1=data["minutes_at_sev1"], minutes=data["minutes"])
        four_eyes = int(data["four_eyes_up_to"])
        return Rules(four_eyes_up_to=four_eyes, further=beside, pace=pace, prepare=data["prepare"])


@page("configuration.see")
def listing(request: Any) -> HttpResponse:
    """The rules as they hold."""
    rules = approving.rules()
    beside = rules.further
    known = {
        "four_eyes_up_to": rules.four_eyes_up_to,
        "people": list(beside.people),
        "name": beside.name,
        "audiences": [str(each) for each in beside.audiences],
        "up_to": beside.up_to,
        "legal_only": beside.legal_only,
        "share": rules.pace.share,
        "minutes_at_sev1": rules.pace.minutes_at_sev1,
        "minutes": rules.pace.minutes,
        "prepare": rules.prepare,
    }
    return _shown(request, ApprovalsForm(initial=known))


@act("configuration.change")
def change(request: Any) -> HttpResponse:
    """Let other rules hold."""
    entered = ApprovalsForm(request.POST)
    if entered.is_valid():
        refusal = actions.change(rules=entered.rules(), actor=request.actor, now=request.now)
        if refusal is None:
            return done(request, back="/settings/approvals", said=_("Saved."))
        refusals.show(entered, refusal)
    return _shown(request, entered)


def _shown(request: Any, entered: ApprovalsForm) -> HttpResponse:
    may_change = may(request.actor, "configuration.change") is None
    shown = {"form": entered, "may_change": may_change}
    return render(
        request, "settings/approvals.html", {**tabs("approvals"), **shown}, status=422 if entered.errors else 200
    )
