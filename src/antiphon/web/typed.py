"""What was typed into one of a page's small forms."""

from typing import Final

from django.http import HttpRequest

from antiphon.core.decision import Refusal

LINE: Final = 300
TEXT: Final = 10_000
REGION: Final = 60


def typed(request: HttpRequest, name: str) -> str:
    """The words of a field, without space around them; "" when there are none. No database takes NUL."""
    return request.POST.get(name, "").replace("\0", "").strip()


def too_long(text: str, most: int, field: str) -> Refusal | None:
    """Why these words do not fit."""
    if len(text) <= most:
        return None
    return Refusal(f"That has {len(text):,} characters, more than {most:,}: shorten it.", field)


def percent(text: str) -> float | Refusal:
    """A share typed in percent ("30", "12.5 %", "0,5"), as a part of 1; all of it when nothing was typed."""
    digits = text.removesuffix("%").strip().replace(",", ".")
    if not digits:
        return 1.0
    try:
        return float(digits) / 100
    except ValueError:
        return Refusal(f"“{text[:40]}” is no percentage: write a number above 0 and up to 100, such as 30.", "share")
