"""How the house and its status pages show themselves: name, colour, logo, small print, with how it looks."""

from typing import Any

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from antiphon.actions import branding as actions
from antiphon.core.access import may
from antiphon.core.branding import FIELDS
from antiphon.core.decision import Refusal
from antiphon.core.languages import LANGUAGES
from antiphon.core.png import MOST_BYTES
from antiphon.queries import branding
from antiphon.queries.branding import Branded
from antiphon.web.answers import done
from antiphon.web.forms import refusals
from antiphon.web.guard import act, page
from antiphon.web.settings.tabs import tabs

HERE = "/settings/branding"


class BrandForm(forms.Form):
    """Every value may be empty: then a page shows the house's, and the house shows nothing of it."""

    name = forms.CharField(
        label=gettext_lazy("Name"), required=False, max_length=120, help_text=gettext_lazy("As readers know the house.")
    )
    accent = forms.CharField(
        label=gettext_lazy("Colour"),
        required=False,
        max_length=60,
        help_text=gettext_lazy("Such as #0b57b0. For text it is made darker or lighter until it can be read."),
    )
    logo = forms.FileField(
        label=gettext_lazy("Logo"),
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": "image/png"}),
        help_text=gettext_lazy(
            "PNG, at most 1200 × 400 pixels and 200 kB, for status pages; mails name the house in words."
        ),
    )
    no_logo = forms.BooleanField(label=gettext_lazy("Take the logo away"), required=False)
    support_url = forms.CharField(
        label=gettext_lazy("Support on the web"), required=False, max_length=400, help_text="https://…"
    )
    support_phone = forms.CharField(label=gettext_lazy("Support by telephone"), required=False, max_length=60)
    footer = forms.CharField(
        label=gettext_lazy("Small print"),
        required=False,
        max_length=2_000,
        help_text=gettext_lazy("Lines below every page and mail, such as the company's legal notice."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    from_name = forms.CharField(
        label=gettext_lazy("Sender's name in mails"),
        required=False,
        max_length=120,
        help_text=gettext_lazy("Stands beside the address. Empty: the name that the mail settings give."),
    )
    language = forms.ChoiceField(
        label=gettext_lazy("Language of the page"),
        choices=[(code, each.own) for code, each in LANGUAGES.items()],
        help_text=gettext_lazy("Texts stand on it in this language where they were written in it."),
    )


@page("configuration.see")
def listing(request: Any, slug: str = "") -> HttpResponse:
    """The house's own, or a page's."""
    found = _found(slug)
    known = {name: getattr(found.own, name) for name in FIELDS} | {"language": found.language}
    return _shown(request, found, _form(found, initial=known))


@act("configuration.change")
def change(request: Any, slug: str = "") -> HttpResponse:
    """Save the whole, or refuse the field that is wrong."""
    found = _found(slug)
    entered = _form(found, data=request.POST, files=request.FILES)
    if entered.is_valid():
        refusal = _kept(request, found, entered.cleaned_data)
        if refusal is None:
            return done(request, back=f"{HERE}/of/{slug}" if slug else HERE, said=_("Saved. Every page shows it now."))
        refusals.show(entered, refusal)
    return _shown(request, found, entered)


def _kept(request: Any, found: Branded, data: dict[str, Any]) -> Refusal | None:
    file = data["logo"]
    if file is not None and file.size > MOST_BYTES:
        return Refusal(f"The logo has {file.size // 1000} kB, more than {MOST_BYTES // 1000} kB.", "logo")
    logo = file.read() if file else b"" if data.get("no_logo") else None
    values: dict[str, str] = {name: data[name] for name in FIELDS if name in data}
    by = {"actor": request.actor, "now": request.now}
    saved = actions.save(values=values, page=found.slug, logo=logo, **by)
    if not isinstance(saved, Refusal) and found.slug:
        saved = actions.set_language(page=found.slug, language=data["language"], **by)
    return saved if isinstance(saved, Refusal) else None


def _form(found: Branded, **given: Any) -> BrandForm:
    form = BrandForm(**given)
    if found.slug:
        del form.fields["from_name"]  # mails come from the house
    else:
        del form.fields["language"]
    if not found.own_logo:
        del form.fields["no_logo"]
    return form


def _found(slug: str) -> Branded:
    if not slug:
        return branding.house()
    found = branding.of_page(slug)
    if found is None:
        raise Http404
    return found


def _shown(request: Any, found: Branded, form: BrandForm) -> HttpResponse:
    places = [("", _("The house")), *branding.pages()]
    shown = {
        "brand": found,
        "form": form,
        "action": f"{HERE}/of/{found.slug}/change" if found.slug else f"{HERE}/change",
        "places": [
            {"label": name, "url": f"{HERE}/of/{slug}" if slug else HERE, "current": slug == found.slug}
            for slug, name in places
        ],
        "may_change": may(request.actor, "configuration.change") is None,
    }
    return render(request, "settings/branding.html", {**tabs("branding"), **shown}, status=422 if form.errors else 200)
