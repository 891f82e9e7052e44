"""Status pages that are not public: opened by their link, or by whoever is signed in here. Never cached anywhere.

What they show was rendered from what was published to their audience, as the public page is; only the door differs.
"""

from pathlib import PurePosixPath
from typing import Any, Final

from django.conf import settings
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path

from antiphon import config
from antiphon.db import addresses
from antiphon.db.models import Person
from antiphon.db.public import PublicPage
from antiphon.pages.serve import SECURITY, TYPES
from antiphon.web.guard import public

COOKIE: Final = "status-page"
SALT: Final = "antiphon.status-page.cookie"
REMEMBERED: Final = 90 * 24 * 3600
"""Seconds for which a browser that came by the link needs it no more."""
_WHY: Final = "its readers have no account; the page opens by its link, and to whoever is signed in"


@public(_WHY)
def show(request: Any, slug: str, name: str = "") -> HttpResponse:
    """One file of a private page. Whether there is such a page is told to nobody who may not open it."""
    page = PublicPage.objects.filter(slug=slug, private=True).first()
    key = request.GET.get("key", "")
    by_link = page is not None and bool(key) and addresses.opens_page(key, page.uid, page.link_version)
    if page is None or not (by_link or _remembered(request, page) or isinstance(request.user, Person)):
        return _uncached(render(request, "private_page.html", status=404))
    if by_link and (not name or name.endswith(".html")):
        return _remember(HttpResponseRedirect(request.path), page, request)
    return _file(slug, name or "index.html")


@public(_WHY)
def to_folder(request: Any, slug: str) -> HttpResponse:
    """Relative links need the slash; the key goes along."""
    asked = request.META.get("QUERY_STRING", "")
    return _uncached(HttpResponseRedirect(f"/status/p/{slug}/{f'?{asked}' if asked else ''}"))


def _uncached(answer: HttpResponse) -> HttpResponse:
    answer["Cache-Control"] = "no-store"
    return answer


def _remembered(request: Any, page: PublicPage) -> bool:
    kept = request.get_signed_cookie(COOKIE, default="", salt=SALT, max_age=REMEMBERED)
    return bool(kept == f"{page.uid}.{page.link_version}")


def _remember(answer: HttpResponse, page: PublicPage, request: Any) -> HttpResponse:
    answer.set_signed_cookie(
        COOKIE,
        f"{page.uid}.{page.link_version}",
        salt=SALT,
        max_age=REMEMBERED,
        path=f"/status/p/{page.slug}/",
        secure=request.is_secure() or settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return _uncached(answer)


def _file(slug: str, name: str) -> HttpResponse:
    wanted = PurePosixPath(name)
    hidden = any(part.startswith(".") for part in wanted.parts)
    if hidden or wanted.is_absolute() or wanted.suffix not in TYPES:
        raise Http404
    try:
        body = (config.from_environment().private_folder / slug / wanted).read_bytes()
    except (OSError, ValueError):  # no such file, or a name that no file can have
        raise Http404 from None
    answer = HttpResponse(body, content_type=TYPES[wanted.suffix].decode())
    for header, value in SECURITY:
        answer[header.decode()] = value.decode()
    answer["X-Robots-Tag"] = "noindex"
    return _uncached(answer)


urlpatterns = [
    path("status/p/<slug:slug>", to_folder),
    path("status/p/<slug:slug>/", show),
    path("status/p/<slug:slug>/<path:name>", show),
]
