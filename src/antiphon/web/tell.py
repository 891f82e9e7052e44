"""Telling: facts entered once, every audience's version, its approval, and the one click that sends them all."""

from datetime import datetime, timedelta
from typing import Any, Final

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _

from antiphon.actions import facts, updates
from antiphon.core.access import may
from antiphon.core.decision import Refusal
from antiphon.core.parts import PARTED
from antiphon.db import reader_languages
from antiphon.db.models import Incident, Update
from antiphon.queries import approvals, catalog_names, incidents, people, promises, telling
from antiphon.queries.telling import UpdateSeen, VersionSeen
from antiphon.web import guard, written
from antiphon.web.answers import answer, done
from antiphon.web.at import incident_at, room_of
from antiphon.web.forms import refusals
from antiphon.web.forms.facts import CorrectionForm, FactForm
from antiphon.web.guard import Request
from antiphon.web.reactions import beside
from antiphon.web.room import PRACTICE
from antiphon.web.typed import typed

WAITING: Final = ("waiting", "voided")
"""States of a version that somebody can be asked to approve."""
NEXT_IN: Final = (15, 30, 60, 120, 180, 240)
"""Minutes until the next update that the page offers."""


@guard.page("incident.see")
def show(request: Request, number: int) -> HttpResponse:
    """What is known, and what each audience reads of it."""
    form = FactForm(languages=reader_languages.asked())
    return _page(request, incident_at(request, number), form, editing=request.GET.get("edit", ""))


@guard.act("fact.record")
def add_fact(request: Request, number: int) -> HttpResponse:
    """Enter a fact."""
    incident = incident_at(request, number)
    form = FactForm(request.POST, languages=reader_languages.asked())
    if not form.is_valid():
        return _page(request, incident, form)
    refusal = facts.record(
        incident=incident.uid,
        name=form.cleaned_data["name"],
        text=form.cleaned_data["text"],
        audiences=form.audiences_or_usual(),
        confidence=form.cleaned_data["confidence"],
        translations=form.translations(),
        actor=request.actor,
        now=request.now,
    )
    if refusal:
        refusals.show(form, refusal)
        return _page(request, incident, form)
    return done(request, back=_tell(number))


@guard.form("fact.record")
def correct_fact(request: Request, number: int, fact: str) -> HttpResponse:
    """Put another text in the place of a fact, which stays on the record."""
    incident = incident_at(request, number)
    old = next((each for each in telling.facts(incident, people.names()) if each.uid == fact), None)
    if old is None:
        raise Http404
    if request.method != "POST":
        known = {"text": old.text, "confidence": old.confidence, "audiences": old.audiences}
        known |= {f"text_{language}": words for language, words in old.translations}
        return _correcting(request, incident, old, CorrectionForm(initial=known, languages=reader_languages.asked()))
    form = CorrectionForm(request.POST, languages=reader_languages.asked())
    if form.is_valid():
        refusal = facts.correct(
            incident=incident.uid,
            fact=fact,
            text=form.cleaned_data["text"],
            audiences=form.audiences_or_usual(),
            confidence=form.cleaned_data["confidence"],
            translations=form.translations(),
            actor=request.actor,
            now=request.now,
        )
        if refusal is None:
            return done(request, back=_tell(number))
        refusals.show(form, refusal)
    return _correcting(request, incident, old, form)


@guard.act("update.draft")
def draft(request: Request, number: int) -> HttpResponse:
    """Make a draft from the facts, for everybody who is owed word."""
    incident, moment = incident_at(request, number), typed(request, "moment")
    made = updates.draft(
        incident=incident.uid,
        moment=moment or telling.usual_moment(incident),
        next_update_at=_next_at(request),
        actor=request.actor,
        now=request.now,
    )
    refusal = made if isinstance(made, Refusal) else None
    return answer(request, refusal, back=f"{_tell(number)}?moment={moment}" if moment else _tell(number))


