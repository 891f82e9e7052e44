"""What a message must never say: restoration promises, “resolved” too early, money, blame, names (DOMAIN §8.3)."""

import re
from collections.abc import Iterator
from typing import Final

from antiphon.core.audiences import OUTSIDE, Finding, Mark
from antiphon.core.lint.rules import Rule
from antiphon.core.lint.sentences import Sentence
from antiphon.core.lint.subject import Subject
from antiphon.core.lint.words import GIVEN_NAMES

_BACK: Final = (
    r"(?:fix(?:ed)?|restor(?:ed?|ation)|resol(?:ved?|ution)|repair(?:ed)?|remed(?:ied|y)|mitigated|recover(?:ed|y)?"
    r"|solved?|rectified"
    r"|back(?:\s+(?:up|online|to\s+normal))?"
    r"|resume[ds]?(?!\s+(?:the|our|work|updates|regular|to))"
    r"|up(?:\s+and\s+running)|online(?:\s+again)?|operational|available(?:\s+again)?|normal|working(?:\s+again"
    r"|\s+normally)?|running\s+again|completed?)"
)
_WILL: Final = re.compile(
    rf"\b(?:(?:will|['’]ll|shall|going\s+to|should|ought\s+to|expect\w*|anticipat\w+|hop(?:e|ing)|plan\w*|aim\w*"
    rf"|promis\w+|guarante\w+|eta)\b"
    rf"[^.;!?]{{0,60}}?\b{_BACK})\b",
    re.IGNORECASE,
)
_ETA: Final = re.compile(
    rf"\b{_BACK}\s+(?:\w+\s+){{0,2}}?(?:is|are)\s+(?:expected|anticipated|planned|due)\b"
    r"|\b(?:will|should|estimat\w+|expect\w*)\b[^.;!?]{0,40}\btake\s+(?:\w+\s+){0,3}?(?:\d|an?\s+hour|one|two|three)"
    r"|\b(?:full|normal)\s+(?:services?|operations?|access)\s+(?:is|are)\s+(?:expected|anticipated|planned|due)\b"
    r"|\b(?:fix|patch|repair|correction|solution)\s+(?:will|should)\s+(?:\w+\s+)?(?:land|ship|arrive|be\s+(?:live"
    r"|in\s+place|out|ready|released|deployed))\s+(?:in|within|by|at|before|soon|shortly|today|tomorrow)\b"
    r"|\b(?:resumes|recovers|comes\s+back|returns\s+to\s+normal)\s+(?:soon|shortly|(?:by|at|within|in)\s+(?:\d|an?\s"
    r"|the\s+next|noon|midnight))"
    r"|\bexpected\s+to\s+be\s+(?:lifted|cleared|complete\w*|over|done)\b"
    rf"|\b(?:may|might|could)\s+(?:\w+\s+){{0,2}}?{_BACK}\s+(?:by|within|in|at|before)\b"
    r"|\b(?:ETA(?!\s+(?:for|of)\s+(?:the\s+|our\s+)?(?:next|another|an)\s+update)|(?:estimated"
    r"|expected)\s+(?:time\s+(?:to|of)\s+)?(?:fix|restor\w+|resol\w+|repair|recovery)(?:\s+time)?"
    r"|time\s+to\s+(?:fix|repair|restore|resolve))\b",
    re.IGNORECASE,
)
_SURE: Final = re.compile(r"\b(?:guarantee\w*|promise\w*|rest\s+assured|definitely|certainly)\b", re.IGNORECASE)
_NOT_A_PROMISE: Final = re.compile(
    r"\b(?:when|once|until|if|whether|as\s+soon\s+as|(?:after|before)(?!\s+(?:\d|noon|midnight|the\s+end|tomorrow))"
    r"|while"
    r"|(?:do|does|did|is|are|will|would|should|can|could|may)(?:\s+not\b|n['’]t\b)|cannot|not\s+yet"
    r"|no\s+(?:estimate|ETA)"
    r"|too\s+early|unknown|how\s+long|or\s+sooner|sooner\s+if)\b",
    re.IGNORECASE,
)
_IS_SO_ALREADY: Final = re.compile(
    r"\b(?:should|will)\s+(?:now|already|have)\b|\bshould\s+(?:our|your|the|an?|you|we|any)\b"
    r"|\bshould\s+be\b[^.;!?]{0,30}\bnow\b|\b(?:than|as)\s+(?:usual|normal)\b|\bto\s+be\s+(?:gradual|slow)\b"
    r"|\bbe\s+back\s+(?:with|to\s+you|in\s+touch)\b",
    re.IGNORECASE,
)
"""Speaks of the present, or of a case: “should be back to normal now”, “slower than normal”, “should it fail”."""
_TO_THE_READER: Final = re.compile(r"\b(?:retry|retried|refresh|sign\s+in|log\s+in)\b", re.IGNORECASE)
_STILL_AT_IT: Final = re.compile(
    r"\b(?:updates?|information|details|reports?|monitor\w*|continu\w+|working|investigat\w+"
    r"|verify)\b(?!\s+(?:again|normally))",
    re.IGNORECASE,
)
_TRIES: Final = 20
"""Promises of one sentence that are looked at."""
_LABEL: Final = re.compile(r"\bestimat\w+", re.IGNORECASE)
_CONFIDENCE: Final = re.compile(
    r"\b(?:confiden\w+|likely|possible|probab\w+|(?:low|medium|high)\s+certainty)\b", re.IGNORECASE
)
_LOW: Final = re.compile(r"\blow(?:\s+\w+)?\s+confidence|\bconfidence\W{0,3}(?:is\s+)?(?:low|possible)", re.IGNORECASE)
_DONE: Final = re.compile(
    r"\b(?:(?:incident|outage|problem|issue|disruption)\s+is\s+(?:now\s+)?over"
    r"|(?:is|are|was|were|been|being|now|fully|completely|has|have|it'?s|all)\s+(?:\w+\s+){0,2}?"
    r"(?:resolved|fixed|solved|restored|recovered|repaired|returned\s+to\s+normal|back\s+(?:to\s+normal|up|online)"
    r"|operational(?:\s+again)?)"
    r"|works?\s+(?:normally\s+)?again|works\s+normally|(?:is|are)\s+(?:all\s+)?working\s+again"
    r"|we\s+(?:fixed|resolved|solved|repaired)\s+(?:it|this|the\s+(?:\w+\s+)?(?:issue|problem|fault|outage|incident))"
    r"|(?:everything|(?:all|our|the)\s+(?:\w+\s+)?(?:services?|systems?|platform|site)|services|systems|we)\s+(?:is"
    r"|are)\s+"
    r"(?:\w+\s+)?(?:working|operating|running)\s+(?:again|normally|as\s+(?:expected|normal|usual))|all\s+clear"
    r"|problem\s+solved|issue\s+resolved"
    r"|incident\s+resolved"
    r"|(?:services?|systems?)\s+(?:restored|recovered|operational|back))\b|^\W*(?:resolved|fixed|solved)\b",
    re.IGNORECASE,
)
_NOT_DONE: Final = re.compile(
    r"\b(?:not|n't|yet\s+to|until|once|when|if|whether|as\s+soon\s+as|before|after|unless|being|will|to\s+be"
    r"|almost|nearly|half|mostly|other|else|rest|new|newly|except|unaffected|majority|most|many|several|subset"
    r"|partly|partial|partially|some|should|may"
    r"|validat\w+|verif\w+|ensur\w+|await\w*|waiting|confirm\s+(?:that|whether)"
    r"|restored\s+(?:from|in(?!\s+all)|for\s+(?:\d|one|some|part|most)|to\s+(?:\d|one|some|part|the\s+state))"
    r"|expect\w*|estimat\w+)\b|[0-9]\s?%",
    re.IGNORECASE,
)
_CLAUSE: Final = re.compile(r"[;–—]|,\s+(?:and|but|so|you|we|please)\b", re.IGNORECASE)
_FAILING: Final = (
    r"(?:\s+requests?)?\s+(?:fail\w*|cannot|can['’]t|(?:may|might|can|could|do|does|currently)\s+(?:\w+\s+)?(?:fail|not"
    r"|be\s+(?:delayed|slow))|(?:is|are)\s+(?:\w+\s+)?(?:delayed|slow\w*|unavailable|failing|stuck|affected|not))\b"
)
"""What a refund does where refunds are what does not work."""
_MONEY: Final = re.compile(
    r"\b(?:(?<!buy )(?<!usage )(?<!API )(?<!free )(?<!purchase )(?<!available )credits?"
    r"(?!\s?(?:cards?|notes?\s+page|union|balance|purchase[ds]?))"
    rf"|refund\w*(?!{_FAILING})|compensat\w+|reimburs\w+|indemni\w+|damages"
    r"|goodwill|money\s+back|discounts?"
    r"|waiv\w+\s[^.;]{0,30}\b(?:fees?|charges?|costs?)|(?:fees?|charges?|invoices?|bills?)\s[^.;]{0,40}\b(?:reduced"
    r"|lowered|waived|credited)|(?:availability|uptime)\s+(?:guarantee|commitment)s?|service[ -]level\s+agreements?"
    r"|penalt\w+|(?:sla|contractual)\s+(?:breach|violation|claim)\w*|lost\s+(?:revenue|sales|income)|(?:revenue"
    r"|sales|financial)\s+(?:loss|impact)\w*"
    r"|cost(?:s|ing)?\s+(?:us|you|of|so\s+far|per)|(?:lawsuit|liabilit)\w*)\b|[$€£]\s?\d|\b(?:USD|EUR|GBP"
    r"|CHF)\s?\d|(?<![\d.,])\d[\d.,]{0,20}\s?(?:USD|EUR|GBP|CHF|dollars|euros)\b",
    re.IGNORECASE,
)
_BLAME: Final = re.compile(
    r"\b(?:(?:\w+['’]s|their|his|her|our\s+\w+)\s+(?:fault|mistake|negligence|carelessness)|(?:at|own)\s+fault"
    r"|fault\s+of|mistakes?\s+(?:of|by|made\s+by)|made\s+an?\s+(?:\w+\s+)?mistake"
    r"|(?:is|are|was|were|to)\s+(?:to\s+)?blame[d]?|blam(?:e|es|ed|ing)|(?:human|operator|user|employee"
    r"|engineer(?:'s)?|staff)\s+error|negligen\w+"
    r"|careless\w*|incompeten\w+|sloppy|irresponsibl\w+|forgot(?:ten)?"
    r"|(?:we|he|she|they|who|teams?|engineers?|operators?|staff)\s+mistakenly|by\s+mistake|messed\s+up"
    r"|screwed\s+up|botched|culprit|guilty"
    r"|should\s+have\s+(?:known|checked|tested|noticed))\b"
    r"|\b(?:an?|the|our|one\s+of\s+our|a\s+junior)\s+(?:[\w-]+\s+)?(?:engineer|developer|administrator|admin|DBA|SRE"
    r"|operator|employee|colleague|technician|intern|contractor|vendor|supplier|provider|team\s+member"
    r"|customer|client)\s+(?:(?-i:[A-Z]\w+)\s+)?"
    r"(?:\w+ly\s+)?(?:(?:deployed|applied|entered|ran|used|set)\s+(?:an?|the)\s+(?:wrong|bad|faulty|broken)|caused|broke|failed|deleted|dropped|misconfigured|pushed|forgot|ignored|overlooked"
    r"|made\s+an?\s+\w+)\b"
    r"|\b(?:AWS|Amazon|Azure|Microsoft|Google|GCP|Cloudflare|Fastly|Akamai|Okta|Twilio|Stripe|Oracle|OVH|Equinix)\s+"
    r"(?:caused|broke|is\s+responsible|let\s+us\s+down)\b",
    re.IGNORECASE,
)
_NAMED: Final = re.compile(
    r"\b(?:Mr|Mrs|Ms|Dr|Prof)\.?\s+[A-Z]\w+|(?<![\w.])@[A-Za-z][\w.-]{2,}"
    r"|\b(?:engineers?|developers?|administrators?|admin|DBA|SRE|colleague|manager|lead|commander"
    r"|officer)\s+(?P<who>[A-Z][a-z]+)(?:\s+[A-Z][a-z]+)?\b"
    r"|(?<!\d )(?<!\dth )(?<!\dst )(?<!\dnd )(?<!\drd )\b(?P<first>[A-Z][a-z]+)(?:\s+[A-Z][a-z]+)?\b(?!\.?\s\d)"
)
_URGENT: Final = re.compile(r"\b(?:contact|reach|call|urgent|questions?)\b", re.IGNORECASE)


