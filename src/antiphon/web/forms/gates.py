"""The ways out of an incident: resolve, cancel, merge, and what stands in the way of closing."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from antiphon.queries.merging import Named
from antiphon.web.forms.instants import FutureDayField


class ResolveForm(forms.Form):
    """Both sentences are told to everyone inside and stand in the review."""

    how = forms.CharField(
        label=_("How it was resolved"),
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("What put it right, as the next person needs to know it."),
    )
    verified = forms.CharField(
        label=_("How that was verified"),
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Which measurement, test or person showed that it works again."),
    )


class CloseForm(forms.Form):
    """Nothing is asked: the gate itself says what is missing."""


class CancelForm(forms.Form):
    """Why it was no incident."""

    reason = forms.CharField(label=_("Why it was no incident"), widget=forms.Textarea(attrs={"rows": 3}))


class MergeForm(forms.Form):
    """Which incident goes on in its place, and how it is known to be the same."""

    into = forms.IntegerField(
        label=_("Into incident"),
        min_value=1,
        max_value=2_147_483_647,
        widget=forms.Select,
        help_text=_("The one that goes on. Open incidents are listed, the newest first."),
        error_messages={"required": _("Choose the incident that goes on."), "invalid": _("Choose one of the list.")},
    )
    reason = forms.CharField(
        label=_("Why"),
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("How you know that both are the same; it stands on the record of both."),
    )

    def __init__(self, *args: Any, offered: Iterable[Named], **words: Any) -> None:
        super().__init__(*args, **words)
        choices = [(each.number, f"#{each.number} {each.title} (SEV{each.severity})") for each in offered]
        self.fields["into"].widget.choices = [("", _("Choose an incident")), *choices]


class SlaForm(forms.Form):
    """What it meant for contracts."""

    text = forms.CharField(
        label=_("What it meant for contracts"),
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Which promises in contracts were missed and by how much, or that none was."),
    )


class WaiverForm(forms.Form):
    """A workaround that stays: who owns it, until which day."""

    owner = forms.CharField(label=_("Who owns it"), max_length=120)
    until = FutureDayField(label=_("Until which day"), widget=forms.DateInput(attrs={"type": "date"}))


class ReviewForm(forms.Form):
    """What was learnt. A paragraph a thing, one below the other."""

    causes = forms.CharField(
        label=_("What led to it"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("Systems and decisions, a line each. Nobody is named as a cause."),
    )
    went_well = forms.CharField(label=_("What went well"), required=False, widget=forms.Textarea(attrs={"rows": 4}))
    went_badly = forms.CharField(label=_("What did not"), required=False, widget=forms.Textarea(attrs={"rows": 4}))
    business_needed = forms.ChoiceField(
        label=_("Was the business track needed?"),
        required=False,
        choices=[("", _("not said yet")), ("yes", _("yes")), ("no", _("no"))],
        help_text=_("Counted as over- or under-escalation in the figures."),
    )
    business_reason = forms.CharField(label=_("Why, in a sentence"), required=False, max_length=300)
