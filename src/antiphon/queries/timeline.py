"""The record of an incident as its timeline: the events' sentences with people's names in them."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Any, Final

import msgspec

from antiphon.core import events
from antiphon.core.events import Event
from antiphon.core.facts import NAMES
from antiphon.db import record
from antiphon.db.models import Incident
from antiphon.queries.people import said_by

SHOWN: Final = 60
"""Entries on one page of the timeline."""

NAMES_PEOPLE: Final = ("person",)
"""Fields of events that hold the uid of a person."""

QUIET: Final = ("verdict.asked",)
"""Kinds that are kept for replay and tell a reader nothing."""

TELLING: Final = ("update.", "promise.", "fact.", "reply.", "call.", "post.", "follow_up.")

FILTERS: Final[Mapping[str, tuple[str, ...] | None]] = {
    "all": tuple(kind for kind in events.KINDS if kind not in QUIET),
    "milestones": tuple(kind for kind, cls in events.KINDS.items() if cls.milestone),
    "notes": ("note.added", "change.recorded", "workaround.added", "workaround.removed", "fact.recorded"),
    "telling": tuple(kind for kind in events.KINDS if kind.startswith(TELLING)),
    "paging": tuple(kind for kind in events.KINDS if kind.startswith(("paging.", "role.", "alert."))),
}
"""What a reader may narrow the timeline to: the kinds of events, None for every one."""

TONES: Final = {
    "bad": (
        "promise.broken",
        "call.overdue",
        "paging.exhausted",
        "paging.step_reached_nobody",
        "stability.reset",
        "update.approval_voided",
        "incident.reopened",
        "alert.fired",
    ),
    "good": (
        "promise.kept",
        "paging.acknowledged",
        "stability.reached",
        "incident.resolved",
        "incident.closed",
        "track.done",
        "update.approved",
        "alert.ended",
    ),
}
BY_RULE: Final = (
    "promise.",
    "call.owed",
    "post.queued",
    "post.asked",
    "follow_up.prepared",
    "verdict.reached",
    "verdict.answer_requested",
    "track.opened",
    "paging.started",
    "paging.person_paged",
    "paging.acknowledged",
    "role.assigned",
    "incident.state_changed",
    "stability.",
    "reply.received",
    "reply.version_wished",
)
"""Kinds that follow by rule from what somebody did, or name the person themselves: nobody stands beside them."""

TELL: Final = {"update.published": "", "update.drafted": "", "reply.received": "#replies"}
"""Kinds whose line leads to the screen Tell, and to which place on it."""

FOLDED: Final = {
    "promise.kept": ("promise kept", "promises kept"),
    "promise.broken": ("promise broken", "promises broken"),
    "promise.made": ("promise made", "promises made"),
    "promise.warned": ("promise nearly due", "promises nearly due"),
    "promise.released": ("promise no longer needed", "promises no longer needed"),
    "task.added": ("task added", "tasks added"),
    "call.owed": ("call to make", "calls to make"),
    "call.ended": ("call settled", "calls settled"),
    "paging.person_paged": ("page sent", "pages sent"),
    "paging.stopped": ("paging stopped", "pagings stopped"),
    "paging.step_reached_nobody": ("step reached nobody", "steps reached nobody"),
    "paging.exhausted": ("policy answered by nobody", "policies answered by nobody"),
}
"""Book-keeping that comes in runs: what happened, to one and to many."""

_TONE: Final = {kind: tone for tone, kinds in TONES.items() for kind in kinds}
_BUSINESS: Final = ("promise.", "update.", "fact.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line. `by` is a name or ""; `track` technical, business or ""; `detail` opens below the line."""

    seq: int
    at: datetime
    kind: str
    text: str
    by: str = ""
    track: str = ""
    tone: str = ""
    detail: str = ""
    url: str = ""


def folded(found: Iterable[Entry]) -> tuple[Entry, ...]:
    """The entries in their order, with each run of book-keeping in one minute as one line that opens.

    An update to six audiences keeps six promises and makes six: twelve lines that would bury what people wrote.
    """
    lines: list[Entry] = []
    for _, grouped in groupby(found, key=_run_of):
        run = tuple(grouped)
        lines += run if len(run) < 3 else [_folded(run)]
    return tuple(lines)


