"""The alerts page: each alert with what became of it, and what a person can do about that."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Max, QuerySet

from antiphon.core.decision import Actor
from antiphon.core.declaring import RuleSet, entity_candidates
from antiphon.core.groups import GroupState
from antiphon.db.graph import graph
from antiphon.db.models import Alert, AlertDetail, AlertGroup, AlertLog, Integration, UnreadableAlert
from antiphon.db.models.alerts import OPEN
from antiphon.db.snapshots import groups
from antiphon.queries.catalog import url_of
from antiphon.queries.readers import seen_by

ROWS: Final = 50
LOOKED_AT: Final = 5 * ROWS
"""Transitions read to fill a page with alerts that differ."""
GROUPS: Final = 20
"""Groups of an entity that a page reads the alerts of."""
JUST_CAME: Final = 10_000
"""Alerts among which a test alert is looked for."""
MOST_SHOWN: Final = 1_000_000
"""More alerts than anybody pages through; sets the two parts of a cursor apart."""
ENDED_TOO: Final = ("all", "ended")
"""Filters that show more than what is open."""

FILTERS: Final = {
    "open": "Firing",
    "held": "Held",
    "asking": "Waits for an answer",
    "unmatched": "Opened nothing",
    "suppressed": "Left alone",
    "ended": "Ended",
    "all": "All",
    "unreadable": "Unreadable",
}
"""What the page can be narrowed to: the word in the address, and its label."""

_STATES: Final = {
    GroupState.HELD: "held",
    GroupState.ASKING: "asking",
    GroupState.SUPPRESSED: "suppressed",
    GroupState.UNMATCHED: "firing",
}


@dataclass(frozen=True, slots=True)
class Hold:
    """How far a hold has come, in the shape of a promise."""

    opened_at: datetime
    due_at: datetime
    state: str = "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """An alert on the page. `reason` is a sentence; `unknown_service` a name that the catalog lacks; `group` the uid
    of its group where a person may answer for it, on the first alert of each group only."""

    name: str
    summary: str
    service: str
    service_url: str
    state: str
    severity: str
    reason: str
    held: Hold | None
    since: datetime
    last_seen: datetime
    count: int
    url: str
    incident_number: int | None = None
    incident_url: str = ""
    unknown_service: str = ""
    group: str = ""
    asking: bool = False


@dataclass(frozen=True, slots=True)
class Board:
    """A page of it; `older` is the cursor of the next page, 0 at the end."""

    alerts: tuple[Row, ...]
    older: int


@dataclass(frozen=True, slots=True)
class Shared:
    """What all rows are read with: the incidents that exist for the reader, the catalog's names, the rules."""

    seen: set[int]
    known: frozenset[str]
    rules: RuleSet


def board(which: str, *, before: int, entity: str, reader: Actor) -> Board:
    """The alerts of a filter, the newest change first. `before` is a cursor, 0 to begin; `entity` narrows it."""
    if which not in ENDED_TOO:
        alerts, older = _open(which, before, entity)
    elif entity:
        alerts, older = _of_entity(which, before, entity)
    else:
        alerts, older = _by_transition(which, before)
    return Board(_rows(alerts, reader), older)


def _open(which: str, before: int, entity: str) -> tuple[list[Alert], int]:
    """There is an index of the open ones; the cursor counts how many were shown."""
    rows, groups = Alert.objects.open(), AlertGroup.objects.filter(firing__gt=0)
    if which != "open":
        groups = groups.filter(state=which)
    if entity:
        groups = groups.filter(entity=entity)
    if entity or which != "open":
        rows = rows.filter(group_id__in=groups.values("id"))
    alerts, more = _newest(rows, before)
    return alerts, before + ROWS if more else 0


