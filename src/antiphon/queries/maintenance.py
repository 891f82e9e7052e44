"""Planned work as people look at it: what is coming, under way and past."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from antiphon.core.maintenance import OVER, State
from antiphon.db.models import Entity, Maintenance, Person
from antiphon.db.snapshots.maintenance import load

MOST_PAST = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """One planned work. `about` is its entity's title, "" for everything; `digest` is what an approval is of."""

    uid: str
    title: str
    entity: str
    about: str
    starts_at: datetime
    ends_at: datetime
    state: str
    body: str
    remind_minutes: int
    digest: str
    author: str
    author_name: str
    announced: bool
    told: bool
    approved_by: str

    @property
    def over(self) -> bool:
        """Nothing more happens by itself."""
        return self.state in OVER

    @property
    def lasts(self) -> timedelta:
        """The length of its window."""
        return self.ends_at - self.starts_at


def all_planned() -> tuple[list[Planned], list[Planned]]:
    """What is under way or to come, the next first; and what is over, the latest first."""
    over = [str(state) for state in OVER]
    ahead = Maintenance.objects.exclude(state__in=over).order_by("starts_at", "id")
    past = Maintenance.objects.filter(state__in=over).order_by("-starts_at", "-id")[:MOST_PAST]
    rows = [*ahead, *past]
    titles = dict(Entity.objects.filter(name__in={row.entity for row in rows}).values_list("name", "title"))
    names = _names(rows)
    seen = [_planned(row, titles, names) for row in rows]
    return [each for each in seen if not each.over], [each for each in seen if each.over]


def of_uid(uid: str) -> Planned | None:
    """One planned work, or None."""
    row = Maintenance.objects.filter(uid=uid).first()
    if row is None:
        return None
    titles = dict(Entity.objects.filter(name=row.entity).values_list("name", "title"))
    return _planned(row, titles, _names([row]))


def _names(rows: list[Maintenance]) -> dict[str, str]:
    uids = {actor.partition(":")[2] for row in rows for actor in (row.author, row.approved_by) if actor}
    return {f"person:{uid}": name for uid, name in Person.objects.filter(uid__in=uids).values_list("uid", "name")}


def _planned(row: Maintenance, titles: dict[str, str], names: dict[str, str]) -> Planned:
    plan = load(row)
    return Planned(
        uid=row.uid,
        title=row.title,
        entity=row.entity,
        about=titles.get(row.entity, row.entity),
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        state=str(State(row.state)),
        body=row.body,
        remind_minutes=row.remind_minutes,
        digest=plan.digest,
        author=row.author,
        author_name=names.get(row.author, ""),
        announced=plan.announced,
        told=plan.told,
        approved_by=names.get(row.approved_by, ""),
    )
