"""Texts that nobody approved in time are put to the next in line."""

from antiphon.actions import asking
from antiphon.db.models import ApprovalWait
from antiphon.engine.waking import Waking

DUTY = Waking("asking", 25, ApprovalWait, asking.step)
