"""Records of a file in the shapes that the rules of `core` take. People become what `uid_of` makes of their address."""

from collections.abc import Callable
from datetime import time, timedelta
from typing import Final

from antiphon.core.configuration.tree import Entry
from antiphon.core.declaring import Rule
from antiphon.core.escalation import Step, Target, TargetKind
from antiphon.core.oncall import EVERY_DAY, WEEKLY, Hours, Layer, Override, Rota
from antiphon.core.severity import Severity

HANDOFF: Final = time(9)
WAIT: Final = timedelta(minutes=5)
UidOf = Callable[[str], str]


def rota_of(entry: Entry, *, zone: str, uid_of: UidOf) -> Rota:
    """A rota; its zone is the organisation's when the file gives none."""
    return Rota(
        name=entry.get("name", ""),
        zone=entry.get("zone", zone),
        layers=tuple(_layer(each, uid_of) for each in entry.get("layers", ())),
        overrides=tuple(
            Override(uid="", person=uid_of(each["person"]), start=each["starts"], end=each["ends"])
            for each in entry.get("overrides", ())
            if {"person", "starts", "ends"} <= each.values.keys()
        ),
    )


def _layer(entry: Entry, uid_of: UidOf) -> Layer:
    return Layer(
        name=entry["name"],
        members=tuple(uid_of(email) for email in entry["members"]),
        first=entry["first"],
        handoff=entry.get("handoff", HANDOFF),
        length=entry.get("length", WEEKLY),
        hours=tuple(
            Hours(start=each["from"], end=each["to"], days=each.get("days", EVERY_DAY))
            for each in entry.get("hours", ())
            if "from" in each and "to" in each
        ),
    )


def steps_of(entry: Entry, *, uid_of: UidOf) -> tuple[Step, ...]:
    """The steps of a policy."""
    return tuple(
        Step(
            delay=each.get("wait", WAIT),
            targets=tuple(target_of(named, uid_of=uid_of) for named in each.get("page", ())),
            channels=each.get("by", ()),
        )
        for each in entry.get("steps", ())
    )


def target_of(named: str, *, uid_of: UidOf) -> Target:
    """Whom a step pages: with an @ it is a person's address, otherwise a rota's name."""
    if "@" in named:
        return Target(TargetKind.PERSON, uid_of(named))
    return Target(TargetKind.ROTA, named)


def rule_of(entry: Entry, *, position: int) -> Rule:
    """A rule; what the file does not mention is as in a new rule."""
    words = entry.get("severity", {})
    return Rule(
        name=entry.get("name", "?"),
        position=position,
        expression=entry.get("when", ""),
        hold=entry.get("hold", timedelta()),
        count=entry.get("count", 1),
        window=entry.get("window", timedelta()),
        ask=entry.get("ask", False),
        severity_map={word: None if number is None else Severity(number) for word, number in words.items()},
        group_by=entry.get("group_by", ()),
        entity_from=entry.get("entity_from", ()),
        incident_type=entry.get("type", ""),
        area=entry.get("area", ""),
        policy=entry.get("policy", ""),
        nature=entry.get("nature", "real"),
        declare_unknown=entry.get("declare_unknown", False),
    )