def restoration(part: Sentence, subject: Subject) -> Iterator[Finding]:
    """A time or certainty of repair. The next update is promised, never the repair; an estimate is labelled as one."""
    if subject.over:
        return
    match = _ETA.search(part.text) or _promised(part.text)
    sure = _SURE.search(part.text)
    if match is None or (_NOT_A_PROMISE.search(part.text) and not sure) or _TO_THE_READER.search(part.text):
        return
    start, end = part.start + match.start(), part.start + match.end()
    if sure or not (_LABEL.search(part.text) and _CONFIDENCE.search(part.text)):
        message = (
            "This promises when it will work again. Promise the next update instead, or label it: "
            "“Our estimate, medium confidence: …”."
        )
        yield Finding(Rule.RESTORATION_PROMISE, message, start, end, Mark.ERROR)
    elif subject.severity <= 2 or _LOW.search(part.text):
        message = "An estimate at SEV1–2 or with low confidence is often wrong, and is read as a promise."
        yield Finding(Rule.ESTIMATE, message, start, end, Mark.WARNING)


def _promised(text: str) -> re.Match[str] | None:
    """The first “will … be fixed” that is about the repair itself, not about going on with the work."""
    begin = 0
    for _ in range(_TRIES):
        match = _WILL.search(text, begin)
        if match is None:
            return None
        if not _STILL_AT_IT.search(match[0]) and not _IS_SO_ALREADY.search(text, match.start(), match.end() + 30):
            return match
        begin = match.start() + 1
    return None


