"""Subscribing to a status page, and the page behind a subscriber's own link.

A look changes nothing: scanners follow links in mails. Mail programs end a subscription by one POST (RFC 8058).
"""

from typing import Any, Final

from django.forms import Form
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from antiphon import clock
from antiphon.actions import subscribers as actions
from antiphon.core.decision import Refusal
from antiphon.queries import subscribers as queries
from antiphon.web.attempts import FROM_ONE_PLACE, Attempts
from antiphon.web.forms import refusals
from antiphon.web.forms.subscribers import CodeForm, SubscribeForm, WishesForm
from antiphon.web.guard import public

ONE_CLICK: Final = "List-Unsubscribe"
SMS: Final = "sms"
LABELS: Final = {
    "mail": gettext_lazy("Mail"),
    "sms": gettext_lazy("SMS"),
    "chat": gettext_lazy("Chat"),
    "webhook": gettext_lazy("Webhook"),
}
attempts = Attempts()


@never_cache
@public("the public page's readers have no account; nothing but one question goes to what they enter")
def subscribe(request: Any, slug: str, way: str = "") -> HttpResponse:
    """The form for one way, and the same answer whether or not the address is known."""
    offered = queries.offered(slug)
    way = way or (offered.ways[0] if offered else "")
    if offered is None or way not in offered.ways:
        return render(request, "subscribe/unknown.html", status=404)
    form = SubscribeForm(request.POST or None, offered=offered, way=way)
    status = 200
    if request.method == "POST":
        status = _asked(request, slug, way, form) if form.is_valid() else 422
        if status == 202:
            asked = {"page": offered, **_code_form(slug, form.cleaned_data["address"])}
            return render(request, f"subscribe/asked_{way}.html", asked, status=status)
    shown = {"page": offered, "way": way, "tabs": _tabs(offered, way), "form": form}
    return _wait(render(request, "subscribe/form.html", shown, status=status))


@never_cache
@public("whoever types the code has the phone that it was sent to")
def code(request: Any, slug: str) -> HttpResponse:
    """The code that an SMS brought is a yes; then they are where its link leads."""
    offered = queries.offered(slug)
    if offered is None or SMS not in offered.ways:
        return render(request, "subscribe/unknown.html", status=404)
    form = CodeForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        token = _confirmed(request, slug, form) if form.is_valid() else ""
        if token:
            return HttpResponseRedirect(f"/subscription/{token}")
    shown = {"page": offered, **_code_form(slug), "form": form}
    return render(request, "subscribe/asked_sms.html", shown, status=status)


@never_cache
@csrf_exempt  # a mail program posts without our cookie; the token in the address is the proof
@public("subscribers have no account; the token names the one subscription that it opens")
def subscription(request: Any, token: str) -> HttpResponse:
    """GET shows it with what can be done; POST does that."""
    found = queries.by_token(token)
    if found is None:
        return render(request, "subscribe/unknown.html", status=404)
    subscribed, wishes, offered = found
    known = {"components": sorted(wishes.components), "impact": wishes.impact}
    verb = "stop" if ONE_CLICK in request.POST else request.POST.get("act", "")
    form = WishesForm(request.POST if verb == "keep" else None, offered=offered, initial=known)
    refusal, done = _act(request, token, verb, form) if request.method == "POST" else (None, "")
    if done == "erase":
        return render(request, "subscribe/erased.html", {"page": offered})
    if done:
        subscribed = (queries.by_token(token) or found)[0]
    said = refusal.sentence if refusal else ""
    shown = {"page": offered, "subscribed": subscribed, "form": form, "done": done, "refusal": said}
    return render(request, "subscribe/subscription.html", shown, status=422 if refusal or form.errors else 200)


def _asked(request: Any, slug: str, way: str, form: SubscribeForm) -> int:
    """202 when the address was taken; else the status of the form, which says why not."""
    many = _too_many(request, form, _("Many addresses were entered from here."))
    if many:
        return 429
    refused = actions.ask(page=slug, way=way, address=form.entered(), wishes=form.wishes(), now=request.now)
    if refused is not None:
        refusals.show(form, refused)
        return 422
    return 202


def _confirmed(request: Any, slug: str, form: CodeForm) -> str:
    """The token of the subscription that the code confirms; empty when the form says why not."""
    if _too_many(request, form, _("Many codes were entered from here.")):
        return ""
    data = form.cleaned_data
    said = actions.confirm(page=slug, way=SMS, address=data["address"], code=data["code"], now=request.now)
    if isinstance(said, Refusal):
        refusals.show(form, said)
        return ""
    return said


def _too_many(request: Any, form: Form, says: str) -> bool:
    """Whether whoever asks has to wait; else this counts as one more."""
    real, place = clock.real(), f"{says} {request.META.get('REMOTE_ADDR', '')}"
    wait = attempts.wait(place, FROM_ONE_PLACE, real=real)
    if wait:
        minutes = int(wait // 60) + 1
        form.add_error(None, f"{says} {_('Wait %(minutes)s min, then try again.') % {'minutes': minutes}}")
    else:
        attempts.failed(place, real=real)
    return wait > 0


def _wait(answer: HttpResponse) -> HttpResponse:
    if answer.status_code == 429:
        answer["Retry-After"] = "300"
    return answer


def _code_form(slug: str, address: str = "") -> dict[str, Any]:
    """Where the code of an SMS is typed in."""
    return {"form": CodeForm(initial={"address": address}), "code_url": f"/subscribe/{slug}/sms/code"}


def _tabs(offered: queries.Offered, here: str) -> list[dict[str, Any]]:
    """The ways, as links that need no script."""
    address = f"/subscribe/{offered.slug}"
    return [{"label": LABELS[way], "url": f"{address}/{way}", "current": way == here} for way in offered.ways]


def _act(request: Any, token: str, verb: str, form: WishesForm) -> tuple[Refusal | None, str]:
    """Why it was not done, and what was."""
    if verb == "keep" and not form.is_valid():
        return None, ""
    if verb in ("keep", "confirm"):
        wishes = form.wishes() if verb == "keep" else None
        refusal = actions.keep(token=token, wishes=wishes, now=request.now)
    elif verb == "stop":
        refusal = actions.stop(token=token, now=request.now)
    elif verb == "erase":
        refusal = actions.erase(token=token, now=request.now)
    else:
        refusal = Refusal("Choose what is to be done with this subscription.", "act")
    return refusal, "" if refusal else verb


urlpatterns = [
    path("subscribe/<slug:slug>", subscribe),
    path("subscribe/<slug:slug>/", subscribe),
    path("subscribe/<slug:slug>/sms/code", code),
    path("subscribe/<slug:slug>/<slug:way>", subscribe),
    path("subscription/<str:token>", subscription),
]
