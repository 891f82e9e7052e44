"""The incident room: what it shows, what is new in it, and the small acts of those who work in it."""

from datetime import datetime
from typing import Any, Final

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path

from antiphon.actions import affected, closing, facts, incidents, paging, tracks, verdicts
from antiphon.core.access import may
from antiphon.core.decision import Actor, Refusal
from antiphon.core.questions.verdict import Kind
from antiphon.db.models import Incident, Person
from antiphon.queries import catalog_names, merging, people, room, timeline
from antiphon.queries.reactions.replies import newest
from antiphon.web import guard
from antiphon.web.answers import answer, by_script, toast
from antiphon.web.at import incident_at, room_of
from antiphon.web.guard import Request
from antiphon.web.typed import LINE, REGION, TEXT, percent, too_long, typed

VIEWS: Final = {"all": "All", "milestones": "Milestones", "notes": "Notes", "telling": "Telling", "paging": "Paging"}
PRACTICE: Final = "Everything here behaves as in earnest: people are paged, texts are written and approved."


@guard.page("incident.see")
def show(request: Request, number: int) -> HttpResponse:
    """The room."""
    incident = incident_at(request, number)
    view = _view(request)
    before = request.GET.get("before", "")
    page = int(before) if before.isascii() and before.isdigit() and len(before) < 10 else None
    loaded = room.load(incident, now=request.now, view=view, before=page)
    here = room_of(number)
    filters = [{"label": label, "url": f"{here}?show={key}", "current": key == view} for key, label in VIEWS.items()]
    older = f"{here}?show={view}&before={loaded.older_than}" if loaded.older_than else ""
    context = _context(request, incident, loaded) | {
        "section": "incidents",
        "filters": filters,
        "older_url": older,
        "older_page": page is not None,
        "view": view,
        "entity_names": catalog_names.some(),
    }
    return render(request, "incidents/room.html", context)


@guard.page("incident.see")
def live(request: Request, number: int) -> HttpResponse:
    """What was written behind `after`: 204 when nothing, else every live part of the page and the new entries."""
    incident = incident_at(request, number)
    after = request.GET.get("after", "")
    behind = int(after) if after.isascii() and after.isdigit() and len(after) < 18 else 0
    if timeline.last_seq(incident) <= behind:
        return HttpResponse(status=204)
    loaded = room.load(incident, now=request.now, view=_view(request), after=behind)
    return render(request, "incidents/live.html", _context(request, incident, loaded) | {"view": _view(request)})


@guard.act("incident.note")
def note(request: Request, number: int) -> HttpResponse:
    """A line in the timeline; the button says as what: a note, a change made, a hypothesis, a workaround."""
    incident, text = incident_at(request, number), typed(request, "text")
    action, longest, write = NOTES.get(request.POST.get("as", "note"), NOTES["note"])
    refusal = may(request.actor, action) or too_long(text, longest, "text")
    refusal = refusal or write(incident.uid, text, actor=request.actor, now=request.now)
    return answer(request, refusal, back=_back(request, number))


def _note(incident: str, text: str, *, actor: Actor, now: datetime) -> Refusal | None:
    return incidents.note(incident=incident, text=text, actor=actor, now=now)


def _change(incident: str, text: str, *, actor: Actor, now: datetime) -> Refusal | None:
    return incidents.record_change(incident=incident, title=text, effect="", actor=actor, now=now)


def _hypothesis(incident: str, text: str, *, actor: Actor, now: datetime) -> Refusal | None:
    return facts.record(incident=incident, name="hypothesis", text=text, confidence="possible", actor=actor, now=now)


def _workaround(incident: str, text: str, *, actor: Actor, now: datetime) -> Refusal | None:
    return incidents.add_workaround(incident=incident, title=text, actor=actor, now=now)


NOTES: Final = {
    "note": ("incident.note", TEXT, _note),
    "change": ("change.record", TEXT, _change),
    "hypothesis": ("fact.record", TEXT, _hypothesis),
    "workaround": ("workaround.change", LINE, _workaround),
}
"""What a line of the composer becomes: the action it takes, how long it may be, who writes it."""


