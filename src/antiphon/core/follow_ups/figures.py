"""What an incident meant for one contract, by the contract's own terms: what was agreed, what happened, by how much.

Downtime is counted in whole spans of detection to resolution, each minute once however many incidents share it, within
the calendar month (UTC) in which the incident was resolved. A credit is reckoned where the terms say it in figures; in
other words a person has to say it. Sources: DOMAIN §9, question 3.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Final

from antiphon.core.events import IncidentDeclared, IncidentReopened, IncidentResolved
from antiphon.core.figures import Record

MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """A contract: `customer` and `service` as their readers know them; minutes are None where it does not speak."""

    uid: str
    name: str
    customer: str
    service: str
    resolution_minutes: float | None = None
    downtime_minutes: float | None = None
    credits: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A time in which the service was down. `source`: which incident says so."""

    began: datetime
    ended: datetime
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """One limit of the contract. `took`: minutes in all, of which `before` were used before this incident; `period`:
    the month that is counted, "" for a limit on each incident."""

    what: str
    allowed: float
    took: float
    before: float = 0.0
    period: str = ""
    how: str = ""

    @property
    def over(self) -> float:
        """Minutes above what was agreed."""
        return max(self.took - self.allowed, 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """One contract after one incident. `down`: minutes that this incident lasted; `credit`: by the terms, in words, ""
    where they do not say it in figures; `credit_how`: how it was reckoned."""

    began: datetime
    ended: datetime
    down: float
    limits: tuple[Limit, ...]
    credit: str = ""
    credit_how: str = ""

    @property
    def breached(self) -> bool:
        return any(limit.over > 0 for limit in self.limits)


def disturbed(record: Record, *, number: int, resolved_at: datetime | None) -> tuple[Span, ...]:
    """When the incident lasted, by its record: to each resolution, and again from each reopening. `resolved_at`: when
    it was resolved, which need not stand on the record yet."""
    spans, since = list[Span](), None
    for at, event in record:
        if isinstance(event, IncidentDeclared):
            since = event.detected_at
        elif isinstance(event, IncidentReopened):
            since = since or at
        elif isinstance(event, IncidentResolved) and since:
            spans.append(Span(began=since, ended=max(at, since), source=f"#{number}"))
            since = None
    if since and resolved_at:
        spans.append(Span(began=since, ended=max(resolved_at, since), source=f"#{number}"))
    return tuple(spans)


def reckon(terms: Terms, own: Iterable[Span], others: Iterable[Span]) -> Figures | None:
    """What the incident (`own` spans) meant for the contract, with the month's other downtime of its service.

    None where the contract sets no limit that is counted here, or the incident was never resolved.
    """
    spans = sorted(own, key=lambda span: span.began)
    if not spans:
        return None
    began, ended = spans[0].began, spans[-1].ended
    limits = [limit for limit in (_resolution(terms, began, ended), _downtime(terms, spans, others, ended)) if limit]
    if not limits:
        return None
    percent, how = credit(terms.credits, max(limit.over for limit in limits))
    return Figures(
        began=began, ended=ended, down=union(spans) / MINUTE, limits=tuple(limits), credit=percent, credit_how=how
    )


def union(spans: Iterable[Span], *, since: datetime | None = None, until: datetime | None = None) -> timedelta:
    """How long it was down in all, each moment once; only what lies between `since` and `until`."""
    total, reached = timedelta(), since
    for span in sorted(spans, key=lambda each: each.began):
        began = max(span.began, reached) if reached else span.began
        ended = min(span.ended, until) if until else span.ended
        if ended > began:
            total += ended - began
            reached = ended
    return total


def _resolution(terms: Terms, began: datetime, ended: datetime) -> Limit | None:
    if terms.resolution_minutes is None:
        return None
    how = f"from the detection at {began:%Y-%m-%d %H:%M} UTC to the resolution at {ended:%Y-%m-%d %H:%M} UTC"
    return Limit(what="resolution", allowed=terms.resolution_minutes, took=(ended - began) / MINUTE, how=how)


def _downtime(terms: Terms, own: list[Span], others: Iterable[Span], ended: datetime) -> Limit | None:
    if terms.downtime_minutes is None:
        return None
    month = ended.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    earlier = [span for span in others if span.began < ended and span.ended > month]
    before = union(earlier, since=month, until=ended) / MINUTE
    took = union([*earlier, *own], since=month, until=ended) / MINUTE
    named = sorted({span.source for span in earlier}, key=lambda source: (len(source), source))
    how = f"disruptions of the service in the month, each minute once: {', '.join([*named, own[0].source])}"
    return Limit(
        what="downtime", allowed=terms.downtime_minutes, took=took, before=before, period=f"{month:%Y-%m}", how=how
    )


# --- credits -----------------------------------------------------------------------------------------------------

_PERCENT: Final = r"(\d{1,3}(?:[.,]\d{1,2})?)\s?(?:%|per ?cent)"
_EACH: Final = r"\b(?:per|each|every)\s+(started\s+)?(\d{1,4})?\s*-?\s*(min(?:ute)?s?|h(?:ours?)?)\b"
_STEP: Final = re.compile(rf"{_PERCENT}[^.;%]{{0,80}}?{_EACH}", re.IGNORECASE)
_FLAT: Final = re.compile(rf"\A\s*{_PERCENT}[^.;%\d]{{0,80}}\.?\s*\Z", re.IGNORECASE)
_MOST: Final = r"\b(?:at most|up to|max(?:imum|\.)?(?: of)?|capped at|no more than)"
_CAP: Final = re.compile(rf"{_MOST}\s+{_PERCENT}", re.IGNORECASE)


def credit(terms: str, over: float) -> tuple[str, str]:
    """The credit for so many minutes above the limit, and how it was reckoned; both "" where the terms are not plain.

    Read are “5 % per 30 minutes”, “10 % of the monthly fee for each started hour, at most 50 %”, and “10 %” alone. A
    step that was only begun counts where the terms say “started”.
    """
    if over <= 0:
        return "", ""
    step, flat, cap = _STEP.search(terms), _FLAT.match(terms), _CAP.search(terms)
    most = _number(cap[1]) if cap else 100.0
    if step:
        size = float(step[3] or 1) * (60 if step[4].lower().startswith("h") else 1)
        if size <= 0:
            return "", ""
        count = ceil(over / size) if step[2] else int(over // size)
        share = min(_number(step[1]) * count, most)
        capped = f", at most {most:g} %" if cap else ""
        return f"{share:g} %", f"{count} × {step[1]} % for {over:.0f} min above the limit, {size:g} min a step{capped}"
    if flat:
        return f"{min(_number(flat[1]), most):g} %", f"{flat[1]} % once a limit is passed"
    return "", ""


def _number(text: str) -> float:
    return float(text.replace(",", "."))