def too_early(part: Sentence, subject: Subject) -> Iterator[Finding]:
    """“Resolved” said before the gate."""
    match = None if subject.over else says_over(part.text)
    if match is None:
        return
    message = "This says it is over before that is confirmed: say what was observed, and that it is being watched."
    yield Finding(Rule.RESOLVED_TOO_EARLY, message, part.start + match.start(), part.start + match.end(), Mark.ERROR)


def says_over(text: str) -> re.Match[str] | None:
    """The words by which a sentence says that it is over, if it says so of the whole."""
    match = _DONE.search(text)
    return None if match is None or _NOT_DONE.search(_clause(text, match)) else match


def _clause(text: str, match: re.Match[str]) -> str:
    """The words around a match up to where the next thought begins."""
    cuts = [cut.start() for cut in _CLAUSE.finditer(text)]
    begin = max((cut for cut in cuts if cut < match.start()), default=0)
    return text[begin : min((cut for cut in cuts if cut >= match.end()), default=len(text))]


def money(part: Sentence, subject: Subject) -> Iterator[Finding]:
    """Costs and credits belong to a message of their own after the resolution; inside they are talked of freely."""
    match = _MONEY.search(part.text)
    if match is None or subject.audience not in OUTSIDE:
        return
    level = Mark.WARNING if subject.over else Mark.ERROR
    message = "Costs, credits and contract claims go into a message of their own after the resolution."
    yield Finding(Rule.MONEY, message, part.start + match.start(), part.start + match.end(), level)


