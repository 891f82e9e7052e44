"""Plain words: jargon for business readers, empty phrases, gaps left to fill, characters that deceive."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from antiphon.core.audiences import Audience, Finding, Mark
from antiphon.core.lint.sentences import Sentence, muted
from antiphon.core.lint.subject import Subject
from antiphon.core.lint.words import GLOSSARY
from antiphon.core.sending import RECIPIENT_SLOTS

STRICT: Final = frozenset({Audience.BUSINESS, Audience.PUBLIC})
GENTLE: Final = frozenset({Audience.EXECUTIVES, Audience.SUPPORT, Audience.LEGAL})


_CODES: Final = (
    (
        "host_name",
        re.compile(
            r"(?<![\w/.-])(?:[a-z][a-z0-9]{0,30}-){1,8}[a-z]{0,30}\d+\b|(?<![\w.-])(?:[a-z0-9-]{1,63}\.){1,8}(?:internal|local|lan|corp|intra|svc"
            r"|home\.arpa)\b"
            r"|(?<![\w-])(?!sha|utf|http|covid|mp|ipv|web|h)[a-z]{2,30}\d{2,}\b"
        ),
        "a host name; name the product that customers know",
    ),
    (
        "address",
        re.compile(
            r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?:/\d{1,2})?(?![\w.]\d)"
            r"|(?<![\w:])(?:[0-9a-fA-F]{1,4}:){3,7}[0-9a-fA-F]{1,4}\b"
        ),
        "an internal address; leave it out",
    ),
    (
        "cve",
        re.compile(r"\bCVE-\d{4}-\d{4,}\b", re.IGNORECASE),
        "a vulnerability's number; say what it means for readers",
    ),
    (
        "error_code",
        re.compile(
            r"(?i:\b(?:HTTP|error|status|exit)\s*(?:code\s*)?#?\d{1,3}\b(?!\s?%))|\b[1-5]xx\b"
            r"|\b50[0-4]s?\b(?=\s+(?:error|response))"
            r"|\bE[A-Z]{5,}\b|\b(?!CVE|INC|TICKET|CASE|REF|SEV|ISO|UTC|GMT|COVID|RFC)[A-Z]{2,6}-\d{3,}\b"
            r"|\b0x[0-9a-fA-F]{2,}\b|\b[A-Z][A-Z0-9]+_[A-Z0-9_]{2,}\b"
        ),
        "an error code; say what readers see",
    ),
    ("path", re.compile(r"(?<![\w:/])/(?:var|etc|usr|opt|srv|home|tmp|api|v\d)/[\w./-]*"), "a path; leave it out"),
)
_SEVERITY: Final = re.compile(r"\b(?:SEV[- ]?[1-5]|P[0-4])\b")

_EMPTY: Final = re.compile(
    r"\W*(?:(?:hello|hi|dear)\b[^.]*|(?:the\s+|our\s+|all\s+)?(?:services?|systems?|sites?|websites?|platforms?"
    r"|everything|servers?)\s+(?:is|are)\s+(?:currently\s+)?"
    r"(?:down|unavailable|degraded|affected|having\s+(?:issues|problems)|experiencing\s+(?:\w+\s+)?(?:issues"
    r"|problems|difficulties))"
    r"|(?:we(?:\s+are|['’]re)|our\s+\w+(?:\s+team)?\s+(?:is|are))\s+(?:currently\s+|still\s+|actively\s+"
    r"|continuing\s+to\s+)*(?:investigat\w+|looking\s+into|working\s+on|aware\s+of|experiencing"
    r"|monitoring)(?:\s+(?:it|this|that|things|(?:an?|the|this|some|these)?\s*(?:\w+\s+)?(?:issues?|problems?"
    r"|incidents?|situation|matter|fix|outage|service\s+disruption|technical\s+difficulties)))?"
    r"(?:\s+(?:now|at\s+the\s+moment|currently|urgently))?"
    r"|we\s+(?:sincerely\s+|deeply\s+)?(?:apologi[sz]e|regret|are\s+sorry)[^.]*|sorry\s+for[^.]*"
    r"|thank\s+you\s+for[^.]*|thanks\s+for[^.]*"
    r"|(?:please\s+)?(?:bear\s+with\s+us|stand\s+by|stay\s+tuned|be\s+patient)[^.]*"
    r"|we\s+appreciate\s+your\s+\w+[^.]*|(?:our|the)\s+(?:team|engineers?)\s+(?:is|are)\s+(?:on\s+it|working)[^.]*"
    r"|(?:more|further)\s+(?:information|details|updates?)\s+(?:to\s+follow|soon|shortly|will\s+follow)[^.]*"
    r"|(?:this|the)\s+(?:issue|incident|problem)\s+(?:is|has\s+been)\s+(?:resolved|fixed|identified"
    r"|being\s+investigated)"
    r"|(?:a|the)\s+fix\s+(?:has\s+been|is\s+being|was)\s+(?:implemented|deployed|applied|rolled\s+out)"
    r"|no\s+(?:change|update|news)s?)\W*",
    re.IGNORECASE,
)
_GAP: Final = re.compile(r"\[\[([^\[\]\n]{1,200})\]\]")
_UNFILLED: Final = re.compile(
    r"\{\{.{0,80}?\}\}|\{%.{0,80}?%\}|\b(?:TODO|TBD|TBC|FIXME|XXX|lorem ipsum)\b|<insert[^>]{0,60}>", re.IGNORECASE
)
_HIDDEN: Final = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad\x00-\x08\x0b\x0c\x0e-\x1f\x7f]+")
_SHOUT: Final = re.compile(r"!")


def empty(told: Sequence[Sentence]) -> Iterator[Finding]:
    """A text of nothing but phrases: “Service is down. We are investigating.” `told` leaves out what stands aside:
    the next update, the status page, the support."""
    phrases = [part for part in told if _EMPTY.fullmatch(part.text)]
    if len(phrases) == len(told):
        start, end = (phrases[0].start, phrases[-1].end) if phrases else (0, 0)
        message = "This says nothing yet: say exactly what is happening, since when, to whom, and what is being done."
        yield Finding("empty_phrase", message, start, end, Mark.ERROR)


def jargon(text: str, subject: Subject) -> Iterator[Finding]:
    """Words that business readers need not know, with what to say instead; for our own leaders a warning."""
    if subject.audience not in STRICT | GENTLE:
        return
    level = Mark.ERROR if subject.audience in STRICT else Mark.WARNING
    plain = _without(muted(text), subject.products)
    for rule, pattern, what in _CODES:
        for match in pattern.finditer(plain):
            yield Finding(rule, f"“{match[0]}” reads like {what}.", *match.span(), level)
    words = {**GLOSSARY, **subject.glossary}
    plainly = {word.lower(): instead for word, instead in words.items()}
    for match in _any_of(words).finditer(plain):
        instead = plainly[match[1].lower()]
        yield Finding(
            "jargon", f"“{match[0]}” is jargon: say “{instead}”, or what readers notice.", *match.span(), level
        )
    if subject.audience in STRICT:
        for match in _SEVERITY.finditer(plain):
            message = f"“{match[0]}” is our own scale: say how grave it is for readers."
            yield Finding("jargon", message, *match.span(), Mark.WARNING)


def unfinished(text: str) -> Iterator[Finding]:
    """Gaps that a person must fill, and placeholders left behind."""
    for match in _GAP.finditer(text):
        if match[1] not in RECIPIENT_SLOTS:
            yield Finding("gap", f"Fill this in: {match[1]}.", *match.span(), Mark.ERROR)
    for match in _UNFILLED.finditer(text):
        yield Finding("unfilled", f"“{match[0]}” was left in the text: replace it.", *match.span(), Mark.ERROR)


def deceiving(text: str) -> Iterator[Finding]:
    """Characters that no reader sees, such as those that turn the direction of writing."""
    for match in _HIDDEN.finditer(text):
        message = "Characters that cannot be seen stand here: remove them."
        yield Finding("hidden_characters", message, *match.span(), Mark.ERROR)
    for match in _SHOUT.finditer(text):
        yield Finding("exclamation", "Leave out the exclamation mark.", *match.span(), Mark.WARNING)


def secret(text: str, subject: Subject) -> Iterator[Finding]:
    """Words of facts that this audience may not know."""
    for start, end in subject.hidden:
        if 0 <= start < end <= len(text):
            message = f"“{text[start:end]}” comes from a fact that this audience may not know: take it out."
            yield Finding("hidden_fact", message, start, end, Mark.ERROR)


def _any_of(words: Mapping[str, str]) -> re.Pattern[str]:
    listed = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True) if word)
    return re.compile(rf"(?<![\w-])({listed})(?:s|es)?(?![\w-])", re.IGNORECASE)


def _without(text: str, products: tuple[str, ...]) -> str:
    for name in products:
        if name:
            text = re.sub(re.escape(name), lambda match: " " * len(match[0]), text, flags=re.IGNORECASE)
    return text
