"""Other hosts that get the public pages, as those who keep them see them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from antiphon.db.models import PageTarget


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetKept:
    """One target. `place`: where it is, in words; `trouble` is "" while it works; `by_form`: it can be changed on the
    settings page, and not by the configuration file alone."""

    uid: str
    name: str
    kind: str
    place: str
    pushed_at: datetime | None
    shown_as_of: datetime | None
    trouble: str
    failures: int
    by_form: bool
    values: dict[str, Any]


def kept() -> list[TargetKept]:
    """Every target, in the order in which they were set up."""
    return [
        TargetKept(
            uid=row.uid,
            name=row.name,
            kind=row.kind,
            place=_place(row),
            pushed_at=row.pushed_at,
            shown_as_of=row.shown_as_of,
            trouble=row.trouble,
            failures=row.failures,
            by_form=row.kind == "s3",
            values=row.values if row.kind == "s3" else {},
        )
        for row in PageTarget.objects.all()
    ]


def _place(row: PageTarget) -> str:
    values = row.values
    if row.kind == "folder":
        return str(values["path"])
    if row.kind == "command":
        return " ".join(values["argv"])
    return "/".join(part.strip("/") for part in (values["endpoint"], values["bucket"], values["prefix"]) if part)
