"""Signing in by password or by a link that works once, and signing out."""

from typing import Any, Final

from django import forms
from django.contrib.auth import authenticate, login, logout
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from antiphon import clock
from antiphon.actions import people
from antiphon.core.decision import Refusal
from antiphon.core.observations import key_hash
from antiphon.db.models import Person, SignInLink
from antiphon.web.attempts import FOR_ONE_PERSON, FROM_ONE_PLACE, Attempts
from antiphon.web.guard import public

BACKEND: Final = "django.contrib.auth.backends.ModelBackend"
WRONG: Final = "That address and password do not belong together, or the person may not sign in here."
attempts = Attempts()


class SignInForm(forms.Form):
    """The two things that are asked."""

    email = forms.EmailField(
        label=_("E-mail"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True}),
    )
    password = forms.CharField(
        label=_("Password"),
        max_length=1000,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


@never_cache
@public("signing in is how one comes to be signed in")
def sign_in(request: Any) -> HttpResponse:
    """Ask for address and password. Wrong ones get one sentence, whatever was wrong; too many have to wait."""
    following = _safe(request, request.POST.get("next") or request.GET.get("next", ""))
    if request.user.is_authenticated:
        return HttpResponseRedirect(following)
    form = SignInForm(request.POST or None)
    status = 200
    if request.method == "POST" and form.is_valid():
        status = _try(request, form)
        if status == 302:
            return HttpResponseRedirect(following)
    shown = {"form": form, "next": "" if following == "/" else following}
    response = render(request, "sign_in.html", shown, status=status)
    if status == 429:
        response["Retry-After"] = "300"
    return response


def _try(request: Any, form: SignInForm) -> int:
    """302 when they are signed in now; else the status of the form, which says why not."""
    real, email = clock.real(), form.cleaned_data["email"].lower()
    place, whom = f"from {request.META.get('REMOTE_ADDR', '')}", f"for {email}"
    wait = max(
        attempts.wait(place, FROM_ONE_PLACE, real=real),
        attempts.wait(whom, FOR_ONE_PERSON, real=real),
    )
    if wait:
        form.add_error(None, f"Too many tries. Wait {int(wait // 60) + 1} min, or use a one-time link.")
        return 429
    person = authenticate(request, username=email, password=form.cleaned_data["password"])
    if not isinstance(person, Person):
        attempts.failed(place, whom, real=real)
        form.add_error(None, WRONG)
        return 200
    attempts.forget(whom)
    start_session(request, person)
    return 302


def start_session(request: Any, person: Person) -> None:
    """Sign a person in, in a session of its own."""
    login(request, person, backend=BACKEND)
    Person.objects.filter(pk=person.pk).update(last_login=request.now)  # login() took the system's clock


@public("whoever has no session any more may leave it too")
def sign_out(request: Any) -> HttpResponse:
    """End the session; by POST only, so that no other site's picture does it."""
    if request.method == "POST":
        logout(request)
    return HttpResponseRedirect("/sign-in")


@never_cache
@public("a one-time link is the key itself; GET shows, POST uses it up, because mail scanners follow links")
def one_time(request: Any, token: str) -> HttpResponse:
    """The page behind a one-time link: a button, or the set-up where nobody is here yet."""
    row = SignInLink.objects.select_related("person").filter(hash=key_hash(token)).first()
    if row is not None and row.person is None:
        return HttpResponseRedirect(f"/setup/{token}")
    fresh = row and not row.used_at and row.expires_at > request.now and row.person and row.person.is_active
    if row is None or not fresh:
        return render(request, "one_time.html", {"spent": people.NO_LINK}, status=410)
    if request.method != "POST":
        return render(request, "one_time.html", {"name": row.person, "expires_at": row.expires_at})
    used = people.use_link(token=token, now=request.now)
    if isinstance(used, Refusal) or used.person is None:
        return render(request, "one_time.html", {"spent": people.NO_LINK}, status=410)
    start_session(request, used.person)
    return HttpResponseRedirect("/")


def _safe(request: Any, address: str) -> str:
    """Where to go on: a page of ours, never another site."""
    ours = address.startswith("/") and url_has_allowed_host_and_scheme(
        address, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return address if ours else "/"
