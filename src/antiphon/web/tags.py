"""Template tags of the screens. Registered as template built-ins, so that no template loads them by hand.

The tags that show time read `now` (aware) and `zone` (the reader's tzinfo, UTC when absent) from the context.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache
from typing import Any, Final

from django import template
from django.template.loader import render_to_string
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from antiphon.queries.telling import pieces
from antiphon.web import show

register = template.Library()

STATE_TONES: Final = {
    "triage": "warn",
    "investigating": "bad",
    "identified": "warn",
    "monitoring": "plain-dot",
    "resolved": "good",
    "closed": "off",
    "cancelled": "off",
    "merged": "off",
    "not_needed": "off",
    "not needed": "off",
    "done": "good",
    "firing": "bad",
    "held": "warn",
    "asking": "warn",
    "silenced": "off",
    "suppressed": "off",
    "ended": "good",
}
"""How a state's chip looks, whatever has the state. Unknown states get a neutral dot."""


def _now(context: template.Context) -> datetime:
    now = context["now"]
    if not isinstance(now, datetime):
        raise template.TemplateSyntaxError("The page's context needs `now`: the request's instant, read once")
    return now


def _zone(context: template.Context) -> tzinfo:
    zone = context.get("zone")
    return zone if isinstance(zone, tzinfo) else UTC


@register.simple_tag(takes_context=True)
def when(context: template.Context, at: datetime | None) -> SafeString | str:
    """Relative first ("4 min ago"); UTC and the reader's zone on hover and in print. Nothing for None."""
    if at is None:
        return ""
    words = show.relative(at, now=_now(context))
    title = show.everywhere(at, zone=_zone(context))
    return format_html('<time datetime="{}" title="{}" data-rel>{}</time>', at.isoformat(), title, words)


@register.simple_tag(takes_context=True)
def clock(context: template.Context, at: datetime | None) -> SafeString | str:
    """Absolute first ("14:30 UTC"); the whole of it on hover and in print. Nothing for None."""
    if at is None:
        return ""
    words = show.absolute(at, now=_now(context))
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', at.isoformat(), show.everywhere(at, zone=_zone(context)), words
    )


@register.simple_tag(takes_context=True)
def hour(context: template.Context, at: datetime) -> SafeString:
    """The bare UTC hour and minute, for columns whose heading names the zone."""
    title = show.everywhere(at, zone=_zone(context))
    return format_html('<time datetime="{}" title="{}">{}</time>', at.isoformat(), title, f"{at.astimezone(UTC):%H:%M}")


@register.simple_tag(takes_context=True)
def lasting(context: template.Context, start: datetime, end: datetime | None = None) -> SafeString:
    """How long from `start` to `end`; to now, and growing, while `end` is None."""
    if end is not None:
        return format_html("<span>{}</span>", show.duration(end - start))
    words = show.duration(_now(context) - start)
    return format_html('<span class="num" data-since="{}">{}</span>', start.isoformat(), words)


@register.filter
def spoken(span: timedelta) -> str:
    """A duration in the unit people say."""
    return show.duration(span)


@register.simple_tag
def sev(severity: int) -> SafeString:
    """The severity chip, 1 (critical) to 5 (minor)."""
    return format_html('<span class="sev sev{}">SEV{}</span>', severity, severity)


@register.simple_tag
def state(name: str) -> SafeString:
    """The state chip: shape and colour by `STATE_TONES`, always with the word."""
    tone = STATE_TONES.get(name, "plain-dot")
    return format_html('<span class="chip {}">{}</span>', tone, state_word(name).capitalize())


@register.filter
def state_word(name: str) -> str:
    """A state's name as people read it: "not needed"."""
    return _(name.replace("_", " "))


@register.filter
def bold(text: str) -> SafeString:
    """A text as its readers get it: what stands between double stars is strong, everything else as it was typed."""
    cut = [format_html("<strong>{}</strong>", each.text) if each.strong else each.text for each in pieces(text, ())]
    return format_html_join("", "{}", ((part,) for part in cut))


@register.simple_tag
def person(name: str) -> SafeString:
    """A person with their initials; "nobody" is shown as the gap it is."""
    if not name:
        return format_html(
            '<span class="person muted"><span class="avatar nobody" aria-hidden="true"></span>{}</span>',
            _("nobody yet"),
        )
    initials = "".join(part[0] for part in name.split()[:2]).upper()
    return format_html(
        '<span class="person"><span class="avatar" aria-hidden="true">{}</span>{}</span>', initials, name
    )


@register.inclusion_tag("parts/ring.html", takes_context=True)
def ring(context: template.Context, promise: show.Promised, label: str = "") -> dict[str, Any]:
    """The promise ring with its words: "next update in 12 min · 14:30 UTC"."""
    now = _now(context)
    return {
        "ring": show.ring(promise, now=now),
        "promise": promise,
        "label": label,
        "due": show.absolute(promise.due_at, now=now),
        "title": show.everywhere(promise.due_at, zone=_zone(context)),
    }


@register.simple_tag
@cache
def icon(name: str, size: int = 16) -> SafeString:
    """A drawn sign, hidden from screen readers: the words beside it carry the meaning. Drawn once."""
    return render_to_string("parts/icon.html", {"name": name, "size": size})
