"""Instants as people type them: "14:05" for the last time it was that late, or with the date. Always UTC."""

from datetime import UTC, datetime, timedelta

from django import forms
from django.utils.translation import gettext_lazy as _

PATTERNS = ("%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d")


class PastInstantField(forms.CharField):
    """An instant at or before the form's moment, UTC. `now` is set on it by the form."""

    now: datetime

    def clean(self, value: object) -> datetime | None:
        """The aware instant, or None when nothing was typed."""
        text = str(super().clean(value) or "").strip().removesuffix("UTC").strip()
        if not text:
            return None
        at = _hour(text, now=self.now) or _dated(text)
        if at is None:
            raise forms.ValidationError(_("Write the time as 14:05, or with its date as 2026-03-31 14:05, in UTC."))
        if at > self.now:
            raise forms.ValidationError(_("This time is still to come: it must lie in the past."))
        return at


class FutureDayField(forms.DateField):
    """A day as the browser's own picker gives it; the instant is its end in UTC."""

    def clean(self, value: object) -> datetime | None:
        """The end of the day, or None."""
        day = super().clean(value)
        return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1) if day else None


def _hour(text: str, *, now: datetime) -> datetime | None:
    try:
        clock = datetime.strptime(text, "%H:%M")  # noqa: DTZ007 (an hour has no zone; the day's is put on)
    except ValueError:
        return None
    at = now.astimezone(UTC).replace(hour=clock.hour, minute=clock.minute, second=0, microsecond=0)
    return at if at <= now else at - timedelta(days=1)


def _dated(text: str) -> datetime | None:
    for pattern in PATTERNS:
        try:
            return datetime.strptime(text, pattern).replace(tzinfo=UTC)
        except ValueError:
            continue
    return None