@guard.act("update.draft")
def add_part(request: Request, number: int, update: str) -> HttpResponse:
    """Begin a text of its own for one customer or segment."""
    found, audience = _update_at(request, number, update), typed(request, "audience")
    refusal = updates.add_part(
        update=update, audience=audience, reader=typed(request, "reader"), actor=request.actor, now=request.now
    )
    return answer(request, refusal, back=f"{_tell(number)}?moment={found.moment}")


@guard.act("update.draft")
def drop_part(request: Request, number: int, update: str, audience: str) -> HttpResponse:
    """Take such a text away: they read their audience's."""
    found = _update_at(request, number, update)
    refusal = updates.drop_part(update=update, version=audience, actor=request.actor, now=request.now)
    return answer(request, refusal, back=f"{_tell(number)}?moment={found.moment}")


@guard.act("update.draft")
def edit(request: Request, number: int, update: str, audience: str) -> HttpResponse:
    """Save the words of one version."""
    found = _update_at(request, number, update)
    refusal = _written(request, found, audience)
    return answer(request, refusal, back=f"{_tell(number)}?moment={found.moment}#version-{update}-{audience}")


@guard.act("update.draft")
def autosave(request: Request, number: int, update: str, audience: str) -> HttpResponse:
    """Keep what is typed, and say what the lint finds in it."""
    found = _update_at(request, number, update)
    refusal = _written(request, found, audience)
    seen = telling.update(found.incident, found.moment, people.names(), reader=request.actor, now=request.now)
    version = next((each for each in seen.versions if each.key == audience), None) if seen else None
    findings = list(version.findings) if version else []
    if refusal:
        findings = [telling.FindingSeen(refusal.sentence, "", "refused")]
    return render(request, "parts/lint.html", {"findings": findings, "saved": refusal is None, "version": version})


@guard.act("update.approve")
def approve(request: Request, number: int, update: str, audience: str) -> HttpResponse:
    """A yes to exactly the bytes that were shown: a technical person's, or of somebody named for it."""
    found = _update_at(request, number, update)
    refusal = updates.approve(
        update=update, audience=audience, digest=typed(request, "digest"), actor=request.actor, now=request.now
    )
    return answer(request, refusal, back=f"{_tell(number)}?moment={found.moment}#version-{update}-{audience}")


@guard.act("update.approve_technical")
def revoke(request: Request, number: int, update: str, audience: str) -> HttpResponse:
    """Take an approval back."""
    found = _update_at(request, number, update)
    refusal = updates.revoke(
        update=update, audience=audience, reason=typed(request, "reason"), actor=request.actor, now=request.now
    )
    return answer(request, refusal, back=f"{_tell(number)}?moment={found.moment}")


@guard.act("update.approve")
def bypass(request: Request, number: int, update: str) -> HttpResponse:
    """In an emergency, one of two people lets what was shown go without its approvals."""
    found = _update_at(request, number, update)
    refusal = updates.bypass(
        update=update, digests=_shown(request), reason=typed(request, "reason"), actor=request.actor, now=request.now
    )
    return answer(request, refusal, back=f"{_tell(number)}?moment={found.moment}#sending")


@guard.act("update.draft")
def move(request: Request, number: int, update: str) -> HttpResponse:
    """Announce another time for the next update."""
    found, at = _update_at(request, number, update), _next_at(request)
    refusal = (
        updates.move_next_update(update=update, next_update_at=at, actor=request.actor, now=request.now)
        if at
        else Refusal("Choose in how many minutes the next update comes.", "next_minutes")
    )
    return answer(request, refusal, back=f"{_tell(number)}?moment={found.moment}")


@guard.act("update.draft")
def discard(request: Request, number: int, update: str) -> HttpResponse:
    """Put a draft away."""
    _update_at(request, number, update)
    return answer(request, updates.discard(update=update, actor=request.actor, now=request.now), back=_tell(number))


@guard.act("update.publish")
def publish(request: Request, number: int, update: str) -> HttpResponse:
    """Send every version at once: exactly those that were shown, or none."""
    found = _update_at(request, number, update)
    refusal = updates.publish(update=update, shown=_shown(request), actor=request.actor, now=request.now)
    return answer(request, refusal, back=f"{_tell(number)}?moment={found.moment}", said=_("Sent."))