def blame(part: Sentence, subject: Subject) -> Iterator[Finding]:
    """Whose fault it was, for any reader: texts are about systems and decisions."""
    if match := _BLAME.search(part.text):
        message = "This lays blame: say what the system did and what was changed, not whose fault it was."
        yield Finding(Rule.BLAME, message, part.start + match.start(), part.start + match.end(), Mark.ERROR)


def names(part: Sentence, subject: Subject) -> Iterator[Finding]:
    """A person's name outside, by the list given and by how names look. The contact for urgent matters may be named."""
    if subject.audience not in OUTSIDE:
        return
    for name in subject.names:
        for match in re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", part.text, re.IGNORECASE):
            if len(name) > 1 and not _allowed(match[0], subject):
                yield _name(part, match)
    if _URGENT.search(part.text):
        return
    for match in _NAMED.finditer(part.text):
        first, who = match["first"], match["who"]
        known = first in GIVEN_NAMES if first else who is None or who in GIVEN_NAMES
        if known and not _allowed(match[0], subject):
            yield _name(part, match)


def _allowed(name: str, subject: Subject) -> bool:
    known = (*subject.contacts, *subject.products)
    return any(name.lower() in other.lower() for other in known)


def _name(part: Sentence, match: re.Match[str]) -> Finding:
    message = f"“{match[0]}” reads like a person's name: say which team or role instead."
    return Finding(Rule.PERSON, message, part.start + match.start(), part.start + match.end(), Mark.ERROR)


EVERY_SENTENCE: Final = (restoration, too_early, money, blame, names)
