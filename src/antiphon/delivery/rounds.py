"""Sending round by round in the caller's own thread: for drills, commands and stories told to a clock of their own."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from types import TracebackType
from typing import Final, Self

from antiphon import clock
from antiphon.actions.outcomes import Result
from antiphon.channels.channel import Channel
from antiphon.delivery.handing import Hands
from antiphon.delivery.limits import Breaker, Breath
from antiphon.delivery.work import Batch, Work
from antiphon.egress.transport import Transport

MOST_ROUNDS: Final = 1000


class Rounds:
    """The same steps as `loop.Delivery`, one after the other.

    with Rounds(channels, make_transport, node="drill") as rounds:
        rounds.deliver_all(now=now)
    """

    def __init__(
        self,
        channels: Mapping[str, Channel],
        transport: Callable[[], Transport],
        *,
        deadline: float = 10.0,
        node: str,
        real: Callable[[], float] = clock.real,
    ) -> None:
        self._work = Work(channels, node, Breaker(), Breath())
        self._real = real
        self._runner = asyncio.Runner()
        self._transport = self._runner.run(_made(transport))
        self._hands = Hands(channels, self._transport, deadline=deadline, real=real)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def deliver_all(self, *, now: datetime) -> int:
        """Rounds until nothing is due at `now`; answers how many messages were handled."""
        total = 0
        for _ in range(MOST_ROUNDS):
            handled = self.round(now=now)
            if not handled:
                break
            total += handled
        return total

    def round(self, *, now: datetime) -> int:
        """Claim a batch of every lane, send all of them at once, record; answers how many were claimed."""
        lanes = self._work.due(now=now, real=self._real())
        batches = [self._work.take(lane, limit=lane.batch, now=now, real=self._real()) for lane in lanes]
        results = self._runner.run(self._send(batches, now=now))
        if results:
            self._work.give_back(results, now=now, real=self._real())
        return sum(batch.claimed for batch in batches)

    def close(self) -> None:
        """Close every connection to the outside."""
        self._runner.run(self._transport.aclose())
        self._runner.close()

    async def _send(self, batches: list[Batch], *, now: datetime) -> list[Result]:
        hands = self._hands
        sending = [
            hands.hand_over(batch.lane, part, batch.settings, now=now)
            for batch in batches
            for part in hands.parts(batch)
        ]
        return [result for results in await asyncio.gather(*sending) for result in results]


async def _made(transport: Callable[[], Transport]) -> Transport:
    return transport()
