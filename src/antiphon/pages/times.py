"""Instants and durations as a reader of a public page sees them, in the page's zone and to the minute."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.html import format_html
from django.utils.safestring import SafeString

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def whole_minute(instant: datetime) -> datetime:
    """The instant without its seconds: what two nodes print alike when they render in the same minute."""
    return instant.astimezone(UTC).replace(second=0, microsecond=0)


def in_words(instant: datetime, zone: str, *, near: datetime | None) -> str:
    """Such as "14:30 UTC"; with the day unless it is that of `near`, with the year when that differs too."""
    local = instant.astimezone(ZoneInfo(zone))
    today = near and near.astimezone(ZoneInfo(zone))
    time = f"{local:%H:%M} {_zone_name(local)}"
    if today and local.date() == today.date():
        return time
    year = "" if today and local.year == today.year else f" {local.year}"
    return f"{local.day} {MONTHS[local.month - 1][:3]}{year}, {time}"


def day_in_words(instant: datetime, zone: str) -> str:
    """The day in the page's zone: "21 November 2026"."""
    local = instant.astimezone(ZoneInfo(zone))
    return f"{local.day} {MONTHS[local.month - 1]} {local.year}"


def month_in_words(instant: datetime, zone: str) -> str:
    """The month in the page's zone: "November 2026"."""
    local = instant.astimezone(ZoneInfo(zone))
    return f"{MONTHS[local.month - 1]} {local.year}"


def marked(instant: datetime, zone: str, *, near: datetime | None) -> SafeString:
    """`in_words` as a <time> element that carries the UTC instant for machines and on hover."""
    utc = instant.astimezone(UTC)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        f"{utc:%Y-%m-%dT%H:%M:%SZ}",
        f"{utc:%Y-%m-%d %H:%M} UTC",
        in_words(instant, zone, near=near),
    )


def duration(span: timedelta) -> str:
    """In the units people say: "under a minute", "38 min", "2 h 5 min", "3 days 4 h"."""
    minutes = int(span.total_seconds()) // 60
    if minutes < 1:
        return "under a minute"
    if minutes < 60:
        return f"{minutes} min"
    hours, rest = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} h {rest} min" if rest else f"{hours} h"
    days, hours = divmod(hours, 24)
    said = "1 day" if days == 1 else f"{days} days"
    return f"{said} {hours} h" if hours else said


def _zone_name(local: datetime) -> str:
    name = local.tzname() or "UTC"
    return name if name[0].isalpha() else f"UTC{local:%z}"
