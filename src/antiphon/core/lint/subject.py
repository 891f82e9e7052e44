"""What the lint must know beside the text."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from antiphon.core.audiences import ENDINGS, Audience, Moment

_OVER: Final = frozenset({"resolved", "closed"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of the incident and the organisation. Everything may be left out: a text can be read alone.

    state           the incident's state; empty: believe the moment (a resolution is written after the gate)
    detected_at     when it was detected, on the record; None: do not compare
    resolved_at     when it was resolved, on the record
    scope           texts of the facts that say who and how many are affected
    next_update_at  the time the update announces; the text must say the same
    zone            IANA zone meant where the text names none
    names           names of our people, none of which may stand in a message outside
    contacts        names that may: the contact for urgent matters
    products        names of services and products as readers know them; never jargon
    hidden          places of words this audience may not know, see `core.facts.leaks`
    glossary        jargon with its plain replacement, added to the shipped one
    language        what the text is written in
    """

    state: str = ""
    detected_at: datetime | None = None
    resolved_at: datetime | None = None
    scope: tuple[str, ...] = ()
    next_update_at: datetime | None = None
    zone: str = "UTC"
    names: tuple[str, ...] = ()
    contacts: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    hidden: tuple[tuple[int, int], ...] = ()
    glossary: Mapping[str, str] = field(default_factory=dict)
    language: str = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject(Known):
    """All of that, for one text: whom it is for, how grave the matter is, which moment, written `at` (aware UTC)."""

    audience: Audience
    severity: int
    moment: Moment
    at: datetime

    @property
    def over(self) -> bool:
        """The gate is passed: “resolved” may be said."""
        return self.state in _OVER if self.state else self.moment in ENDINGS
