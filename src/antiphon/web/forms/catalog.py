"""Entering what the catalog knows of one thing."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from antiphon.actions.catalog.entities import KINDS
from antiphon.core.configuration.catalog import LINKS
from antiphon.db.models import Entity, Policy

YES_NO = (("", _("nobody has said")), ("yes", _("yes")), ("no", _("no")))


class EntityForm(forms.Form):
    """One entity. What is left empty is unknown, and shown as unknown."""

    name = forms.CharField(
        label=_("Name"),
        max_length=120,
        help_text=_("As alerts say it, in the label service, app, job, instance or host."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=[(kind, kind) for kind in KINDS])
    title = forms.CharField(label=_("Title"), max_length=200, required=False, help_text=_("As people say it."))
    public_title = forms.CharField(
        label=_("What customers call it"),
        max_length=200,
        required=False,
        help_text=_("Stands in mails and on the status page."),
    )
    description = forms.CharField(
        label=_("Description"), required=False, max_length=10_000, widget=forms.Textarea(attrs={"rows": 2})
    )
    owner = forms.CharField(
        label=_("Owner"), max_length=120, required=False, help_text=_("A team in the catalog, or a person.")
    )
    environment = forms.CharField(label=_("Environment"), max_length=20, initial="production")
    tier = forms.IntegerField(label=_("Tier"), required=False, help_text=_("1 is the most important."))
    customer_facing = forms.ChoiceField(label=_("Do customers use it?"), required=False, choices=YES_NO)
    internal = forms.BooleanField(label=_("A tool of our own people"), required=False)
    revenue_per_minute = forms.FloatField(
        label=_("Worth a minute"), required=False, help_text=_("What is lost in a minute without it. Empty: unknown.")
    )
    data_classes = forms.CharField(
        label=_("Data it holds"),
        required=False,
        max_length=500,
        help_text=_("Such as personal, payment; parted by commas."),
    )
    strategic = forms.BooleanField(label=_("Strategic"), required=False)
    on_status_page = forms.BooleanField(label=_("Shown on the status page"), required=False)
    policy = forms.ChoiceField(label=_("Escalation policy"), required=False)
    runbook = forms.CharField(label=_("Runbook"), max_length=500, required=False, help_text=_("Its address."))

    def __init__(self, *args: Any, **words: Any) -> None:
        super().__init__(*args, **words)
        names = Policy.objects.values_list("name", flat=True)
        field = self.fields["policy"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("the organisation's")), *((name, name) for name in names)]

    def values(self) -> dict[str, Any]:
        """What was entered, as the action takes it."""
        data = dict(self.cleaned_data)
        data["customer_facing"] = {"yes": True, "no": False}.get(data["customer_facing"])
        data["data_classes"] = [word.strip() for word in data["data_classes"].split(",") if word.strip()]
        return data


def initial(row: Entity) -> dict[str, Any]:
    """An entity as the form shows it."""
    shown = {name: getattr(row, name) for name in EntityForm.base_fields}
    shown["customer_facing"] = {True: "yes", False: "no", None: ""}[row.customer_facing]
    shown["data_classes"] = ", ".join(map(str, row.data_classes))
    return shown


class LinkForm(forms.Form):
    """A link from the entity at hand to another."""

    kind = forms.ChoiceField(label=_("It"), choices=[(kind, kind.replace("_", " ")) for kind in LINKS])
    target = forms.CharField(
        label=_("Name"), max_length=120, widget=forms.TextInput(attrs={"list": "entity-names", "autocomplete": "off"})
    )
