"""Times of day in words: “half past two”, “a quarter to three pm”, “three o'clock”, “the top of the hour”."""

import re
from dataclasses import replace
from datetime import datetime
from typing import Final

from antiphon.core.times import zones
from antiphon.core.times.reading import Reading

_HOURS: Final = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_PAST: Final = {"half": 30, "quarter": 15, "five": 5, "ten": 10, "twenty": 20, "twenty-five": 25}
_STUNDEN: Final = ("eins", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun", "zehn", "elf", "zwölf")
_NACH: Final = {"halb": -30, "viertel nach": 15, "viertel vor": -15, "dreiviertel": -15}
_STUNDE = rf"(?:{'|'.join(_STUNDEN)}|1[0-2]|[1-9])"
_HOUR = rf"(?:{'|'.join(_HOURS)}|1[0-2]|[1-9])"
HINT: Final = re.compile(r"past|quarter|clock|halb|viertel|the (?:next )?hour|(?:top|bottom) of", re.IGNORECASE)
"""A text without any of these names no time of day in words: most texts do not."""
CLOCK: Final = re.compile(
    r"\b(?:(?:(?P<past>half|(?:a\s+)?quarter|five|ten|twenty(?:[- ]five)?)(?:\s+minutes)?\s+past"
    rf"|(?:a\s+)?quarter\s+(?P<before>to))\s+(?P<hour>{_HOUR})(?:\s+o['’]clock)?|(?P<full>{_HOUR})\s+o['’]clock"
    rf"|(?P<german>halb|viertel\s+nach|viertel\s+vor|dreiviertel)\s+(?P<stunde>{_STUNDE})(?:\s+uhr)?)\b"
    r"(?!\s+(?:thirds|drittel|prozent|minuten|stunden|per\s?cent|minutes|hours|days|million|thousand|of)\b)"
    r"(?:\s?(?P<half>[ap]\.?m\b\.?|in\s+the\s+(?:morning|afternoon|evening)|at\s+night"
    r"|morgens|vormittags|nachmittags|abends))?"
    rf"(?:{zones.PATTERN})?",
    re.IGNORECASE,
)
"""A time of day in words."""
OF_THE_HOUR: Final = re.compile(
    r"\b(?:at|by|every\s+hour\s+(?:on|at)|on)\s+the\s+(?:(?:top|(?P<bottom>bottom))\s+of\s+the\s+(?:next\s+)?)?"
    r"hour\b",
    re.IGNORECASE,
)


def minutes(match: re.Match[str]) -> int:
    """Minutes since midnight or noon."""
    if match["german"]:
        stunde = match["stunde"].lower()
        hour = _STUNDEN.index(stunde) + 1 if stunde in _STUNDEN else int(stunde)
        return (hour * 60 + _NACH[" ".join(match["german"].lower().split())]) % (12 * 60)
    word = (match["hour"] or match["full"]).lower()
    hour = _HOURS.index(word) + 1 if word in _HOURS else int(word)
    past = -15 if match["before"] else _past(match["past"])
    return (hour * 60 + past) % (12 * 60)


def _past(said: str | None) -> int:
    words = "-".join((said or "").lower().split()).removeprefix("a-")
    return _PAST[words] if words else 0


def half(match: re.Match[str]) -> str:
    """“am” or “pm” as it is said, or nothing."""
    said = (match["half"] or "").lower()
    if not said:
        return ""
    return "am" if re.match(r"a\.?m|in\s+the\s+morning|morgens|vormittags", said) else "pm"


def likelier(readings: list[Reading], at: datetime, *, ahead: bool) -> Reading:
    """Of the two halves of a day, the first that lies ahead, or what is nearest; which one is said where both could
    be meant."""
    known = [each for each in readings if each.at]
    if len(known) < 2:
        return readings[0]
    coming = [each for each in known if each.at and each.at > at] if ahead else []
    chosen = min(coming or known, key=lambda each: abs((each.at or at) - at))
    return replace(
        chosen,
        assumed=chosen.assumed or f"It may be in the other half of the day; it was read as {chosen.at:%H:%M} UTC",
    )
