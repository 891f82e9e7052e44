"""The updates of an incident with every audience's version, for scripts: drafts, approved and published ones."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from antiphon.core.approving import Further
from antiphon.core.audiences import OUTSIDE, Approval, Audience, Mark, UpdateState
from antiphon.core.updates import missing
from antiphon.db import approving
from antiphon.db.models import Incident, Update, Version
from antiphon.queries import people


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalSeen:
    """A person's yes. `holds`: it is for the bytes that stand there now."""

    kind: str
    by: str
    at: datetime
    digest: str
    holds: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionSeen:
    """An audience's own text; with a `reader` that of one customer or segment; `key` names it in addresses. `body`
    is Markdown, `author` a name or "" for the program, `findings` the lint's. `given`: every yes so far; `needs`: the
    kinds of yes that are missing still."""

    key: str
    audience: str
    reader: str
    subject: str
    body: str
    language: str
    channels: Mapping[str, str]
    translations: Mapping[str, Mapping[str, Any]]
    digest: str
    findings: tuple[Mapping[str, Any], ...]
    author: str
    edited_at: datetime
    approval: ApprovalSeen | None
    given: tuple[ApprovalSeen, ...]
    needs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateSeen:
    """One telling. `state` is draft, approved, published or discarded."""

    uid: str
    moment: str
    state: str
    next_update_at: datetime | None
    created_at: datetime
    published_at: datetime | None
    versions: tuple[VersionSeen, ...]


def of_incident(incident: Incident) -> list[UpdateSeen]:
    """Every update in the order of making, in eight statements at most."""
    names = people.names()
    beside = {audience: approving.further(incident, audience) for audience in OUTSIDE}
    rows = Update.objects.filter(incident=incident).order_by("id")
    rows = rows.prefetch_related("versions__author", "versions__approved_by")
    return [
        UpdateSeen(
            uid=row.uid,
            moment=row.moment,
            state=row.state,
            next_update_at=row.next_update_at,
            created_at=row.created_at,
            published_at=row.published_at,
            versions=tuple(_version(each, row, beside, names) for each in row.versions.all()),
        )
        for row in rows
    ]


def _version(
    row: Version, update: Update, beside: Mapping[Audience, Further | None], names: Mapping[str, str]
) -> VersionSeen:
    given = tuple(msgspec.convert(each, Approval) for each in row.given)
    waits = update.state == UpdateState.DRAFT and row.audience in OUTSIDE and not row.approved_digest
    return VersionSeen(
        key=f"{row.audience}:{row.part}" if row.part else row.audience,
        audience=row.audience,
        reader=row.part_name,
        subject=row.subject,
        body=row.body,
        language=row.language,
        channels=row.channels,
        translations={language: {**words, "fit": _fit(words)} for language, words in row.translations.items()},
        digest=row.digest,
        findings=tuple(row.findings),
        author=row.author.name if row.author else "",
        edited_at=row.edited_at,
        approval=_approval(row),
        given=tuple(_yes(one, row, names) for one in given),
        needs=tuple(map(str, missing(given, beside[Audience(row.audience)]))) if waits else (),
    )


def _yes(one: Approval, row: Version, names: Mapping[str, str]) -> ApprovalSeen:
    holds = one.digest == row.digest
    return ApprovalSeen(kind=one.kind, by=names.get(one.by, ""), at=one.at, digest=one.digest, holds=holds)


def _fit(words: Mapping[str, Any]) -> bool:
    return all(each["level"] != Mark.ERROR for each in words["findings"])


def _approval(row: Version) -> ApprovalSeen | None:
    if not row.approved_digest or row.approved_at is None:
        return None
    return ApprovalSeen(
        kind=row.approval,
        by=row.approved_by.name if row.approved_by else "",
        at=row.approved_at,
        digest=row.approved_digest,
        holds=row.approved_digest == row.digest,
    )
