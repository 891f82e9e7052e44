"""Sentences that say nothing: “we are investigating”, “a fix is being implemented”, “we apologise”."""

import re
from collections.abc import Iterator, Sequence
from types import MappingProxyType
from typing import Final

from antiphon.core.audiences import Finding, Mark
from antiphon.core.lint.rules import Rule
from antiphon.core.lint.sentences import Sentence

_THING = (
    r"(?:it|this|that|things|them|everything|(?:(?:an?|the|this|that|these|some|our|any|all|potential|technical|service"
    r"|ongoing|current|reported|known|underlying|remaining|further|same|root|possible|new)\s+)*"
    r"(?:issues?|problems?|incidents?|situation|matter|outage|cause|source|disruption|difficulties|reports?|results?|fix"
    r"|mitigations?|resolution|solution|recovery|progress|status)"
    r"(?:\s+(?:of|for|behind|causing)\s+(?:this|the|these)\s+\w+)?)"
)
_MOOD = (
    r"(?:(?:currently|still|actively|now|also|already|urgently|fully|closely|being|been|in\s+the\s+process\s+of"
    r"|continu(?:e|ing)(?:\s+to)?)\s+)*"
)
_WORK = (
    r"(?:investigat(?:e|ing)|look(?:ing)?\s+into|work(?:ing)?\s+(?:on|towards?|through|hard"
    r"|to\s+(?:fix|resolve|mitigate|address|remedy))|aware\s+of|experiencing|monitor(?:ing)?|watch(?:ing)?|on"
    r"|implement(?:ing|ed)|deploy(?:ing|ed)|identif(?:ied|ying)|found|located|appl(?:ied|ying)|fix(?:ed|ing)"
    r"|resolv(?:ed|ing)|mitigat(?:ed|ing)|rolled\s+out|rolling\s+out|investigated)"
)
_WE = r"(?:we|(?:our|the)\s+(?:\w+\s+)?(?:teams?|engineers?))"
_HAVE = r"(?:are|is|was|were|have|has|will|['’](?:re|ve|ll))"
_WHEN = r"(?:\s+(?:now|at\s+(?:the|this)\s+(?:moment|time)|currently|urgently|closely|as\s+we\s+speak))?"
_EMPTY: Final = re.compile(
    rf"\W*(?:(?:hello|hi|dear)\b[^.]*|(?:{_WE}\s*)?(?:{_HAVE}\s+)*{_MOOD}{_WORK}(?:\s+{_THING})?{_WHEN}"
    rf"|{_THING}\s+(?:{_HAVE}\s+)+{_MOOD}{_WORK}{_WHEN}"
    r"|(?:the\s+|our\s+|all\s+)?(?:services?|systems?|sites?|websites?|platforms?|everything|servers?)\s+(?:is|are)\s+"
    r"(?:currently\s+)?(?:down|unavailable|degraded|affected|having\s+(?:issues|problems)"
    r"|experiencing\s+(?:\w+\s+)?(?:issues|problems|difficulties))"
    r"|we\s+(?:sincerely\s+|deeply\s+)?(?:apologi[sz]e|regret|are\s+sorry)[^.]*|sorry\s+for[^.]*"
    r"|(?:thank\s+you|thanks)\s+for[^.]*|we\s+appreciate\s+your\s+\w+[^.]*"
    r"|(?:please\s+)?(?:bear\s+with\s+us|stand\s+by|stay\s+tuned|watch\s+this\s+space|be\s+patient)[^.]*"
    r"|(?:more|further)\s+(?:information|details|updates?)\s+(?:to\s+follow|soon|shortly|will\s+follow)[^.]*"
    r"|no\s+(?:change|update|news)s?)\W*",
    re.IGNORECASE,
)
_SACHE = (
    r"(?:daran|darum|dies|es|(?:an\s+)?(?:(?:der|die|das|dem|den|ein|eine|einer|einem|unser\w*|einige|technische\w*|bekannte\w*"
    r"|aktuelle\w*|mögliche\w*)\s+){0,3}(?:störung\w*|problem\w*|vorfall\w*|vorfäll\w+|ursachen?|lösung\w*|fehler\w*|ausfall\w*"
    r"|situation|lage|behebung|schwierigkeiten|unterbrechung\w*))"
)
_WEISE = (
    r"(?:(?:derzeit|aktuell|momentan|gerade|zurzeit|weiterhin|noch|bereits|intensiv|leider|auch|jetzt|nun|mit\s+hochdruck"
    r"|im\s+moment|so\s+schnell\s+wie\s+möglich)\s*){0,3}"
)
_GERMAN: Final = re.compile(
    rf"\W*(?:(?:hallo|guten\s+tag|liebe\w?|sehr\s+geehrte\w?)\b[^.]*"
    rf"|(?:wir|unsere?\s+\w+)\s+{_WEISE}(?:untersuch\w+|prüf\w+|analysier\w+|arbeite\w*|beobacht\w+|behe\w+|kümmern\s+uns"
    rf"|sind\s+(?:uns\s+)?)\s*{_WEISE}(?:um\s+)?(?:{_SACHE})?\s*{_WEISE}(?:bewusst|dran|bekannt)?"
    rf"|(?:uns\s+(?:ist|sind)|es\s+(?:gibt|liegt|liegen|kommt))\s+{_WEISE}(?:zu\s+)?{_SACHE}\s*{_WEISE}(?:vor|bekannt)?"
    rf"|(?:(?:der|die|das|unser\w*|alle)\s+)?(?:dienste?|services?|systeme?|server|website|webseite|plattform|seite)\s+"
    rf"(?:ist|sind)\s+{_WEISE}(?:gestört|ausgefallen|offline|down|eingeschränkt|beeinträchtigt"
    rf"|nicht\s+(?:verfügbar|erreichbar))"
    rf"|{_SACHE}\s+(?:ist|sind|wurden?|wird|werden)\s+{_WEISE}(?:behoben|gelöst|untersucht|geprüft|analysiert|identifiziert"
    rf"|bekannt|gefunden)"
    r"|(?:wir\s+)?(?:entschuldigen\s+uns|bitten\s+um|bedauern|danken)\b[^.]*|(?:vielen\s+dank|danke)\s+für\b[^.]*"
    rf"|(?:weitere|nähere)\s+(?:informationen|details|meldungen)\s+folgen\b[^.]*)\W*",
    re.IGNORECASE,
)
_BY_LANGUAGE: Final = MappingProxyType({"en": _EMPTY, "de": _GERMAN})
_CLAUSE: Final = re.compile(r",?\s+(?:and|but|und|aber)\s+|\s*[,;]\s*")


def phrase(part: Sentence, language: str = "en") -> bool:
    """The sentence, or each clause of it, is nothing but a phrase."""
    nothing = _BY_LANGUAGE[language]
    return bool(nothing.fullmatch(part.text)) or all(nothing.fullmatch(clause) for clause in _CLAUSE.split(part.text))


def empty(told: Sequence[Sentence], language: str = "en") -> Iterator[Finding]:
    """A text of nothing but phrases: “Service is down. We are investigating.” `told` leaves out what stands aside:
    the next update, the status page, the support."""
    if all(phrase(part, language) for part in told):
        start, end = (told[0].start, told[-1].end) if told else (0, 0)
        message = "This says nothing yet: say exactly what is happening, since when, to whom, and what is being done."
        yield Finding(Rule.EMPTY_PHRASE, message, start, end, Mark.ERROR)