@guard.act("update.publish")
def no_change(request: Request, number: int) -> HttpResponse:
    """Say again to everybody what they were told last: nothing has changed since."""
    incident = incident_at(request, number)
    refusal = updates.no_change(incident=incident.uid, actor=request.actor, now=request.now)
    return answer(request, refusal, back=_tell(number), said=_("Sent: no change. The promises are kept."))


def _shown(request: Request) -> dict[str, str]:
    """The digest of each version as it was shown, by its key."""
    return {name.removeprefix("digest-"): typed(request, name) for name in request.POST if name.startswith("digest-")}


def _page(request: Request, incident: Incident, form: FactForm, *, editing: str = "") -> HttpResponse:
    names, promised = people.names(), promises.of_incident(incident)
    moment = request.GET.get("moment", "")
    moment = moment if moment in telling.MOMENTS else telling.usual_moment(incident)
    update = telling.update(incident, moment, names, reader=request.actor, now=request.now)
    told_at = telling.last_word_at(incident)
    context: dict[str, Any] = {
        "section": "incidents",
        "incident": incidents.head(incident, stage="", commander="", promised=promised),
        "moment": moment,
        "moment_label": telling.moment_word(moment),
        "moments": [_filter(each, moment, incident) for each in telling.MOMENTS],
        "facts": telling.facts(incident, names),
        "fact_form": form,
        "update": update,
        "versions": update.versions if update else (),
        "editing": editing,
        "parted": tuple(each for each in PARTED if update and any(each == seen.key for seen in update.versions)),
        "part_names": catalog_names.readers() if update and update.open else (),
        "sending": _sending(update, request) if update and update.open else None,
        "no_change": _no_change(incident, promised, told_at) if told_at and _may_repeat(incident, request) else None,
        "next_in": NEXT_IN,
        "owes_next": moment not in ("resolution", "review"),
        **beside(request, incident, update.uid if update and not update.open else ""),
        "may_respond": may(request.actor, "fact.record") is None and incident.closed_at is None,
        "practice": PRACTICE if incident.nature != "real" else None,
    }
    return render(request, "incidents/tell.html", context, status=422 if form.errors else 200)


def _sending(update: UpdateSeen, request: Request) -> dict[str, Any]:
    """What the one click does, with numbers; or what is missing."""
    refusal = may(request.actor, "update.publish")
    effects = [f"{version.title}: {_reached(version)}." for version in update.versions]
    if update.next_update_at:
        earliest = f"{update.next_update_at:%H:%M} UTC"
        effects.append(f"Each text promises its next update at the time it names, the earliest at {earliest}.")
    return {
        "ready": not update.why_not and refusal is None,
        "why_not": [*update.why_not, *([refusal.sentence] if refusal else [])],
        "label": _("Send to %(whom)s, now") % {"whom": _whom(update)},
        "effects": effects,
        "button": _("Send it to all of them"),
        "action": f"{update.url}/publication",
        "bypass": f"{update.url}/bypass" if _may_bypass(request) else "",
        "ask": f"{update.url}/asking" if any(each.state in WAITING for each in update.versions) else "",
        "waits": approvals.waits(update.uid),
        "digests": {f"digest-{version.key}": version.digest for version in update.versions},
    }


def _may_bypass(request: Request) -> bool:
    return "incident commander" in request.actor.incident_roles or may(request.actor, "update.bypass") is None


def _reached(version: VersionSeen) -> str:
    page = version.channels == "status page"
    return version.recipients if page else f"{version.recipients}, by {version.channels}"


