"""The bulk store on SQLite: one writing connection, one IMMEDIATE transaction per batch.

What looks at rows runs on the event loop: a thread would hand the interpreter lock back and forth for
every row. New rows and the COMMIT go to a thread, where a statement of many rows runs to its end without
that lock, and the loop reads the next requests meanwhile. Whoever waits for a lock waits in the caller:
nothing here blocks on one.
"""

# ruff: noqa: S608 -- statements are built from the column names below, never from what anybody sent

import asyncio
import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain, groupby
from typing import Any, TypeVar

from pysqlite3 import dbapi2 as sqlite

from antiphon.core.observations import Standing
from antiphon.intake.work import (
    Integration,
    Locked,
    Look,
    Mark,
    Plan,
    Refused,
    Unavailable,
    Work,
    keys,
    plan,
    settle,
)

COLUMNS = ", ".join(Standing._fields)
TOUCH = "UPDATE alert SET last_seen_at = ?, ends_at = ?, count = count + 1 WHERE id = ? AND revision = ?"
CURRENT = "SELECT id, revision FROM alert WHERE id IN (SELECT value FROM json_each(?))"
LOAD = (
    f"SELECT {', '.join(f'a.{name}' for name in Standing._fields)}"
    " FROM json_each(?) AS wanted CROSS JOIN alert AS a"
    " ON a.integration_id = ? AND a.fingerprint = wanted.value"
)
LAST_ID = "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'alert'), 0)"
INSERT = f"INSERT INTO alert ({COLUMNS}) VALUES "
UPDATE = (
    "UPDATE alert SET state = ?, severity = ?, starts_at = ?, ends_at = ?, last_seen_at = ?,"
    " changed_at = ?, count = ?, revision = ?, dirty = ?, rule_id = ?, rules_revision = ?,"
    " digest = ? WHERE id = ?"
)
DETAIL = "INSERT INTO alert_detail (alert_id, labels, annotations, extra, generator_url, title, note) VALUES "
DETAIL_KNOWN = (
    " ON CONFLICT (alert_id) DO UPDATE SET"
    " labels = excluded.labels, annotations = excluded.annotations, extra = excluded.extra,"
    " generator_url = excluded.generator_url, title = excluded.title, note = excluded.note"
)
LOG = "INSERT INTO alert_log (alert_id, at, kind, note) VALUES "
MOST_ROWS = 1024
"""Rows of one statement: at 16 values each, half of the 32,766 that SQLite takes."""
UNREADABLE = "INSERT INTO unreadable_alert (integration_id, at, sender_error, raw) VALUES (?, ?, ?, ?)"
CHANGE = "INSERT INTO change_event (integration_id, at, summary, source, details, links) VALUES (?, ?, ?, ?, ?, ?)"
NOTICE = (
    "INSERT INTO notice (integration_id, kind, opened_at, last_at, count) VALUES (?, ?, ?, ?, 1)"
    " ON CONFLICT (integration_id, kind) DO UPDATE SET last_at = excluded.last_at,"
    " count = notice.count + 1"
)
MARK = (
    "INSERT INTO spool_mark (spool, position) VALUES (?, ?)"
    " ON CONFLICT (spool) DO UPDATE SET position = excluded.position"
)
OPEN_ALERTS = (
    "SELECT a.fingerprint, d.labels, d.annotations, a.starts_at, a.ends_at, a.last_seen_at,"
    " d.generator_url FROM alert AS a JOIN alert_detail AS d ON d.alert_id = a.id"
    " WHERE a.state IN (1, 2) AND a.integration_id = ? ORDER BY a.id"
)
INTEGRATION = "SELECT id, name, kind, severity_map FROM integration WHERE key_hash = ? AND enabled"
REPLAYED = "SELECT position FROM spool_mark WHERE spool = ?"

T = TypeVar("T")


