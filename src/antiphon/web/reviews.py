"""The review of an incident: its figures, its story, what was learnt; and the same to take away."""

import msgspec
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _

from antiphon.actions import reviews as actions
from antiphon.actions import template_reviews
from antiphon.core.access import may
from antiphon.db.models import TemplateReview
from antiphon.queries import follow_ups, incidents, reviews
from antiphon.queries import template_reviews as templates
from antiphon.queries.reactions.figures import by_segment, comments
from antiphon.web import guard
from antiphon.web.answers import answer, done
from antiphon.web.at import incident_at, room_of
from antiphon.web.forms import refusals
from antiphon.web.forms.gates import ReviewForm
from antiphon.web.guard import Request
from antiphon.web.room import PRACTICE
from antiphon.web.typed import typed


@guard.page("incident.see")
def show(request: Request, number: int) -> HttpResponse:
    """The review as it stands; a form while it may be written."""
    return _page(request, number, None)


@guard.act("review.write")
def write(request: Request, number: int) -> HttpResponse:
    """Keep what is written so far."""
    incident, form = incident_at(request, number), ReviewForm(request.POST)
    if form.is_valid():
        refusal = actions.write(incident=incident.uid, **form.cleaned_data, actor=request.actor, now=request.now)
        if refusal is None:
            return done(request, back=f"{room_of(number)}/review", said=_("Saved."))
        refusals.show(form, refusal)
    return _page(request, number, form)


@guard.act("review.write")
def finish(request: Request, number: int) -> HttpResponse:
    """The review is written: its text stands."""
    refusal = actions.finish(incident=incident_at(request, number).uid, actor=request.actor, now=request.now)
    return answer(request, refusal, back=f"{room_of(number)}/review", said=_("The review is finished."))


@guard.act("review.write")
def template(request: Request, number: int, template: str) -> HttpResponse:
    """A template that spoke in it was looked at: it is kept, or has become another version."""
    row = TemplateReview.objects.filter(uid=template, incident=incident_at(request, number)).first()
    if row is None:
        raise Http404
    changed_to = typed(request, "changed_to")
    refusal = template_reviews.settle(
        review=row.uid,
        verdict=typed(request, "verdict"),
        changed_to=int(changed_to) if changed_to.isdecimal() and len(changed_to) < 9 else None,
        person=request.person,
        actor=request.actor,
        now=request.now,
    )
    return answer(request, refusal, back=f"{room_of(number)}/review#templates", said=_("Ticked off."))


@guard.page("record.export")
def markdown(request: Request, number: int) -> HttpResponse:
    """The review as one page of Markdown."""
    incident = incident_at(request, number)
    text = reviews.markdown(incident, reviews.load(incident, now=request.now))
    return _file(text.encode(), "text/markdown; charset=utf-8", f"review-{number}.md")


@guard.page("record.export")
def as_json(request: Request, number: int) -> HttpResponse:
    """The review as JSON."""
    incident = incident_at(request, number)
    body = msgspec.json.encode(reviews.load(incident, now=request.now))
    return _file(msgspec.json.format(body), "application/json", f"review-{number}.json")


def _page(request: Request, number: int, form: ReviewForm | None) -> HttpResponse:
    incident = incident_at(request, number)
    review = reviews.load(incident, now=request.now)
    writing = review.due is not None and review.done_at is None and may(request.actor, "review.write") is None
    known = {"went_well": review.went_well, "went_badly": review.went_badly, "causes": review.causes}
    business = {"business_needed": review.business_needed, "business_reason": review.business_reason}
    here = f"{room_of(number)}/review"
    context = {
        "section": "incidents",
        "incident": incidents.head(incident, stage="", commander="", promised=()),
        "review": review,
        "figures": review.figures,
        "entries": review.entries,
        "heard": by_segment([incident]),
        "comments": comments([incident]),
        "form": (form or ReviewForm(initial=known | business)) if writing else None,
        "form_action": f"{here}/text",
        "finish_url": f"{here}/finished" if writing and all(known.values()) else "",
        "export_markdown_url": f"{here}.md",
        "export_json_url": f"{here}.json",
        "templates": templates.of_incident(incident),
        "may_settle": may(request.actor, "review.write") is None,
        "matters_open": follow_ups.open_ones(incident),
        "told_review": reviews.told(incident, now=request.now),
        "may_export": may(request.actor, "record.export") is None,
        "practice": PRACTICE if incident.nature != "real" else None,
    }
    return render(request, "incidents/review.html", context, status=422 if form and form.errors else 200)


def _file(body: bytes, kind: str, name: str) -> HttpResponse:
    return HttpResponse(body, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


urlpatterns = [
    path("incidents/<int:number>/review", show),
    path("incidents/<int:number>/review/text", write),
    path("incidents/<int:number>/review/finished", finish),
    path("incidents/<int:number>/review/templates/<slug:template>", template),
    path("incidents/<int:number>/review.md", markdown),
    path("incidents/<int:number>/review.json", as_json),
]
