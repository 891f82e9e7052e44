"""What the versions of an update say otherwise than each other, and than their readers heard before, beside the lint.

A version's findings change with its siblings' words, so all of them are looked at again with each change of one.
"""

from collections.abc import Mapping
from dataclasses import replace

from antiphon.actions.locked import Locked
from antiphon.core.audiences import ApprovalKind, Finding, Mark, Update, Version
from antiphon.core.decision import Refusal
from antiphon.core.lint.rules import OF_SIBLINGS
from antiphon.core.lint.siblings import Published, against_earlier, against_siblings
from antiphon.db.models import Incident, Organisation
from antiphon.db.models import Version as VersionRow


def checked(update: Update, held: Locked, *, before: Update | None = None) -> Update | Refusal:
    """The update with what its versions say otherwise marked in each. Refused when a version that was not approved
    `before` is now, and contradicts another."""
    if not update.open:
        return update
    found = _found(update, held)
    versions = tuple(replace(each, findings=(*_own(each), *found[each.key])) for each in update.versions)
    fresh = [each for each in versions if each.approval and not _was_approved(before, each)]
    for version in fresh:
        if error := _error(found[version.key]):
            return Refusal(f"The text for {version.label} contradicts another: {error.message}", "body")
    return replace(update, versions=versions)


def contradicting(update: Update, held: Locked) -> Refusal | None:
    """Why the update may not leave as it stands: two of its versions cannot both be right. In an emergency it may."""
    for key, findings in _found(update, held).items():
        version = update.version(key)
        bypassed = version and version.approval and version.approval.kind is ApprovalKind.BYPASS
        if version and not bypassed and (error := _error(findings)):
            return Refusal(f"The text for {version.label} contradicts another: {error.message}", "body")
    return None


def _found(update: Update, held: Locked) -> dict[str, tuple[Finding, ...]]:
    zone, earlier = Organisation.only().zone, _earlier(held.incident)
    found = {}
    for version in update.versions:
        others = [(each.label, each.body) for each in update.versions if each.key != version.key]
        said = against_siblings(version.body, others, zone=zone, at=held.now)
        if last := earlier.get(version.key):
            said += against_earlier(version.body, last, zone=zone, at=held.now)
        found[version.key] = said
    return found


def _earlier(incident: Incident) -> Mapping[str, Published]:
    """The last published text to each audience, by the version's key."""
    rows = VersionRow.objects.filter(update__incident=incident, update__state="published").order_by("id")
    found: dict[str, Published] = {}
    for audience, part, body, at in rows.values_list("audience", "part", "body", "update__published_at"):
        if at is not None:
            found[f"{audience}:{part}" if part else audience] = Published(audience, body, at)
    return found


def _own(version: Version) -> tuple[Finding, ...]:
    return tuple(each for each in version.findings if each.rule not in OF_SIBLINGS)


def _error(findings: tuple[Finding, ...]) -> Finding | None:
    return next((each for each in findings if each.level is Mark.ERROR), None)


def _was_approved(before: Update | None, version: Version) -> bool:
    former = before.version(version.key) if before else None
    return former is not None and former.approval == version.approval
