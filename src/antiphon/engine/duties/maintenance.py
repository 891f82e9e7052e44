"""Planned work begins, ends and is recalled to subscribers by its times."""

from antiphon.actions import maintenance
from antiphon.db.models import Maintenance
from antiphon.engine.waking import Waking

DUTY = Waking("maintenance", 55, Maintenance, maintenance.step)
