"""The bulk store on PostgreSQL: each step of a batch is one statement over arrays or a JSON list.

Rows are locked sorted by fingerprint, so that nodes never deadlock; a row that another node added
meanwhile makes the batch start over. The connection is opened anew after a loss.
"""

# ruff: noqa: S608 -- statements are built from the column names below, never from what anybody sent

import asyncio
import json
from collections import Counter
from collections.abc import Sequence
from itertools import chain
from typing import Any

import psycopg
from psycopg import errors

from antiphon.core.observations import Sighting, Standing
from antiphon.intake.work import (
    Integration,
    Locked,
    Look,
    Mark,
    Plan,
    Refused,
    Seen,
    Touch,
    Unavailable,
    Work,
    keys,
    plan,
    settle,
)

TYPES = {
    "id": "bigint",
    "integration_id": "bigint",
    "fingerprint": "text",
    "state": "smallint",
    "severity": "text",
    "starts_at": "bigint",
    "ends_at": "bigint",
    "first_seen_at": "bigint",
    "last_seen_at": "bigint",
    "changed_at": "bigint",
    "count": "bigint",
    "revision": "bigint",
    "dirty": "boolean",
    "rule_id": "bigint",
    "rules_revision": "bigint",
    "digest": "bigint",
}
COLUMNS = ", ".join(Standing._fields)
TOUCH = (
    "UPDATE alert AS a SET last_seen_at = said.last_seen_at, ends_at = said.ends_at, count = a.count + said.n"
    " FROM unnest(%s::text::bigint[], %s::text::bigint[], %s::text::bigint[], %s::text::bigint[], %s::text::bigint[])"
    " AS said (last_seen_at, ends_at, id, revision, n)"
    " WHERE a.id = said.id AND a.revision = said.revision RETURNING a.id"
)
LOAD = (
    f"SELECT {COLUMNS} FROM alert WHERE (integration_id, fingerprint) IN"
    " (SELECT * FROM unnest(%s::text::bigint[], %s::text::text[]))"
    " ORDER BY integration_id, fingerprint FOR UPDATE"
)
IDS = (
    "SELECT nextval(sequence) FROM generate_series(1, %s),"
    " (SELECT pg_get_serial_sequence('alert', 'id')::regclass AS sequence OFFSET 0) AS of"
)
ROWS = f"unnest({', '.join(f'%s::text::{TYPES[name]}[]' for name in Standing._fields)})"
INSERT = f"INSERT INTO alert ({COLUMNS}) SELECT * FROM {ROWS}"
UPDATE = (
    "UPDATE alert AS a SET "
    + ", ".join(
        f"{name} = given.{name}"
        for name in Standing._fields
        if name not in {"id", "integration_id", "fingerprint", "first_seen_at"}
    )
    + f" FROM {ROWS} AS given ({COLUMNS}) WHERE a.id = given.id"
)
DETAIL = (
    "INSERT INTO alert_detail (alert_id, labels, annotations, extra, generator_url, title, note)"
    " SELECT * FROM unnest(%s::text::bigint[], %s::text::text[], %s::text::text[], %s::text::text[],"
    " %s::text::text[], %s::text::text[], %s::text::text[])"
    " ON CONFLICT (alert_id) DO UPDATE SET labels = excluded.labels,"
    " annotations = excluded.annotations, extra = excluded.extra,"
    " generator_url = excluded.generator_url, title = excluded.title, note = excluded.note"
)
LOG = (
    "INSERT INTO alert_log (alert_id, at, kind, note)"
    " SELECT * FROM unnest(%s::text::bigint[], %s::text::bigint[], %s::text::text[], %s::text::text[])"
)
UNREADABLE = "INSERT INTO unreadable_alert (integration_id, at, sender_error, raw) VALUES (%s, %s, %s, %s)"
CHANGE = (
    "INSERT INTO change_event (integration_id, at, summary, source, details, links) VALUES (%s, %s, %s, %s, %s, %s)"
)
NOTICE = (
    "INSERT INTO notice (integration_id, kind, opened_at, last_at, count) VALUES (%s, %s, %s, %s, 1)"
    " ON CONFLICT (integration_id, kind) DO UPDATE SET last_at = excluded.last_at,"
    " count = notice.count + 1"
)
MARK = (
    "INSERT INTO spool_mark (spool, position) VALUES (%s, %s)"
    " ON CONFLICT (spool) DO UPDATE SET position = excluded.position"
)
OPEN_ALERTS = (
    "SELECT a.fingerprint, d.labels, d.annotations, a.starts_at, a.ends_at, a.last_seen_at,"
    " d.generator_url FROM alert AS a JOIN alert_detail AS d ON d.alert_id = a.id"
    " WHERE a.state IN (1, 2) AND a.integration_id = %s ORDER BY a.id"
)
INTEGRATION = "SELECT id, name, kind, severity_map FROM integration WHERE key_hash = %s AND enabled"
REPLAYED = "SELECT position FROM spool_mark WHERE spool = %s"
# Every statement here finds rows by key. A plan made while the table was small or its statistics old
# would scan it whole, and be kept: so scans and the joins that need them are out of the question.
SESSION = (
    "-c statement_timeout=10s -c lock_timeout=2s -c synchronous_commit=on -c jit=off"
    " -c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off"
)
ATTEMPTS = 5
RESERVED_IDS = 4096
CAUTIOUS_BATCHES = 16
"""After one met a row that another node had made: how many batches look first."""


