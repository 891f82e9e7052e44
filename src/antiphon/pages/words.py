"""The page's own words in the page's language. English stands in the templates; another language has a table here.

What people published is never touched: `say` knows whole phrases only, `said` rewrites times, lengths and states that
this room itself put together.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from django.template import Context, Library
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

from antiphon.core.languages import LANGUAGES, words

register = Library()

_GERMAN: Final = {
    "Operational": "In Betrieb",
    "Degraded performance": "Eingeschränkte Leistung",
    "Partial outage": "Teilausfall",
    "Major outage": "Ausfall",
    "Under maintenance": "In Wartung",
    "Service disruption": "Störung",
    "No disruption": "Keine Störung",
    "Planned work": "Geplante Arbeiten",
    "Minor disruption": "Leichte Störung",
    "Planned": "Geplant",
    "Under way": "Läuft",
    "Being verified": "Wird geprüft",
    "Completed": "Abgeschlossen",
    "Cancelled": "Abgesagt",
    "Investigating": "Wird untersucht",
    "Identified": "Ursache gefunden",
    "Monitoring": "Wird beobachtet",
    "Resolved": "Behoben",
    "Review": "Nachbetrachtung",
    "An incident is open": "Es gibt einen offenen Vorfall",
    "Maintenance under way": "Wartung läuft",
    "All systems operational": "Alles in Betrieb",
    "No known problems": "Keine bekannten Probleme",
    "Skip to content": "Zum Inhalt",
    "Pages": "Seiten",
    "Subscribe": "Abonnieren",
    "History": "Verlauf",
    "This incident has ended. The page changes only if a correction is published.": (
        "Dieser Vorfall ist beendet. Die Seite ändert sich nur, wenn eine Berichtigung veröffentlicht wird."
    ),
    "As of": "Stand",
    "outdated after": "überholt nach",
    "Atom feed": "Atom-Feed",
    "RSS feed": "RSS-Feed",
    "Planned work as a calendar": "Geplante Arbeiten als Kalender",
    "Happening now": "Jetzt",
    "All updates": "Alle Meldungen",
    "Components": "Komponenten",
    "The parts of the service will be listed here, each with its status.": (
        "Hier stehen die Teile des Dienstes, jeder mit seinem Stand."
    ),
    "lasted": "Dauer",
    "Incident history": "Verlauf der Vorfälle",
    "No incident has been published yet. The first one will stay listed here after it ends.": (
        "Noch wurde kein Vorfall veröffentlicht. Der erste bleibt hier stehen, auch wenn er beendet ist."
    ),
    "so far": "bisher",
    "after": "nach",
    "Current status": "Derzeitiger Stand",
    "Updates": "Meldungen",
    "Nothing here": "Hier ist nichts",
    "This address leads to no page. An incident keeps its address for good, so the link may be incomplete.": (
        "Zu dieser Adresse gehört keine Seite. Ein Vorfall behält seine Adresse; der Link ist vielleicht unvollständig."
    ),
    "Next update by": "Nächste Meldung bis",
    "or sooner if the state changes": "oder früher, wenn sich der Stand ändert",
    "An update was due by": "Eine Meldung war fällig bis",
    "and is late": "und steht aus",
    "From": "Von",
    "To": "Bis",
    "Started": "Begonnen",
    "Lasted": "Dauer",
    "So far": "Bisher",
    "Affects": "Betrifft",
    "Nothing but normal operation was published in these days.": (
        "In diesen Tagen wurde nur normaler Betrieb veröffentlicht."
    ),
    (
        "By what this page published: a major outage counts in full, a partial one for 30 %, slow or planned work not "
        "at all."
    ): (
        "Nach dem, was diese Seite veröffentlicht hat: Ein Ausfall zählt ganz, ein Teilausfall zu 30 %, Langsamkeit "
        "und geplante Arbeiten zählen nicht."
    ),
    "Support": "Support",
    "incidents": "Vorfälle",
}
_TABLES: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType({"de": MappingProxyType(_GERMAN)})
_MONTHS: Final = LANGUAGES["en"].months
_DAY: Final = re.compile(rf"\b(\d{{1,2}}) ({'|'.join(each[:3] for each in _MONTHS)})[a-z]*")
_MONTH: Final = re.compile(rf"\b({'|'.join(_MONTHS)})\b")
_LENGTHS: Final = (
    (re.compile(r"\b1 day\b"), "1 Tag"),
    (re.compile(r"\bdays\b"), "Tage"),
    (re.compile(r"\bunder a minute\b"), "unter einer Minute"),
    (re.compile(r"\bagain\b"), "wieder"),
)


def say(phrase: str, language: str) -> str:
    """A whole phrase of the page's own in its language; what is not in the table stays as it is."""
    return _TABLES.get(language, {}).get(phrase, phrase)


def said(text: str, language: str) -> str:
    """Times, lengths and states, as this room puts them together in English, in the page's language."""
    if language not in _TABLES or not text:
        return text
    exact = say(text, language)
    if exact != text:
        return exact
    months = words(language).months
    order = {each[:3]: months[place] for place, each in enumerate(_MONTHS)}
    made = _DAY.sub(lambda match: f"{match[1]}. {order[match[2]]}", text)
    made = _MONTH.sub(lambda match: order[match[1][:3]], made)
    for state in _STATES:
        made = re.sub(rf"\b{state}\b", say(state, language), made, flags=re.IGNORECASE)
    for pattern, word in _LENGTHS:
        made = pattern.sub(word, made)
    return mark_safe(made) if isinstance(text, SafeString) else made  # noqa: S308 - only words of ours were put in


_STATES: Final = ("Degraded performance", "Partial outage", "Major outage", "Under maintenance", "Operational")


def _language(context: Context) -> str:
    return str(context.get("language", "en"))


@register.simple_tag(takes_context=True, name="say")
def _say(context: Context, phrase: Any) -> str:
    return conditional_escape(say(phrase, _language(context)) if isinstance(phrase, str) else phrase)


@register.simple_tag(takes_context=True, name="said")
def _said(context: Context, text: Any) -> str:
    return conditional_escape(said(text, _language(context)) if isinstance(text, str) else text)
