"""The catalog's pages: the list, an entity, and the forms that change them."""

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _

from antiphon.actions.catalog import entities, links
from antiphon.core.access import may
from antiphon.core.configuration.catalog import CUSTOMER
from antiphon.core.decision import Refusal
from antiphon.db.models import Entity, Person
from antiphon.queries import alert_board, incidents, oncall
from antiphon.queries import catalog as queries
from antiphon.queries.catalog_sources import by_field
from antiphon.queries.health import Health, health
from antiphon.web import status
from antiphon.web.answers import answer
from antiphon.web.forms.catalog import EntityForm, LinkForm, initial
from antiphon.web.forms.refusals import show
from antiphon.web.guard import act, form, page

MOST_NAMES = 2_000
"""Names offered while one types; the rest are typed in full."""


@page("catalog.see")
def listing(request: Any) -> HttpResponse:
    """The whole catalog by name, or what was looked for."""
    q, kind = request.GET.get("q", "").strip()[:120], request.GET.get("kind", "")
    kind = kind if kind in entities.KINDS else ""
    offset = request.GET.get("from", "0")
    start = int(offset) if offset.isascii() and offset.isdigit() and len(offset) < 9 else 0
    found = queries.listed(q=q, kind=kind, offset=start, now=request.now)
    older = {"q": q, "kind": kind, "from": start + queries.PAGE}
    shown = {
        "section": "catalog",
        "entities": found[: queries.PAGE],
        "filters": _kinds(kind),
        "q": q,
        "kind": kind,
        "add_url": "/catalog/add" if _may_change(request) else "",
        "older_url": f"/catalog?{urlencode(older)}" if len(found) > queries.PAGE else "",
    }
    return render(request, "catalog/list.html", shown)


@page("catalog.see")
def entity(request: Any, name: str) -> HttpResponse:
    """Everything known of one thing."""
    row, doing = _find(name), health(now=request.now)
    now_here = doing.get(row.name, Health("unknown"))
    changes = _may_change(request)
    shown = {
        "section": "catalog",
        "entity": {
            "name": row.title,
            "kind": row.kind,
            "health": now_here.word,
            "why": now_here.why if now_here.word not in ("ok", "") else "",
            "description": row.description,
            "facts": queries.facts(row),
        },
        "links": queries.links(row, doing=doing),
        "impact": queries.impact([row.name], doing=doing),
        "impact_url": f"{queries.url_of(row.name)}/impact",
        "status": status.shown(row, now=request.now),
        "incidents": incidents.on_entity(row.name, reader=request.actor),
        "alerts": alert_board.about(row.name, reader=request.actor),
        "alerts_url": f"/alerts?{urlencode({'state': 'all', 'entity': row.name})}",
        "documents": queries.documents(row),
        "contracts": queries.contracts(row),
        "contacts": queries.contacts(row) if row.kind == CUSTOMER else None,
        "people": _people(row, now=request.now),
        "edit_url": f"{queries.url_of(row.name)}/edit" if changes else "",
        "add_url": queries.url_of(row.name) if may(request.actor, "customer.change") is None else "",
    }
    return render(request, "catalog/entity.html", shown)


@form("catalog.change")
def add(request: Any) -> HttpResponse:
    """A new entity; its name may come from an alert that nobody knew what to do with."""
    entered = EntityForm(request.POST or None, initial={"name": request.GET.get("name", "")[:120], "kind": "service"})
    if request.method == "POST" and entered.is_valid():
        saved = entities.save_entity(values=entered.values(), actor=request.actor, now=request.now)
        if isinstance(saved, Entity):
            return HttpResponseRedirect(queries.url_of(saved.name))
        show(entered, saved)
    shown = {"section": "catalog", "form": entered, "heading": _("Add to the catalog"), "cancel_url": "/catalog"}
    return render(request, "catalog/edit.html", shown)


@form("catalog.change")
def edit(request: Any, name: str) -> HttpResponse:
    """Change an entity, its links, or take it away."""
    row = _find(name)
    entered = _form(row, request.POST or None)
    if request.method == "POST" and entered.is_valid():
        values = entered.values(changed=True)
        saved = entities.save_entity(values=values, actor=request.actor, now=request.now, uid=row.uid)
        if isinstance(saved, Entity):
            return HttpResponseRedirect(queries.url_of(saved.name))
        show(entered, saved)
    return _editing(request, row, entered, LinkForm())


@act("catalog.change")
def link(request: Any, name: str) -> HttpResponse:
    """Add a link from this entity."""
    row, entered = _find(name), LinkForm(request.POST)
    if entered.is_valid():
        refusal = links.add_link(source=row.name, **entered.cleaned_data, actor=request.actor, now=request.now)
        if refusal is None:
            return HttpResponseRedirect(f"{queries.url_of(row.name)}/edit#links")
        show(entered, refusal)
    return _editing(request, row, _form(row), entered)


@act("catalog.change")
def unlink(request: Any, name: str, link: int) -> HttpResponse:
    """Take one link away."""
    refusal = links.remove_link(link=link, actor=request.actor, now=request.now)
    return answer(request, refusal, back=f"{queries.url_of(_find(name).name)}/edit#links")


@act("catalog.change")
def remove(request: Any, name: str) -> HttpResponse:
    """Take the entity out of the catalog."""
    refusal: Refusal | None = entities.delete_entity(uid=_find(name).uid, actor=request.actor, now=request.now)
    back = "/catalog" if refusal is None else f"{queries.url_of(name)}/edit"
    return answer(request, refusal, back=back, said=_("Removed from the catalog."))


def _editing(request: Any, row: Entity, entered: EntityForm, link: LinkForm) -> HttpResponse:
    doing = health(now=request.now)
    shown = {
        "section": "catalog",
        "form": entered,
        "heading": row.title,
        "cancel_url": queries.url_of(row.name),
        "edit_url": f"{queries.url_of(row.name)}/edit",
        "links": queries.links(row, doing=doing),
        "link_form": link,
        "names": Entity.objects.exclude(pk=row.pk).values_list("name", flat=True)[:MOST_NAMES],
        "hit": queries.impact([row.name], doing=doing),
    }
    return render(request, "catalog/edit.html", shown)


def _form(row: Entity, posted: Any = None) -> EntityForm:
    return EntityForm(posted, initial=initial(row), origins=by_field(row.origins))


def _find(name: str) -> Entity:
    row = Entity.objects.filter(name=name).first()
    if row is None:
        raise Http404
    return row


def _may_change(request: Any) -> bool:
    return may(request.actor, "catalog.change") is None


def _kinds(kind: str) -> list[dict[str, Any]]:
    used = set(Entity.objects.order_by().values_list("kind", flat=True).distinct())
    all_of = [{"label": _("All"), "url": "/catalog", "current": not kind}]
    return all_of + [
        {"label": each.capitalize(), "url": f"/catalog?kind={each}", "current": each == kind}
        for each in entities.KINDS
        if each in used
    ]


def _people(row: Entity, *, now: Any) -> list[dict[str, str]]:
    """Who owns it, and whom an incident on it would page first."""
    owner = Person.objects.filter(email__iexact=row.owner).first()
    found = [{"label": _("Owner"), "name": owner.name if owner else row.owner}] if row.owner else []
    paged = oncall.simulate(row.name, at=now)
    if paged and paged.steps:
        found.append({"label": _("Paged first, by policy %s") % paged.policy, "name": paged.steps[0].who})
    return found
