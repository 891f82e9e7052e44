"""Time zones, and instants typed in the reader's own zone."""

from datetime import UTC, datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django import forms
from django.utils.translation import gettext as _


def zone_field(label: Any, **words: Any) -> forms.CharField:
    """A time zone by its name; browsers complete it from the list."""
    widget = forms.TextInput(attrs={"list": "zones", "autocomplete": "off", "spellcheck": "false"})
    help_text = words.pop("help_text", _("Such as Europe/Berlin."))
    return forms.CharField(
        label=label, max_length=64, widget=widget, help_text=help_text, validators=[_known_zone], **words
    )


def _known_zone(name: str) -> None:
    if name not in available_timezones():
        raise forms.ValidationError(_("“%s” is no time zone: write one such as Europe/Berlin.") % name)


class InstantField(forms.CharField):
    """An instant as people type it, `2026-03-01 14:30`, in the zone given; cleaned to aware UTC, None when empty."""

    def __init__(self, **words: Any) -> None:
        self.zone: tzinfo = UTC
        attrs = {"type": "datetime-local", "step": "60"}
        super().__init__(widget=forms.TextInput(attrs=attrs), **words)

    def clean(self, value: Any) -> Any:
        """Read the text; a form that knows its reader's zone sets `zone` first."""
        text = super().clean(value)
        if not text:
            return None
        try:
            at = datetime.fromisoformat(text.strip().replace(" ", "T", 1))
        except ValueError:
            raise forms.ValidationError(_("Write date and time as 2026-03-01 14:30.")) from None
        try:
            return at.replace(tzinfo=at.tzinfo or self.zone).astimezone(UTC)
        except OverflowError:
            raise forms.ValidationError(_("That lies outside of all calendars; write a year of four digits.")) from None


def zone_of(person: Any) -> ZoneInfo:
    """The zone that a person reads times in."""
    return ZoneInfo(person.zone or "UTC")


def typed(at: datetime, zone: tzinfo) -> str:
    """An instant as `InstantField` takes it."""
    return f"{at.astimezone(zone):%Y-%m-%dT%H:%M}"
