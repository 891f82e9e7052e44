"""What a public page knows: frozen values, all of them published already."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from antiphon.core.branding import NO_BRAND, Brand
from antiphon.core.maintenance import SAID, State
from antiphon.core.public_words import BY_WEIGHT, OVER

Impact = Literal["none", "maintenance", "minor", "major", "critical"]

IMPACTS: tuple[Impact, ...] = ("none", "maintenance", "minor", "major", "critical")
IMPACT_OF: dict[str, Impact] = {
    "operational": "none",
    "under_maintenance": "none",
    "degraded_performance": "minor",
    "partial_outage": "major",
    "major_outage": "critical",
}
"""How much a component's status weighs in the page's indicator."""

HISTORY_DAYS = 90
"""How far back the bars of a component go."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch in which a component was published as other than operational; `ended_at` None: still."""

    status: str
    began_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Component:
    """A part of the service; one that heads a group has `members`, the uids of its components."""

    uid: str
    name: str
    description: str
    status: str
    position: int
    group_uid: str | None
    created_at: datetime
    updated_at: datetime
    members: tuple[str, ...] = ()
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Touched:
    """What one update said about one component; `code` is the component's uid (Statuspage's word)."""

    code: str
    name: str
    old_status: str
    new_status: str


@dataclass(frozen=True, slots=True)
class Update:
    """One publication. `body` is Markdown, exactly as approved."""

    uid: str
    status: str
    body: str
    display_at: datetime
    next_update_at: datetime | None = None
    touched: tuple[Touched, ...] = ()

    @property
    def cancels(self) -> bool:
        """Whether it says that planned work was dropped. Statuspage has no word for that: its status is "completed"."""
        return self.status == "completed" and self.body == SAID[State.CANCELLED]


@dataclass(frozen=True, slots=True)
class Incident:
    """An incident, or with `scheduled_for` a maintenance, in public words; `updates` newest first."""

    uid: str
    number: int
    title: str
    impact: Impact
    status: str
    started_at: datetime
    created_at: datetime
    updated_at: datetime
    monitoring_at: datetime | None = None
    resolved_at: datetime | None = None
    next_update_at: datetime | None = None
    updates: tuple[Update, ...] = ()
    scheduled_for: datetime | None = None
    scheduled_until: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether readers are still waiting for it to end."""
        return self.status not in OVER

    @property
    def is_cancelled(self) -> bool:
        """Whether it is planned work that was dropped."""
        return bool(self.updates) and self.updates[0].cancels

    @property
    def path(self) -> str:
        """Its own page, below the page's folder."""
        return f"{'incidents' if self.scheduled_for is None else 'maintenance'}/{self.uid}.html"

    @property
    def component_uids(self) -> frozenset[str]:
        """Every component that any update of this incident named."""
        return frozenset(touched.code for update in self.updates for touched in update.touched)


@dataclass(frozen=True, slots=True)
class PublicState:
    """One page as of its last publication; `incidents` newest first, `zone` a known IANA name, `subscribe_url` ""
    where nobody can subscribe by themselves; `logo`: the bytes of a PNG picture, or none."""

    uid: str
    name: str
    url: str
    zone: str
    revision: int
    updated_at: datetime
    components: tuple[Component, ...] = ()
    incidents: tuple[Incident, ...] = ()
    maintenances: tuple[Incident, ...] = ()
    audience: str = "public"
    subscribe_url: str = ""
    language: str = "en"
    brand: Brand = NO_BRAND
    logo: bytes = b""

    @property
    def active_maintenances(self) -> tuple[Incident, ...]:
        """Planned work that is under way."""
        return tuple(each for each in self.maintenances if each.status in ("in_progress", "verifying"))

    @property
    def upcoming_maintenances(self) -> tuple[Incident, ...]:
        """Planned work that has not begun, the next first."""
        coming = [each for each in self.maintenances if each.status == "scheduled"]
        return tuple(sorted(coming, key=lambda each: (each.scheduled_for or each.created_at, each.uid)))

    @property
    def open_incidents(self) -> tuple[Incident, ...]:
        """Incidents that readers are still waiting on, newest first."""
        return tuple(incident for incident in self.incidents if incident.is_open)

    @property
    def indicator(self) -> Impact:
        """The worst of what open incidents and components say."""
        said = [incident.impact for incident in self.open_incidents]
        said += [IMPACT_OF[component.status] for component in self.components if not component.members]
        return max(said, key=IMPACTS.index, default="none")


def known_impact(text: str) -> Impact:
    """The text as an impact; the database refuses anything else."""
    return next(impact for impact in IMPACTS if impact == text)


def worst_status(statuses: Iterable[str]) -> str:
    """The status of a group: the worst of its members', "operational" when it has none."""
    return max(statuses, key=BY_WEIGHT.index, default="operational")