@guard.act("incident.stage")
def stage(request: Request, number: int) -> HttpResponse:
    """How far the technical track is."""
    incident, wanted = incident_at(request, number), typed(request, "state")
    refusal = incidents.set_stage(
        incident=incident.uid,
        stage=wanted,
        reason=typed(request, "reason") or f"{request.person.name} said so",
        actor=request.actor,
        now=request.now,
    )
    return answer(request, refusal, back=room_of(number))


@guard.act("incident.severity")
def severity(request: Request, number: int) -> HttpResponse:
    """Another severity, with the reason."""
    incident, wanted = incident_at(request, number), typed(request, "severity")
    reason = typed(request, "reason")
    refusal: Refusal | None
    if wanted not in ("1", "2", "3", "4", "5"):
        refusal = Refusal("Choose a severity from SEV1 to SEV5.", "severity")
    elif not reason:
        refusal = Refusal("Say why the severity changes; the reason stands on the record.", "reason")
    else:
        refusal = incidents.change_severity(
            incident=incident.uid, severity=int(wanted), reason=reason, actor=request.actor, now=request.now
        )
    return answer(request, refusal, back=room_of(number))


@guard.act("incident.edit")
def affect(request: Request, number: int) -> HttpResponse:
    """One more thing of the catalog is affected, or how much of it and where, when one of these is typed."""
    incident, region, reason = incident_at(request, number), typed(request, "region"), typed(request, "reason")
    said: affected.Written | Refusal | None = too_long(region, REGION, "region") or too_long(reason, LINE, "reason")
    said = said or _affect(request, incident, typed(request, "share"), region, reason)
    if isinstance(said, Refusal):
        return answer(request, said, back=room_of(number))
    if said.warning and by_script(request):
        return toast(request, said.warning)
    return answer(request, None, back=room_of(number), said=said.warning)


def _affect(request: Request, incident: Incident, share: str, region: str, reason: str) -> affected.Written | Refusal:
    part, entity = percent(share), typed(request, "entity")
    if isinstance(part, Refusal):
        return part
    if share or region:
        return affected.state_impact(
            incident=incident.uid,
            entity=entity,
            share=part,
            region=region,
            reason=reason or f"{request.person.name} said so",
            actor=request.actor,
            now=request.now,
        )
    return (
        incidents.add_entity(
            incident=incident.uid,
            entity=entity,
            reason=reason or f"{request.person.name} added it",
            actor=request.actor,
            now=request.now,
        )
        or affected.Written()
    )


@guard.act("role.assign")
def role(request: Request, number: int, key: str) -> HttpResponse:
    """Take a role, or hand it to somebody."""
    incident, person = incident_at(request, number), _chosen(request)
    refusal = (
        person
        if isinstance(person, Refusal)
        else incidents.assign_role(
            incident=incident.uid, role=room.role_of(key), person=person, actor=request.actor, now=request.now
        )
    )
    return answer(request, refusal, back=room_of(number))


@guard.act("page.acknowledge")
def acknowledge(request: Request, number: int) -> HttpResponse:
    """Answer for the incident: paging for it stops."""
    incident = incident_at(request, number)
    answered = paging.acknowledge(
        incident=incident.uid, person=request.person, via="the incident room", actor=request.actor, now=request.now
    )
    said = "Paging stopped; your name is on the record." if answered else "Nobody is being paged for it."
    return answer(request, None, back=room_of(number), said=said)


@guard.act("task.change")
def add_task(request: Request, number: int, kind: str) -> HttpResponse:
    """A task for a track."""
    incident, title = incident_at(request, number), typed(request, "title")
    refusal = too_long(title, LINE, "title") or tracks.add_task(
        incident=incident.uid, kind=kind, title=title, due_at=None, actor=request.actor, now=request.now
    )
    return answer(request, refusal, back=room_of(number))


@guard.act("task.change")
def finish_task(request: Request, number: int, task: str) -> HttpResponse:
    """Tick a task off."""
    refusal = tracks.finish_task(
        incident=incident_at(request, number).uid, task=task, actor=request.actor, now=request.now
    )
    return answer(request, refusal, back=room_of(number))


