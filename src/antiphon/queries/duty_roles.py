"""Who holds the roles of the business that an answer brings in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from antiphon.core.classification import DUTIES
from antiphon.core.questions import QUESTIONS
from antiphon.db import classification
from antiphon.db.models import DutyRole
from antiphon.db.snapshots import oncall


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleHeld:
    """A role. `kind` is person, rota or "" (nobody); `target` a uid or a rota's name; `holders`: who that is now;
    `page_from`: the mildest severity at which they are paged, 0 for never; `questions`: whose yes brings it in."""

    role: str
    kind: str = ""
    target: str = ""
    holders: tuple[str, ...] = ()
    page_from: int = 2
    questions: tuple[int, ...] = ()

    @property
    def value(self) -> str:
        """How a form names the holder."""
        return f"{self.kind}:{self.target}" if self.kind else ""


def held(*, now: datetime) -> Sequence[RoleHeld]:
    """Every role there is, in the order of the product."""
    rows = {row.role: row for row in DutyRole.objects.all()}
    asking = _questions()
    return tuple(_seen(role, rows.get(role), asking.get(role, ()), now=now) for role in DUTIES)


def _seen(role: str, row: DutyRole | None, questions: tuple[int, ...], *, now: datetime) -> RoleHeld:
    if row is None:
        return RoleHeld(role=role, questions=questions)
    return RoleHeld(
        role=role,
        kind=row.kind,
        target=row.target,
        holders=tuple(person.name for person in oncall.holders(row, now=now)),
        page_from=row.page_from,
        questions=questions,
    )


def _questions() -> dict[str, tuple[int, ...]]:
    rules, found = classification.current(), dict[str, tuple[int, ...]]()
    for each in QUESTIONS:
        roles = rules.pulls_in.get(each.number, each.pulls_in)
        extra = rules.pulls_in_at_sev1.get(each.number, each.pulls_in_at_sev1)
        for role in dict.fromkeys((*roles, *extra)):
            found[role] = (*found.get(role, ()), each.number)
    return found
