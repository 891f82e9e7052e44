"""The next update: found where a text announces it, and read to the minute as a promise."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from types import MappingProxyType
from typing import Final

from antiphon.core.audiences import ENDINGS, Audience, Finding, Mark
from antiphon.core.cadence import cadence
from antiphon.core.lint import german
from antiphon.core.lint.german import Announcing
from antiphon.core.lint.rules import Rule
from antiphon.core.lint.sentences import Sentence
from antiphon.core.lint.subject import Subject
from antiphon.core.times import Reading, read

_WE: Final = (
    r"(?:we|i|you|and|(?:our|the)\s+(?:\w+\s+)?(?:teams?|engineers|support))"
    r"(?:\s+(?:will|shall|expect\s+to|aim\s+to|plan\s+to|intend\s+to)|['’]ll)"
)
_CUE: Final = re.compile(
    r"\b(?:next|another|further|follow[- ]?up|fresh|regular|additional|subsequent)\s+(?:\w+\s+){0,2}?"
    r"(?:updates?|messages?|reports?|news|words?|information|bulletins?|statements?|notes?|communications?|briefings?)\b"
    r"|\bnew\s+(?:\w+\s+)?(?:updates?|information|news)\b(?!\s+(?:of|to|for|was|were|has|that|caused))"
    rf"|\b{_WE}\s+(?:\w+\s+){{0,3}}?(?:update|report|write|hear|inform|notify|be\s+back|be\s+in\s+touch"
    r"|get\s+back|follow\s+up|come\s+back|let\s+you\s+know|keep\s+(?:you|users|customers))\b"
    rf"|\b{_WE}\s+(?:\w+\s+){{0,2}}?(?:share|send|provide|give|publish|post|have|issue)\b"
    r"[^.;:]{0,40}?\b(?:updates?|news|word|information|details|status|report|more)\b"
    r"|\bupdates?\s+(?:(?:will|to)\s+(?:follow|come|be)|every|hourly|follows?|by\s+\d"
    r"|(?:(?:is|are)\s+)?(?:expected|due|planned|scheduled|coming)\s+(?:by|at|in|within|on|for)\b)"
    r"|^\W*updates?\s+(?:by|in|within)\b|\bwill\s+be\s+updated\b|\b(?:stay\s+tuned|watch\s+this\s+space)\b"
    r"|\bexpect\s+(?:an?|our|the|more)\s+(?:\w+\s+){0,2}?(?:updates?|messages?|news|word|information)\b"
    r"|\b(?:check|come)\s+back\s+(?:here\s+)?(?:at|by|in|on|after)\b"
    r"|\bkeep\s+(?:you|users|customers|everyone)\s+(?:updated|informed|posted)\b"
    r"|\bmore\s+(?:(?:news|information|details)\s+)?(?:(?:will|to)\s+(?:follow|come)|follows|soon|shortly|as\s+we"
    r"|when\s+we|once\s+we|later)\b",
    re.IGNORECASE,
)
"""Words that announce an update still to come."""
_VAGUE: Final = re.compile(
    r"\b(?:soon(?:est)?|shortly|as\s+soon\s+as(?:\s+(?:possible|we\b[^.;]{0,40}))?|asap|later(?:\s+(?:today|on))?"
    r"|in\s+due\s+(?:course|time)|momentarily|throughout\s+the\s+day|in\s+the\s+near\s+future"
    r"|when(?:ever)?\s+(?:we|there|more|it|new|available|the)\b[^.;]{0,40}|once\s+(?:we|there|more|it|the)\b[^.;]{0,40}"
    r"|(?:if|as)\s+(?:we|there|more|it|new|they|this)\b[^.;]{0,40}"
    r"|(?:in|within)\s+(?:the\s+next\s+)?(?:a\s+)?(?:few|couple(?:\s+of)?|several|some)\s+(?:minutes|hours|days)"
    r"|within\s+(?:the|this)\s+(?:hour|day)|in\s+the\s+(?:coming|next|following)\s+(?:minutes|hours?|days)"
    r"|by\s+(?:the\s+)?(?:end\s+of\s+(?:the\s+|this\s+)?(?:day|business|week|shift|morning|afternoon)"
    r"|eod|cob|eob|tonight|tomorrow|lunch(?:time)?)|tomorrow|tonight|(?:this|next)\s+week"
    r"|this\s+(?:morning|afternoon|evening)|periodically|regularly|regular|in\s+a\s+(?:while|moment|bit)"
    r"|from\s+time\s+to\s+time|as\s+(?:needed|necessary|appropriate|available)|to\s+follow|stay\s+tuned|watch\s+this\s+space"
    r"|until\s+resolved)\b",
    re.IGNORECASE,
)
_LEADS: Final = re.compile(r"[\s,:–-]*(?:on\s+\w+\s+)?(?:at\s+the\s+latest\W+)?", re.IGNORECASE)
_BEHIND: Final = re.compile(
    r"\b(?:since|began|begun|started|starting|detected|noticed|reported|occurred|happened|from|as\s+of)\s+"
    r"(?:at\s+|on\s+|around\s+)?$",
    re.IGNORECASE,
)
"""Before a time that lies behind: “an update on the fault that began at 14:02 UTC”."""
_ENGLISH: Final = Announcing(_CUE, _VAGUE, _BEHIND)
_BY_LANGUAGE: Final = MappingProxyType({"en": _ENGLISH, "de": german.ANNOUNCING})
_BOTH: Final = re.compile(r"(?:\s?uhr)?\s?(?:to|until|through|bis|-|–|—)\s?", re.IGNORECASE)
_BETWEEN: Final = re.compile(r"\b(?:between|from|zwischen|von)\s+$", re.IGNORECASE)
_ALSO: Final = re.compile(r"\s?(?:[(/|,=]|or|oder|that\s+is|i\.e\.)\s?", re.IGNORECASE)
"""Between the same instant said for two zones: “14:40 UTC (15:40 CET)”."""
_RECURRING: Final = re.compile(r"every|each|once|hourly|half[- ]hourly|alle|(?:halb)?stündlich", re.IGNORECASE)
_NEAR: Final = 40
"""Characters before a time that tell what it is a time of."""
_MINUTE: Final = timedelta(minutes=1)


class NextUpdate:
    """What a text says of the next update: `at` when it can be read to the minute, `findings` when not.

    `said`: the sentences that announce one; `readings`: the times that these name, in the order of the text.
    """

    def __init__(self, parts: tuple[Sentence, ...], subject: Subject) -> None:
        self.at: datetime | None = None
        self._words = _BY_LANGUAGE.get(subject.language, _ENGLISH)
        self.said = {part for part in parts if self._words.cue.search(part.text)}
        found = [(part, reading) for part in _joined(parts, self.said) if (reading := _reading(part, subject))]
        once = [reading for part, reading in found if not _recurring(part, reading)]
        self.readings = once if any(reading.at for reading in once) else [reading for _, reading in found]
        self.findings = (*self._judge(subject), *_unequal(self.said, subject))

    def _judge(self, subject: Subject) -> Iterator[Finding]:
        dated = sorted((r.at, r.start, r.end, r.ranged) for r in self.readings if r.at)
        if dated:
            self.at, start, end, ranged = next((one for one in dated if one[0] > subject.at), dated[0])
            yield from _timing(self.at, start, end, subject)
            if ranged:
                message = f"A range is no time: readers wait until {self.at:%H:%M} UTC. Name that one alone."
                yield Finding(Rule.NEXT_UPDATE_RANGE, message, start, end, Mark.WARNING)
            if len({one[0] for one in dated}) > 1:
                message = "Two times are named for the next update: keep one."
                yield _error(Rule.NEXT_UPDATE_TWICE, message, *dated[-1][1:3])
        elif subject.moment not in ENDINGS and subject.audience is not Audience.RESPONDERS:
            yield self._undated()

    def _undated(self) -> Finding:
        for reading in self.readings:
            message = f"The time of the next update {reading.problem}: give one such as “14:30 UTC”."
            return _error(Rule.NEXT_UPDATE_VAGUE, message, reading.start, reading.end)
        for part in sorted(self.said, key=lambda part: part.start):
            cue, roughly = self._words.cue.search(part.text), self._words.vague
            vague = roughly.search(part.text, max(0, cue.start() - _NEAR) if cue else 0) or roughly.search(part.text)
            start, end = vague.span() if vague else (cue.start() if cue else 0, len(part.text))
            message = "Say at what time the next update comes, such as “14:30 UTC”, not roughly when."
            return _error(Rule.NEXT_UPDATE_VAGUE, message, part.start + start, part.start + end)
        message = "Say when the next update comes, such as “The next update comes by 14:30 UTC.”"
        return _error(Rule.NEXT_UPDATE_MISSING, message, 0, 0)


def _timing(at: datetime, start: int, end: int, subject: Subject) -> Iterator[Finding]:
    if at <= subject.at:
        message = "The next update is announced for a time that is past."
        yield _error(Rule.NEXT_UPDATE_PAST, message, start, end)
        return
    if subject.next_update_at and abs(subject.next_update_at - at) >= _MINUTE:
        message = f"The text announces another time than the update does ({subject.next_update_at:%Y-%m-%d %H:%M} UTC)."
        yield _error(Rule.NEXT_UPDATE_DIFFERS, message, start, end)
    pace = cadence(subject.severity, subject.audience)
    if pace and pace.then_every and subject.moment not in ENDINGS and at - subject.at > pace.then_every + _MINUTE:
        every = int(pace.then_every.total_seconds() // 60)
        message = f"Later than the cadence: at SEV{subject.severity} this audience hears every {every} minutes."
        yield Finding(Rule.NEXT_UPDATE_LATE, message, start, end, Mark.WARNING)


def _unequal(said: set[Sentence], subject: Subject) -> Iterator[Finding]:
    """Times beside each other that ought to be one instant in two zones, and are not."""
    for part in said:
        readings = read(part.text, at=subject.at, zone=subject.zone, ahead=True)
        for first, last in pairwise(readings):
            if not (first.at and last.at and first.zone and last.zone) or first.relative or last.relative:
                continue
            if _ALSO.fullmatch(part.text, first.end, last.start) and abs(first.at - last.at) >= _MINUTE:
                message = f"These are two times, {first.at:%H:%M} and {last.at:%H:%M} UTC: keep one."
                yield _error(Rule.NEXT_UPDATE_TWICE, message, part.start + first.start, part.start + last.end)


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
    words = _BY_LANGUAGE.get(subject.language, _ENGLISH)
    cue = words.cue.search(part.text)
    if cue is None:
        return None
    readings = read(part.text, at=subject.at, zone=subject.zone, ahead=True)
    after = [reading for reading in readings if reading.end > cue.start()]
    before = [reading for reading in readings if _LEADS.fullmatch(part.text, reading.end, cue.start())]
    coming = [
        reading for reading in after if not words.behind.search(part.text, max(0, reading.start - _NEAR), reading.start)
    ]
    first = next(iter(coming or after or before[-1:]), None)
    if first is None:
        return None
    chosen = _later_end(first, readings, part.text)
    return replace(chosen, start=chosen.start + part.start, end=chosen.end + part.start)


def _later_end(first: Reading, readings: tuple[Reading, ...], text: str) -> Reading:
    """Of a range, its later end, with the whole range as its place: nobody can complain before that."""
    last = next((reading for reading in readings if reading.start >= first.end), None)
    between = _BETWEEN.search(text, max(0, first.start - _NEAR), first.start)
    if last is None or not (first.at and last.at and last.at > first.at):
        return first
    joined = text[first.end : last.start]
    if not _BOTH.fullmatch(joined) and not (between and joined.strip().lower() in ("and", "und")):
        return first
    return replace(last, start=between.start() if between else first.start, ranged=True)


def _recurring(part: Sentence, reading: Reading) -> bool:
    """“Every 30 minutes” beside “the next update at 14:30” is the pace, not a second time."""
    return bool(_RECURRING.match(part.text, reading.start - part.start))


def _error(rule: Rule, message: str, start: int, end: int) -> Finding:
    return Finding(rule, message, start, end, Mark.ERROR)
