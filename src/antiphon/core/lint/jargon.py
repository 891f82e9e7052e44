"""Words that business readers need not know, with what to say instead; for our own leaders a warning."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from antiphon.core.audiences import Audience, Finding, Mark
from antiphon.core.lint.rules import Rule
from antiphon.core.lint.sentences import muted
from antiphon.core.lint.subject import Subject
from antiphon.core.lint.words import COMMON_ACRONYMS, GLOSSARY, MACHINES
from antiphon.core.times import zone_offset

STRICT: Final = frozenset({Audience.BUSINESS, Audience.PUBLIC})
GENTLE: Final = frozenset({Audience.EXECUTIVES, Audience.SUPPORT, Audience.LEGAL})

_HOST: Final = re.compile(
    r"(?<![\w/.@-])(?:(?:[a-z][a-z0-9]{0,30}-){1,8}[a-z]{0,30}\d+[a-z]?"
    r"|(?!sha|utf|http|covid|mp|ipv|web|h)[a-z]{2,30}\d{2,}|[A-Z]{2,12}(?:-[A-Z]{1,12}){0,4}-?0\d{1,4})"
    r"(?:[.-][a-z0-9]{1,30}){0,6}\b"
)
_INSIDE: Final = re.compile(
    r"(?<![\w.-])(?:[a-z0-9-]{1,63}\.){1,8}(?:internal|local|localdomain|lan|corp|intra|svc|home\.arpa)\b"
)
_CODES: Final = (
    (
        Rule.ADDRESS,
        re.compile(
            r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?:/\d{1,2})?(?![\w.]\d)"
            r"|(?<![\w:])(?:[0-9a-fA-F]{1,4}:){3,7}[0-9a-fA-F]{1,4}\b"
            r"|(?<![\w:])(?:[0-9a-fA-F]{1,4}:){1,6}:[0-9a-fA-F:.]{0,40}[0-9a-fA-F]"
        ),
        "an internal address; leave it out",
    ),
    (
        Rule.CVE,
        re.compile(r"\bCVE-\d{4}-\d{4,}\b", re.IGNORECASE),
        "a vulnerability's number; say what it means for readers",
    ),
    (
        Rule.ERROR_CODE,
        re.compile(
            r"(?i:\b(?:HTTP|error|status|exit)\s*(?:code\s*)?#?\d{1,3}\b(?!\s?%))|\b[1-5]xx\b|\b[45]\d\ds\b"
            r"|\b(?:40[0-9]|429|50[0-4])(?=\s+(?:(?:error|response|status)s?\b|or\s+50\d))"
            r"|\bE(?:CONN|TIMEDOUT|NOENT|NOSPC|ACCES|PIPE|HOST|ADDR|AGAIN|NOMEM|PERM)[A-Z]{0,12}\b"
            r"|\b(?!CVE|INC|TICKET|CASE|REF|SEV|ISO|UTC|GMT|COVID|RFC)[A-Z]{2,6}-\d{3,}\b"
            r"|(?i:\b(?:error|code)\s+)[A-Z]{1,3}-?\d{3,6}\b|\bSIG(?:KILL|TERM|SEGV|ABRT|HUP)\w*|\bOOM(?:ed|Killed)\b"
            r"|\b(?=[a-f]*\d)(?=\d*[a-f])[0-9a-f]{7,40}\b"
            r"|\b0x[0-9a-fA-F]{2,}\b|\b[A-Z][A-Z0-9]+_[A-Z0-9_]{2,}\b"
        ),
        "an error code; say what readers see",
    ),
    (
        Rule.PATH,
        re.compile(r"(?<![\w:/])/(?:var|etc|usr|opt|srv|home|tmp|api|v\d)/[\w./-]{0,200}"),
        "a path; leave it out",
    ),
    (
        Rule.STACK_TRACE,
        re.compile(
            r"\bTraceback \(most recent call last\)|^[ \t]*at [\w.$<>/]{3,100}\([^()\n]{0,80}\)"
            r"|\bFile \"[^\"\n]{1,200}\", line \d+|\bgoroutine \d+ \[[\w ]{1,30}\]"
            r"|\b[Ss]egmentation fault\b|\bcore dumped\b"
            r"|\b(?:[a-z]\w{0,30}\.){1,8}[A-Z]\w{0,60}(?:Exception|Error)\b"
            r"|\b(?:[A-Z][a-z]{1,20}){1,6}(?:Exception|Error)\b",
            re.MULTILINE,
        ),
        "a program's own record; say what readers see",
    ),
)
_SEVERITY: Final = re.compile(r"\b(?:SEV[- ]?[1-5]|P[0-4])\b")
_ACRONYM: Final = re.compile(r"(?<![\w./#@&-])[A-Z][A-Z0-9]{1,5}s?(?![\w/&@]|-\w|\.\w)")
_NUMERAL: Final = re.compile(r"[IVX]{2,5}")


def jargon(text: str, subject: Subject) -> Iterator[Finding]:
    """Every word that readers of this audience need not know, where it stands."""
    if subject.audience not in STRICT | GENTLE:
        return
    level = Mark.ERROR if subject.audience in STRICT else Mark.WARNING
    plain = _without(muted(text), subject.products)
    for rule, pattern, what in _CODES:
        for match in pattern.finditer(plain):
            yield Finding(rule, f"“{match[0].strip()}” reads like {what}.", *match.span(), level)
    yield from _hosts(plain, level)
    words = {**GLOSSARY, **subject.glossary}
    yield from _glossary(plain, words, level)
    if subject.audience in STRICT:
        yield from _severities(plain)
        yield from _acronyms(plain, words)


def _hosts(plain: str, level: Mark) -> Iterator[Finding]:
    """A name of a machine for certain, or a name with a number that may be one: a product's version, a region."""
    numbered = [match.span() for match in _HOST.finditer(plain)]
    unnumbered = _HOST.sub(lambda match: " " * len(match[0]), plain)
    inside = [match.span() for match in _INSIDE.finditer(unnumbered)]
    for start, end in numbered + inside:
        name = plain[start:end]
        pieces = re.findall(r"[a-z]+|\d+", name.lower())
        sure = _INSIDE.search(name) or any(piece in MACHINES or re.fullmatch(r"0\d+", piece) for piece in pieces)
        message = f"“{name}” reads like a host name; name the product that customers know."
        doubt = f"“{name}” may be a host name: if it is no product that readers know, leave it out."
        yield Finding(Rule.HOST_NAME, message if sure else doubt, start, end, level if sure else Mark.WARNING)


