"""After a major incident: which templates are to be looked at, and what came of each."""

from datetime import datetime

from antiphon import messages
from antiphon.actions.locked import Locked, locked
from antiphon.core import template_reviews as rules
from antiphon.core.decision import Actor, Refusal
from antiphon.core.events import IncidentDeclared, SeverityChanged
from antiphon.core.template_reviews import Saved, Told
from antiphon.db import record
from antiphon.db.models import MessageTemplate, Person, TemplateReview, Version


def closed(held: Locked) -> None:
    """One to look at for each template that spoke in a major incident; none after practice."""
    if held.incident.nature != "real" or _worst(held) > rules.MAJOR:
        return
    told = _told(held)
    languages = {each.language for each in told}
    found = rules.used(
        told,
        incident_type=held.incident.incident_type,
        area=held.incident.area,
        own=_own(languages),
        shipped=_shipped({(each.audience, each.language) for each in told}),
    )
    TemplateReview.objects.bulk_create(
        [
            TemplateReview(
                incident=held.incident,
                audience=each.audience,
                language=each.language,
                name=each.name,
                number=each.number,
                made_at=held.now,
            )
            for each in found
        ],
        ignore_conflicts=True,
    )
    if found:
        held.note(f"{len(found)} templates that spoke in it are to be looked at.")


def settle(
    *, review: str, verdict: str, changed_to: int | None, person: Person, actor: Actor, now: datetime
) -> Refusal | None:
    """A person looked: the template is kept, or it was changed, then with its new version. Settled: nothing happens."""
    row = TemplateReview.objects.select_related("incident").filter(uid=review).first()
    if row is None:
        return Refusal("There is no such template to look at any more: reload the page.", "review")
    with locked(row.incident.uid, actor=actor, now=now) as held:
        row = TemplateReview.objects.get(uid=review)
        refusal = rules.check(verdict, number=row.number, newest=_newest(row), changed_to=changed_to)
        if refusal or row.done_at:
            return refusal
        row.verdict, row.done_at, row.done_by = verdict, now, person
        row.changed_to = changed_to if verdict == rules.Verdict.CHANGED else None
        row.save(update_fields=["verdict", "done_at", "done_by", "changed_to"])
        became = f"changed (version {row.changed_to})" if row.changed_to else "kept"
        held.note(f"The template {row.name} for {row.audience} was looked at: {became}.")
    return None


def _worst(held: Locked) -> int:
    """The gravest severity that the incident had."""
    story = record.read(record.incident_stream(held.incident.uid))
    had = [held.incident.severity]
    for one in story:
        if isinstance(one.event, IncidentDeclared):
            had.append(one.event.severity)
        elif isinstance(one.event, SeverityChanged):
            had.append(one.event.after)
    return min(had)


def _told(held: Locked) -> list[Told]:
    rows = Version.objects.filter(update__incident=held.incident, update__state="published")
    columns = ("audience", "language", "translations", "update__moment", "update__created_at")
    return [
        Told(audience=audience, language=language, moment=moment, at=at)
        for audience, own, others, moment, at in rows.order_by("id").values_list(*columns)
        for language in (own, *others)
    ]


def _own(languages: set[str]) -> list[Saved]:
    rows = MessageTemplate.objects.filter(language__in=languages)
    return [
        Saved(audience=row.audience, language=row.language, name=row.name, number=row.number, at=row.at,
              empty=not row.text)
        for row in rows
    ]  # fmt: skip


def _shipped(wanted: set[tuple[str, str]]) -> set[tuple[str, str, str]]:
    found = set()
    for audience, language in wanted:
        try:
            names = messages.shipped(audience, language=language)
        except KeyError:  # a language of which we ship nothing
            continue
        found |= {(audience, language, name) for name in names}
    return found


def _newest(row: TemplateReview) -> int:
    rows = MessageTemplate.objects.filter(audience=row.audience, language=row.language, name=row.name)
    return rows.order_by("-number").values_list("number", flat=True).first() or 0