@guard.act("task.change")
def give_task(request: Request, number: int, task: str) -> HttpResponse:
    """Take a task, or hand it to somebody."""
    incident, person = incident_at(request, number), _chosen(request)
    refusal = (
        person
        if isinstance(person, Refusal)
        else tracks.give_task(incident=incident.uid, task=task, person=person, actor=request.actor, now=request.now)
    )
    return answer(request, refusal, back=room_of(number))


def _chosen(request: Request) -> Person | Refusal:
    """Whom the form names: a person, or whoever sends it."""
    wanted = request.POST.get("person", "me")
    found = request.person if wanted == "me" else people.find(wanted)
    return found or Refusal("There is nobody of that name any more: reload the page and choose again.", "person")


@guard.act("verdict.override")
def open_track(request: Request, number: int, kind: str) -> HttpResponse:
    """A person says that a track is needed: the verdict becomes both."""
    incident = incident_at(request, number)
    refusal = verdicts.override(
        incident=incident.uid,
        kind=Kind.BOTH,
        reason=typed(request, "reason"),
        actor=request.actor,
        now=request.now,
    )
    return answer(request, refusal, back=room_of(number))


@guard.act("verdict.override")
def verdict(request: Request, number: int) -> HttpResponse:
    """A person's verdict instead of the program's."""
    refusal = verdicts.override(
        incident=incident_at(request, number).uid,
        kind=typed(request, "kind"),
        reason=typed(request, "reason"),
        actor=request.actor,
        now=request.now,
    )
    return answer(request, refusal, back=room_of(number))


@guard.act("question.answer")
def question(request: Request, number: int, question: int) -> HttpResponse:
    """A person's answer to one of the six."""
    refusal = verdicts.answer(
        incident=incident_at(request, number).uid,
        number=question,
        word=typed(request, "answer"),
        reason=typed(request, "reason"),
        person=request.person,
        actor=request.actor,
        now=request.now,
    )
    return answer(request, refusal, back=room_of(number))


@guard.act("workaround.change")
def remove_workaround(request: Request, number: int, workaround: str) -> HttpResponse:
    """A temporary measure is gone."""
    refusal = closing.remove_workaround(
        incident=incident_at(request, number).uid, workaround=workaround, actor=request.actor, now=request.now
    )
    return answer(request, refusal, back=_back(request, number))


def _context(request: Request, incident: Incident, loaded: room.Room) -> dict[str, Any]:
    """What the room's parts read, by their names in the templates."""
    shown = {name: getattr(loaded, name) for name in loaded.__slots__}
    return shown | {
        "may_respond": may(request.actor, "incident.note") is None and incident.closed_at is None,
        "merged_into": merging.merged_into(incident, reader=request.actor),
        "merged": merging.merged(incident, reader=request.actor),
        "replies": newest(incident),
        "paged": any(page.state == "no answer yet" for page in loaded.paging),
        "reader_name": request.person.name,
        "practice": PRACTICE if loaded.incident.practice else None,
    }


def _back(request: Request, number: int) -> str:
    """The page that the act was done from: the room, or the gate to closed."""
    return f"{room_of(number)}/close" if request.POST.get("back") == "close" else room_of(number)


def _view(request: Request) -> str:
    view = request.GET.get("show", "all")
    return view if view in VIEWS else "all"


urlpatterns = [
    path("incidents/<int:number>", show),
    path("incidents/<int:number>/live", live),
    path("incidents/<int:number>/notes", note),
    path("incidents/<int:number>/state", stage),
    path("incidents/<int:number>/severity", severity),
    path("incidents/<int:number>/entities", affect),
    path("incidents/<int:number>/roles/<slug:key>", role),
    path("incidents/<int:number>/acknowledgement", acknowledge),
    path("incidents/<int:number>/tracks/<track:kind>", open_track),
    path("incidents/<int:number>/tracks/<track:kind>/tasks", add_task),
    path("incidents/<int:number>/tasks/<slug:task>/done", finish_task),
    path("incidents/<int:number>/tasks/<slug:task>/owner", give_task),
    path("incidents/<int:number>/verdict", verdict),
    path("incidents/<int:number>/questions/<int:question>", question),
    path("incidents/<int:number>/workarounds/<slug:workaround>/removed", remove_workaround),
]
