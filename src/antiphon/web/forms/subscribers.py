"""What a subscriber of a status page enters: their address, and what they want to hear of."""

from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from antiphon.channels.chat_kinds import KINDS
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
    """The same, with the address that is to hear of it: what it is depends on the `way`."""

    address = forms.CharField(label=_("E-mail"), max_length=1_000)
    kind = forms.ChoiceField(
        label=_("Chat"),
        required=False,
        choices=[("", _("as the URL tells")), *((kind.name, kind.label) for kind in KINDS.values())],
    )
    field_order = ("address", "kind", "components", "impact")

    def __init__(self, *args: Any, way: str, **words: Any) -> None:
        super().__init__(*args, **words)
        field, asks = self.fields["address"], ASKS[way]
        field.label, field.help_text, field.widget = asks.label, asks.hint, asks.widget
        if way != "chat":
            del self.fields["kind"]

    def entered(self) -> str:
        """The address, with the kind of chat that was named before it."""
        address, kind = self.cleaned_data["address"], self.cleaned_data.get("kind", "")
        return f"{kind}:{address}" if kind else str(address)


class CodeForm(forms.Form):
    """The code that an SMS brought, and the number it went to."""

    address = forms.CharField(max_length=1_000, widget=forms.HiddenInput)
    code = forms.CharField(
        label=_("Code"),
        max_length=20,
        help_text=_("Six digits."),
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )


@dataclass(frozen=True)
class _Asks:
    """How the address is asked for."""

    label: Any
    hint: Any
    widget: forms.Widget


ASKS: Final = {
    "mail": _Asks(_("E-mail"), "", forms.EmailInput(attrs={"autocomplete": "email"})),
    "sms": _Asks(
        _("Mobile number"),
        _("With its country, such as +49 170 1234567."),
        forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "inputmode": "tel"}),
    ),
    "chat": _Asks(
        _("Webhook URL of the room"),
        _("Make an incoming webhook in Slack, Mattermost, Rocket.Chat, Teams, Google Chat or Discord; paste its URL."),
        forms.URLInput(attrs={"autocomplete": "off", "inputmode": "url"}),
    ),
    "webhook": _Asks(
        _("URL"),
        _("Each publication is posted there as signed JSON."),
        forms.URLInput(attrs={"autocomplete": "off", "inputmode": "url"}),
    ),
}
