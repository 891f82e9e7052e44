"""Escalations whose next step is due page somebody. Nothing goes before this."""

from antiphon.actions import paging
from antiphon.db.models import Escalation
from antiphon.engine.waking import Waking

DUTY = Waking("paging", 0, Escalation, paging.step)
