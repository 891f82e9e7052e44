"""The six questions are asked again when a clock may change an answer, or a person's time is up."""

from antiphon.actions import verdicts
from antiphon.db.models import Verdict
from antiphon.engine.waking import Waking

DUTY = Waking("verdicts", 40, Verdict, verdicts.step)
