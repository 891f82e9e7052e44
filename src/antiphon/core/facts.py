"""What is known of an incident: entered once, each with who may know it. A correction supersedes, nothing is erased.

Every audience's text is made from the facts that `visible_to` gives for it and from no others (RELIABILITY I26).
Source of the table: DOMAIN §8.3, what each version carries.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from antiphon.core.audiences import OUTSIDE, Audience
from antiphon.core.decision import Decision, Refusal
from antiphon.core.events import FactRecorded
from antiphon.core.languages import LANGUAGES

LONGEST: Final = 4_000
"""Characters of one fact. What is longer is a document, not a fact."""
NONE: Final[Mapping[str, str]] = MappingProxyType({})
LINKS: Final = frozenset({"metrics_link"})
"""Kinds of facts that are an address and nothing else."""
_LINK: Final = re.compile(
    r"https://(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,8}[a-z0-9-]{2,}(?::\d{1,5})?(?:[/?#][!#-;=?-\[\]-~]*)?",
    re.IGNORECASE,
)


class Confidence(StrEnum):
    """How sure we are. Anything but confirmed is said as a supposition."""

    CONFIRMED = "confirmed"
    LIKELY = "likely"
    POSSIBLE = "possible"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One thing known. `at`: when it was entered; `superseded_by`: the fact that corrects it, or empty.

    `translations`: its words in other languages (language → text), where a person gave them.
    `source` says where it comes from: `person:<uid>`, `alert:<uid>`, `catalog`, …
    """

    uid: str
    name: str
    text: str
    audiences: tuple[Audience, ...]
    confidence: Confidence = Confidence.CONFIRMED
    source: str = ""
    at: datetime
    superseded_by: str = ""
    translations: Mapping[str, str] = field(default_factory=dict, hash=False)

    def in_language(self, language: str) -> "Fact":
        """The fact in this language where it is translated, else as it was entered."""
        return replace(self, text=self.translations[language]) if language in self.translations else self

    @property
    def current(self) -> bool:
        """Nothing corrects it."""
        return not self.superseded_by

    @property
    def internal_only(self) -> bool:
        """Nobody outside may know it."""
        return OUTSIDE.isdisjoint(self.audiences)


@dataclass(frozen=True, slots=True)
class Name:
    """A kind of fact: its label and hint in the form, who may know it unless a person says otherwise, and the section
    of each audience's text that it feeds (an audience that is not in `feeds` may know it without being told)."""

    label: str
    hint: str
    audiences: frozenset[Audience]
    feeds: Mapping[Audience, str]


_EVERYONE: Final = frozenset(Audience)
_INSIDE: Final = _EVERYONE - OUTSIDE
_CUSTOMERS: Final = frozenset({Audience.BUSINESS, Audience.PUBLIC})
_TECHNICAL: Final = _INSIDE | {Audience.TECHNICAL}
_ENGINEERS: Final = frozenset({Audience.TECHNICAL, Audience.INTERNAL, Audience.RESPONDERS})


def _name(label: str, hint: str, audiences: frozenset[Audience], section: str, *, business: str = "") -> Name:
    """`business` is the section for business and public readers where it differs."""
    feeds = {audience: business if business and audience in _CUSTOMERS else section for audience in audiences}
    return Name(label, hint, audiences, MappingProxyType(feeds))


def _flag(label: str, hint: str) -> Name:
    """Known inside only; it answers question 4, and no text says it by itself."""
    return Name(label, hint, _INSIDE, MappingProxyType({}))