def _of_entity(which: str, before: int, entity: str) -> tuple[list[Alert], int]:
    """A few of its groups after the other, those that moved last first: there may be many alerts, and of their change
    there is no index. The cursor counts the groups that are through, and the alerts shown of these few."""
    through, shown = divmod(before, MOST_SHOWN)
    newest = AlertGroup.objects.filter(entity=entity).order_by("-updated_at", "-id").values_list("id", flat=True)
    groups = list(newest[through : through + GROUPS + 1])
    rows = Alert.objects.filter(group_id__in=groups[:GROUPS])
    if which == "ended":
        rows = rows.exclude(state__in=OPEN)
    alerts, more = _newest(rows, shown)
    if more and shown + ROWS < MOST_SHOWN:
        return alerts, before + ROWS
    return alerts, (through + GROUPS) * MOST_SHOWN if len(groups) > GROUPS else 0


def _newest(rows: QuerySet[Alert], shown: int) -> tuple[list[Alert], bool]:
    """The next of them by their change, and whether there are more. The narrow rows are sorted alone, and only those
    of the page are read whole."""
    ids = list(rows.order_by("-changed_at", "-id").values_list("id", flat=True)[shown : shown + ROWS + 1])
    found = Alert.objects.select_related("detail", "integration").in_bulk(ids[:ROWS])
    return [found[pk] for pk in ids[:ROWS] if pk in found], len(ids) > ROWS


def _by_transition(which: str, before: int) -> tuple[list[Alert], int]:
    """By the log of transitions, whose newest rows are at its end; the cursor is a row of the log."""
    log = AlertLog.objects.order_by("-id")
    if before:
        log = log.filter(id__lt=before)
    if which == "ended":
        log = log.filter(kind=AlertLog.Kind.RESOLVED).exclude(alert__state__in=OPEN)
    read = list(log.values_list("id", "alert_id")[:LOOKED_AT])
    order: dict[int, int] = {}
    last = 0
    for row, alert in read:
        if alert not in order and len(order) == ROWS:
            break
        order.setdefault(alert, len(order))
        last = row
    found = Alert.objects.filter(id__in=order).select_related("detail", "integration")
    more = bool(read) and (len(read) == LOOKED_AT or last != read[-1][0])
    return sorted(found, key=lambda alert: order[alert.pk]), last if more else 0


def _rows(alerts: Sequence[Alert], reader: Actor) -> tuple[Row, ...]:
    wanted = {alert.group_id for alert in alerts if alert.group_id is not None}
    found = {row.pk: row for row in AlertGroup.objects.filter(id__in=wanted).select_related("incident")}
    seen = set(seen_by(reader).filter(groups__in=wanted).values_list("pk", flat=True))
    page = Shared(seen, frozenset(graph().entities), groups.rules())
    answered: set[int] = set()
    rows = []
    for alert in alerts:
        group = found.get(alert.group_id or 0)
        rows.append(_row(alert, group, page, first=group is not None and group.pk not in answered))
        if group is not None:
            answered.add(group.pk)
    return tuple(rows)


def _row(alert: Alert, group: AlertGroup | None, page: Shared, *, first: bool) -> Row:
    labels = words(alert.detail.labels)
    firing = alert.state in OPEN
    mine = group if group and (group.incident_id is None or group.incident_id in page.seen) else None
    entity = group.entity if group else ""
    answers = firing and first and mine is not None and mine.state != GroupState.DECLARED
    return Row(
        name=alert.detail.title,
        summary=words(alert.detail.annotations).get("summary", ""),
        service=entity or labels.get("service", ""),
        service_url=url_of(entity) if entity in page.known else "",
        state=_STATES.get(GroupState(group.state), "firing") if firing and group else "firing" if firing else "ended",
        severity=alert.severity,
        reason=_reason(group, mine),
        held=_hold(group) if firing and group and group.state == GroupState.HELD else None,
        since=alert.starts_at,
        last_seen=alert.last_seen_at,
        count=alert.count,
        url=url_of_alert(alert),
        incident_number=mine.incident.number if mine and mine.incident else None,
        incident_url=f"/incidents/{mine.incident.number}" if mine and mine.incident else "",
        unknown_service=_unknown(group, labels, page.rules) if firing and group else "",
        group=mine.uid if answers and mine else "",
        asking=mine is not None and mine.state == GroupState.ASKING,
    )


