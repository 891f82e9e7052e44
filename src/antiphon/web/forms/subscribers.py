"""What a subscriber of a status page enters: their address, and what they want to hear of."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from antiphon.core.subscriptions import Wishes
from antiphon.queries.subscribers import Offered

IMPACTS = (
    ("none", _("everything, planned work too")),
    ("minor", _("disruptions, also minor ones")),
    ("major", _("partial and major outages")),
    ("critical", _("major outages only")),
)


class WishesForm(forms.Form):
    """Which components, and from which impact on."""

    components = forms.MultipleChoiceField(
        label=_("Components"),
        required=False,
        help_text=_("None ticked: all of them, and those to come."),
        widget=forms.CheckboxSelectMultiple,
    )
    impact = forms.ChoiceField(label=_("Tell me of"), choices=IMPACTS)

    def __init__(self, *args: Any, offered: Offered, **words: Any) -> None:
        super().__init__(*args, **words)
        field = self.fields["components"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = list(offered.components)
        if not offered.components:
            del self.fields["components"]
        if self.initial.get("impact") == "maintenance":
            impact = self.fields["impact"]
            assert isinstance(impact, forms.ChoiceField)
            impact.choices = [*IMPACTS[:1], ("maintenance", _("planned work and disruptions")), *IMPACTS[1:]]

    def wishes(self) -> Wishes:
        """What was entered, once it is valid."""
        data = self.cleaned_data
        return Wishes(components=frozenset(data.get("components", ())), impact=data["impact"])


class SubscribeForm(WishesForm):
    """The same, with the address that is to hear of it."""

    address = forms.CharField(
        label=_("E-mail"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    field_order = ("address", "components", "impact")
