"""Customers: who reads which version, what their tickets suggest, and a person's yes or no to many at once."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from antiphon.actions import contacts as contact_actions
from antiphon.actions import segments, suppressions
from antiphon.core.access import may
from antiphon.core.audiences import Segment
from antiphon.core.decision import Refusal
from antiphon.db.models import Contact, Entity, Ticket
from antiphon.queries import customers as queries
from antiphon.queries.customers import Looked
from antiphon.web.answers import answer, refused
from antiphon.web.guard import act, form, page

SOURCE: Final = "the customers page"
UNDO: Final = "customers_undo"
UNDO_FOR: Final = timedelta(minutes=15)
AS_SUGGESTED: Final = "suggested"
DISMISS: Final = "dismiss"


@page("catalog.see")
def listing(request: Any) -> HttpResponse:
    """Customers with their contacts, by name, or those that were looked for."""
    looked, after = _looked(request.GET), request.GET.get("after", "").replace("\0", "")[:120]
    found = queries.find(looked, after=after, limit=queries.PAGE + 1)
    here = _query(looked)
    last = found[queries.PAGE - 1].name if len(found) > queries.PAGE else ""
    shown = {
        "section": "customers",
        "customers": found[: queries.PAGE],
        "filters": _filters(looked),
        "looked": looked,
        "here": urlencode({**here, **({"after": after} if after else {})}),
        "next_url": f"/customers?{urlencode({**here, 'after': last})}" if last else "",
        "may_tag": may(request.actor, "customer.tag") is None,
        "may_erase": may(request.actor, "contact.erase") is None,
        "may_change": may(request.actor, "customer.change") is None,
        "any": bool(found) or Entity.objects.filter(kind="customer").exists(),
        "tickets": Ticket.objects.exists(),
        "undo": _undoable(request),
    }
    return render(request, "customers/list.html", shown)


@act("customer.tag")
def tag(request: Any) -> HttpResponse:
    """Tag the ticked contacts, as suggested or as chosen, or dismiss what is suggested for them."""
    chosen, back = request.POST.get("as", ""), _back(request)
    ticked = dict(each.partition(" ")[::2] for each in request.POST.getlist("contact"))
    if chosen == DISMISS:
        return _dismiss(request, [uid for uid, suggested in ticked.items() if suggested], back)
    if chosen == AS_SUGGESTED:
        wanted = {uid: suggested for uid, suggested in ticked.items() if suggested}
        if ticked and not wanted:
            no = _("Nothing is suggested for those that are ticked: choose a segment for them.")
            return refused(request, Refusal(no, "as"), back=back)
    else:
        wanted = dict.fromkeys(ticked, chosen)
    former = segments.tag(wanted, person=request.actor, by=request.actor, source=SOURCE, now=request.now)
    if isinstance(former, Refusal):
        return refused(request, former, back=back)
    if former:
        as_what = chosen if chosen in list(Segment) else AS_SUGGESTED
        kept = {uid: [each.segment, each.origin] for uid, each in former.items()}
        request.session[UNDO] = {"former": kept, "as": as_what, "at": request.now.isoformat()}
    else:
        messages.success(request, _("They were tagged so already."))
    return HttpResponseRedirect(back)


@act("customer.tag")
def undo(request: Any) -> HttpResponse:
    """Give back the segments that the last tagging changed."""
    kept, back = _undoable(request), _back(request)
    if kept is None:
        gone = _("There is nothing to undo any more: tag the contacts back.")
        return refused(request, Refusal(gone, ""), back=back)
    before = {uid: segments.Former(*each) for uid, each in kept["former"].items()}
    former = segments.undo(before, person=request.actor, by=request.actor, source=SOURCE, now=request.now)
    del request.session[UNDO]
    refusal = former if isinstance(former, Refusal) else None
    return answer(request, refusal, back=back, said=_("Tagged as before."))


@form("contact.erase")
def erase(request: Any, contact: str) -> HttpResponse:
    """Ask, then take a contact out with all that is kept of them."""
    row = Contact.objects.select_related("customer").filter(uid=contact).first()
    if row is None:
        raise Http404
    if request.method == "POST":
        refusal = contact_actions.erase(contact=contact, actor=request.actor, now=request.now)
        return answer(request, refusal, back="/customers", said=_("The contact is erased."))
    return render(request, "customers/erase.html", {"section": "customers", "contact": row})


@act("customer.change")
def again(request: Any, contact: str) -> HttpResponse:
    """Write to a contact again whose mails came back, and send what they missed."""
    sent = suppressions.try_again(contact=contact, actor=request.actor, now=request.now)
    refusal = sent if isinstance(sent, Refusal) else None
    many = sent if isinstance(sent, int) else 0
    said = _("They are written to again.")
    if many:
        said += (
            " "
            + ngettext("%d mail that they missed is sent now.", "%d mails that they missed are sent now.", many) % many
        )
    return answer(request, refusal, back="/customers", said=said)


def _dismiss(request: Any, uids: list[str], back: str) -> HttpResponse:
    many = segments.dismiss(uids, person=request.actor, by=request.actor, source=SOURCE, now=request.now)
    if isinstance(many, Refusal):
        return refused(request, many, back=back)
    said = ngettext("%d suggestion is dismissed.", "%d suggestions are dismissed.", many) % many
    return answer(request, None, back=back, said=said)


def _looked(given: Mapping[str, str]) -> Looked:
    segment, suggested = given.get("segment", ""), given.get("suggested", "")
    return Looked(
        q=given.get("q", "").replace("\0", "").strip()[:120],
        segment=segment if segment in list(Segment) else "",
        suggested=suggested if suggested in ("any", Segment.TECHNICAL, Segment.BUSINESS) else "",
        strategic=given.get("strategic") == "1",
    )


def _query(looked: Looked) -> dict[str, str]:
    given = {"q": looked.q, "segment": looked.segment, "suggested": looked.suggested}
    return {name: said for name, said in given.items() if said} | ({"strategic": "1"} if looked.strategic else {})


def _filters(looked: Looked) -> list[dict[str, Any]]:
    many = queries.counts()
    kinds: tuple[tuple[str, dict[str, str]], ...] = (
        (_("All"), {}),
        (_("Untagged (%d)") % many["untagged"], {"segment": "untagged"}),
        (_("With a suggestion (%d)") % many["suggested"], {"suggested": "any"}),
        (_("Technical"), {"segment": "technical"}),
        (_("Business"), {"segment": "business"}),
        (_("Strategic"), {"strategic": "1"}),
    )
    here = {name: said for name, said in _query(looked).items() if name != "q"}
    kept = {"q": looked.q} if looked.q else {}
    return [
        {"label": label, "url": f"/customers?{urlencode({**said, **kept})}".rstrip("?"), "current": said == here}
        for label, said in kinds
    ]


def _back(request: Any) -> str:
    """The page that was looked at: only its own words are taken from what was sent."""
    given = request.POST.get("here", "")[:600]
    return f"/customers?{given}" if given and given.isprintable() and "\\" not in given else "/customers"


def _undoable(request: Any) -> dict[str, Any] | None:
    """The last tagging in this session, while it is fresh."""
    kept: dict[str, Any] | None = request.session.get(UNDO)
    if kept is None or not request.now - UNDO_FOR < datetime.fromisoformat(kept["at"]) <= request.now:
        return None
    return {**kept, "many": len(kept["former"])}


urlpatterns = [
    path("customers", listing),
    path("customers/segments", tag),
    path("customers/segments/undo", undo),
    path("customers/contacts/<str:contact>/again", again),
    path("customers/contacts/<str:contact>/erase", erase),
]
