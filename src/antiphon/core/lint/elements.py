"""What a message must say: what, when it was detected, who is affected, what to expect, when the next update comes."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from antiphon.core.audiences import ENDINGS, OUTSIDE, Audience, Finding, Mark, Moment
from antiphon.core.cadence import cadence
from antiphon.core.lint.sentences import Sentence
from antiphon.core.lint.subject import Subject
from antiphon.core.lint.words import GENERIC
from antiphon.core.times import Reading, read

_CUE: Final = re.compile(
    r"\b(?:next|another|further|follow[- ]?up|new|fresh|regular|additional)\s+(?:\w+\s+){0,2}?"
    r"(?:updates?|messages?|reports?|news|words?|information|bulletins?|statements?|notes?)\b"
    r"|\b(?:we|i|you)(?:\s+will|['’]ll)\s+(?:\w+\s+){0,3}?(?:update|report|write|hear|inform|notify|be\s+back"
    r"|get\s+back|follow\s+up|come\s+back|let\s+you\s+know|keep\s+you)\b"
    r"|\b(?:we|i)(?:\s+will|['’]ll)\s+(?:\w+\s+){0,2}?(?:share|send|provide|give|publish|post|have)\b"
    r"[^.;:]{0,40}?\b(?:updates?|news|word|information|details|status|report|more)\b"
    r"|\bupdates?\s+(?:(?:will|to)\s+(?:follow|come|be)|every|hourly|follows?)\b|^\W*updates?\s+(?:by|in|within)\b"
    r"|\bwill\s+be\s+updated\b|\bmore\s+(?:news|information|details|to\s+follow)\b|\bstay\s+tuned\b",
    re.IGNORECASE,
)
_VAGUE: Final = re.compile(
    r"\b(?:soon(?:est)?|shortly|as\s+soon\s+as(?:\s+possible)?|asap|later(?:\s+(?:today|on))?"
    r"|in\s+due\s+(?:course|time)|momentarily"
    r"|when(?:ever)?\s+(?:we|there|more|it|new|available)[^.;]{0,40}|once\s+(?:we|there|more|it)[^.;]{0,40}"
    r"|as\s+(?:we|more|it|new|they)\b[^.;]{0,40}|in\s+(?:the\s+next\s+)?(?:a\s+)?(?:few|couple(?:\s+of)?|several"
    r"|some)\s+"
    r"(?:minutes|hours|days)|within\s+(?:the|this)\s+(?:hour|day)|in\s+the\s+(?:coming|next"
    r"|following)\s+(?:minutes|hours?|days)"
    r"|by\s+(?:the\s+)?(?:end\s+of\s+(?:the\s+)?(?:day|business)|eod|cob|tonight|tomorrow)|tomorrow|tonight"
    r"|this\s+(?:morning|afternoon|evening)|periodically|regularly|regular|in\s+a\s+(?:while|moment|bit)"
    r"|from\s+time\s+to\s+time"
    r"|as\s+(?:needed|necessary|appropriate|available)|to\s+follow|stay\s+tuned|until\s+resolved)\b",
    re.IGNORECASE,
)
_SOONER: Final = re.compile(
    r"\b(?:sooner|earlier|at\s+once\s+if|immediately\s+if|before\s+(?:that|then)\s+if)\b", re.IGNORECASE
)
_LEADS: Final = re.compile(r"[\s,:–-]*(?:on\s+\w+\s+)?(?:at\s+the\s+latest\W+)?", re.IGNORECASE)
_PAGE: Final = re.compile(r"https?://|\bstatus\s?page\b|\bstatus\.[a-z]", re.IGNORECASE)
_SUPPORT: Final = re.compile(
    r"\b(?:support|help\s?desk|hotline|customer\s+(?:care|service|success)|account\s+manager|contact|reach\s+us"
    r"|call\s+us"
    r"|write\s+to\s+us|reply\s+to\s+this)\b|(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}\.\w+",
    re.IGNORECASE,
)
_WHO: Final = re.compile(
    r"\b(?:customers?|users?|visitors?|people|everyone|everybody|anyone|anybody|nobody|no\s+one|accounts?"
    r"|clients?|tenants?"
    r"|merchants?|shops?|stores?|subscribers?|members?|buyers?|shoppers?|guests?|patients?|students?|partners?"
    r"|organi[sz]ations?"
    r"|companies|teams?|employees|staff|colleagues|callers?|repositor(?:y|ies)|projects?|regions?"
    r"|data\s?cent(?:re|er)s?"
    r"|requests?|you\s+(?:may|might|will|can|could|cannot|can't|are|were|notice)|your\s+\w+|who\s+is\s+affected"
    r"|affects?\s+\w+"
    r"|affecting|affected)\b|\d\s?%|\b(?:europe|america|asia|africa|australia|emea|apac)\b",
    re.IGNORECASE,
)
_EXPECT: Final = re.compile(
    r"\b(?:expect\w*|until\s+then|meanwhile|mean\s?time|may|might|could|can|cannot|can't|estimat\w+|workaround"
    r"|no\s+action"
    r"|need\s+(?:to|not)|needs?\s+nothing|nothing\s+to\s+do|do\s+not|don't|please|remains?|continues?"
    r"|will\s+(?:continue|remain|keep"
    r"|stay|be|not|take|retry|work)|too\s+early|not\s+(?:yet\s+)?know|unknown|retry|try\s+again|delays?)\b",
    re.IGNORECASE,
)
_TROUBLE: Final = re.compile(
    r"\b(?:unavailab\w+|availab\w+|down|outage|offline|unreachable|slow\w*|fail\w*|errors?|delay\w*|degrad\w+"
    r"|disrupt\w+|interrupt\w+"
    r"|cannot|can't|could\s+not|unable|not\s+(?:load|work|open|respond|arriv|be)\w*|time(?:s|d)?[- ]?out\w*|lost"
    r"|loss|missing|wrong"
    r"|incorrect|late|stuck|blocked|refus\w+|reject\w+|incidents?|problems?|issues?|affect\w+|impact\w*|elevated"
    r"|increased|intermittent\w*"
    r"|partial\w*|restored|recovered|resolved|works?\s+(?:again|normally)|normal\w*|exposed|access\w*|attack\w*"
    r"|vulnerab\w+|suspicious"
    r"|unauthori[sz]ed|stopped|crash\w*|broken|latency|full|overload\w*|limited|notice)\b",
    re.IGNORECASE,
)
_BEYOND: Final = timedelta(minutes=1)
_SKEW: Final = timedelta(minutes=5)


class NextUpdate:
    """What a text says of the next update: `at` when it can be read to the minute, `findings` when not."""

    def __init__(self, parts: tuple[Sentence, ...], subject: Subject) -> None:
        self.at: datetime | None = None
        self.findings: tuple[Finding, ...] = ()
        self.said = {part for part in parts if _CUE.search(part.text)}
        self.readings = [reading for part in _joined(parts, self.said) if (reading := _reading(part, subject))]
        self.findings = tuple(self._judge(subject))

    def _judge(self, subject: Subject) -> Iterator[Finding]:
        dated = sorted((r.at, r.start, r.end) for r in self.readings if r.at)
        if dated:
            self.at, start, end = dated[0]
            yield from _timing(self.at, start, end, subject)
            if len({at for at, _, _ in dated}) > 1:
                yield _error("next_update_twice", "Two times are named for the next update: keep one.", *dated[-1][1:])
        elif subject.moment not in ENDINGS and subject.audience is not Audience.RESPONDERS:
            yield self._undated()

    def _undated(self) -> Finding:
        for reading in self.readings:
            message = f"The time of the next update {reading.problem}: give one such as “14:30 UTC”."
            return _error("next_update_vague", message, reading.start, reading.end)
        for part in sorted(self.said, key=lambda part: part.start):
            vague = _VAGUE.search(part.text)
            start, end = vague.span() if vague else (0, len(part.text))
            message = "Say at what time the next update comes, such as “14:30 UTC”, not roughly when."
            return _error("next_update_vague", message, part.start + start, part.start + end)
        message = "Say when the next update comes, such as “The next update comes by 14:30 UTC.”"
        return _error("next_update_missing", message, 0, 0)


def missing(parts: tuple[Sentence, ...], update: NextUpdate, subject: Subject) -> Iterator[Finding]:
    """What the text leaves out. Errors for readers outside, warnings inside; responders get pages, not messages."""
    if subject.audience is Audience.RESPONDERS:
        return
    level = Mark.ERROR if subject.audience in OUTSIDE else Mark.WARNING
    told = [part for part in parts if part not in update.said and not aside(part)]
    if not any(_says_what(part, subject) for part in told):
        yield _gap("what", "Say exactly what does not work, and of which product or service.", level)
    if not _says_when(told, subject):
        yield _gap("when", "Say when it was detected, with date or time, such as “14:05 UTC”.", level)
    if subject.moment is not Moment.REVIEW and not any(_WHO.search(part.text) for part in told):
        yield _gap("who", "Say who is affected: which customers, regions, or how many.", level)
    if subject.moment in ENDINGS:
        return
    if not any(_EXPECT.search(part.text) for part in told):
        yield _gap("expectation", "Say what readers should expect until then, or that it is not known yet.", level)
    yield from _where_else(parts, update, subject)


def _where_else(parts: tuple[Sentence, ...], update: NextUpdate, subject: Subject) -> Iterator[Finding]:
    if subject.audience not in OUTSIDE:
        return
    whole = " ".join(part.text for part in parts)
    if update.at and not _SOONER.search(whole):
        yield _gap("sooner", "Add that word comes sooner if the state changes.", Mark.WARNING)
    if subject.audience is not Audience.PUBLIC and not _PAGE.search(whole):
        yield _gap("status_page", "Say where to look in between: the address of the status page.", Mark.WARNING)
    if not _SUPPORT.search(whole):
        yield _gap("support", "Say how to reach support.", Mark.WARNING)


def _timing(at: datetime, start: int, end: int, subject: Subject) -> Iterator[Finding]:
    if at <= subject.at:
        yield _error("next_update_past", "The next update is announced for a time that is past.", start, end)
        return
    if subject.next_update_at and abs(subject.next_update_at - at) >= _BEYOND:
        message = f"The text announces another time than the update does ({subject.next_update_at:%Y-%m-%d %H:%M} UTC)."
        yield _error("next_update_differs", message, start, end)
    pace = cadence(subject.severity, subject.audience)
    if pace and pace.then_every and subject.moment not in ENDINGS and at - subject.at > pace.then_every + _BEYOND:
        every = int(pace.then_every.total_seconds() // 60)
        message = f"Later than the cadence: at SEV{subject.severity} this audience hears every {every} minutes."
        yield Finding("next_update_late", message, start, end, Mark.WARNING)


def _joined(parts: tuple[Sentence, ...], said: set[Sentence]) -> Iterator[Sentence]:
    """The sentences that speak of the next update; a heading (“Next update”) together with what stands under it."""
    for index, part in enumerate(parts):
        if part not in said:
            continue
        heading = len(part.words) <= 4 and not re.search(r"\d", part.text) and index + 1 < len(parts)
        after = parts[index + 1] if heading else None
        if after and after not in said:
            yield Sentence(part.start, after.end, part.text + " " * (after.start - part.end) + after.text)
        else:
            yield part


def _reading(part: Sentence, subject: Subject) -> Reading | None:
    """The time given for the next update: the first after the words that announce it, else one just before."""
    cue = _CUE.search(part.text)
    readings = read(part.text, at=subject.at, zone=subject.zone, ahead=True)
    if cue is None:
        return None
    after = [reading for reading in readings if reading.end > cue.start()]
    before = [reading for reading in readings if _LEADS.fullmatch(part.text, reading.end, cue.start())]
    chosen = after[0] if after else before[-1] if before else None
    if chosen is None:
        return None
    start, end = chosen.start + part.start, chosen.end + part.start
    return Reading(start, end, chosen.at, chosen.zone, chosen.relative, chosen.problem)


def _says_what(part: Sentence, subject: Subject) -> bool:
    if not _TROUBLE.search(part.text):
        return False
    if any(name.lower() in part.text.lower() for name in subject.products if name):
        return True
    return any(len(word) > 2 and word not in GENERIC and not word[0].isdigit() for word in part.words)


def _says_when(told: list[Sentence], subject: Subject) -> bool:
    for part in told:
        readings = read(part.text, at=subject.at, zone=subject.zone)
        if any(reading.at and not reading.relative and reading.at <= subject.at + _SKEW for reading in readings):
            return True
        if re.search(r"\b\d{1,3}\s(?:minutes|hours)\s+ago\b", part.text, re.IGNORECASE):
            return True
    return bool(subject.moment is Moment.REVIEW and re.search(r"\d{4}", " ".join(part.text for part in told)))


def aside(part: Sentence) -> bool:
    """A sentence about where to look or whom to ask says nothing of the incident."""
    return bool(
        _PAGE.search(part.text)
        or re.search(r"\b(?:contact|reach|questions?|call us|support)\b", part.text, re.IGNORECASE)
    ) and not (re.search(r"\b(?:affect|since|detected|notice|fail|slow|unavailable)", part.text, re.IGNORECASE))


def _error(rule: str, message: str, start: int, end: int) -> Finding:
    return Finding(rule, message, start, end, Mark.ERROR)


def _gap(name: str, message: str, level: Mark) -> Finding:
    return Finding(f"missing_{name}", message, 0, 0, level)