def url_of_alert(alert: Alert) -> str:
    """The address of one alert's page."""
    return f"/alerts/{alert.integration.uid}/{alert.fingerprint}"


def _reason(group: AlertGroup | None, mine: AlertGroup | None) -> str:
    if group is None:
        return "Just arrived; it is looked at within a second."
    if mine is None:
        return "Part of an incident that is restricted to others."
    return group.reason[:1].upper() + group.reason[1:]


def _hold(row: AlertGroup) -> Hold | None:
    group = groups.load(row)
    if group.first_at is None or group.hold_until is None:
        return None
    return Hold(group.first_at, group.hold_until)


def _unknown(row: AlertGroup, labels: Mapping[str, str], rules: RuleSet) -> str:
    """The name that the catalog would have to know for anything to open."""
    if row.state != GroupState.UNMATCHED or row.entity or row.rule_id is None:
        return ""
    named = entity_candidates(rules.rule(row.rule_id), labels)
    return named[0] if named else ""


def words(text: str) -> dict[str, str]:
    """Labels or annotations as stored."""
    return {name: str(value) for name, value in json.loads(text).items()}


# --- one alert ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """One alert with all that it said and what happened to it, newest first."""

    row: Row
    sender: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    generator_url: str
    note: str
    ends_at: datetime | None
    log: tuple[tuple[datetime, str, str], ...]


def whole(integration: str, fingerprint: str, *, reader: Actor) -> Whole | None:
    """The alert that a sender (uid) calls by this fingerprint."""
    found = Alert.objects.select_related("detail", "integration")
    alert = found.filter(integration__uid=integration, fingerprint=fingerprint).first()
    if alert is None:
        return None
    log = alert.log.order_by("-id")[:ROWS]
    link = alert.detail.generator_url
    return Whole(
        row=_rows([alert], reader)[0],
        sender=alert.integration.name,
        labels=words(alert.detail.labels),
        annotations=words(alert.detail.annotations),
        generator_url=link if link.startswith(("http://", "https://")) else "",
        note=alert.detail.note,
        ends_at=alert.ends_at,
        log=tuple((each.at, AlertLog.Kind(each.kind).label, each.note) for each in log),
    )


def unreadable() -> list[dict[str, Any]]:
    """What known senders sent and nobody could read, newest first, as much of it as fits a line."""
    rows = UnreadableAlert.objects.select_related("integration").order_by("-id")[:ROWS]
    return [
        {
            "sender": row.integration.name,
            "at": row.at,
            "error": row.sender_error,
            "raw": bytes(row.raw)[:2000].decode("utf-8", "replace"),
        }
        for row in rows
    ]


def counts() -> dict[str, int]:
    """How many groups stand in each state that asks for attention."""
    found = AlertGroup.objects.filter(firing__gt=0).values_list("state", flat=True)
    return {state: list(found).count(state) for state in ("held", "asking", "unmatched")}


def any_key() -> bool:
    """Whether anything could send alerts."""
    return Integration.objects.filter(enabled=True).exists()


def marked(marker: str, *, reader: Actor) -> Row | None:
    """The alert that carries a marker in its labels: a test alert, soon after it was sent, so among the newest."""
    last = Alert.objects.aggregate(last=Max("id"))["last"] or 0
    newest = AlertDetail.objects.filter(alert_id__gt=last - JUST_CAME, labels__contains=f'"{marker}"')
    detail = newest.order_by("-alert_id").select_related("alert__detail", "alert__integration").first()
    return _rows([detail.alert], reader)[0] if detail else None


def about(entity: str, *, reader: Actor, limit: int = 10) -> tuple[Row, ...]:
    """The newest alerts on an entity, firing ones first."""
    firing, _ = _open("open", 0, entity)
    ended = _of_entity("ended", 0, entity)[0] if len(firing) < limit else []
    return _rows([*firing, *ended][:limit], reader)
