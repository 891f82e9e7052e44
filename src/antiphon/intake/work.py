"""What one request asks the store to write, and what a batch of them comes to."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol

import msgspec

from antiphon.core.observations import (
    Change,
    Content,
    Observation,
    Sighting,
    Standing,
    State,
    fold,
)


class Integration(NamedTuple):
    """Who sends: an enabled row of the integration table, its severity table decoded."""

    id: int
    name: str
    kind: str
    severity_map: Mapping[str, str]


class Seen:
    """What is remembered of one alert. `accepts` is the state whose message is a mere re-send.

    While a commit that may move the alert is under way nothing is taken for a re-send, so that
    messages keep their order.
    """

    __slots__ = (
        "accepts",
        "alert_id",
        "content",
        "fingerprint",
        "integration",
        "revision",
        "rules_revision",
        "severity",
        "starts_at",
        "waiting",
    )

    def __init__(self, integration: Integration, fingerprint: str) -> None:
        self.integration = integration
        self.fingerprint = fingerprint
        self.alert_id = self.revision = self.rules_revision = self.starts_at = 0
        self.severity = ""
        self.content: int | None = None
        self.accepts = 0
        self.waiting = 0

    def wait(self) -> None:
        """A message that may move this alert was accepted."""
        self.waiting += 1
        self.accepts = 0

    def settle(self, now: Standing | None, content: int | None) -> None:
        """That message was written (the row after it), or given up (None)."""
        self.waiting -= 1
        if now is None:
            self.content = None
            return
        self.alert_id, self.revision = now.id, now.revision
        self.severity, self.starts_at = now.severity, now.starts_at
        self.rules_revision = now.rules_revision
        if content is not None:
            self.content = content
        if not self.waiting:
            self.accepts = _ACCEPTS[now.state]


_ACCEPTS: dict[int, int] = {State.FIRING: 1, State.ACKNOWLEDGED: 1, State.RESOLVED: 3}


class Record(NamedTuple):
    """A request as it was accepted, for the spool: `action` names how its body is to be read."""

    integration: Integration
    action: str
    at: int
    body: bytes
    error: str = ""


Touch = tuple[int, int | None, int, int]
"""A re-send of a known alert: last seen, end, alert, revision."""


class Work:
    """The rows of one request."""

    __slots__ = ("at", "changes", "notices", "record", "sightings", "touched", "touches", "unreadable")

    def __init__(self, record: Record) -> None:
        self.record = record
        self.at = record.at
        self.touches: list[Touch] = []
        self.touched: list[tuple[Seen, Observation]] = []
        self.sightings: list[tuple[Seen, Sighting]] = []
        self.unreadable: list[tuple[int, int, str, bytes]] = []  # integration, at, error, raw
        self.changes: list[tuple[int, Change]] = []
        self.notices: list[tuple[int, str, int]] = []  # integration, kind, at


class Mark(NamedTuple):
    """How far a spool has been replayed with this batch."""

    spool: str
    position: int


Look = Callable[[Seen, Observation, int], tuple[Seen, Sighting]]


class Store(Protocol):
    """The bulk store of one database; SQL of the intake lives behind it alone.

    Each call raises `Unavailable` when the database cannot be reached or written now, and
    `Refused` when it will never take these rows.
    """

    async def open(self) -> None: ...

    async def close(self) -> None: ...

    async def write(self, batch: Sequence[Work], look: Look, mark: Mark | None = None) -> None: ...

    async def integration(self, key_hash: str) -> Integration | None: ...

    async def open_alerts(self, integration: int) -> list[tuple[object, ...]]: ...

    async def replayed(self, spool: str) -> int: ...


class Unavailable(Exception):
    """The database cannot take a write now; the same write may succeed later."""


class Locked(Unavailable):
    """Another writer holds the database; worth waiting a moment."""


class Refused(Exception):
    """The database will never take these rows: a fault of the data or of ours."""


class Detail(NamedTuple):
    """A row of alert_detail."""

    alert_id: int
    labels: str
    annotations: str
    extra: str
    generator_url: str
    title: str
    note: str


class Plan(NamedTuple):
    """What the sightings of a batch write, worked out with the rows in hand."""

    inserts: list[Standing]
    updates: list[Standing]
    details: list[Detail]
    logs: list[tuple[int, int, str, str]]  # alert, at, kind, note
    settled: list[tuple[Seen, Standing | None, int | None]]


def keys(sightings: Iterable[tuple[Seen, Sighting]]) -> list[tuple[int, str]]:
    """The alerts that sightings are about, sorted, so that two nodes lock in the same order."""
    return sorted({(seen.integration.id, seen.fingerprint) for seen, _ in sightings})


def plan(
    sightings: Iterable[tuple[Seen, Sighting]],
    rows: Mapping[tuple[int, str], Standing],
    next_id: Callable[[], int],
) -> Plan:
    """Fold each sighting, in the order they came, into its alert's row."""
    after: dict[tuple[int, str], Standing | None] = {}
    details: dict[int, Detail] = {}
    made = Plan([], [], [], [], [])
    for seen, sighting in sightings:
        key = (seen.integration.id, seen.fingerprint)
        before = after[key] if key in after else rows.get(key)
        new_id = 0 if before is not None else next_id()
        row, kind = fold(before, sighting, new_id=new_id, integration_id=key[0], fingerprint=key[1])
        after[key] = row
        made.settled.append((seen, row, sighting.observation.content))
        if row is None:
            continue
        content = sighting.content
        if content is not None and (before is None or before.digest != row.digest):
            details[row.id] = _detail(row.id, content)
        if kind:
            made.logs.append((row.id, sighting.at, kind, content.note if content else ""))
    for key, row in after.items():
        if row is not None:
            (made.updates if key in rows else made.inserts).append(row)
    made.details.extend(details.values())
    return made


def settle(made: Plan) -> None:
    """After the commit: remember the rows as they now are, each only in its last state."""
    for seen, row, content in made.settled:
        seen.settle(row, content)


def give_up(batch: Iterable[Work]) -> None:
    """Nothing of these was written to the database: forget what we thought we knew."""
    for work in batch:
        for seen, _ in work.sightings:
            seen.settle(None, None)
        for seen, _ in work.touched:
            seen.content = None


_encode = msgspec.json.Encoder().encode


def _detail(alert_id: int, content: Content) -> Detail:
    return Detail(
        alert_id,
        content.labels_text or _encode(content.labels).decode(),
        content.annotations_text or _encode(content.annotations).decode(),
        content.extra,
        content.generator_url,
        content.title,
        content.note,
    )
