"""Asking who would be paged, and taking over for somebody."""

from datetime import tzinfo
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from antiphon.core.oncall import Rota
from antiphon.queries import people
from antiphon.web.forms.zoned import InstantField


def _set_zone(form: forms.Form, zone: tzinfo) -> None:
    for field in form.fields.values():
        if isinstance(field, InstantField):
            field.zone = zone
            field.help_text = str(zone)


class SimulateForm(forms.Form):
    """An instant and a service: whom would an incident page?"""

    at = InstantField(label=_("At"), required=False)
    service = forms.CharField(
        label=_("Service"),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"list": "entity-names", "autocomplete": "off", "placeholder": _("any")}),
    )

    def __init__(self, *args: Any, zone: tzinfo, **words: Any) -> None:
        super().__init__(*args, **words)
        _set_zone(self, zone)


class OverrideForm(forms.Form):
    """Who takes over which rota, from when until when."""

    rota = forms.ChoiceField(label=_("Rota"))
    person = forms.ChoiceField(label=_("Who takes over"))
    starts_at = InstantField(label=_("From"))
    ends_at = InstantField(label=_("Until"))

    def __init__(self, *args: Any, zone: tzinfo, rotas: list[tuple[str, Rota]], **words: Any) -> None:
        super().__init__(*args, **words)
        _set_zone(self, zone)
        for name, choices in {
            "rota": [(uid, rota.name) for uid, rota in rotas],
            "person": [(each.id, each.name) for each in people.active()],
        }.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = choices
