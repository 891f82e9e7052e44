"""Declaring an incident by hand."""

import re
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from antiphon.core.decision import Refusal
from antiphon.core.impact import Stated
from antiphon.web.forms.instants import PastInstantField
from antiphon.web.typed import percent

SEVERITIES = (
    (1, _("SEV1: most customers or a key workflow are down")),
    (2, _("SEV2: a major function is down for many")),
    (3, _("SEV3: something important works badly")),
    (4, _("SEV4: a small part works badly")),
    (5, _("SEV5: hardly anybody notices")),
)
TYPES = (
    ("disruption", _("Disruption: something does not work")),
    ("degradation", _("Degradation: something is slow or bad")),
    ("security", _("Security: something may be known or changed that must not be")),
    ("operational", _("Operational: contracts, payments, disclosure, access")),
)


class DeclareForm(forms.Form):
    """What is seen. Names of what is affected are those of the catalog, parted by commas."""

    title = forms.CharField(
        label=_("What is wrong"),
        max_length=300,
        help_text=_("As you would say it on the phone: checkout fails for every customer."),
        widget=forms.TextInput(attrs={"autofocus": True, "autocomplete": "off"}),
    )
    severity = forms.TypedChoiceField(label=_("How bad"), choices=SEVERITIES, coerce=int, initial=2)
    incident_type = forms.ChoiceField(label=_("Kind"), choices=TYPES)
    entities = forms.CharField(
        label=_("What is affected"),
        required=False,
        help_text=_("Names from the catalog, parted by commas. From them follow customers, contracts and money."),
        widget=forms.TextInput(attrs={"list": "entity-names", "autocomplete": "off"}),
    )
    share = forms.CharField(
        label=_("How much of it is hit, in percent"),
        required=False,
        max_length=12,
        help_text=_("Such as 30. Empty: all of it."),
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    region = forms.CharField(
        label=_("Only in this region"), required=False, max_length=60, help_text=_("Empty: wherever it runs.")
    )
    started_at = PastInstantField(
        label=_("Noticed at"), required=False, help_text=_("14:05 or 2026-03-31 14:05, in UTC. Empty: just now.")
    )
    area = forms.CharField(
        label=_("Technical area"), required=False, max_length=40, help_text=_("database, network, storage, …")
    )
    reason = forms.CharField(
        label=_("What do you know so far"), required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    nothing_to_restore = forms.BooleanField(
        label=_("There is nothing to restore: it is about a contract, a payment or a disclosure"), required=False
    )
    practice = forms.BooleanField(label=_("Practice: it reaches nobody outside"), required=False)

    def __init__(self, *args: Any, now: datetime, **words: Any) -> None:
        super().__init__(*args, **words)
        started = self.fields["started_at"]
        assert isinstance(started, PastInstantField)
        started.now = now

    def clean_entities(self) -> list[str]:
        """The names, each once."""
        parts = re.split(r"[,\n]", self.cleaned_data["entities"])
        return list(dict.fromkeys(part.strip() for part in parts if part.strip()))

    def clean_share(self) -> float:
        """As a part of 1."""
        share = percent(self.cleaned_data["share"].strip())
        if isinstance(share, Refusal):
            raise forms.ValidationError(share.sentence)
        return share

    def stated(self) -> dict[str, Stated]:
        """How each of the named things is hit, where it is not wholly and everywhere."""
        said = Stated(self.cleaned_data["share"], self.cleaned_data["region"])
        return {} if said == Stated() else dict.fromkeys(self.cleaned_data["entities"], said)
