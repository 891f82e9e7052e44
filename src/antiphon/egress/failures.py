"""How a connection to the outside fails: one sentence each, never with a secret or a full URL in it."""

from __future__ import annotations

from typing import Final

LAST_START: Final = 0.6
"""Of a total deadline: what is begun later might be cut off with the other side's word still out."""


class EgressFailure(Exception):
    """Nothing was delivered, or we cannot know. The text is one sentence for a person."""


class Refused(EgressFailure):
    """Our own guard forbids this target; trying again cannot help."""


class Unreachable(EgressFailure):
    """No connection, or it broke; trying again may help."""


class TimedOut(EgressFailure):
    """The total deadline passed; trying again may help."""


class NotTried(TimedOut):
    """The total deadline passed while the server worked on our other messages: it was never asked about this one."""