def _whom(update: UpdateSeen) -> str:
    """Those who get it, in numbers: "226 business, 31 technical, 12 inside readers and the status page"."""
    counted = [
        f"{version.count} {version.kind}" for version in update.versions if version.kind != "inside" and version.count
    ]
    inside = sum(version.count for version in update.versions if version.kind == "inside")
    whom = ", ".join([*counted, *([f"{inside} inside"] if inside else [])])
    page = any(version.channels == "status page" for version in update.versions)
    readers = _("%(whom)s readers") % {"whom": whom} if whom else _("nobody by mail")
    return _("%(readers)s and the status page") % {"readers": readers} if page else readers


def _no_change(incident: Incident, promised: tuple[promises.Promised, ...], told_at: datetime) -> dict[str, Any]:
    due = [one for one in promised if one.state == promises.OPEN and one.what == "next update"]
    kept = [f"Keeps the promise to {one.audience}, due at {one.due_at:%H:%M} UTC." for one in due]
    return {
        "label": _("No change since %(at)s") % {"at": f"{told_at:%H:%M}"},
        "effects": ["Everybody hears again what they were told last, and that nothing has changed since.", *kept],
        "action": f"{room_of(incident.number)}/no-change",
        "button": _("Send “no change” to all of them"),
    }


def _may_repeat(incident: Incident, request: Request) -> bool:
    return incident.state in incidents.RUNNING and may(request.actor, "update.publish") is None


def _filter(moment: str, chosen: str, incident: Incident) -> dict[str, Any]:
    url = f"{_tell(incident.number)}?moment={moment}"
    return {"label": telling.moment_word(moment), "url": url, "current": moment == chosen}


def _correcting(request: Request, incident: Incident, old: telling.FactSeen, form: CorrectionForm) -> HttpResponse:
    context = {
        "section": "incidents",
        "incident": incidents.head(incident, stage="", commander="", promised=()),
        "fact": old,
        "form": form,
        "practice": PRACTICE if incident.nature != "real" else None,
    }
    return render(request, "incidents/fact.html", context, status=422 if form.errors else 200)


def _written(request: Request, update: Update, audience: str) -> Refusal | None:
    return updates.edit(
        update=update.uid,
        audience=audience,
        subject=typed(request, "subject"),
        body=request.POST.get("body", "").replace("\0", "").replace("\r\n", "\n"),
        channels=written.channels(request.POST.dict()),
        translations=written.translations(request.POST.dict()),
        actor=request.actor,
        now=request.now,
    )


def _next_at(request: Request) -> datetime | None:
    """The instant so many minutes ahead; None when none was chosen."""
    minutes = typed(request, "next_minutes")
    return request.now + timedelta(minutes=int(minutes)) if minutes in map(str, NEXT_IN) else None


def _update_at(request: Request, number: int, uid: str) -> Update:
    incident = incident_at(request, number)
    found = Update.objects.select_related("incident").filter(uid=uid, incident=incident).first()
    if found is None:
        raise Http404
    return found


def _tell(number: int) -> str:
    return f"{room_of(number)}/tell"


urlpatterns = [
    path("incidents/<int:number>/tell", show),
    path("incidents/<int:number>/facts", add_fact),
    path("incidents/<int:number>/facts/<slug:fact>/correct", correct_fact),
    path("incidents/<int:number>/updates", draft),
    path("incidents/<int:number>/no-change", no_change),
    path("incidents/<int:number>/updates/<slug:update>/next", move),
    path("incidents/<int:number>/updates/<slug:update>/discarded", discard),
    path("incidents/<int:number>/updates/<slug:update>/publication", publish),
    path("incidents/<int:number>/updates/<slug:update>/bypass", bypass),
    path("incidents/<int:number>/updates/<slug:update>/parts", add_part),
    path("incidents/<int:number>/updates/<slug:update>/<audience:audience>/dropped", drop_part),
    path("incidents/<int:number>/updates/<slug:update>/<audience:audience>/text", edit),
    path("incidents/<int:number>/updates/<slug:update>/<audience:audience>/draft", autosave),
    path("incidents/<int:number>/updates/<slug:update>/<audience:audience>/approval", approve),
    path("incidents/<int:number>/updates/<slug:update>/<audience:audience>/approval/revoked", revoke),
]
