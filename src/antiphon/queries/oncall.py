"""Who is on call now, next and in the coming weeks, and whom an incident would page at any instant."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from antiphon.core import oncall as rules
from antiphon.core.escalation import Policy, Reach, Target, TargetKind
from antiphon.core.oncall import Rota, Shift
from antiphon.core.sending import NotSent
from antiphon.db.models import Delivery, Entity, Person
from antiphon.db.models import Policy as PolicyRow
from antiphon.db.models import Rota as RotaRow
from antiphon.db.snapshots import oncall
from antiphon.queries.people import names

AHEAD: Final = timedelta(days=28)
TONES: Final = 6
DAY: Final = timedelta(days=1)
TEST_SUBJECT: Final = "Test from Antiphon: you can be reached here"


@dataclass(frozen=True, slots=True, kw_only=True)
class OnDuty:
    """One layer of a rota: who has it at the instant, until when, and who follows. `gap` says when nobody does."""

    name: str
    covers: str
    person: str
    until: datetime | None
    next: str
    next_from: datetime | None
    gap: str
    override_url: str


@dataclass(frozen=True, slots=True)
class Paged:
    """A step of a policy: when, who, by which means."""

    after: str
    who: str
    by: str


@dataclass(frozen=True, slots=True)
class Simulated:
    """Whom an incident would page that began at `at`."""

    at: datetime
    policy: str
    steps: tuple[Paged, ...]


@dataclass(frozen=True, slots=True)
class Turn:
    """A turn in the calendar. `left` and `width` are its place in the whole stretch, in percent; `tone` is one of
    `TONES` colours, the same for one person everywhere."""

    person: str
    start: datetime
    end: datetime
    override: bool
    left: float
    width: float
    tone: int


@dataclass(frozen=True, slots=True)
class Lane:
    """A layer's turns over the coming weeks, in the order of time."""

    rota: str
    layer: str
    zone: str
    turns: tuple[Turn, ...]


@dataclass(frozen=True, slots=True)
class Contact:
    """A way to reach somebody, and what became of the last test: `state` is queued, sent, dead or empty."""

    id: int
    label: str
    value: str
    tested_at: datetime | None
    state: str
    outcome: str
    test_url: str


def rotas() -> list[tuple[str, Rota]]:
    """Every rota with its uid."""
    return [(row.uid, oncall.load_rota(row)) for row in RotaRow.objects.all()]


def on_duty(rotas: Iterable[tuple[str, Rota]], *, at: datetime) -> tuple[OnDuty, ...]:
    """Each layer of each rota at the instant."""
    known = names()
    return tuple(_duty(rota, place, known, at) for _, rota in rotas for place in range(len(rota.layers)))


def _duty(rota: Rota, place: int, known: Mapping[str, str], at: datetime) -> OnDuty:
    layer = rota.layers[place]
    coming = [shift for shift in rules.shifts(rota, start=at, end=at + AHEAD) if shift.layer == layer.name]
    here = next((shift for shift in coming if shift.start <= at), None)
    after = next((shift for shift in coming if shift.start > at and (not here or shift.person != here.person)), None)
    return OnDuty(
        name=rota.name,
        covers=layer.name if len(rota.layers) > 1 else "",
        person=known.get(here.person, "somebody who left") if here else "",
        until=after.start if here and after else here.end if here else None,
        next=known.get(after.person, "") if after else "",
        next_from=after.start if after else None,
        gap="" if here else "Outside this layer's hours.",
        override_url="/on-call#override",
    )


def calendar(rotas: Iterable[tuple[str, Rota]], *, now: datetime) -> tuple[Lane, ...]:
    """The turns of the next four weeks by layer; neighbouring stretches of one person are one turn."""
    known = names()
    return tuple(
        Lane(rota.name, layer.name, rota.zone, tuple(_turns(rota, layer.name, known, now)))
        for _, rota in rotas
        for layer in rota.layers
    )


