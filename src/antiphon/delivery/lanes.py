"""Lanes: pages never wait behind customer mail, and no channel behind another."""

from dataclasses import dataclass
from typing import Final

from antiphon.core.sending import Purpose

_URGENCY: Final = {Purpose.PAGE: 0, Purpose.NOTICE: 1, Purpose.UPDATE: 2, Purpose.DIGEST: 3}
_BATCH: Final = {Purpose.PAGE: 80, Purpose.NOTICE: 20, Purpose.UPDATE: 500, Purpose.DIGEST: 500}
_AT_ONCE: Final = {Purpose.PAGE: 80, Purpose.NOTICE: 40, Purpose.UPDATE: 6000, Purpose.DIGEST: 6000}
_BATCHES: Final = (50, 2000)
"""The least and the most that are claimed together of a mailing, by how quickly the last ones went."""
_QUICK, _SLOW = 1.0, 4.0
_ONE_BY_ONE: Final = (20, 40)
"""A batch, and how many at once, where a provider takes each message by a request of its own."""


@dataclass(frozen=True, slots=True)
class Lane:
    """What is sent for one purpose by one channel."""

    purpose: Purpose
    channel: str

    @property
    def urgency(self) -> int:
        """The lowest number is served first."""
        return _URGENCY[self.purpose]

    @property
    def batch(self) -> int:
        """How many are claimed together."""
        return _BATCH[self.purpose] if self._pipelined else min(_BATCH[self.purpose], _ONE_BY_ONE[0])

    @property
    def at_once(self) -> int:
        """How many may be under way; a provider that hangs fills its own lane and no other."""
        return _AT_ONCE[self.purpose] if self._pipelined else min(_AT_ONCE[self.purpose], _ONE_BY_ONE[1])

    @property
    def together(self) -> bool:
        """Whether a batch is handed over as one: customer mail is pipelined, pages go each by itself."""
        return self._pipelined and self.purpose in (Purpose.UPDATE, Purpose.DIGEST)

    def next_batch(self, batch: int, *, took: float) -> int:
        """How many to claim after a batch that took so many real seconds: one that does not end within its deadline
        keeps mails from other workers for nothing."""
        if not self.together or _QUICK <= took <= _SLOW:
            return batch
        return min(batch * 2, _BATCHES[1]) if took < _QUICK else max(batch // 2, _BATCHES[0])

    @property
    def _pipelined(self) -> bool:
        return self.channel == "mail" or self.purpose not in (Purpose.UPDATE, Purpose.DIGEST)