class PostgresStore:
    """The store of one node: a writing connection and a reading one."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._writer: Any = None
        self._reader: Any = None
        self._reading = asyncio.Lock()
        self._ids: list[int] = []  # reserved; those left at the end are never used
        self._cautious = 0

    async def open(self) -> None:
        """Connect where there is no live connection; raises Unavailable."""
        self._writer = await self._live(self._writer)
        self._reader = await self._live(self._reader)

    async def _live(self, connection: Any) -> Any:
        if connection is not None and not connection.closed:
            return connection
        try:
            return await psycopg.AsyncConnection.connect(self._url, autocommit=True, connect_timeout=3, options=SESSION)
        except psycopg.Error as error:
            raise Unavailable(str(error)) from error

    async def close(self) -> None:
        """Let go of the connections."""
        for connection in filter(None, (self._writer, self._reader)):
            await connection.close()

    async def write(self, batch: Sequence[Work], look: Look, mark: Mark | None = None) -> None:
        """Write a batch; on return it is on disk. Re-sends that meet their row take one trip."""
        await self.open()
        try:
            missed = await self._touch(batch, look)
        except psycopg.Error as error:
            raise _meaning(error) from error
        sightings = [*missed, *chain.from_iterable(work.sightings for work in batch)]
        try:
            if sightings or mark or any(map(_has_rows, batch)):
                await self._write_rows(batch, sightings, mark)
        except BaseException as error:
            for seen, _ in missed:
                seen.settle(None, None)
            if isinstance(error, psycopg.Error):
                raise _meaning(error) from error
            raise

    async def _touch(self, batch: Sequence[Work], look: Look) -> list[Any]:
        touches = [row for work in batch for row in work.touches]
        if not touches:
            return []
        columns = [_array(column) for column in zip(*_summed(touches), strict=True)]
        missed = {row[2] for row in touches}.difference(row[0] for row in await self._all(TOUCH, columns))
        if not missed:
            return []
        return [
            look(seen, said, work.at)
            for work in batch
            for row, (seen, said) in zip(work.touches, work.touched, strict=True)
            if row[2] in missed
        ]

    async def _write_rows(self, batch: Sequence[Work], sightings: Sequence[Any], mark: Mark | None) -> None:
        self._cautious = max(0, self._cautious - 1)
        for attempt in range(ATTEMPTS):
            try:
                await self._reserve(len(sightings))
                async with self._writer.pipeline(), self._writer.transaction():
                    made = await self._fold(sightings)
                    await self._others(batch, mark)
            except errors.UniqueViolation:  # another node, or this one before a restart, made the row
                self._cautious = CAUTIOUS_BATCHES
                if attempt == ATTEMPTS - 1:
                    raise Locked("another node keeps writing the same new alerts") from None
            else:
                settle(made)
                return

    async def _reserve(self, ids: int) -> None:
        """Have so many ids in hand, so that new rows need no trip for theirs; the last is the next."""
        if len(self._ids) < ids:
            fresh = await self._all(IDS, (ids + RESERVED_IDS,))
            self._ids = [row[0] for row in reversed(fresh)] + self._ids

    async def _fold(self, sightings: Sequence[Any]) -> Plan:
        """Fold sightings into their rows. An alert that this process meets first is taken for new."""
        rows = {}
        if met := [item for item in sightings if self._cautious or _may_exist(*item)]:
            wanted = [_array(column) for column in zip(*keys(met), strict=True)]
            rows = {(row[1], row[2]): Standing(*row) for row in await self._all(LOAD, wanted)}
        made = plan(sightings, rows, self._ids.pop)
        for statement, given in (
            (INSERT, made.inserts),
            (UPDATE, made.updates),
            (DETAIL, made.details),
            (LOG, made.logs),
        ):
            if given:
                await self._writer.execute(statement, [_array(column) for column in zip(*given, strict=True)])
        return made

    async def _others(self, batch: Sequence[Work], mark: Mark | None) -> None:
        async with self._writer.cursor() as cursor:
            for statement, rows in (
                (UNREADABLE, chain.from_iterable(work.unreadable for work in batch)),
                (CHANGE, ((sender, *row) for work in batch for sender, row in work.changes)),
                (NOTICE, ((*row, row[2]) for work in batch for row in work.notices)),
            ):
                if given := list(rows):
                    await cursor.executemany(statement, given)
            if mark is not None:
                await cursor.execute(MARK, mark)

    async def _all(self, statement: str, words: Sequence[Any]) -> list[Any]:
        found = await self._writer.execute(statement, words)
        return await found.fetchall()  # type: ignore[no-any-return]

    async def _read(self, statement: str, words: Sequence[Any]) -> list[Any]:
        async with self._reading:
            self._reader = await self._live(self._reader)
            try:
                found = await self._reader.execute(statement, words)
                return await found.fetchall()  # type: ignore[no-any-return]
            except psycopg.Error as error:
                raise _meaning(error) from error

    async def integration(self, key_hash: str) -> Integration | None:
        """The enabled integration with this key."""
        for row in await self._read(INTEGRATION, (key_hash,)):
            return Integration(row[0], row[1], row[2], json.loads(row[3]))
        return None

    async def open_alerts(self, integration: int) -> list[tuple[object, ...]]:
        """An integration's firing and acknowledged alerts, oldest first; see OPEN_ALERTS."""
        return await self._read(OPEN_ALERTS, (integration,))

    async def replayed(self, spool: str) -> int:
        """How far this spool has been written to the database."""
        for row in await self._read(REPLAYED, (spool,)):
            return int(row[0])
        return 0


