"""Lanes: pages never wait behind customer mail, and no channel behind another."""

from dataclasses import dataclass
from typing import Final

from antiphon.core.sending import Purpose

_URGENCY: Final = {Purpose.PAGE: 0, Purpose.NOTICE: 1, Purpose.UPDATE: 2, Purpose.DIGEST: 3}
_QUICK, _SLOW = 1.0, 4.0


@dataclass(frozen=True, slots=True)
class _Pace:
    """How many are claimed together at first, at least and at most, and how many may be under way."""

    batch: int
    least: int
    most: int
    at_once: int


_MAILING: Final = _Pace(batch=500, least=50, most=2000, at_once=6000)
_PACES: Final = {
    (Purpose.PAGE, "mail"): _Pace(batch=80, least=80, most=640, at_once=640),  # those of one person are one mail
    (Purpose.UPDATE, "mail"): _MAILING,
    (Purpose.DIGEST, "mail"): _MAILING,
}
_PAGES: Final = _Pace(batch=80, least=80, most=80, at_once=240)
_ONE_BY_ONE: Final = _Pace(batch=20, least=20, most=20, at_once=40)
"""Where a provider takes each message by a request of its own."""


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
        """How many are claimed together at first."""
        return self._pace.batch

    @property
    def at_once(self) -> int:
        """How many may be under way; a provider that hangs fills its own lane and no other."""
        return self._pace.at_once

    @property
    def together(self) -> bool:
        """Whether a batch is handed over as one: customer mail is pipelined, pages go each by itself."""
        return self._pace is _MAILING

    def next_batch(self, batch: int, *, took: float) -> int:
        """How many to claim after a batch of which a part took so many real seconds: one that does not end within its
        deadline keeps messages from other workers for nothing."""
        if took < _QUICK:
            return min(batch * 2, self._pace.most)
        return batch if took <= _SLOW else max(batch // 2, self._pace.least)

    @property
    def _pace(self) -> _Pace:
        usual = _PAGES if self.purpose is Purpose.PAGE else _ONE_BY_ONE
        return _PACES.get((self.purpose, self.channel), usual)