def _glossary(plain: str, words: Mapping[str, str], level: Mark) -> Iterator[Finding]:
    plainly = {word.casefold(): instead for word, instead in words.items()}
    for match in _any_of(words).finditer(plain):
        instead = plainly.get(match[1].casefold(), "a plain word")
        message = f"“{match[0]}” is jargon: say “{instead}”, or what readers notice."
        yield Finding(Rule.JARGON, message, *match.span(), level)


def _severities(plain: str) -> Iterator[Finding]:
    for match in _SEVERITY.finditer(plain):
        message = f"“{match[0]}” is our own scale: say how grave it is for readers."
        yield Finding(Rule.JARGON, message, *match.span(), Mark.WARNING)


def _acronyms(plain: str, words: Mapping[str, str]) -> Iterator[Finding]:
    """Each unknown abbreviation, once. One beside a bracket is explained; a text in capitals has none."""
    if sum(map(str.isupper, plain)) > sum(map(str.islower, plain)):
        return
    seen = {word.upper() for word in words} | COMMON_ACRONYMS
    for match in _ACRONYM.finditer(plain):
        word = match[0].removesuffix("s")
        if word in seen or zone_offset(word) is not None or _NUMERAL.fullmatch(word) or _SEVERITY.fullmatch(word):
            continue
        seen.add(word)
        explained = plain[match.end() : match.end() + 2] == " (" or plain[match.end() : match.end() + 1] == ")"
        if not explained:
            message = f"“{match[0]}” is an abbreviation: write it out, or explain it once."
            yield Finding(Rule.ACRONYM, message, *match.span(), Mark.WARNING)


def _any_of(words: Mapping[str, str]) -> re.Pattern[str]:
    listed = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True) if word)
    return re.compile(rf"(?<![\w-])({listed})(?:s|es)?(?![\w-])", re.IGNORECASE)


def _without(text: str, products: tuple[str, ...]) -> str:
    for name in products:
        if name:
            text = re.sub(re.escape(name), lambda match: " " * len(match[0]), text, flags=re.IGNORECASE)
    return text
