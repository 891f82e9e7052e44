"""What versions of one incident say otherwise than each other, than what was said before, and facts than each other.

A text for business readers that says “resolved” beside a technical one that says “identified” is an error, and so are
two times for one beginning: they leave at one moment, so no news can lie between them. Other figures or regions are
warnings, for two audiences may be hit differently. Each finding quotes both. Pure.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations
from typing import Final

from antiphon.core import letters
from antiphon.core.audiences import LONGEST_BODY, Audience, Finding, Mark, Moment
from antiphon.core.facts import Fact
from antiphon.core.lint.contradictions import COUNT, ONGOING, PERCENT, REGIONS, RESOLVED, ROUGHLY, number, share
from antiphon.core.lint.elements import aside
from antiphon.core.lint.manners import says_over
from antiphon.core.lint.next_update import NextUpdate
from antiphon.core.lint.rules import Rule
from antiphon.core.lint.sentences import Sentence, sentences
from antiphon.core.lint.subject import Subject
from antiphon.core.times import read

_MINUTE: Final = timedelta(minutes=1)
_REACH: Final = 40
"""Characters between the words that speak of a beginning and its time."""
_STATUS: Final = re.compile(
    r"^\W*(?:status|state)\W{1,4}(investigating|identified|monitoring|resolved)\b", re.IGNORECASE
)
_INVESTIGATING: Final = re.compile(
    r"\b(?:we\s+are|are|is\s+being)\s+(?:still\s+|currently\s+|actively\s+)?investigat(?:ing|ed)\b"
    r"|\bcause\s+is\s+(?:not\s+yet\s+known|still\s+unknown|unknown)\b",
    re.IGNORECASE,
)
_IDENTIFIED: Final = re.compile(
    r"\b(?:identified|found|located)\s+the\s+(?:\w+\s+)?(?:cause|problem|fault|source)\b"
    r"|\b(?:cause|problem|fault|source)\s+(?:\w+\s+){0,2}(?:has\s+been|was|is)\s+(?:identified|found|located|known)\b",
    re.IGNORECASE,
)
_MONITORING: Final = re.compile(
    r"\b(?:fix|repair|change|correction)\s+(?:has\s+been|was|is)\s+(?:applied|implemented|deployed|in\s+place)\b",
    re.IGNORECASE,
)
_BEGAN: Final = re.compile(r"\b(?:since|from|began|begun|started|starting)\b", re.IGNORECASE)
_DETECTED: Final = re.compile(r"\b(?:detected|noticed|discovered)\b", re.IGNORECASE)
_CUES: Final = (("began", _BEGAN), ("detected", _DETECTED), ("resolved", RESOLVED))
_OF: Final = re.compile(r"\s*(?:of\s+(?:all\s+|our\s+|the\s+)?)?([a-z]{3,})", re.IGNORECASE)
_CORRECTS: Final = re.compile(r"\b(?:correct(?:s|ed|ion|ing)?|earlier\s+we|previously)\b", re.IGNORECASE)
_AGAIN: Final = re.compile(r"\b(?:again|reopened|returned|back)\b", re.IGNORECASE)
_ORDER: Final = ("investigating", "identified", "monitoring", "resolved")
_TIMES: Final = {"began": "when it began", "detected": "when it was detected", "resolved": "when it was resolved"}
_FIGURES: Final = ("share", "count", "regions")


@dataclass(frozen=True, slots=True)
class Published:
    """What was said to an audience, and when."""

    audience: str
    body: str
    at: datetime


@dataclass(frozen=True, slots=True)
class _Claim:
    """One thing that a text says: `kind`, of what (`about`), its value, and the words."""

    kind: str
    about: str
    value: str
    start: int
    end: int
    words: str


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Two texts that cannot both be right: on what, and the words of each."""

    kind: str
    one: tuple[str, str]
    other: tuple[str, str]

    @property
    def key(self) -> str:
        """The same while both say so."""
        return f"{self.kind}:{self.one[0]}:{self.other[0]}:{self.one[1]}:{self.other[1]}"[:120]

    @property
    def sentence(self) -> str:
        """Both, quoted."""
        (one, words), (other, others) = self.one, self.other
        return f"The last text for {one} says “{words}”, the one for {other} “{others}”: one of the two is wrong."