def _has_rows(work: Work) -> bool:
    return bool(work.unreadable or work.changes or work.notices)


def _summed(touches: Sequence[Touch]) -> list[tuple[int | None, ...]]:
    """Each alert once, the last touch and their number, sorted by id: a join updates a row only once."""
    times = Counter(row[2] for row in touches)
    last = {row[2]: row for row in touches}
    return [(*last[alert], times[alert]) for alert in sorted(last)]


def _may_exist(seen: Seen, sighting: Sighting) -> bool:
    return bool(seen.alert_id) or not sighting.observation.creates


def _array(values: Sequence[Any]) -> str:
    """A column as the text of an array: far cheaper than a parameter for each value, or JSON."""
    if isinstance(values[0], str):
        return '{"' + '","'.join([_escaped(value) for value in values]) + '"}'
    return "{" + ",".join(["NULL" if value is None else str(value) for value in values]) + "}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _meaning(error: psycopg.Error) -> Exception:
    """The driver's error as what it means to the intake."""
    if isinstance(error, (errors.LockNotAvailable, errors.DeadlockDetected, errors.QueryCanceled)):
        return Locked(str(error))
    if isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
        return Unavailable(str(error))
    if isinstance(error, errors.ReadOnlySqlTransaction):
        return Unavailable(str(error))
    return Refused(str(error))
