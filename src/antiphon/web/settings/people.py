"""Who works here, what they may do, and one's own password and ways to be reached."""

from typing import Any

from django import forms
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.password_validation import validate_password
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from antiphon.actions import people
from antiphon.channels.channel import to_people
from antiphon.core.access import ROLES
from antiphon.core.decision import Refusal
from antiphon.db import addresses
from antiphon.db.models import Person
from antiphon.web.answers import answer, done
from antiphon.web.forms.refusals import show
from antiphon.web.forms.zoned import zone_field
from antiphon.web.guard import act, form
from antiphon.web.settings.tabs import tabs


class PersonForm(forms.Form):
    """Somebody new."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    email = forms.EmailField(label=gettext_lazy("E-mail"))
    role = forms.ChoiceField(label=gettext_lazy("Role"), choices=[(role, role) for role in ROLES], initial="responder")
    zone = zone_field(gettext_lazy("Zone"), required=False)


class PasswordForm(forms.Form):
    """Another password; the present one is asked, so that an open screen is not enough."""

    present = forms.CharField(
        label=gettext_lazy("Present password"),
        required=False,
        strip=False,
        help_text=gettext_lazy("Empty if you have only ever signed in by link."),
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    password = forms.CharField(
        label=gettext_lazy("New password"),
        strip=False,
        help_text=gettext_lazy("At least 12 characters."),
        validators=[validate_password],
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


class ReachForm(forms.Form):
    """Ways to be reached, one a line, in the order in which they are tried."""

    ways = forms.CharField(
        label=gettext_lazy("Ways, one a line"),
        required=False,
        help_text=gettext_lazy("The channel and the address on it: mail ann@example.org. The first is tried first."),
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
    )

    def clean_ways(self) -> list[tuple[str, str]]:
        """Pairs of channel and address."""
        lines = [line.split(None, 1) for line in self.cleaned_data["ways"].splitlines() if line.strip()]
        for line in lines:
            if len(line) != 2:
                known = ", ".join(to_people())
                raise forms.ValidationError(
                    _("“%s” lacks an address: write one of %s, a space and the address.") % (line[0], known)
                )
        return [(line[0], line[1].strip()) for line in lines]


@never_cache
@form("people.change")
def listing(request: Any) -> HttpResponse:
    """Everybody, and somebody new: their sign-in link is shown once, to be handed to them."""
    entered, link = PersonForm(request.POST or None), None
    if request.method == "POST" and entered.is_valid():
        made = people.create(**entered.cleaned_data, actor=request.actor, now=request.now)
        if isinstance(made, Refusal):
            show(entered, made)
        else:
            entered, link = PersonForm(), _link(request, made)
    return _shown(request, entered, link)


@never_cache
@act("people.change")
def new_link(request: Any, person: str) -> HttpResponse:
    """A link that signs the person in once, shown to be handed over."""
    return _shown(request, PersonForm(), _link(request, _find(person)))


@act("people.change")
def role(request: Any, person: str) -> HttpResponse:
    """Another role; the person's sessions end with it."""
    row = _find(person)
    refusal = people.change_role(person=row, role=request.POST.get("role", ""), actor=request.actor, now=request.now)
    return answer(request, refusal, back="/settings/people", said=_("%s has another role now.") % row.name)


@act("people.change")
def off(request: Any, person: str) -> HttpResponse:
    """The person may not sign in any more."""
    row = _find(person)
    refusal = people.deactivate(person=row, actor=request.actor, now=request.now)
    return answer(request, refusal, back="/settings/people", said=_("%s may not sign in any more.") % row.name)


@form("on_call.see")
def me(request: Any) -> HttpResponse:
    """One's own password, and the ways to be reached."""
    do, person = request.POST.get("do", ""), request.person
    ways = "\n".join(f"{each.channel} {each.address}" for each in person.contact_methods.all())
    password = PasswordForm(request.POST if do == "password" else None)
    reach = ReachForm(request.POST if do == "reach" else None, initial={"ways": ways})
    if do == "password" and password.is_valid() and _password(request, password):
        return done(
            request, back="/settings/me", said=_("Your password is another one now; other sessions have ended.")
        )
    if do == "reach" and reach.is_valid():
        methods = reach.cleaned_data["ways"]
        refusal = people.set_contact_methods(person=person, methods=methods, actor=request.actor, now=request.now)
        if refusal is None:
            return done(request, back="/settings/me", said=_("Saved. Send yourself a test from the on-call page."))
        reach.add_error("ways", refusal.sentence)
    shown = {**tabs("me"), "person": person, "password_form": password, "reach_form": reach}
    return render(request, "settings/me.html", shown)


def _password(request: Any, entered: PasswordForm) -> bool:
    person, data = request.person, entered.cleaned_data
    if person.has_usable_password() and not person.check_password(data["present"]):
        entered.add_error("present", _("That is not your present password."))
        return False
    refusal = people.set_password(person=person, password=data["password"], actor=request.actor, now=request.now)
    if refusal is not None:
        show(entered, refusal)
        return False
    update_session_auth_hash(request, person)
    return True


def _link(request: Any, person: Person) -> dict[str, str] | None:
    token = people.sign_in_link(email=person.email, actor=request.actor, now=request.now)
    if isinstance(token, Refusal):
        return None
    return {"name": person.name, "url": f"{addresses.base_url()}/one-time/{token}"}


def _shown(request: Any, entered: PersonForm, link: dict[str, str] | None) -> HttpResponse:
    rows = Person.objects.filter(is_active=True).prefetch_related("contact_methods").order_by("name", "id")
    listed = [
        {
            "uid": row.uid,
            "name": row.name,
            "email": row.email,
            "role": row.role,
            "zone": row.zone,
            "last_seen": row.last_login,
            "reach": ", ".join(dict.fromkeys(each.channel for each in row.contact_methods.all())),
            "self": row.pk == request.person.pk,
            "url": f"/settings/people/{row.uid}",
        }
        for row in rows
    ]
    shown = {**tabs("people"), "people": listed, "form": entered, "link": link, "roles": ROLES}
    return render(request, "settings/people.html", shown)


def _find(uid: str) -> Person:
    row = Person.objects.filter(uid=uid, is_active=True).first()
    if row is None:
        raise Http404
    return row