def against_siblings(body: str, siblings: Iterable[tuple[str, str]], *, zone: str, at: datetime) -> tuple[Finding, ...]:
    """Where a version, written `at`, says otherwise than the others of its update (whom each is for, and its body)."""
    own = _claims(body, zone=zone, at=at)
    return tuple(
        _finding(
            Rule.VERSIONS_DIFFER,
            mine,
            f"The version for {other} says “{theirs.words}”: one of the two is wrong.",
            _level(mine, theirs),
        )
        for other, words in siblings
        for mine, theirs in _differences(own, _claims(words, zone=zone, at=at))
    )


def against_earlier(body: str, earlier: Published, *, zone: str, at: datetime) -> tuple[Finding, ...]:
    """Where a version says otherwise than the last text to the same audience, and does not say that it corrects it."""
    if _CORRECTS.search(body):
        return ()
    again = bool(_AGAIN.search(body))
    then = _claims(earlier.body, zone=zone, at=earlier.at)
    found = []
    for mine, theirs in _differences(_claims(body, zone=zone, at=at), then):
        back = mine.kind == "state" and theirs.value == "resolved" and not again
        if mine.kind in _TIMES or back:
            said = f"The text of {earlier.at:%H:%M} UTC said “{theirs.words}”"
            message = f"{said}: if that was wrong, say that this corrects it."
            found.append(_finding(Rule.EARLIER_DIFFERS, mine, message, Mark.WARNING))
    return tuple(found)


def disagreements(texts: Sequence[Published], *, zone: str) -> tuple[Disagreement, ...]:
    """What the last published texts of audiences say otherwise than each other.

    A state differs only between texts of one moment: later ones may know more.
    """
    claims = {text: _claims(text.body, zone=zone, at=text.at) for text in texts}
    return tuple(
        Disagreement(mine.kind, (one.audience, mine.words), (other.audience, theirs.words))
        for one, other in combinations(sorted(texts, key=lambda text: text.audience), 2)
        for mine, theirs in _differences(claims[one], claims[other])
        if one.at == other.at or mine.kind in _TIMES
    )


def facts_disagree(facts: Iterable[Fact], *, zone: str) -> tuple[tuple[Fact, Fact, str], ...]:
    """Facts of one name that both hold and cannot both be right, with the sentence that quotes both."""
    current = [fact for fact in facts if fact.current]
    return tuple(
        (one, other, f"“{mine.words}” here, “{theirs.words}” in another that holds too: correct one of the two.")
        for one, other in combinations(current, 2)
        if one.name == other.name
        for mine, theirs in _differences(
            _claims(one.text, zone=zone, at=one.at), _claims(other.text, zone=zone, at=other.at)
        )
    )


# --- what a text says ------------------------------------------------------------------------------------------------


def _claims(body: str, *, zone: str, at: datetime) -> tuple[_Claim, ...]:
    text = letters.plain(body[:LONGEST_BODY])
    parts = sentences(text)
    subject = Subject(zone=zone, audience=Audience.INTERNAL, severity=3, moment=Moment.PROGRESS, at=at)
    coming = NextUpdate(parts, subject).said
    return tuple(
        claim
        for part in parts
        if part not in coming and not aside(part)
        for claim in (*_states(part), *_times(part, subject), *_figures(part))
    )


def _states(part: Sentence) -> Iterator[_Claim]:
    if status := _STATUS.search(part.text):
        yield _claim("state", "", status[1].lower(), part, status.span())
        return
    if over := says_over(part.text):
        yield _claim("state", "", "resolved", part, over.span())
        return
    for pattern, state in (
        (_MONITORING, "monitoring"),
        (_IDENTIFIED, "identified"),
        (_INVESTIGATING, "investigating"),
        (ONGOING, "goes on"),
    ):
        if match := pattern.search(part.text):
            yield _claim("state", "", state, part, match.span())