NAMES: Final[Mapping[str, Name]] = MappingProxyType(
    {
        "what_happens": _name(
            "What is happening", "Exactly what is wrong, in technical words.", _TECHNICAL, "what happens"
        ),
        "detected": _name(
            "How it was detected", "By which monitor, test or report it came to light.", _TECHNICAL, "detected"
        ),
        "scope": _name(
            "Who and what is affected",
            "Which customers, regions, products, and how many.",
            _EVERYONE,
            "who is affected",
        ),
        "symptoms": _name(
            "Symptoms",
            "What somebody who uses it sees. Business customers read this: no host names.",
            _EVERYONE,
            "symptoms",
            business="what you may notice",
        ),
        "workaround": _name("Workaround", "What helps until it is repaired, step by step.", _TECHNICAL, "workaround"),
        "hypothesis": _name("Hypothesis", "What we suspect, and why.", _ENGINEERS, "diagnosis"),
        "diagnostics": _name("Diagnostics done", "What was looked at, and what it showed.", _ENGINEERS, "diagnosis"),
        "metrics": _name("Metrics", "The figures behind the hypothesis.", _ENGINEERS, "diagnosis"),
        "metrics_link": _name(
            "Link to metrics or a diagram",
            "An https address that technical customers may open. It is told as it is; nothing is fetched from it.",
            _TECHNICAL,
            "diagnosis",
        ),
        "actions": _name(
            "What we are doing",
            "Steps being taken now. Business customers read this: plain words.",
            _EVERYONE,
            "what we are doing",
        ),
        "expectation": _name(
            "Expectation",
            "What readers should expect next. An estimate is labelled as one; never a promise.",
            _EVERYONE,
            "what to expect",
        ),
        "customer_action": _name(
            "What customers need to do", "Or that they need to do nothing.", _EVERYONE, "what you need to do"
        ),
        "cause": _name("Cause", "What led to it, in summary, without blame.", _TECHNICAL, "cause"),
        "changed": _name("What was changed", "What put it right.", _TECHNICAL, "what was changed"),
        "prevention": _name("Prevention", "What keeps it from coming back.", _EVERYONE, "prevention"),
        "verified": _name("How it was verified", "What showed that it works again.", _EVERYONE, "verified"),
        "security": _flag("Security", "What may have been changed, read or taken, and how it is known."),
        "privacy": _flag("Privacy", "Whose personal data is concerned, and how it is known."),
        "compliance": _flag("Compliance", "Which rule or duty it touches, and how it is known."),
        "contact": _name(
            "Contact for urgent matters",
            "Whom business customers reach when it cannot wait.",
            _EVERYONE - {Audience.PUBLIC},
            "how to reach us",
        ),
    }
)
"""Every kind of fact there is."""


def record(
    facts: tuple[Fact, ...],
    *,
    uid: str,
    name: str,
    text: str,
    source: str,
    audiences: Iterable[Audience] | None = None,
    confidence: Confidence = Confidence.CONFIRMED,
    translations: Mapping[str, str] = NONE,
    now: datetime,
) -> Decision[tuple[Fact, ...]] | Refusal:
    """Enter a fact under a fresh `uid`. Without `audiences`, the name's own list says who may know it."""
    if name not in NAMES:
        return Refusal(f"There is no fact named “{name}”; there are: {', '.join(NAMES)}.", field="name")
    readers = NAMES[name].audiences if audiences is None else frozenset(audiences)
    words = (text, translations)
    return _entered(facts, uid, name, words, readers, confidence, source, supersedes="", now=now)


def correct(
    facts: tuple[Fact, ...],
    fact: str,
    *,
    uid: str,
    text: str,
    source: str,
    audiences: Iterable[Audience] | None = None,
    confidence: Confidence | None = None,
    translations: Mapping[str, str] = NONE,
    now: datetime,
) -> Decision[tuple[Fact, ...]] | Refusal:
    """Put a new fact (`uid`) in the place of the one whose uid is `fact`, which stays on the record.

    Without `audiences` or `confidence` those of the old one hold; its translations do not, since they say the old
    words. A fact that is not current is refused.
    """
    old = next((known for known in facts if known.uid == fact), None)
    if old is None:
        return Refusal(f"There is no fact {fact}: reload the page to see the facts.", field="fact")
    if not old.current:
        return Refusal("This fact was corrected already: correct the newer one.", field="fact")
    readers = frozenset(old.audiences if audiences is None else audiences)
    told = confidence or old.confidence
    words = (text, translations)
    entered = _entered(facts, uid, old.name, words, readers, told, source, supersedes=old.uid, now=now)
    if isinstance(entered, Refusal):
        return entered
    state = tuple(replace(known, superseded_by=uid) if known.uid == fact else known for known in entered.state)
    return Decision(state, entered.events)


def visible_to(facts: Iterable[Fact], audience: Audience) -> tuple[Fact, ...]:
    """The current facts this audience may know, in the order they were entered. Responders know everything."""
    return tuple(
        fact for fact in facts if fact.current and (audience in fact.audiences or audience is Audience.RESPONDERS)
    )


