"""The words of a status page, as Statuspage's public clients know them (INTERFACES, Outbound)."""

from typing import Final

IMPACTS: Final = ("none", "maintenance", "minor", "major", "critical")
"""Of an incident, mildest first."""

INCIDENT_STATUSES: Final = ("investigating", "identified", "monitoring", "resolved", "postmortem")
MAINTENANCE_STATUSES: Final = ("scheduled", "in_progress", "verifying", "completed")
STATUSES: Final = (*INCIDENT_STATUSES, *MAINTENANCE_STATUSES)
OVER: Final = ("resolved", "postmortem", "completed")
"""Statuses of what readers no longer wait for."""

OPERATIONAL: Final = "operational"
COMPONENT_STATUSES: Final = (
    OPERATIONAL,
    "degraded_performance",
    "partial_outage",
    "major_outage",
    "under_maintenance",
)
BY_WEIGHT: Final = ("operational", "under_maintenance", "degraded_performance", "partial_outage", "major_outage")
"""Of a component, the mildest first."""