def _times(part: Sentence, subject: Subject) -> Iterator[_Claim]:
    """Each time belongs to the words before it that are nearest, the first after them; “resolved since 10:20” tells no
    beginning, and “from 10:00 to 10:15” one."""
    cues = sorted((match.end(), match.start(), kind) for kind, cue in _CUES for match in cue.finditer(part.text))
    ends = {end for end, _, kind in cues if kind == "resolved"}
    for reading in read(part.text, at=subject.at, zone=subject.zone):
        near = [cue for cue in cues if reading.start - _REACH <= cue[0] <= reading.start]
        if not near or reading.at is None or reading.relative:
            continue
        cues = [cue for cue in cues if cue[0] > near[-1][0]]
        _, start, kind = near[-1]
        kind = "resolved" if kind == "began" and start - 1 in ends else kind
        if not ROUGHLY.search(part.text, max(0, reading.start - 12), reading.start):
            yield _claim(kind, "", f"{reading.at:%Y-%m-%dT%H:%M}", part, (reading.start, reading.end))


def _figures(part: Sentence) -> Iterator[_Claim]:
    for match in PERCENT.finditer(part.text):
        noun = _OF.match(part.text, match.end())
        yield _claim("share", noun[1].lower().rstrip("s") if noun else "", share(match), part, match.span())
    for match in COUNT.finditer(part.text):
        yield _claim("count", match[2].lower(), number(match), part, match.span())
    for match in REGIONS.finditer(part.text):
        yield _claim("regions", "", match[0], part, match.span())


def _claim(kind: str, about: str, value: str, part: Sentence, span: tuple[int, int]) -> _Claim:
    return _Claim(kind, about, value, part.start + span[0], part.start + span[1], part.text[span[0] : span[1]])


# --- where two differ ------------------------------------------------------------------------------------------------


def _differences(own: Sequence[_Claim], others: Sequence[_Claim]) -> Iterator[tuple[_Claim, _Claim]]:
    state, their_state = _state(own), _state(others)
    if state and their_state and _apart(state.value, their_state.value):
        yield state, their_state
    for kind in _TIMES:
        mine, theirs = _first(own, kind), _first(others, kind)
        if mine and theirs and abs(_at(mine) - _at(theirs)) > _MINUTE:
            yield mine, theirs
    for key in dict.fromkeys((each.kind, each.about) for each in own if each.kind in _FIGURES):
        mine_all = [each for each in own if (each.kind, each.about) == key]
        theirs_all = [each for each in others if (each.kind, each.about) == key]
        values, their_values = {each.value for each in mine_all}, {each.value for each in theirs_all}
        if theirs_all and not (values <= their_values or their_values <= values):
            yield next(e for e in mine_all if e.value not in their_values), theirs_all[0]


def _state(claims: Sequence[_Claim]) -> _Claim | None:
    """How far a text says that it is: the furthest of its claims."""
    said = [each for each in claims if each.kind == "state"]
    return max(said, key=lambda each: _ORDER.index(each.value) if each.value in _ORDER else -1, default=None)


def _apart(one: str, other: str) -> bool:
    """That it goes on fits all but its end."""
    if "goes on" in (one, other):
        return "resolved" in (one, other)
    return one != other


def _first(claims: Sequence[_Claim], kind: str) -> _Claim | None:
    return next((each for each in claims if each.kind == kind), None)


def _at(claim: _Claim) -> datetime:
    return datetime.fromisoformat(claim.value)


def _level(mine: _Claim, theirs: _Claim) -> Mark:
    if mine.kind == "state":
        return Mark.ERROR if "resolved" in (mine.value, theirs.value) else Mark.WARNING
    return Mark.ERROR if mine.kind in _TIMES else Mark.WARNING


def _finding(rule: Rule, claim: _Claim, message: str, level: Mark) -> Finding:
    return Finding(rule, message, claim.start, claim.end, level)
