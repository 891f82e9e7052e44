"""Planned work: planned, approved and turned by hand or by its times; each turn is told on the pages that list it."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from antiphon.actions.subscribers import telling as subscribers
from antiphon.actions.subscribers.telling import Published
from antiphon.core import maintenance as rules
from antiphon.core.decision import SYSTEM, Actor, Refusal
from antiphon.core.maintenance import Maintenance, State, Turned
from antiphon.core.public_words import OPERATIONAL
from antiphon.db import public, public_page, record
from antiphon.db.fields import new_uid
from antiphon.db.graph import graph
from antiphon.db.models import AlertGroup, Entity, PublicComponent, PublicIncident, PublicPage
from antiphon.db.models import Maintenance as Row
from antiphon.db.snapshots import maintenance as snapshots
from antiphon.db.transactions import write

STATUSES = {State.CANCELLED: "completed"}
"""What Statuspage's clients know no word for."""
IMPACT = "maintenance"
NUMBER = 0
"""A maintenance has no incident's number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What a person enters. Instants aware UTC; `entity` by name, "" for everything."""

    title: str
    starts_at: datetime
    ends_at: datetime
    entity: str = ""
    body: str = ""
    remind: timedelta = timedelta()


def plan(*, words: Words, actor: Actor, now: datetime, uid: str = "") -> Row | Refusal:
    """Plan new work, or change the plan with this uid."""
    with write():
        row = Row.objects.select_for_update().filter(uid=uid).first() if uid else Row(uid=new_uid())
        if row is None:
            return Refusal("This plan is gone: reload the page.", "title")
        if words.entity and not Entity.objects.filter(name=words.entity).exists():
            return Refusal(f"The catalog knows no “{words.entity}”: choose one of its names.", "entity")
        before = snapshots.load(row)
        if before.state is not State.SCHEDULED:
            return Refusal("This work has begun or is over: its plan stands as it is.", "title")
        changed = replace(
            before,
            title=words.title.strip(),
            starts_at=words.starts_at,
            ends_at=words.ends_at,
            entity=words.entity,
            body=words.body.strip(),
            remind=words.remind,
            reminded_at=None,
        )
        # Who changes no word of it is not its author, and a token's edit frees nobody of the four eyes.
        if not row.author or (changed.digest != before.digest and actor.kind == "person"):
            changed = replace(changed, author=str(actor))
        decided = rules.plan(changed, now=now)
        return decided if isinstance(decided, Refusal) else _keep(row, decided, actor=actor, now=now)


def approve(*, maintenance: str, digest: str, actor: Actor, now: datetime) -> Refusal | None:
    """Answer for exactly this text; it is published."""
    with write():
        row = _locked(maintenance)
        if isinstance(row, Refusal):
            return row
        decided = rules.approve(snapshots.load(row), digest=digest, by=actor, now=now)
        if isinstance(decided, Refusal):
            return decided
        _keep(row, decided, actor=actor, now=now)
    return None


def turn(*, maintenance: str, to: State, actor: Actor, now: datetime) -> Refusal | None:
    """Begin, finish or cancel it by hand."""
    verbs = {State.IN_PROGRESS: rules.start, State.COMPLETED: rules.finish, State.CANCELLED: rules.cancel}
    with write():
        row = _locked(maintenance)
        if isinstance(row, Refusal):
            return row
        if to not in verbs:
            return Refusal("Begin it, finish it or cancel it.", "state")
        decided = verbs[to](snapshots.load(row), now=now)
        if isinstance(decided, Refusal):
            return decided
        _keep(row, decided, actor=actor, now=now)
    return None


def step(row: int, /, *, now: datetime) -> None:
    """Its time has come: it begins, ends or is recalled."""
    with write():
        found = Row.objects.select_for_update().filter(pk=row, wake_at__lte=now).first()
        if found is not None:
            _keep(found, rules.step(snapshots.load(found), now=now), actor=SYSTEM, now=now)


def _locked(uid: str) -> Row | Refusal:
    row = Row.objects.select_for_update().filter(uid=uid).first()
    return row or Refusal("This plan is gone: reload the page.", "title")


def _keep(row: Row, decided: Turned, *, actor: Actor, now: datetime) -> Row:
    after = decided.state
    snapshots.save(row, after)
    if decided.events:
        record.append(record.lock(record.CONFIGURATION), decided.events, actor=actor, now=now)
        _look_again(after, now=now)
    if decided.says:
        _tell(row, after, decided.says, now=now)
    elif decided.remind:
        subscribers.tell_of_plan(row, _shown_on(after), reminder=True, now=now)
    return row


def _look_again(plan: Maintenance, *, now: datetime) -> None:
    """Alerts that it holds back, or held back, are decided anew."""
    groups = AlertGroup.objects.filter(firing__gt=0)
    if plan.entity:
        groups = groups.filter(entity=plan.entity)
    groups.update(wake_at=now)


def _tell(row: Row, plan: Maintenance, says: str, *, now: datetime) -> None:
    """Every page that lists something it touches says so, and so do mails to its subscribers."""
    public_page.page(now=now)
    shown = _shown_on(plan)
    if says != plan.body:  # the title may have been edited since; readers know the one that was approved
        told = PublicIncident.objects.filter(uid=plan.uid).values_list("title", flat=True).first()
        plan = replace(plan, title=told or plan.title)
    for each in shown:
        _publish(each.page, plan, says, sorted(each.components), now=now)
    subscribers.tell_of_plan(row, shown, reminder=False, now=now)


def _shown_on(plan: Maintenance) -> list[Published]:
    """The pages that tell of it: the installation's own, others that list what it touches, are for a reader whom it
    touches, or told of it before. Its words were approved for the public, so every reader may have them."""
    reached = {each.name for each in graph().reach([plan.entity])} if plan.entity else None
    told = set(PublicIncident.objects.filter(uid=plan.uid).values_list("page_id", flat=True))
    found = []
    for page in PublicPage.objects.order_by("pk"):
        listed = _listed(page, reached)
        hit = bool(page.reader) and (reached is None or public_page.hits_reader(page.reader, reached))
        if listed or hit or page.slug == public_page.SLUG or page.pk in told:
            shown = frozenset(listed)
            found.append(Published(page=page, uid=plan.uid, impact=IMPACT, components=shown, planned=True))
    return found


def _listed(page: PublicPage, reached: set[str] | None) -> list[str]:
    rows = PublicComponent.objects.filter(page=page)
    if reached is not None:
        rows = rows.filter(uid__in=list(Entity.objects.filter(name__in=reached).values_list("uid", flat=True)))
    return list(rows.values_list("uid", flat=True))


def _publish(page: PublicPage, plan: Maintenance, says: str, listed: list[str], *, now: datetime) -> None:
    status = {State.IN_PROGRESS: "under_maintenance"}.get(plan.state, OPERATIONAL)
    begins = plan.state is State.IN_PROGRESS
    turned = begins or page.incidents.filter(uid=plan.uid, status="in_progress").exists()
    well_again = {} if begins else dict.fromkeys(public.not_well(page, plan.uid), OPERATIONAL)
    public.publish(
        page,
        incident_uid=plan.uid,
        number=NUMBER,
        title=plan.title,
        impact=IMPACT,
        status=STATUSES.get(plan.state, str(plan.state)),
        body=says,
        started_at=plan.starts_at,
        next_update_at=None,
        components={**well_again, **dict.fromkeys(listed, status)} if turned else {},
        now=now,
        scheduled=(plan.starts_at, plan.ends_at),
        named=() if turned else listed,
    )