def _turns(rota: Rota, layer: str, known: Mapping[str, str], now: datetime) -> list[Turn]:
    found: list[Shift] = []
    for shift in rules.shifts(rota, start=now, end=now + AHEAD):
        if shift.layer != layer:
            continue
        last = found[-1] if found else None
        if last and last.end == shift.start and (last.person, last.override) == (shift.person, shift.override):
            found[-1] = Shift(
                rota=last.rota,
                layer=last.layer,
                person=last.person,
                start=last.start,
                end=shift.end,
                override=last.override,
            )
        else:
            found.append(shift)
    people = sorted(known)
    return [_turn(each, known, people.index(each.person) if each.person in known else 0, now) for each in found]


def _turn(shift: Shift, known: Mapping[str, str], number: int, now: datetime) -> Turn:
    start, end = max(shift.start, now), min(shift.end, now + AHEAD)
    return Turn(
        person=known.get(shift.person, "somebody who left"),
        start=shift.start,
        end=shift.end,
        override=shift.override is not None,
        left=round(100 * ((start - now) / AHEAD), 2),
        width=round(100 * ((end - start) / AHEAD), 2),
        tone=number % TONES,
    )


def simulate(service: str, *, at: datetime) -> Simulated | None:
    """Whom an incident on this entity would page, step by step; None without any policy."""
    entity = Entity.objects.filter(name=service).first() if service else None
    policy = oncall.find_policy(entity.policy if entity else "")
    if policy is None:
        return None
    return Simulated(at, policy.name, tuple(_steps(policy, at=at)))


def _steps(policy: Policy, *, at: datetime) -> Iterable[Paged]:
    known, reach, waited = names(), oncall.reach(policy, now=at), timedelta()
    for step in policy.steps:
        yield Paged(_after(waited), _who(step.targets, known, reach), ", ".join(step.channels) or "all they have")
        waited += step.delay
    if policy.repeat:
        yield Paged(
            _after(waited), "the same once more" if policy.repeat == 1 else f"the same {policy.repeat} times more", ""
        )
    last = waited * (policy.repeat + 1)
    yield Paged(_after(last), f"{_who(policy.catch_all, known, reach)}, until somebody answers", "all they have")


def _after(waited: timedelta) -> str:
    minutes = int(waited.total_seconds() // 60)
    return "at once" if not minutes else f"after {minutes} min"


def _who(targets: Iterable[Target], known: Mapping[str, str], reach: Reach) -> str:
    """The people behind the targets, and what is missing of them."""
    said = []
    for target in targets:
        people = [known.get(each.person, "somebody who left") for each in reach.get(target, ())]
        through = f" ({target.name})" if target.kind is TargetKind.ROTA else ""
        said.append(f"{', '.join(people)}{through}" if people else f"nobody{through}")
    return ", ".join(said) or "nobody"


def policies() -> list[str]:
    """The names of all policies."""
    return list(PolicyRow.objects.values_list("name", flat=True))


def contacts(person: Person) -> tuple[Contact, ...]:
    """The ways to reach a person, with the outcome of each one's last test."""
    return tuple(_contact(person, *row) for row in person.contact_methods.values_list("id", "channel", "address"))


def _contact(person: Person, key: int, channel: str, address: str) -> Contact:
    tests = Delivery.objects.filter(recipient=person.uid, channel=channel, address=address, outside=False)
    last = tests.filter(text__subject=TEST_SUBJECT).order_by("-id").first()
    return Contact(
        id=key,
        label=channel,
        value=address,
        tested_at=(last.done_at or last.created_at) if last else None,
        state=last.state if last else "",
        outcome=outcome(last) if last else "",
        test_url=f"/on-call/contacts/{key}/test",
    )


def outcome(delivery: Delivery) -> str:
    """What became of a delivery, as a sentence."""
    last = delivery.tries.last()
    if delivery.state == "queued":
        return f"Tried, and tried again soon: {last.detail}" if last else "Queued; it leaves within a second or two."
    if delivery.state == "sent":
        return f"Handed over: {last.detail}" if last else "Handed over."
    reason = delivery.reason
    known = NotSent(reason).sentence if reason in tuple(NotSent) else reason
    return known or (last.detail if last else "") or delivery.state
