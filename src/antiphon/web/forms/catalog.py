"""Entering what the catalog knows of one thing."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from antiphon.actions.catalog.entities import KINDS
from antiphon.core.configuration import lines
from antiphon.core.configuration.catalog import LINKS
from antiphon.core.configuration.lines import LineFault
from antiphon.db.models import Entity, Organisation, Policy

YES_NO = (("", _("nobody has said")), ("yes", _("yes")), ("no", _("no")))


class LinesField(forms.CharField):
    """A fact that is a list, one on each line; cleaned to what is stored. `read` raises LineFault."""

    def __init__(self, *, read: Callable[[str], Any], rows: int = 2, **words: Any) -> None:
        self.read = read
        super().__init__(required=False, max_length=10_000, widget=forms.Textarea(attrs={"rows": rows}), **words)

    def to_python(self, value: Any) -> str:
        """Text as it was shown, so that lines alone make no difference."""
        return str(super().to_python(value)).replace("\r\n", "\n")

    def clean(self, value: Any) -> Any:
        """What is stored of it."""
        try:
            return self.read(super().clean(value))
        except LineFault as fault:
            raise forms.ValidationError(str(fault)) from None


def _zone() -> ZoneInfo:
    return ZoneInfo(Organisation.only().zone or "UTC")


class EntityForm(forms.Form):
    """One entity. What is left empty is unknown, and shown as unknown.

    `origins` (by field, in words) stands beside each field.
    """

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
    contact = forms.CharField(
        label=_("How to reach them"), max_length=300, required=False, help_text=_("Of a vendor, its hotline.")
    )
    environment = forms.CharField(label=_("Environment"), max_length=20, initial="production")
    tier = forms.IntegerField(label=_("Tier"), required=False, help_text=_("1 is the most important."))
    customer_facing = forms.ChoiceField(label=_("Do customers use it?"), required=False, choices=YES_NO)
    internal = forms.BooleanField(label=_("A tool of our own people"), required=False)
    users = forms.IntegerField(label=_("Users"), required=False, help_text=_("How many people use it."))
    revenue_per_minute = forms.FloatField(
        label=_("Worth a minute"), required=False, help_text=_("What is lost in a minute without it. Empty: unknown.")
    )
    revenue_profile = LinesField(
        read=lines.profile_of,
        label=_("Hours worth more"),
        help_text=_("Such as mon-fri 09:00-18:00 x 2. Outside of all lines a minute is worth the above."),
    )
    zone = forms.CharField(
        label=_("Time zone of these hours"),
        max_length=64,
        required=False,
        help_text=_("Such as Europe/Berlin. Empty: the organisation's."),
    )
    data_classes = forms.CharField(
        label=_("Data it holds"),
        required=False,
        max_length=500,
        help_text=_("Such as personal, payment; parted by commas."),
    )
    regions = forms.CharField(
        label=_("Regions"),
        required=False,
        max_length=500,
        help_text=_("Where it runs, parted by commas. Empty: everywhere."),
    )
    redundancy = LinesField(
        read=lines.redundancy_of,
        label=_("Spares"),
        help_text=_("How many of what it depends on must work: 2 of db-a, db-b, db-c; or any of, all of."),
    )
    strategic = forms.BooleanField(label=_("Strategic"), required=False)
    critical_periods = LinesField(
        read=lambda text: lines.periods_of(text, _zone()),
        label=_("Critical periods"),
        help_text=_("Such as Quarter-end closing: 2026-12-28 to 2027-01-02."),
    )
    on_status_page = forms.BooleanField(label=_("Shown on the status page"), required=False)
    policy = forms.ChoiceField(label=_("Escalation policy"), required=False)
    runbook = forms.CharField(label=_("Runbook"), max_length=500, required=False, help_text=_("Its address."))
    documents = LinesField(
        read=lines.documents_of,
        label=_("Documents"),
        help_text=_("One on each line: runbook, diagram, dashboard or document, its title, its address."),
    )

    GROUPS = (
        (_("What it is"), ("name", "kind", "title", "public_title", "description", "owner", "contact", "environment")),
        (_("What it means"), ("tier", "customer_facing", "users", "revenue_per_minute", "revenue_profile", "zone",
                              "critical_periods", "data_classes", "internal", "strategic")),
        (_("How it stands and what helps"), ("redundancy", "documents", "regions", "runbook", "policy",
                                             "on_status_page")),
    )  # fmt: skip

    def __init__(self, *args: Any, origins: Mapping[str, str] | None = None, **words: Any) -> None:
        super().__init__(*args, **words)
        names = Policy.objects.values_list("name", flat=True)
        field = self.fields["policy"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("the organisation's")), *((name, name) for name in names)]
        for name, said in (origins or {}).items():
            if name in self.fields:
                told = _now("Set %(by)s.") % {"by": said}
                self.fields[name].help_text = f"{self.fields[name].help_text} {told}".strip()

    def groups(self) -> Iterator[tuple[str, list[BoundField]]]:
        """The fields under their headings."""
        return ((str(label), [self[name] for name in names]) for label, names in self.GROUPS)

    def values(self, *, changed: bool = False) -> dict[str, Any]:
        """What was entered, as columns; with `changed` only the fields that are not as they were shown."""
        data = dict(self.cleaned_data)
        data["customer_facing"] = {"yes": True, "no": False}.get(data["customer_facing"])
        for name in ("data_classes", "regions"):
            data[name] = [word.strip() for word in data[name].split(",") if word.strip()]
        return {name: data[name] for name in self.changed_data} if changed else data


def initial(row: Entity) -> dict[str, Any]:
    """An entity as the form shows it."""
    shown = {name: getattr(row, name) for name in EntityForm.base_fields}
    shown["customer_facing"] = {True: "yes", False: "no", None: ""}[row.customer_facing]
    for name in ("data_classes", "regions"):
        shown[name] = ", ".join(map(str, getattr(row, name)))
    shown["redundancy"] = lines.redundancy_lines(row.redundancy)
    shown["revenue_profile"] = lines.profile_lines(row.revenue_profile)
    shown["documents"] = lines.documents_lines(row.documents)
    shown["critical_periods"] = lines.periods_lines(row.critical_periods, _zone())
    return shown


class LinkForm(forms.Form):
    """A link from the entity at hand to another."""

    kind = forms.ChoiceField(label=_("It"), choices=[(kind, kind.replace("_", " ")) for kind in LINKS])
    target = forms.CharField(
        label=_("Name"), max_length=120, widget=forms.TextInput(attrs={"list": "entity-names", "autocomplete": "off"})
    )
