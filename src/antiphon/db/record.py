"""The record: append events to a stream, read them back, prove that none was touched.

Each row's hash covers the stored bytes and the row before it. Text about people lies beside the
chain as JSON with a salt; the chain holds its digest, so erasing the text leaves the proof whole.
"""

import hashlib
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from antiphon.core import events
from antiphon.core.decision import Actor
from antiphon.db import bulk
from antiphon.db.fields import to_micros
from antiphon.db.models.record import Event, Stream
from antiphon.db.transactions import at_the_end, remember, remembered

CONFIGURATION = "configuration"
ACCESS = "access"
ERASED = "[erased]"


def incident_stream(uid: str) -> str:
    """The name of an incident's stream."""
    return f"incident:{uid}"


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event with its place on the record."""

    stream: str
    seq: int
    at: datetime
    actor: str
    event: events.Event


@dataclass(frozen=True, slots=True)
class Flaw:
    """The first row that does not fit: where, and why."""

    stream: str
    seq: int
    sentence: str


def begin(stream: str) -> Stream:
    """The head of a stream that there has never been; nobody else sees it before the transaction ends."""
    head = Stream(name=stream)
    remember(f"stream {stream}", head)
    return head


def lock(stream: str) -> Stream:
    """The head of a stream, locked until the transaction ends. Every write to an incident's rows
    takes its stream's lock first, so two processes never decide on the same state."""
    return remembered(f"stream {stream}", lambda: _lock(stream))


def _lock(stream: str) -> Stream:
    heads = Stream.objects.select_for_update()
    head = heads.filter(name=stream).first()
    if head is None:
        Stream.objects.get_or_create(name=stream)
        head = heads.get(name=stream)
    return head


def append(head: Stream, added: Iterable[events.Event], *, actor: Actor, now: datetime) -> None:
    """Put events behind `head`, which `lock` gave in this transaction. All are written together at its end."""
    unwritten = remembered("unwritten events", _Unwritten)
    for event in added:
        row = _row(head, event, actor=actor, now=now)
        head.seq, head.hash = row.seq, row.hash
        unwritten.heads[head.name] = head
        unwritten.rows.append(row)
    if unwritten.rows and not unwritten.expected:
        unwritten.expected = True
        at_the_end(unwritten.write)


@dataclass(slots=True)
class _Unwritten:
    """What one transaction adds to the record."""

    rows: list[Event] = field(default_factory=list)
    heads: dict[str, Stream] = field(default_factory=dict)
    expected: bool = False

    def write(self) -> None:
        bulk.write(self.rows)
        bulk.write(self.heads.values(), unique=["name"], update=["seq", "hash"])


def read(stream: str, *, after: int = 0, limit: int | None = None) -> Iterator[Recorded]:
    """A stream's events in order, those after a sequence number."""
    rows = Event.objects.filter(stream=stream, seq__gt=after).order_by("seq")[:limit]
    return (Recorded(row.stream, row.seq, row.at, row.actor, _event(row)) for row in rows)


def latest(stream: str, *, before: int | None = None, kinds: Iterable[str] | None = None, limit: int) -> list[Recorded]:
    """The last events of a stream, newest first: those under a sequence number, of these kinds."""
    rows = Event.objects.filter(stream=stream).order_by("-seq")
    if before is not None:
        rows = rows.filter(seq__lt=before)
    if kinds is not None:
        rows = rows.filter(kind__in=list(kinds))
    return [Recorded(row.stream, row.seq, row.at, row.actor, _event(row)) for row in rows[:limit]]


def last(stream: str) -> int:
    """The sequence number of a stream's last event; 0 when it has none."""
    return Stream.objects.filter(name=stream).values_list("seq", flat=True).first() or 0


def streams() -> list[str]:
    """The names of every stream there is, those included whose head or whose events are gone."""
    heads = set(Stream.objects.values_list("name", flat=True))
    return sorted(heads | set(Event.objects.order_by().values_list("stream", flat=True).distinct()))


def length() -> int:
    """How many events are on the record."""
    return Event.objects.count()


def verify(stream: str) -> Flaw | None:
    """Walk a stream's chain; None when every row fits the one before and the head fits the last.

    The head is read first and the walk ends there, so that events added meanwhile are no flaw.
    """
    head = Stream.objects.filter(name=stream).first() or Stream(name=stream)
    previous, seq = "", 0
    rows = Event.objects.filter(stream=stream, seq__lte=head.seq).order_by("seq")
    for row in rows.iterator(chunk_size=2000):
        seq += 1
        if row.seq != seq:
            return Flaw(stream, seq, f"event {seq} is missing: the next one found is {row.seq}")
        if row.previous != previous:
            return Flaw(stream, seq, f"event {seq} does not follow the one before it")
        if row.hash != _hash(row):
            return Flaw(stream, seq, f"event {seq} was changed after it was written")
        if row.personal and _personal_digest(row.salt, row.personal) != row.personal_digest:
            return Flaw(stream, seq, f"the text beside event {seq} was changed after it was written")
        previous = row.hash
    if (head.seq, head.hash) != (seq, previous):
        return Flaw(stream, seq + 1, f"the record ends at event {seq}, its head says {head.seq}")
    return _beyond(head)


def _beyond(head: Stream) -> Flaw | None:
    """An event behind a head that has not moved was put there past the record."""
    if not Event.objects.filter(stream=head.name, seq__gt=head.seq).exists():
        return None
    if Stream.objects.filter(name=head.name, seq__gt=head.seq).exists():
        return None
    return Flaw(
        head.name, head.seq + 1, f"event {head.seq + 1} stands behind the head of the record, which is {head.seq}"
    )


def _row(head: Stream, event: events.Event, *, actor: Actor, now: datetime) -> Event:
    body, personal = _split(event)
    salt = secrets.token_hex(16) if personal else ""
    row = bulk.new(
        Event,
        stream=head.name,
        seq=head.seq + 1,
        at=now,
        actor=str(actor),
        kind=event.kind_of(),
        version=event.version,
        body=body,
        personal=personal,
        salt=salt,
        personal_digest=_personal_digest(salt, personal) if personal else "",
        previous=head.hash,
    )
    row.hash = _hash(row)
    return row


def _split(event: events.Event) -> tuple[str, str]:
    """The event's body for the chain, and its personal fields for beside it."""
    if not event.personal:
        return events.encode(event), ""
    whole = msgspec.to_builtins(event)
    beside = {name: whole.pop(name) for name in sorted(event.personal)}
    return msgspec.json.encode(whole).decode(), msgspec.json.encode(beside).decode()


def _event(row: Event) -> events.Event:
    cls = events.KINDS.get(row.kind)
    if cls is None or not cls.personal:
        return events.decode(row.body)
    whole = msgspec.json.decode(row.body)
    beside = msgspec.json.decode(row.personal) if row.personal else dict.fromkeys(cls.personal, ERASED)
    return msgspec.convert(whole | beside, cls)


def _personal_digest(salt: str, personal: str) -> str:
    return hashlib.sha256(f"{salt}\n{personal}".encode()).hexdigest()


def _hash(row: Event) -> str:
    parts = (
        row.previous,
        row.stream,
        str(row.seq),
        str(to_micros(row.at)),
        row.actor,
        row.kind,
        str(row.version),
        row.personal_digest,
        row.body,
    )
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
