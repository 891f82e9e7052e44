"""Groups of alerts whose hold, window or maintenance ends are decided again."""

from antiphon.actions import groups
from antiphon.db.models import AlertGroup
from antiphon.engine.waking import Waking

DUTY = Waking("groups", 20, AlertGroup, groups.step, groups.step_together)
