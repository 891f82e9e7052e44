"""Group commit: requests that arrive together are written together, and answered after the disk.

While the database cannot be written, requests go to the spool instead; a replay brings them into
the database in order, and only then do requests go there directly again.
"""

import asyncio
from collections.abc import Callable, Sequence

import structlog

from antiphon.db.gate import PAUSE_SECONDS, Gate
from antiphon.intake.known import Known
from antiphon.intake.spool import Spool
from antiphon.intake.work import Locked, Mark, Record, Refused, Store, Unavailable, Work, give_up

log = structlog.get_logger(__name__)

LOCK_SECONDS = 2.0
"""How long a batch waits for its turn at the database before it goes to the spool."""
REPLAY_SECONDS = 0.5
REPLAY_RECORDS = 100
MAX_WORKS = 512


class NotStored(Exception):
    """Neither the database nor the spool took the request: the sender must try again."""


class Commits:
    """The one writer of this process. `read` turns a spooled record into work again."""

    def __init__(
        self,
        store: Store,
        gate: Gate,
        spool: Spool,
        known: Known,
        *,
        read: Callable[[Record], Work],
        wake: Callable[[], None],
    ) -> None:
        self._store, self._gate, self._spool, self._known = store, gate, spool, known
        self._read, self._wake = read, wake
        self._waiting: list[tuple[Work, asyncio.Future[None]]] = []
        self._running: asyncio.Task[None] | None = None
        self._replaying: asyncio.Task[None] | None = None
        self._spooling = asyncio.Lock()

    async def start(self) -> None:
        """Open the store when it can be opened, and replay what an earlier process left."""
        self._loop = asyncio.get_running_loop()  # asked for each request it would cost a system call
        try:
            await self._store.open()
        except Unavailable as error:
            log.warning("intake.database_unavailable", error=str(error))
        if self._spool.pending():
            self._start_replay()

    async def stop(self) -> None:
        """Finish what was accepted; what is in the spool stays for the next start."""
        while self._running is not None:
            await asyncio.wait([self._running])
        if self._replaying is not None:
            self._replaying.cancel()
            await asyncio.wait([self._replaying])
        self._spool.close()
        await self._store.close()

    def put(self, work: Work) -> "asyncio.Future[None]":
        """Write a request; done when it is on disk. Raises NotStored or Refused."""
        done = self._loop.create_future()
        self._waiting.append((work, done))
        if self._running is None:
            self._running = self._loop.create_task(self._run())
        return done

    async def _run(self) -> None:
        """Write batch after batch until nobody waits."""
        try:
            await asyncio.sleep(0)  # let the requests of this turn of the loop join
            while self._waiting:
                batch, self._waiting = self._waiting[:MAX_WORKS], self._waiting[MAX_WORKS:]
                await self._finish(batch)
                self._wake()
                await asyncio.sleep(PAUSE_SECONDS if self._gate.wanted() else 0)
        finally:
            self._running = None

    async def _finish(self, batch: list[tuple[Work, "asyncio.Future[None]"]]) -> None:
        works = [work for work, _ in batch]
        try:
            if self._spool.pending():
                raise Unavailable("older requests still wait in the spool")
            await self._commit(works)
        except Unavailable as error:
            await self._to_spool(batch, error)
        except Refused as error:
            await self._one_by_one(batch, error)
        except Exception as error:
            log.exception("intake.batch_failed")
            await self._one_by_one(batch, Refused(str(error)))
        else:
            for _, done in batch:
                if not done.done():
                    done.set_result(None)

    async def _one_by_one(self, batch: list[tuple[Work, "asyncio.Future[None]"]], error: Refused) -> None:
        """One request's rows spoiled the batch: write the others, and say which it was."""
        if len(batch) == 1:
            give_up([batch[0][0]])
            log.error("intake.refused", error=str(error))
            batch[0][1].set_exception(error)
            return
        for item in batch:
            await self._finish([item])

    async def _commit(self, works: Sequence[Work], mark: Mark | None = None) -> None:
        """Write in turn with the other writers; raises Unavailable when the turn never comes."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + LOCK_SECONDS
        while True:
            if self._gate.try_enter():
                try:
                    await self._store.write(works, self._known.look_again, mark)
                    return
                except Locked:
                    if loop.time() > deadline:
                        raise
                finally:
                    self._gate.leave()
            elif loop.time() > deadline:
                raise Locked("another writer held the database for too long")
            await asyncio.sleep(PAUSE_SECONDS)

    async def _to_spool(self, batch: list[tuple[Work, "asyncio.Future[None]"]], error: Unavailable) -> None:
        works = [work for work, _ in batch]
        give_up(works)
        try:
            async with self._spooling:
                await asyncio.to_thread(self._spool.append, [work.record for work in works])
        except OSError as spool_error:
            log.error("intake.not_stored", database=str(error), spool=str(spool_error))
            for _, done in batch:
                if not done.done():
                    done.set_exception(NotStored(str(error)))
            return
        for _, done in batch:
            if not done.done():
                done.set_result(None)
        self._start_replay()

    def _start_replay(self) -> None:
        if self._replaying is None or self._replaying.done():
            self._replaying = asyncio.get_running_loop().create_task(self._replay())

    async def _replay(self) -> None:
        """Bring the spool into the database, once and in order; ends when it is empty."""
        log.warning("intake.spooling")
        while self._spool.pending():
            try:
                while await self._replay_some():  # noqa: ASYNC110 -- a turn for others, not a wait
                    await asyncio.sleep(PAUSE_SECONDS)
            except Unavailable as error:
                log.info("intake.still_unavailable", error=str(error))
            if self._spool.pending():
                await asyncio.sleep(REPLAY_SECONDS)
        log.warning("intake.spool_replayed")

    async def _replay_some(self) -> bool:
        """One batch from the spool, and its place noted with it; False when none is left."""
        name = self._spool.name
        position = await self._store.replayed(name)
        found = list(self._spool.read(position, limit=REPLAY_RECORDS))
        if not found:
            async with self._spooling:
                if not list(self._spool.read(position, limit=1)):
                    self._spool.clear()
                    return False
            return True
        works = [self._read(record) for record, _ in found]
        try:
            await self._commit(works, Mark(name, found[-1][1]))
        except Refused:
            give_up(works)
            for record, after in found:
                await self._replay_alone(record, Mark(name, after))
        except Exception:
            give_up(works)
            raise
        self._wake()
        return True

    async def _replay_alone(self, record: Record, mark: Mark) -> None:
        """A record of a refused batch by itself; one that no database takes is kept raw."""
        try:
            await self._commit([self._read(record)], mark)
        except Refused as error:
            log.error("intake.refused", error=str(error))
            kept = record._replace(action="unreadable", error=str(error))
            await self._commit([self._read(kept)], mark)
