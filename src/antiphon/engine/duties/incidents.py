"""Incidents whose stability countdown or duration comes to its instant."""

from antiphon.actions import incidents
from antiphon.db.models import Incident
from antiphon.engine.waking import Waking

DUTY = Waking("incidents", 50, Incident, incidents.step)
