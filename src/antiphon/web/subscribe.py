"""Subscribing to a status page, and the page behind a subscriber's own link.

A look changes nothing: scanners follow links in mails. Mail programs end a subscription by one POST (RFC 8058).
"""

from typing import Any, Final

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from antiphon import clock
from antiphon.actions import subscribers as actions
from antiphon.core.decision import Refusal
from antiphon.queries import subscribers as queries
from antiphon.web.attempts import FROM_ONE_PLACE, Attempts
from antiphon.web.forms import refusals
from antiphon.web.forms.subscribers import SubscribeForm, WishesForm
from antiphon.web.guard import public

ONE_CLICK: Final = "List-Unsubscribe"
attempts = Attempts()


@never_cache
@public("the public page's readers have no account; nothing but one question goes to what they enter")
def subscribe(request: Any, slug: str) -> HttpResponse:
    """The form, and the same answer whether or not the address is known."""
    offered = queries.offered(slug)
    if offered is None:
        return render(request, "subscribe/unknown.html", status=404)
    form = SubscribeForm(request.POST or None, offered=offered)
    status = 200
    if request.method == "POST":
        status = _asked(request, slug, form) if form.is_valid() else 422
        if status == 202:
            return render(request, "subscribe/asked.html", {"page": offered}, status=status)
    answer = render(request, "subscribe/form.html", {"page": offered, "form": form}, status=status)
    if status == 429:
        answer["Retry-After"] = "300"
    return answer


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


def _asked(request: Any, slug: str, form: SubscribeForm) -> int:
    """202 when the address was taken; else the status of the form, which says why not."""
    real, place = clock.real(), f"from {request.META.get('REMOTE_ADDR', '')}"
    wait = attempts.wait(place, FROM_ONE_PLACE, real=real)
    if wait:
        form.add_error(None, f"Many addresses were entered from here. Wait {int(wait // 60) + 1} min, then try again.")
        return 429
    attempts.failed(place, real=real)
    address = form.cleaned_data["address"]
    refused = actions.ask(page=slug, address=address, wishes=form.wishes(), now=request.now)
    if refused is not None:
        refusals.show(form, refused)
        return 422
    return 202


def _act(request: Any, token: str, verb: str, form: WishesForm) -> tuple[Refusal | None, str]:
    """Why it was not done, and what was."""
    if verb == "keep" and not form.is_valid():
        return None, ""
    if verb == "keep":
        refusal = actions.keep(token=token, wishes=form.wishes(), now=request.now)
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
    path("subscription/<str:token>", subscription),
]
