"""After a major incident, every template that spoke in it is looked at: it is kept, or it becomes another. Pure.

Which one a text was made of is what its audience, moment, language and the incident's type and area name, as of when it
was prepared. Source: DOMAIN §7 step 7.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from antiphon.core.decision import Refusal
from antiphon.core.wording import candidates

MAJOR: Final = 2
"""SEV1 to this one are major incidents."""
HOLDING: Final = "holding"


class Verdict(StrEnum):
    KEPT = "kept"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One version that was published, and when it was prepared."""

    audience: str
    language: str
    moment: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """One version of an organisation's own template; an empty one gave the shipped text back."""

    audience: str
    language: str
    name: str
    number: int
    at: datetime
    empty: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Used:
    """A template that spoke. `number`: the organisation's own version, 0 for the shipped text."""

    audience: str
    language: str
    name: str
    number: int = 0


def used(
    told: Iterable[Told],
    *,
    incident_type: str,
    area: str,
    own: Collection[Saved],
    shipped: Collection[tuple[str, str, str]],
) -> tuple[Used, ...]:
    """The templates of what was told, each once. `shipped`: (audience, language, name) of every text of ours."""
    found = {_used(each, incident_type, area, own, shipped) for each in told}
    return tuple(sorted(each for each in found if each is not None))


def _used(
    told: Told, incident_type: str, area: str, own: Collection[Saved], shipped: Collection[tuple[str, str, str]]
) -> Used | None:
    if told.moment == HOLDING:
        return Used(audience=told.audience, language=told.language, name=f"{HOLDING}.{incident_type}")
    held = _held(told, own)
    for name in candidates(told.moment, incident_type, area):
        if name in held:
            return Used(audience=told.audience, language=told.language, name=name, number=held[name])
        if (told.audience, told.language, name) in shipped:
            return Used(audience=told.audience, language=told.language, name=name)
    return None


def _held(told: Told, own: Collection[Saved]) -> dict[str, int]:
    """The organisation's own templates as they held when the text was prepared: the number of each by name."""
    then = [
        each for each in own if (each.audience, each.language) == (told.audience, told.language) and each.at <= told.at
    ]
    last = {each.name: each for each in sorted(then, key=lambda each: each.number)}
    return {name: each.number for name, each in last.items() if not each.empty}


def check(verdict: str, *, number: int, newest: int, changed_to: int | None) -> Refusal | None:
    """Why a template cannot be ticked off so. `newest`: its own newest version, 0 when it has none."""
    if verdict not in tuple(Verdict):
        return Refusal("Say whether the text is kept as it was, or changed.", "verdict")
    if verdict == Verdict.KEPT:
        return None
    if changed_to is None or not number < changed_to <= newest:
        return Refusal("Change the text under Settings first; then tick it off with its new version.", "changed_to")
    return None
