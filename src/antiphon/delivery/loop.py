"""Sending, in a thread of its own with an event loop: the dispatcher claims, tasks send, the recorder writes.

The database is asked by one thread beside the loop, never on it. Outcomes are written together, as they come. Nothing
is kept here that a killed process would lose: a lease that runs out is taken by another, and what was accepted before
it was recorded stands in the journal.
"""

import asyncio
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, Final, ParamSpec, TypeVar

import structlog
import uvloop
from django.db import connection, connections

from antiphon import clock
from antiphon.actions.outcomes import Result
from antiphon.channels.channel import Channel
from antiphon.delivery.handing import GRACE, Hands, seconds_until
from antiphon.delivery.journal import Journal
from antiphon.delivery.lanes import Lane
from antiphon.delivery.limits import BREATH, Breaker, Breath
from antiphon.delivery.work import AWAY, Batch, Ready, Work
from antiphon.egress.transport import Transport

LONGEST_SLEEP: Final = 1.0
GATHER: Final = 0.05
"""Real seconds in which outcomes of a mailing gather, to be recorded by the hundred; they are noted by then."""
P = ParamSpec("P")
T = TypeVar("T")

log = structlog.get_logger("delivery")


class Delivery:
    """Sends what is queued. `transport` makes the way out, on the loop that uses it; `node` names this process; `notes`
    is the folder where the workers of this machine note what was accepted.

    delivery = Delivery(channels, make_transport, deadline=10.0, node="host:4711")
    threading.Thread(target=delivery.run, args=(stop,)).start()
    delivery.wake()        # from any thread: something may be due
    """

    def __init__(
        self,
        channels: Mapping[str, Channel],
        transport: Callable[[], Transport],
        *,
        deadline: float = 10.0,
        node: str,
        notes: Path | None = None,
    ) -> None:
        self._channels = channels
        self._make_transport = transport
        self._deadline = deadline
        self._node, self._notes = node, notes
        self._loop: asyncio.AbstractEventLoop | None = None
        self._awake: asyncio.Event | None = None

    def run(self, stop: threading.Event) -> None:
        """Send until told to stop; what is under way then is brought to its end. Call it in a thread of its own."""
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(self._run(stop))

    def wake(self) -> None:
        """Look now. From any thread, any time; a hint that is lost costs at most a second."""
        loop, awake = self._loop, self._awake
        if loop is not None and awake is not None:
            try:
                loop.call_soon_threadsafe(awake.set)
            except RuntimeError:
                pass  # the loop was closed a moment ago

    async def _run(self, stop: threading.Event) -> None:
        self._loop, self._awake = asyncio.get_running_loop(), asyncio.Event()
        transport = self._make_transport()
        journal = Journal(self._notes) if self._notes else None
        work = Work(self._channels, self._node, Breaker(), Breath(BREATH), journal)
        database = ThreadPoolExecutor(1, thread_name_prefix="delivery-database")
        hands = Hands(self._channels, transport, deadline=self._deadline, journal=journal)
        shift = _Shift(work, hands, database, self._awake)
        recorder = asyncio.create_task(shift.record())
        try:
            while not stop.is_set():
                pause = await shift.dispatch()
                if pause > 0:
                    await shift.rest(pause)
            await shift.finish(within=self._deadline + GRACE + LONGEST_SLEEP)
        finally:
            self._loop = self._awake = None
            recorder.cancel()
            await asyncio.get_running_loop().run_in_executor(database, connections.close_all)
            database.shutdown(wait=False)
            await transport.aclose()
            if journal is not None:
                journal.close()


