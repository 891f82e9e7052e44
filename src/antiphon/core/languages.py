"""Words that texts are put together with, by language: times, states, kinds of incidents, how sure a fact is.

What people write – templates, facts – stands elsewhere. A language is known here before a text can be in it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """One language. Names in braces are filled in; `own` is what the language calls itself; `not_to_say` heads the last
    part of a script to read out, which is for whoever reads it."""

    own: str
    months: tuple[str, ...]
    zones: Mapping[str, str]
    time: str
    some: str
    both: str
    types: Mapping[str, str]
    states: Mapping[str, str]
    confidence: Mapping[str, str]
    estimate: str
    unconfirmed: str
    greeting: str
    greeting_nobody: str
    stop: str
    stop_plain: str
    practice: str
    no_change: str
    since: str
    next_update: str
    not_to_say: str


_ENGLISH: Final = Words(
    own="English",
    months=(
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ),
    zones={},
    time="{clock} {zone} on {day} {month} {year}",
    some="some of our services",
    both="and",
    types={
        "disruption": "service disruption",
        "degradation": "reduced performance",
        "security": "security notice",
        "operational": "service notice",
    },
    states={},
    confidence={},
    estimate="Our estimate, confidence {confidence}: {words}",
    unconfirmed="{words} (Not confirmed; confidence: {confidence}.)",
    greeting="Hello {name},",
    greeting_nobody="Hello,",
    stop="Stop these messages",
    stop_plain="To stop these messages",
    practice="Practice",
    no_change="No change since {since}. What we wrote then still holds.",
    since="No change since ",
    next_update="The next update comes by {at}, or sooner if the state changes.",
    not_to_say="Do not say",
)  # fmt: skip
_GERMAN: Final = Words(
    own="Deutsch",
    months=(
        "Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November",
        "Dezember",
    ),
    zones={"CET": "MEZ", "CEST": "MESZ"},
    time="{clock} Uhr {zone} am {day}. {month} {year}",
    some="einige unserer Dienste",
    both="und",
    types={
        "disruption": "Störung",
        "degradation": "eingeschränkte Leistung",
        "security": "Sicherheitshinweis",
        "operational": "Betriebshinweis",
    },
    states={
        "triage": "wird eingeordnet",
        "investigating": "wird untersucht",
        "identified": "Ursache gefunden",
        "monitoring": "wird beobachtet",
        "resolved": "behoben",
        "closed": "abgeschlossen",
        "cancelled": "abgesagt",
        "merged": "zusammengelegt",
    },
    confidence={"likely": "wahrscheinlich", "possible": "möglich"},
    estimate="Unsere Schätzung ({confidence}): {words}",
    unconfirmed="{words} (Nicht bestätigt; {confidence}.)",
    greeting="Guten Tag {name},",
    greeting_nobody="Guten Tag,",
    stop="Diese Nachrichten abbestellen",
    stop_plain="Diese Nachrichten abbestellen",
    practice="Übung",
    no_change="Keine Änderung seit {since}. Was wir da geschrieben haben, gilt weiter.",
    since="Keine Änderung seit ",
    next_update="Die nächste Meldung kommt bis {at}, oder früher, wenn sich der Stand ändert.",
    not_to_say="Nicht sagen",
)  # fmt: skip
LANGUAGES: Final[Mapping[str, Words]] = MappingProxyType({"en": _ENGLISH, "de": _GERMAN})
"""Every language a text can be in, by its code. The first is the one that is taken where another is not known."""


def spoken(wanted: str, *, otherwise: str = "en") -> str:
    """The known language that a reader's own (“de”, “de-CH”) means; where there is none, the one given instead."""
    code = wanted.partition("-")[0].lower()
    return code if code in LANGUAGES else otherwise


def words(language: str) -> Words:
    """The words of a language; English where it is not known."""
    return LANGUAGES.get(language, _ENGLISH)


def greeting(name: str, *, language: str) -> str:
    """How a message to one person begins: on one line, whatever an import gave them for a name."""
    known = words(language)
    if not name.isprintable():
        name = " ".join("".join(letter if letter.isprintable() else " " for letter in name).split())
    return known.greeting.format(name=name) if name.strip() else known.greeting_nobody
