"""Calls warn their owner before they are due and when they are."""

from antiphon.actions import calls
from antiphon.db.models import Call
from antiphon.engine.waking import Waking

DUTY = Waking("calls", 32, Call, calls.step)
