"""How a view answers after it acted: the same outcome for a page with scripts and for one without."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _

from antiphon.core.decision import Refusal


def answer(request: HttpRequest, refusal: Refusal | None, *, back: str, said: str = "") -> HttpResponse:
    """Done, or refused with the sentence; `back` is the page that the act belongs to, `said` what was done."""
    return done(request, back=back, said=said) if refusal is None else refused(request, refusal, back=back)


def done(request: HttpRequest, *, back: str, said: str = "") -> HttpResponse:
    """It is done: with scripts nothing more is said, for the page shows it in a moment; else back to the page."""
    if by_script(request):
        return HttpResponse(status=204)
    if said:
        messages.success(request, said)
    return HttpResponseRedirect(back)


def refused(request: HttpRequest, refusal: Refusal, *, back: str = "") -> HttpResponse:
    """It was refused: a message on the page, else a page of its own, so that Back finds what was typed."""
    if by_script(request):
        return toast(request, refusal.sentence)
    words = {
        "title": _("This was not done"),
        "what": refusal.sentence,
        "mend": _("Nothing was changed. Go back with the browser: what you typed is still there."),
    }
    return render(request, "error.html", {"code": 422, "back_url": back, **words}, status=422)


def behind_a_link(response: HttpResponse) -> HttpResponse:
    """A page behind a signed link: nobody keeps it, finds it, or learns its address from where its links lead."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def toast(request: HttpRequest, text: str) -> HttpResponse:
    """A message laid onto the page that asked; 200, for htmx shows no other."""
    return render(request, "parts/toast.html", {"text": text})


def by_script(request: HttpRequest) -> bool:
    """Whether htmx asked, so that only a part of a page is wanted."""
    return request.headers.get("HX-Request") == "true"