class SqliteStore:
    """The store on one SQLite file. Only this object writes through its connection."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._writer: Any = None
        self._reader: Any = None
        self._disk = ThreadPoolExecutor(1, "intake-disk")
        self._reads = ThreadPoolExecutor(1, "intake-read")

    async def open(self) -> None:
        """Connect; raises Unavailable when the file cannot be opened."""
        self._writer = self._writer or _connect(self._path)
        self._reader = self._reader or _connect(self._path)

    async def close(self) -> None:
        """Let go of the file."""
        for connection in filter(None, (self._writer, self._reader)):
            connection.close()
        self._writer = self._reader = None
        self._disk.shutdown()
        self._reads.shutdown()

    async def write(self, batch: Sequence[Work], look: Look, mark: Mark | None = None) -> None:
        """Write a batch in one transaction; on return it is on disk."""
        await self.open()
        _guarded(self._writer.execute, "BEGIN IMMEDIATE")
        missed: list[Any] = []
        try:
            made = _guarded(self._statements, batch, look, mark, missed)
            await asyncio.get_running_loop().run_in_executor(self._disk, _guarded, self._add_and_commit, made)
        except BaseException:
            for seen, _ in missed:
                seen.settle(None, None)
            self._undo()
            raise
        settle(made)

    def _statements(self, batch: Sequence[Work], look: Look, mark: Mark | None, missed: list[Any]) -> Plan:
        """All of a batch but its new rows; the number of statements does not depend on the number of alerts."""
        missed.extend(self._touch(batch, look))
        sightings = [*missed, *chain.from_iterable(work.sightings for work in batch)]
        made = self._fold(sightings)
        many = self._writer.executemany
        for statement, rows in (
            (UNREADABLE, chain.from_iterable(work.unreadable for work in batch)),
            (CHANGE, ((sender, *change) for work in batch for sender, change in work.changes)),
            (NOTICE, ((*row, row[2]) for work in batch for row in work.notices)),
        ):
            if given := list(rows):
                many(statement, given)
        if mark is not None:
            self._writer.execute(MARK, mark)
        return made

    def _touch(self, batch: Sequence[Work], look: Look) -> list[Any]:
        """Bump the rows of re-sends; answers those whose row had moved, to be looked at again."""
        touches = [row for work in batch for row in work.touches]
        if not touches:
            return []
        if self._writer.executemany(TOUCH, touches).rowcount == len(touches):
            return []
        ids = json.dumps(list({row[2] for row in touches}))
        current = dict(self._writer.execute(CURRENT, (ids,)).fetchall())
        return [
            look(seen, said, work.at)
            for work in batch
            for row, (seen, said) in zip(work.touches, work.touched, strict=True)
            if current.get(row[2]) != row[3]
        ]

    def _fold(self, sightings: Sequence[Any]) -> Plan:
        if not sightings:
            return Plan([], [], [], [], [])
        rows = {}
        for sender, wanted in groupby(keys(sightings), key=lambda key: key[0]):
            names = json.dumps([name for _, name in wanted])
            for row in self._writer.execute(LOAD, (names, sender)):
                rows[sender, row[2]] = Standing(*row)
        last_id = self._writer.execute(LAST_ID).fetchone()[0]
        made = plan(sightings, rows, iter(range(last_id + 1, 2**63)).__next__)
        self._writer.executemany(UPDATE, map(_update, made.updates))
        return made

    def _add_and_commit(self, made: Plan) -> None:
        """The new rows of a batch, and what brings all of it to disk."""
        self._add(INSERT, made.inserts)
        self._add(DETAIL, made.details, DETAIL_KNOWN)
        self._add(LOG, made.logs)
        self._writer.execute("COMMIT")

    def _add(self, head: str, rows: Sequence[tuple[Any, ...]], tail: str = "") -> None:
        """Insert rows, a thousand and more by one statement."""
        for start in range(0, len(rows), MOST_ROWS):
            some = rows[start : start + MOST_ROWS]
            one = f"({', '.join('?' * len(some[0]))})"
            self._writer.execute(head + ", ".join([one] * len(some)) + tail, list(chain.from_iterable(some)))

    def _undo(self) -> None:
        """Roll back; a connection that cannot is given up, and opened anew by the next write."""
        try:
            if self._writer.in_transaction:
                self._writer.execute("ROLLBACK")
        except sqlite.Error:
            self._writer.close()
            self._writer = None

    async def integration(self, key_hash: str) -> Integration | None:
        """The enabled integration with this key."""
        await self.open()
        row = _guarded(self._reader.execute, INTEGRATION, (key_hash,)).fetchone()
        return row and Integration(row[0], row[1], row[2], json.loads(row[3]))

    async def open_alerts(self, integration: int) -> list[tuple[object, ...]]:
        """An integration's firing and acknowledged alerts, oldest first; see OPEN_ALERTS."""
        await self.open()
        return await asyncio.get_running_loop().run_in_executor(
            self._reads, lambda: _guarded(self._reader.execute, OPEN_ALERTS, (integration,)).fetchall()
        )

    async def replayed(self, spool: str) -> int:
        """How far this spool has been written to the database."""
        await self.open()
        row = _guarded(self._reader.execute, REPLAYED, (spool,)).fetchone()
        return row[0] if row else 0


def _connect(path: str) -> Any:
    connection = _guarded(
        lambda: sqlite.connect(
            f"file:{path}?mode=rw", uri=True, isolation_level=None, timeout=0,
            check_same_thread=False, cached_statements=32,
        )
    )  # fmt: skip
    for pragma in (
        "busy_timeout = 1000",
        "journal_mode = WAL",
        "synchronous = FULL",
        "cache_size = -65536",
        "wal_autocheckpoint = 4000",
        "busy_timeout = 0",
    ):
        _guarded(connection.execute, f"PRAGMA {pragma}")
    return connection


def _update(row: Standing) -> tuple[object, ...]:
    return (
        row.state, row.severity, row.starts_at, row.ends_at, row.last_seen_at, row.changed_at,
        row.count, row.revision, row.dirty, row.rule_id, row.rules_revision, row.digest, row.id,
    )  # fmt: skip


def _guarded(call: Callable[..., T], *words: Any) -> T:
    """Run a call of the driver; its errors come out as what they mean to the intake."""
    try:
        return call(*words)
    except sqlite.OperationalError as error:
        name = getattr(error, "sqlite_errorname", "") or ""
        if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")) or "locked" in str(error):
            raise Locked(str(error)) from error
        raise Unavailable(str(error)) from error
    except sqlite.DatabaseError as error:
        if type(error) is sqlite.DatabaseError:  # corrupt, not a database
            raise Unavailable(str(error)) from error
        raise Refused(str(error)) from error
    except (sqlite.Error, OverflowError, UnicodeEncodeError) as error:
        raise Refused(str(error)) from error