def hidden_from(facts: Iterable[Fact], audience: Audience) -> tuple[Fact, ...]:
    """The facts, corrected ones included, that this audience was never free to know."""
    if audience is Audience.RESPONDERS:
        return ()
    return tuple(fact for fact in facts if audience not in fact.audiences)


def leaks(
    text: str, facts: Iterable[Fact], audience: Audience, *, known_words: Iterable[str] = ()
) -> tuple[tuple[int, int], ...]:
    """Places in `text` that quote facts this audience may not know: a whole fact, or a telling word of one.

    A telling word mixes letters and digits (`mysql-cluster-03`, `CVE-2026-1234`, a ticket's number). Words that also
    stand in a fact the audience may know, or in `known_words` (names of services and products), are free.
    """
    known = tuple(facts)
    free = " ".join((*_words(visible_to(known, audience)), *known_words)).casefold()
    hidden = _words(hidden_from(known, audience))
    needles = {word for words in hidden for word in _TELLING.findall(words)}
    needles |= {words for words in hidden if len(words) >= _WHOLE}
    patterns = (
        r"\s+".join(re.escape(part) for part in needle.split())
        for needle in sorted(needles)
        if needle.casefold() not in free
    )
    found = {match.span() for pattern in patterns for match in re.finditer(pattern, text, re.IGNORECASE)}
    return tuple(sorted(found))


def corrected_since(text: str, facts: Iterable[Fact], *, since: datetime) -> tuple[Fact, Fact] | None:
    """A fact that the text quotes whole and that was corrected after `since`, with its correction; None without one.

    One whose words its correction repeats does not count: what the text says still holds.
    """
    known = {fact.uid: fact for fact in facts}
    said = " ".join(text.split()).casefold()
    for fact in known.values():
        new = known.get(fact.superseded_by)
        if new is None or new.at <= since:
            continue
        kept = " ".join(" ".join(_words([new])).split()).casefold()
        quotes = (" ".join(words.split()).rstrip(".").casefold() for words in _words([fact]))
        if any(len(words) >= _WHOLE and words in said and words not in kept for words in quotes):
            return fact, new
    return None


def _words(facts: Iterable[Fact]) -> list[str]:
    """What the facts say, in every language."""
    return [words for fact in facts for words in (fact.text, *fact.translations.values())]


_TELLING: Final = re.compile(r"(?<![\w.-])(?=[\w.-]*\d)(?=[\w.-]*[^\W\d])[\w][\w.-]{4,}[\w]")
_WHOLE: Final = 12
"""Characters from which a fact is told apart from an everyday word."""


def _entered(
    facts: tuple[Fact, ...],
    uid: str,
    name: str,
    told: tuple[str, Mapping[str, str]],
    readers: frozenset[Audience],
    confidence: Confidence,
    source: str,
    *,
    supersedes: str,
    now: datetime,
) -> Decision[tuple[Fact, ...]] | Refusal:
    words = told[0].strip()
    others = {language: other.strip() for language, other in told[1].items() if other.strip()}
    if not words:
        return Refusal("The fact is empty: write what is known, or leave it out.", field="text")
    longest = max(len(each) for each in (words, *others.values()))
    if longest > LONGEST:
        return Refusal(
            f"The fact has {longest:,} characters, more than {LONGEST:,}: keep to what readers need.", field="text"
        )
    if name in LINKS and not _LINK.fullmatch(words):
        return Refusal("Give one whole address that begins with https:// and names a host.", field="text")
    unknown = next((language for language in others if language not in LANGUAGES), None)
    if unknown is not None:
        return Refusal(f"“{unknown[:20]}” is no language of texts; there are: {', '.join(LANGUAGES)}.", "translations")
    if not readers:
        return Refusal("Say who may know it: choose at least one audience.", field="audiences")
    audiences = tuple(audience for audience in Audience if audience in readers)
    fact = Fact(
        uid=uid,
        name=name,
        text=words,
        audiences=audiences,
        confidence=confidence,
        source=source,
        at=now,
        translations=others,
    )
    event = FactRecorded(
        fact=uid,
        name=name,
        text=words,
        audiences=audiences,
        confidence=confidence,
        supersedes=supersedes,
        translations=others,
    )
    return Decision((*facts, fact), (event,))
