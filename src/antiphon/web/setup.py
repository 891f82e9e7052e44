"""The first run: who you are, where this is reached, how mail leaves, the first key, an alert to see it all work."""

from typing import Any, Final

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from antiphon.actions import keys, people, settings
from antiphon.core.decision import SYSTEM, Refusal
from antiphon.core.observations import key_hash
from antiphon.db import channel_settings
from antiphon.db.models import Integration, Organisation, Person, SignInLink
from antiphon.queries import alert_board
from antiphon.web import mail_test, test_alerts
from antiphon.web.forms import channels as channel_forms
from antiphon.web.forms.refusals import show as refuse
from antiphon.web.forms.zoned import zone_field
from antiphon.web.guard import actor_of, form, public
from antiphon.web.sign_in import start_session

STEPS: Final = (("person", _("You")), ("address", _("Address")), ("mail", _("Mail")), ("key", _("First key")))


class PersonForm(forms.Form):
    """The first person and the house they work for."""

    name = forms.CharField(label=_("Your name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    email = forms.EmailField(
        label=_("E-mail"),
        help_text=_("Where pages reach you at first."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    password = forms.CharField(
        label=_("Password"),
        help_text=_("At least 12 characters."),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        validators=[validate_password],
    )
    organisation = forms.CharField(label=_("Organisation"), max_length=120, help_text=_("As customers know it."))
    zone = zone_field(_("Zone"), initial="UTC")


class AddressForm(forms.Form):
    """Where the installation is reached."""

    base_url = forms.CharField(label=_("Address"), max_length=300, help_text=_("Such as https://incidents.example.org"))


class KeyForm(forms.Form):
    """The first sender."""

    name = forms.CharField(label=_("Name"), max_length=120, initial="prometheus", help_text=_("What sends the alerts."))
    kind = forms.ChoiceField(
        label=_("Speaks"), choices=[each for each in Integration.Kind.choices if each[0] != Integration.Kind.MAIL]
    )


@never_cache
@public("the printed one-time link is the key; it opens nothing once somebody is admin")
def start(request: Any, token: str) -> HttpResponse:
    """Step 1: the first person. The link is used up when the form is right, not before."""
    row = SignInLink.objects.filter(hash=key_hash(token), person=None, used_at=None).first()
    if row is None or row.expires_at <= request.now or _closed():
        spent = (
            "It was used already, or is older than a day. Start the program again: it prints a new one while nobody "
        )
        return render(request, "one_time.html", {"spent": f"{spent}can sign in."}, status=410)
    entered = PersonForm(request.POST or None)
    if request.method == "POST" and entered.is_valid():
        made = _first_person(token, entered, request)
        if isinstance(made, Person):
            start_session(request, made)
            return HttpResponseRedirect("/setup/steps/address")
    return render(request, "setup/person.html", {"form": entered, "steps": _steps("person")})


def _closed() -> bool:
    admins = Person.objects.filter(is_active=True, role="admin")
    return Organisation.only().set_up_at is not None or admins.exists()


def _first_person(token: str, entered: PersonForm, request: Any) -> Person | None:
    data = entered.cleaned_data
    used = people.use_link(token=token, now=request.now)
    if isinstance(used, Refusal):
        refuse(entered, used)
        return None
    person = people.create(
        email=data["email"], name=data["name"], role="admin", zone=data["zone"], actor=SYSTEM, now=request.now
    )
    if isinstance(person, Refusal):
        refuse(entered, person)
        return None
    actor = actor_of(person)
    people.set_password(person=person, password=data["password"], actor=actor, now=request.now)
    settings.save_organisation(name=data["organisation"], zone=data["zone"], actor=actor, now=request.now)
    settings.page_first_person(person=person, actor=actor, now=request.now)
    return person


@form("configuration.change")
def address(request: Any) -> HttpResponse:
    """Step 2: the address, suggested from the one that the browser used."""
    suggested = Organisation.only().base_url or f"{request.scheme}://{request.get_host()}"
    entered = AddressForm(request.POST or None, initial={"base_url": suggested})
    if request.method == "POST" and entered.is_valid():
        url = entered.cleaned_data["base_url"]
        refusal = settings.save_address(base_url=url, actor=request.actor, now=request.now)
        if refusal is None:
            return HttpResponseRedirect("/setup/steps/mail")
        refuse(entered, refusal)
    return render(request, "setup/address.html", {"form": entered, "steps": _steps("address")})


@form("configuration.change")
def mail(request: Any) -> HttpResponse:
    """Step 3: the mail server, with a real test mail through the delivery queue."""
    if request.POST.get("do") == "skip":
        return HttpResponseRedirect("/setup/steps/key")
    entered = channel_forms.channel_form("mail")(
        request.POST or None, initial=channel_forms.initial(channel_settings.load("mail"), "mail")
    )
    if request.method == "POST" and entered.is_valid():
        values = channel_forms.values_of(entered, "mail")
        problems = settings.save_channel(channel="mail", values=values, actor=request.actor, now=request.now)
        if not problems:
            return _mail_saved(request)
        channel_forms.show(problems, entered)
    test = mail_test.shown(request)
    shown = {"form": entered, "steps": _steps("mail"), "test": test, "refresh": test and test["waits"]}
    return render(request, "setup/mail.html", shown)


def _mail_saved(request: Any) -> HttpResponse:
    if request.POST.get("do") != "test":
        return HttpResponseRedirect("/setup/steps/key")
    return HttpResponseRedirect(f"/setup/steps/mail?test={mail_test.send(request)}")


@form("configuration.change")
def key(request: Any) -> HttpResponse:
    """Step 4: the first key, shown once, and a test alert that opens a test incident."""
    do = request.POST.get("do", "")
    if do == "done":
        settings.finish_setup(person=request.person, actor=request.actor, now=request.now)
        return HttpResponseRedirect("/")
    if do == "test":
        return _key_test(request)
    entered = KeyForm(request.POST or None)
    shown: dict[str, Any] = {"form": entered, "steps": _steps("key")}
    if request.method == "POST" and entered.is_valid():
        data = entered.cleaned_data
        made = keys.add(name=data["name"], kind=data["kind"], actor=request.actor, now=request.now)
        if isinstance(made, Refusal):
            refuse(entered, made)
        else:
            shown["key"] = shown_key(data["name"], data["kind"], made)
    return render(request, "setup/key.html", shown)


def _key_test(request: Any) -> HttpResponse:
    """Send the alert, then show what becomes of it. The secret came with the form: nothing keeps it here."""
    secret = request.POST.get("key", "")
    row = Integration.objects.filter(key_hash=key_hash(secret)).first()
    if row is None:
        return HttpResponseRedirect("/setup/steps/key")
    marker = request.POST.get("marker") or test_alerts.send(row, now=request.now)
    shown = {"steps": _steps("key"), "key": shown_key(row.name, row.kind, secret)}
    if isinstance(marker, Refusal):
        shown["arrived"] = {"bad": True, "text": marker.sentence}
    else:
        shown |= {"marker": marker, "arrived": arrived(marker, request.actor)}
    return render(request, "setup/key.html", shown)


def arrived(marker: str, reader: Any) -> dict[str, Any]:
    """How far a test alert has come: stored, grouped, part of a test incident."""
    row = alert_board.marked(marker, reader=reader)
    if row is None:
        return {"waits": True, "text": "Sent. It has not arrived yet."}
    if row.incident_number is None:
        return {"waits": True, "text": f"It arrived. {row.reason}", "url": row.url}
    said = f"It arrived and opened test incident #{row.incident_number}, which reaches nobody outside."
    return {"waits": False, "text": said, "url": row.incident_url}


def shown_key(name: str, kind: str, secret: str) -> dict[str, Any]:
    """A new key as it is shown this once, with what to paste where."""
    from_here = test_alerts.base_address(secret)
    return {"name": name, "base_url": from_here, "secret": secret, "examples": test_alerts.examples(kind, from_here)}


def _steps(here: str) -> list[dict[str, Any]]:
    place = [name for name, _label in STEPS].index(here)
    return [{"label": label, "done": at < place, "here": at == place} for at, (_name, label) in enumerate(STEPS)]
