"""Promises warn before they are due and break when they are."""

from antiphon.actions import promises
from antiphon.db.models import Promise
from antiphon.engine.waking import Waking

DUTY = Waking("promises", 30, Promise, promises.step)
