"""Facts and updates of an incident, as `core.facts` and `core.updates` see them."""

from collections.abc import Iterable, Sequence

import msgspec

from antiphon.core.audiences import (
    Approval,
    ApprovalKind,
    Audience,
    Finding,
    Moment,
    Translation,
    Update,
    UpdateState,
    Version,
)
from antiphon.core.facts import Confidence, Fact
from antiphon.db.models import telling as rows
from antiphon.db.models.incidents import Incident
from antiphon.db.models.people import Person


def facts(incident: Incident) -> tuple[Fact, ...]:
    """Every fact of the incident, corrected ones included, in the order they were entered."""
    return facts_of([incident])[incident.pk]


def facts_of(incidents: Sequence[Incident]) -> dict[int, tuple[Fact, ...]]:
    """The facts of each of the incidents by its id, in one statement."""
    found: dict[int, list[Fact]] = {incident.pk: [] for incident in incidents}
    for row in rows.Fact.objects.filter(incident__in=incidents):
        found[row.incident_id].append(_fact(row))
    return {pk: tuple(known) for pk, known in found.items()}


def save_facts(incident: Incident, known: Iterable[Fact]) -> None:
    """Write new facts, and which ones they supersede."""
    rows.Fact.objects.bulk_create(
        [
            rows.Fact(
                uid=fact.uid,
                incident=incident,
                name=fact.name,
                text=fact.text,
                translations=dict(fact.translations),
                audiences=list(fact.audiences),
                confidence=fact.confidence,
                source=fact.source,
                at=fact.at,
                superseded_by=fact.superseded_by,
            )
            for fact in known
        ],
        update_conflicts=True,
        unique_fields=["uid"],
        update_fields=["superseded_by"],
    )


def update(row: rows.Update) -> Update:
    """One update with its versions."""
    versions = row.versions.select_related("author", "approved_by")
    return Update(
        uid=row.uid,
        incident=row.incident.uid,
        moment=Moment(row.moment),
        versions=tuple(version(each) for each in versions),
        next_update_at=row.next_update_at,
        state=UpdateState(row.state),
        published_at=row.published_at,
    )


def save_update(row: rows.Update, state: Update) -> None:
    """Write an update and its versions; versions it no longer has are taken away."""
    row.moment, row.state = state.moment, state.state
    row.next_update_at, row.published_at = state.next_update_at, state.published_at
    row.save()
    kept = {(version.audience, version.part) for version in state.versions}
    there = row.versions.values_list("pk", "audience", "part")
    row.versions.filter(pk__in=[pk for pk, *whom in there if tuple(whom) not in kept]).delete()
    uids = {v.author for v in state.versions} | {v.approval.by for v in state.versions if v.approval}
    people = {person.uid: person for person in Person.objects.filter(uid__in=uids)}
    for version in state.versions:
        approval = version.approval
        rows.Version.objects.update_or_create(
            update=row,
            audience=version.audience,
            part=version.part,
            defaults={
                "part_name": version.part_name,
                "subject": version.subject,
                "body": version.body,
                "language": version.language,
                "channels": dict(version.channels),
                "translations": msgspec.to_builtins(dict(version.translations)),
                "digest": version.digest,
                "findings": msgspec.to_builtins(version.findings),
                "author": people.get(version.author),
                "edited_at": version.edited_at,
                "approved_digest": approval.digest if approval else "",
                "approved_by": people.get(approval.by) if approval else None,
                "approved_at": approval.at if approval else None,
                "approval": approval.kind if approval else "",
                "given": msgspec.to_builtins(version.given),
            },
        )


def holding_audiences(incident: Incident) -> frozenset[Audience]:
    """Audiences with a holding message approved for this incident's type."""
    found = rows.HoldingMessage.objects.filter(incident_type=incident.incident_type, approved_at__isnull=False)
    return frozenset(Audience(name) for name in found.values_list("audience", flat=True))


def _fact(row: rows.Fact) -> Fact:
    return Fact(
        uid=row.uid,
        name=row.name,
        text=row.text,
        translations=row.translations,
        audiences=tuple(Audience(name) for name in row.audiences),
        confidence=Confidence(row.confidence),
        source=row.source,
        at=row.at,
        superseded_by=row.superseded_by,
    )


def version(row: rows.Version) -> Version:
    """One version of an update."""
    approval = None
    if row.approved_digest and row.approved_at:
        approval = Approval(
            by=row.approved_by.uid if row.approved_by else "",
            at=row.approved_at,
            digest=row.approved_digest,
            kind=ApprovalKind(row.approval),
        )
    return Version(
        audience=Audience(row.audience),
        subject=row.subject,
        body=row.body,
        language=row.language,
        channels=row.channels,
        translations={name: msgspec.convert(words, Translation) for name, words in row.translations.items()},
        digest=row.digest,
        findings=tuple(msgspec.convert(each, Finding) for each in row.findings),
        approval=approval,
        given=tuple(msgspec.convert(each, Approval) for each in row.given),
        author=row.author.uid if row.author else "",
        edited_at=row.edited_at,
        part=row.part,
        part_name=row.part_name,
    )
