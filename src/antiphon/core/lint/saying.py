"""How a language says what a message must carry: who is hit, what does not work, what to expect, where to look."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from antiphon.core.lint.words import GENERIC, GERMAN_GENERIC


@dataclass(frozen=True, slots=True)
class Saying:
    """`generic` are words that say nothing of what exactly is wrong; `of_the_matter` keeps a sentence about the page
    or the support from being taken for an aside; `ago`: so long ago."""

    page: re.Pattern[str]
    support: re.Pattern[str]
    who: re.Pattern[str]
    expect: re.Pattern[str]
    trouble: re.Pattern[str]
    sooner: re.Pattern[str]
    ask: re.Pattern[str]
    of_the_matter: re.Pattern[str]
    ago: re.Pattern[str]
    generic: frozenset[str]


ENGLISH: Final = Saying(
    page=re.compile(r"https?://|\bstatus\s?page\b|\bstatus\.[a-z]", re.IGNORECASE),
    support=re.compile(
        r"\b(?:support|help\s?desk|hotline|customer\s+(?:care|service|success)|account\s+manager|contact|reach\s+us"
        r"|call\s+us"
        r"|write\s+to\s+us|reply\s+to\s+this)\b|(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}\.\w+",
        re.IGNORECASE,
    ),
    who=re.compile(
        r"\b(?:customers?|users?|visitors?|people|everyone|everybody|anyone|anybody|nobody|no\s+one|accounts?"
        r"|clients?|tenants?"
        r"|merchants?|shops?|stores?|subscribers?|members?|buyers?|shoppers?|guests?|patients?|students?|partners?"
        r"|organi[sz]ations?"
        r"|companies|teams?|employees|staff|colleagues|callers?|repositor(?:y|ies)|projects?|regions?"
        r"|data\s?cent(?:re|er)s?"
        r"|requests?|you\s+(?:may|might|will|can|could|cannot|can't|are|were|notice)|your\s+\w+|who\s+is\s+affected"
        r"|affects?\s+\w+"
        r"|affecting|affected)\b(?!-)|\d\s?%|\b(?:europe|america|asia|africa|australia|emea|apac)\b",
        re.IGNORECASE,
    ),
    expect=re.compile(
        r"\b(?:expect\w*|until\s+then|meanwhile|mean\s?time|may|might|could|can|cannot|can't|estimat\w+|workaround"
        r"|no\s+action"
        r"|need\s+(?:to|not)|needs?\s+nothing|nothing\s+to\s+do|do\s+not|don't|please|remains?|continues?"
        r"|will\s+(?:continue|remain|keep"
        r"|stay|be|not|take|retry|work)|too\s+early|not\s+(?:yet\s+)?known?|unknown|retry|try\s+again|delays?)\b",
        re.IGNORECASE,
    ),
    trouble=re.compile(
        r"\b(?:unavailab\w+|availab\w+|down|outage|offline|unreachable|slow\w*|fail\w*|errors?|delay\w*|degrad\w+"
        r"|disrupt\w+|interrupt\w+"
        r"|cannot|can't|could\s+not|unable|not\s+(?:load|work|open|respond|arriv|be)\w*|time(?:s|d)?[- ]?out\w*|lost"
        r"|loss|missing|wrong"
        r"|incorrect|late|stuck|blocked|refus\w+|reject\w+|incidents?|problems?|issues?|affect\w+|impact\w*|elevated"
        r"|increased|intermittent\w*"
        r"|partial\w*|restored|recovered|resolved|works?\s+(?:again|normally)|normal\w*|exposed|access\w*|attack\w*"
        r"|vulnerab\w+|suspicious"
        r"|unauthori[sz]ed|stopped|again|faults?|stable|expos\w+|leak\w*|closed|crash\w*|broken|latency|full|overload\w*|limited|notice)\b",
        re.IGNORECASE,
    ),
    sooner=re.compile(
        r"\b(?:sooner|earlier|at\s+once\s+if|immediately\s+if|before\s+(?:that|then)\s+if)\b", re.IGNORECASE
    ),
    ask=re.compile(r"\b(?:contact|reach|questions?|call us|support)\b", re.IGNORECASE),
    of_the_matter=re.compile(
        r"\b(?:affect|since|detected|notice|fail|slow|unavailable|impact|degraded|outage|disrupt|error|delay|down\b"
        r"|(?<!if you )(?:cannot|can['’]t|unable))",
        re.IGNORECASE,
    ),
    ago=re.compile(r"\b\d{1,3}\s(?:minutes|hours)\s+ago\b", re.IGNORECASE),
    generic=GENERIC,
)
GERMAN: Final = Saying(
    page=re.compile(r"https?://|\bstatus[ -]?seite\b|\bstatus\.[a-z]", re.IGNORECASE),
    support=re.compile(
        r"\b(?:support|kunden(?:dienst|service|betreuung|berater\w*)|hotline|helpdesk|ansprechpartner\w*|kontakt\w*"
        r"|erreichen\s+sie\s+uns|rufen\s+sie|schreiben\s+sie\s+uns|antworten\s+sie|auf\s+diese\s+(?:nachricht|e-?mail))\b"
        r"|(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}\.\w+",
        re.IGNORECASE,
    ),
    who=re.compile(
        r"\b(?:kund\w+|nutzer\w*|benutzer\w*|anwender\w*|besucher\w*|alle|jeder|niemand|konto|konten|händler\w*|shops?"
        r"|mandanten|teilnehmer\w*|käufer\w*|patient\w*|partner\w*|unternehmen|firmen|praxen|kliniken|teams?"
        r"|mitarbeit\w+|kolleg\w+|anrufer\w*|region(?:en)?|rechenzentr\w+|anfragen"
        r"|sie\s+(?:können|könnten|bemerken|sehen|erhalten|sind|haben)|(?:können|könnten|bemerken|sehen|erhalten)\s+sie"
        r"|ihre?[mnrs]?\s+\w+|betroffen\w*|betrifft|prozent|europa|deutschland|österreich|schweiz)\b|\d\s?%",
        re.IGNORECASE,
    ),
    expect=re.compile(
        r"\b(?:rechne\w*|erwart\w+|bis\s+dahin|inzwischen|derweil|solange|kann|können|könnte[nst]*|voraussichtlich|schätz\w+"
        r"|umgehung\w*|(?:müssen|brauchen)\s+(?:sie\s+)?(?:nichts|nicht)|nichts\s+(?:tun|unternehmen)|bitte|bleib\w+"
        r"|weiterhin|zu\s+früh|unbekannt|noch\s+nicht|erneut|nochmals?|verzögerung\w*)\b",
        re.IGNORECASE,
    ),
    trouble=re.compile(
        r"\b(?:gestört\w*|störung\w*|ausgefallen|ausfall\w*|ausfällt|fällt\b.{0,40}\baus|fallen\b.{0,40}\baus|fehl\w*"
        r"|scheiter\w+|schläg\w+|schlagen|nicht|kein\w*|unerreichbar|langsam\w*|länger|spät\w*|verzöger\w+|verzögerung\w*"
        r"|beeinträchtig\w+|eingeschränkt\w*|unterbr\w+|verloren|falsch\w*|abgelehnt|abgebrochen|abbr\w+|hängt|hängen"
        r"|blockier\w+|vorfall\w*|vorfäll\w+|problem\w*|betroffen\w*|betrifft|teilweise|behoben|wiederhergestellt|wieder"
        r"|normal\w*|überlast\w+|angriff\w*|zugriff\w*|offengelegt|abgeflossen|gestoppt|stabil|erhöht\w*|bemerken)\b",
        re.IGNORECASE,
    ),
    sooner=re.compile(r"\b(?:früher|eher|vorher|sofort,?\s+wenn|sobald)\b", re.IGNORECASE),
    ask=re.compile(r"\b(?:wenden|erreichen|fragen|rufen\s+sie|support|kundendienst|kontakt\w*)\b", re.IGNORECASE),
    of_the_matter=re.compile(
        r"\b(?:betroffen|betrifft|seit|festgestellt|bemerk|fehl|langsam|nicht\s+(?:verfügbar|erreichbar|möglich)|gestört"
        r"|ausfall|ausgefallen|störung|verzöger|(?:kann|können)\b.{0,40}\bnicht)",
        re.IGNORECASE,
    ),
    ago=re.compile(r"\bvor\s+\d{1,3}\s(?:minuten|stunden)\b", re.IGNORECASE),
    generic=GERMAN_GENERIC,
)
BY_LANGUAGE: Final[Mapping[str, Saying]] = MappingProxyType({"en": ENGLISH, "de": GERMAN})
"""Languages whose texts are looked through for what is missing."""