class _Shift:
    """One run of the loop: what is under way, and the queue of outcomes."""

    def __init__(self, work: Work, hands: Hands, database: ThreadPoolExecutor, awake: asyncio.Event) -> None:
        self._work, self._hands, self._database, self._awake = work, hands, database, awake
        self._under_way: Counter[Lane] = Counter()
        self._batches: dict[Lane, int] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._outcomes: list[tuple[Lane, int, list[Result]]] = []
        self._some = asyncio.Event()
        self._notes_read = 0.0
        self._lost = False  # outcomes that could not be written: their notes stay

    async def dispatch(self) -> float:
        """Claim for every lane that has something due and room; answers how long to rest, in real seconds."""
        self._awake.clear()
        try:
            now = clock.now()
            await self._read_notes()
            more = False
            for lane in await self._db(self._work.due, now=now, real=clock.real()):
                more = await self._begin(lane) or more
            wake = None if more else await self._db(self._work.next_wake, now=now)
        except AWAY as error:
            await self._away(error)
            return LONGEST_SLEEP
        except Exception:  # what was claimed is free again when its lease runs out; the other lanes go on
            log.exception("a batch could not be prepared")
            return LONGEST_SLEEP
        if more:
            return 0.0
        longest = min(self._work.breath.ends(real=clock.real()) or LONGEST_SLEEP, LONGEST_SLEEP)
        return seconds_until(wake, now=clock.now(), rate=clock.rate(), longest=max(longest, 0.0))

    async def rest(self, seconds: float) -> None:
        """Sleep, or until somebody wakes us."""
        try:
            await asyncio.wait_for(self._awake.wait(), seconds)
        except TimeoutError:
            pass

    async def record(self) -> None:
        """Write outcomes as they come, all that lie there at once; for ever."""
        while True:
            await self._some.wait()
            if all(lane.together for lane, *_ in self._outcomes):
                await asyncio.sleep(GATHER)
            entries, self._outcomes = self._outcomes, []
            self._some.clear()
            results = [result for _, _, part in entries for result in part]
            if results and not await self._write(results):
                self._lost = True
            for lane, count, _ in entries:
                self._under_way[lane] -= count
            if self._work.journal is not None and not self._under_way.total() and not self._lost:
                self._work.journal.forget()
            self._awake.set()

    async def finish(self, *, within: float) -> None:
        """Wait for what is under way, and for its outcomes to be written."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=within)
        until = clock.real() + within
        while self._under_way.total() and clock.real() < until:
            await self.rest(until - clock.real())
            self._awake.clear()
        if self._under_way.total():
            log.warning("stopped before every outcome was written")

    async def _read_notes(self) -> None:
        if clock.real() - self._notes_read <= LONGEST_SLEEP:
            return
        self._notes_read = clock.real()
        try:
            await self._db(self._work.record_notes, now=clock.now(), real=clock.real())
        except AWAY:
            raise
        except Exception:  # at worst something is sent twice: that is better than to send nothing
            log.exception("the notes of other workers could not be recorded")

    async def _begin(self, lane: Lane) -> bool:
        """Claim a batch and start sending it; answers whether there may be more to claim at once."""
        limit = min(self._batches.get(lane, lane.batch), lane.at_once - self._under_way[lane])
        if limit <= 0:
            return False  # an outcome will wake us
        batch = await self._db(self._work.take, lane, limit=limit, now=clock.now(), real=clock.real())
        self._start(batch)
        return batch.claimed == limit

    def _start(self, batch: Batch) -> None:
        if self._work.journal is not None and batch.ready:
            self._work.journal.claimed({row.lease for one in batch.ready for row in one.rows})
        for part in self._hands.parts(batch):
            self._under_way[batch.lane] += _rows(part)
            task = asyncio.create_task(self._send(batch.lane, part, batch.settings))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _send(self, lane: Lane, part: Sequence[Ready], settings: Any) -> None:
        started = clock.real()
        told = partial(self._told, lane)
        if not await self._hands.hand_over(lane, part, settings, now=clock.now(), told=told):
            self._outcomes.append((lane, _rows(part), []))
            self._some.set()
        self._batches[lane] = lane.next_batch(self._batches.get(lane, lane.batch), took=clock.real() - started)

    def _told(self, lane: Lane, results: list[Result]) -> None:
        self._outcomes.append((lane, len(results), results))
        self._some.set()

    async def _write(self, results: list[Result]) -> bool:
        """Whether it was written. A database that is away is waited for; the lease decides whether it still counts."""
        while True:
            try:
                await self._db(self._work.give_back, results, now=clock.now(), real=clock.real())
                return True
            except AWAY as error:
                await self._away(error)
                await asyncio.sleep(LONGEST_SLEEP)
            except Exception:  # one outcome that cannot be written must not stop sending; its lease runs out
                log.exception("outcomes could not be written", count=len(results))
                return False

    async def _away(self, error: Exception) -> None:
        log.warning("the database does not answer, trying again", error=str(error))
        await self._db(_hang_up)

    async def _db(self, ask: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._database, lambda: ask(*args, **kwargs))


def _rows(part: Sequence[Ready]) -> int:
    return sum(len(one.rows) for one in part)


def _hang_up() -> None:
    """Close this thread's own connection; the next question opens another."""
    connection.close()
