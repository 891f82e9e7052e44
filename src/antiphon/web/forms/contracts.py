"""Entering a contract, and a contact of a customer."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from antiphon.actions.catalog.contracts import MINUTES
from antiphon.core.audiences import Segment
from antiphon.db.models import Contact, Contract, Organisation

SEGMENTS = (
    (Segment.UNTAGGED, _("untagged: reads the business version")),
    (Segment.BUSINESS, _("business")),
    (Segment.TECHNICAL, _("technical")),
)


def _zone() -> ZoneInfo:
    return ZoneInfo(Organisation.only().zone or "UTC")


class _Days(forms.DateField):
    """A day as the browser's picker gives it; cleaned to its first moment in the organisation's zone, or with `end`
    to the moment after its last."""

    def __init__(self, *, end: bool = False, **words: Any) -> None:
        self.end = end
        super().__init__(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **words)

    def clean(self, value: Any) -> datetime | None:
        """Aware UTC."""
        day = super().clean(value)
        if day is None:
            return None
        try:
            day += timedelta(days=1) if self.end else timedelta()
            return datetime(day.year, day.month, day.day, tzinfo=_zone()).astimezone(UTC)
        except OverflowError:
            raise forms.ValidationError(_("There is no such day; write one such as 2026-12-31.")) from None


def _minutes(label: Any, **words: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, required=False, **words)


class ContractForm(forms.Form):
    """What a customer was promised for a service. What is left empty was not promised."""

    name = forms.CharField(label=_("Name"), max_length=120)
    customer = forms.CharField(
        label=_("Customer"), max_length=120, widget=forms.TextInput(attrs={"list": "entity-names"})
    )
    service = forms.CharField(
        label=_("Over"), max_length=120, widget=forms.TextInput(attrs={"list": "entity-names", "autocomplete": "off"})
    )
    starts_at = _Days(label=_("First day"))
    ends_at = _Days(label=_("Last day"), end=True)
    resolution_minutes = _minutes(_("Resolved within (minutes)"))
    response_minutes = _minutes(_("Answered within (minutes)"))
    downtime_minutes_per_month = _minutes(_("Down at most, a month (minutes)"))
    update_minutes = _minutes(_("An update every (minutes)"))
    credits = forms.CharField(
        label=_("Credits"), required=False, max_length=2_000, widget=forms.Textarea(attrs={"rows": 2})
    )

    def columns(self) -> dict[str, Any]:
        """The contract's own columns."""
        return {name: value for name, value in self.cleaned_data.items() if name not in ("customer", "service")}


def contract_initial(row: Contract) -> dict[str, Any]:
    """A contract as the form shows it."""
    shown: dict[str, Any] = {name: getattr(row, name) for name in ("name", "credits", *MINUTES)}
    last = row.ends_at - timedelta(microseconds=1)
    shown |= {"customer": row.customer.name, "service": row.service.name}
    return shown | {"starts_at": row.starts_at.astimezone(_zone()).date(), "ends_at": last.astimezone(_zone()).date()}


class ContactForm(forms.Form):
    """Somebody at a customer who is told."""

    name = forms.CharField(label=_("Name"), max_length=120)
    email = forms.CharField(label=_("Mail address"), max_length=254, widget=forms.EmailInput())
    segment = forms.ChoiceField(label=_("Segment"), choices=SEGMENTS)
    wants_technical = forms.BooleanField(label=_("Asked for the technical version"), required=False)
    language = forms.RegexField(
        r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", label=_("Language"), max_length=16, required=False,
        help_text=_("Such as en or de. Empty: the organisation's."),
        error_messages={"invalid": _("Write a language such as en or de.")},
    )  # fmt: skip
    zone = forms.CharField(
        label=_("Time zone"), max_length=64, required=False, help_text=_("Such as Europe/Berlin. Empty: ours.")
    )
    phone = forms.RegexField(
        r"^[+(]?[0-9][0-9 ()./-]{3,}$", label=_("Phone"), max_length=40, required=False,
        error_messages={"invalid": _("Write a number such as +49 30 5550100.")},
    )  # fmt: skip

    def clean_email(self) -> str:
        """In lower case, as it names a contact."""
        return str(self.cleaned_data["email"]).strip().lower()

    def clean_zone(self) -> str:
        """A zone that there is."""
        zone = str(self.cleaned_data["zone"]).strip()
        try:
            ZoneInfo(zone or "UTC")
        except (KeyError, ValueError, OSError):
            raise forms.ValidationError(_("There is no such time zone; write one such as Europe/Berlin.")) from None
        return zone


def contact_initial(row: Contact) -> dict[str, Any]:
    """A contact as the form shows it."""
    return {name: getattr(row, name) for name in ContactForm.base_fields}
