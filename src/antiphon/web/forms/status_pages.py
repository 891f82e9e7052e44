"""A status page: its address, whose version it shows, to whom, and which components."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from antiphon.actions.status_pages import Shown

AUDIENCES = (
    ("public", _("public: what everybody may read")),
    ("business", _("business customers' version")),
    ("technical", _("technical customers' version")),
)


class StatusPageForm(forms.Form):
    """Beside the installation's own page."""

    name = forms.CharField(label=_("Name"), max_length=200, help_text=_("Its readers see it at the top."))
    slug = forms.CharField(label=_("Address"), max_length=60, help_text=_("Such as “partners”: /status/p/partners/"))
    audience = forms.ChoiceField(label=_("Shows"), choices=AUDIENCES)
    private = forms.BooleanField(
        label=_("Opens by its link or a sign-in only"),
        required=False,
        help_text=_("Needed for any version but the public one. Nothing on the way may keep a copy of it."),
    )
    reader = forms.CharField(
        label=_("For"),
        max_length=120,
        required=False,
        help_text=_("A customer, partner or segment: the page then shows only what hits them. Empty: everybody."),
        widget=forms.TextInput(attrs={"list": "reader-names", "autocomplete": "off"}),
    )
    components = forms.CharField(
        label=_("Components"),
        required=False,
        max_length=20_000,
        help_text=_("Names from the catalog, a line each, in the order of the page."),
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
    )

    def shown(self) -> Shown:
        """What was entered, once it is valid."""
        data: dict[str, Any] = {**self.cleaned_data}
        lines = [line.strip() for line in data.pop("components").splitlines()]
        return Shown(components=tuple(dict.fromkeys(line for line in lines if line)), **data)