def entries(
    incident: Incident,
    names: Mapping[str, str],
    *,
    view: str = "all",
    before: int | None = None,
    limit: int = SHOWN,
) -> tuple[Entry, ...]:
    """The newest entries first, under `before`. `names` are people's by uid (`people.names`)."""
    found = record.latest(_stream(incident), before=before, kinds=FILTERS.get(view), limit=limit)
    return tuple(_entry(one, incident, names) for one in found)


def fresh(incident: Incident, names: Mapping[str, str], *, after: int, view: str = "all") -> tuple[Entry, ...]:
    """What was written behind `after`, newest first."""
    kinds = FILTERS.get(view)
    found = [one for one in record.read(_stream(incident), after=after) if kinds is None or _kind(one) in kinds]
    return tuple(_entry(one, incident, names) for one in reversed(found))


def milestones(incident: Incident, names: Mapping[str, str]) -> tuple[Entry, ...]:
    """The entries that tell the story, oldest first."""
    return tuple(reversed(entries(incident, names, view="milestones", limit=500)))


def last_seq(incident: Incident) -> int:
    """The number of the last entry: what a page asks behind. One small statement."""
    return record.last(_stream(incident))


def named(event: Event, names: Mapping[str, str]) -> Event:
    """The event with names in place of people's ids and of keys; ids that nobody has stay as they are."""
    if isinstance(event, events.FactRecorded) and event.name in NAMES:
        return msgspec.structs.replace(event, name=NAMES[event.name].label.lower())
    changes = {
        field: names[value]
        for field in NAMES_PEOPLE
        if isinstance(value := getattr(event, field, None), str) and value in names
    }
    return msgspec.structs.replace(event, **changes) if changes else event


def _entry(one: record.Recorded, incident: Incident, names: Mapping[str, str]) -> Entry:
    kind = _kind(one)
    return Entry(
        seq=one.seq,
        at=one.at,
        kind=kind,
        text=named(one.event, names).sentence(),
        by="" if kind.startswith(BY_RULE) else said_by(one.actor, names),
        track=_track(kind, one.event),
        tone=_TONE.get(kind, ""),
        detail=_detail(one.event),
        url=f"/incidents/{incident.number}/tell{TELL[kind]}" if kind in TELL else "",
    )


def _run_of(one: Entry) -> tuple[object, str]:
    """What neighbours share that may be one line: what they are about, and the minute. Others stand alone."""
    return (one.kind.partition(".")[0] if one.kind in FOLDED else one.seq, f"{one.at:%Y-%m-%d %H:%M}")


def _folded(run: tuple[Entry, ...]) -> Entry:
    counts, tracks = Counter(one.kind for one in run), {one.track for one in run}
    said = [f"{n} {many if n > 1 else one}" for kind, (one, many) in FOLDED.items() if (n := counts[kind])]
    return replace(
        run[0],
        text=", ".join(said),
        by="" if len({one.by for one in run}) > 1 else run[0].by,
        tone="bad" if any(one.tone == "bad" for one in run) else "",
        track=tracks.pop() if len(tracks) == 1 else "",
        detail="\n".join(one.text for one in run),
    )


def _kind(one: record.Recorded) -> str:
    return one.event.kind_of()


def _track(kind: str, event: Event) -> str:
    """The line of work it belongs to: as the event says, else by whom it serves."""
    said: Any = getattr(event, "track", "") or getattr(event, "audience", "")
    if said in ("technical", "business"):
        return str(said)
    if isinstance(event, events.RoleAssigned) and event.role.endswith(" lead"):
        return event.role.removesuffix(" lead")
    return "business" if kind.startswith(_BUSINESS) and said else ""


def _detail(event: Event) -> str:
    """What is worth a second look: the texts that were sent, the evidence behind a verdict."""
    if isinstance(event, events.UpdatePublished):
        return _blocks((audience.capitalize(), text) for audience, text in event.texts.items())
    if isinstance(event, events.VerdictReached):
        return "\n".join(
            f"{answer.number}. {answer.answer}" + (f": {answer.evidence[0].text}" if answer.evidence else "")
            for answer in event.answers
        )
    return ""


def _blocks(parts: Iterable[tuple[str, str]]) -> str:
    return "\n\n".join(f"{label}\n{text}" for label, text in parts)


def _stream(incident: Incident) -> str:
    return record.incident_stream(incident.uid)
