"""The texts that drafts are made of: the shipped ones to be read, the organisation's own to be written and restored."""

from typing import Any

from django import forms
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from antiphon.actions import own_texts as actions
from antiphon.core import channel_words
from antiphon.core import own_texts as rules
from antiphon.core.access import may
from antiphon.core.channel_words import LABELS
from antiphon.core.decision import Refusal
from antiphon.core.declaring import INCIDENT_TYPES
from antiphon.core.languages import LANGUAGES
from antiphon.core.wording import LONGEST_TEMPLATE
from antiphon.queries import own_texts, readers
from antiphon.queries.own_texts import TextShown
from antiphon.queries.telling import findings_seen
from antiphon.queries.template_reviews import to_look_at
from antiphon.web.answers import answer, done
from antiphon.web.forms import refusals
from antiphon.web.guard import act, form, page
from antiphon.web.settings.tabs import tabs

HERE = "/settings/texts"


class TextForm(forms.Form):
    """A template, and why it is changed."""

    text = forms.CharField(
        label=gettext_lazy("Template"),
        max_length=LONGEST_TEMPLATE * 2,
        strip=False,
        help_text=gettext_lazy("The first line is “Subject: …”. {{ name }} stands for a value, {% if name %} asks."),
        widget=forms.Textarea(attrs={"rows": 18, "class": "mono", "spellcheck": "true"}),
    )
    why = forms.CharField(
        label=gettext_lazy("Why it is changed"),
        max_length=rules.LONGEST_WHY,
        required=False,
        help_text=gettext_lazy("Needed to save. It stands beside the version."),
    )
    number = forms.IntegerField(
        label=gettext_lazy("Preview with incident"),
        min_value=1,
        max_value=2**31 - 1,
        required=False,
        help_text=gettext_lazy("Its number. Empty: a sample of which everything is known."),
    )


class NewForm(forms.Form):
    """Which text is to be written."""

    audience = forms.ChoiceField(
        label=gettext_lazy("Audience"), choices=[(str(each), str(each).capitalize()) for each in rules.AUDIENCES]
    )
    moment = forms.ChoiceField(
        label=gettext_lazy("Moment"), choices=[(str(each), own_texts.said(each)) for each in rules.MOMENTS]
    )
    type = forms.ChoiceField(
        label=gettext_lazy("Incident type"),
        required=False,
        choices=[("", gettext_lazy("every type")), *((each, each.capitalize()) for each in INCIDENT_TYPES)],
    )
    area = forms.CharField(
        label=gettext_lazy("Technical area"),
        required=False,
        max_length=40,
        help_text=gettext_lazy("Such as “database”; it goes with a type. Empty: every area."),
    )
    channel = forms.ChoiceField(
        label=gettext_lazy("Channel"),
        required=False,
        choices=[("", gettext_lazy("mail and page")), *LABELS.items()],
    )
    language = forms.ChoiceField(
        label=gettext_lazy("Language"), required=False, choices=[(code, each.own) for code, each in LANGUAGES.items()]
    )


@page("configuration.see")
def listing(request: Any) -> HttpResponse:
    """Every text there is."""
    return _list(request, NewForm(initial={"language": _language(request)}))


@act("configuration.change")
def add(request: Any) -> HttpResponse:
    """On to the page of a text that may not be written yet."""
    entered = NewForm(request.POST)
    if entered.is_valid():
        data = entered.cleaned_data
        if data["area"] and not data["type"]:
            entered.add_error("type", _("An area goes with an incident type: choose one."))
            return _list(request, entered)
        name = ".".join(part for part in (data["moment"], data["type"], data["area"].strip().lower()) if part)
        name += f"@{data['channel']}" if data["channel"] else ""
        known = rules.named(data["audience"], name)
        if not isinstance(known, Refusal):
            return HttpResponseRedirect(_at(data["audience"], name, own_texts.language_of(data["language"])))
        refusals.show(entered, known)
    return _list(request, entered)


@form("configuration.see")
def text(request: Any, audience: str, name: str) -> HttpResponse:
    """One text; sent back, it is previewed, and nothing is kept."""
    found = _found(request, audience, name)
    if request.method != "POST":
        return _shown(request, found, TextForm(initial={"text": found.text}), preview=_preview(request, found, None))
    return _previewed(request, found)


@never_cache
@act("configuration.change")
def change(request: Any, audience: str, name: str) -> HttpResponse:
    """Save it as a new version, or refuse with the lines that are wrong."""
    found, entered = _found(request, audience, name), TextForm(request.POST)
    if entered.is_valid():
        data = entered.cleaned_data
        saved = actions.save(
            audience=audience,
            name=name,
            language=found.language,
            text=data["text"],
            why=data["why"],
            actor=request.actor,
            now=request.now,
        )
        if not isinstance(saved, Refusal):
            back = _at(audience, name, found.language)
            return done(request, back=back, said=_("Saved. Drafts are made of it from now on."))
        refusals.show(entered, saved)
    return _shown(request, found, entered)


@act("configuration.change")
def restore(request: Any, audience: str, name: str, version: int) -> HttpResponse:
    """Let an earlier version hold again."""
    made = actions.restore(
        audience=audience,
        name=name,
        language=_language(request),
        number=version,
        why="",
        actor=request.actor,
        now=request.now,
    )
    return _done(request, made, audience, name, said=_("That version holds again, as a new one."))


@act("configuration.change")
def give_back(request: Any, audience: str, name: str) -> HttpResponse:
    """Let the shipped text hold again."""
    made = actions.give_back(
        audience=audience,
        name=name,
        language=_language(request),
        why=_("back to the shipped text"),
        actor=request.actor,
        now=request.now,
    )
    return _done(request, made, audience, name, said=_("The shipped text holds again."))


def _done(request: Any, made: int | Refusal, audience: str, name: str, *, said: str) -> HttpResponse:
    refusal = made if isinstance(made, Refusal) else None
    return answer(request, refusal, back=_at(audience, name, _language(request)), said=said)


def _at(audience: str, name: str, language: str) -> str:
    return f"{HERE}/{audience}/{name}?language={language}"


def _language(request: Any) -> str:
    return own_texts.language_of(request.GET.get("language", ""))


def _found(request: Any, audience: str, name: str) -> TextShown:
    found = own_texts.shown(audience, name, _language(request))
    if found is None:
        raise Http404
    return found


def _previewed(request: Any, found: TextShown) -> HttpResponse:
    entered = TextForm(request.POST)
    if not entered.is_valid():
        return _shown(request, found, entered)
    preview = _preview(request, found, entered)
    return _shown(request, found, entered, preview=preview)


def _preview(request: Any, found: TextShown, entered: TextForm | None) -> dict[str, Any] | None:
    """How it reads, with what the lint says; None, and the reason at its field, when it cannot be rendered."""
    words, number = found.text, None
    if entered is not None:
        words, number = entered.cleaned_data["text"], entered.cleaned_data["number"]
    incident = readers.find(number, reader=request.actor) if number else None
    if number and incident is None and entered is not None:
        entered.add_error("number", _("There is no incident of this number: look for it under Incidents."))
        return None
    if not words.strip():
        return None
    seen = own_texts.preview(words, found.of, incident=incident, language=found.language, now=request.now)
    if isinstance(seen, Refusal):
        if entered is not None:
            refusals.show(entered, seen)
        return None
    read = findings_seen(seen.text.subject, seen.text.body, seen.findings)
    length = channel_words.counted(found.channel, seen.text.body) if found.channel else ""
    return {
        "subject": seen.text.subject,
        "body": seen.text.body,
        "findings": read,
        "incident": incident,
        "length": length,
    }


def _list(request: Any, entered: NewForm) -> HttpResponse:
    may_change = may(request.actor, "configuration.change") is None
    language = _language(request)
    shown = {
        "texts": own_texts.listed(language),
        "form": entered,
        "may_change": may_change,
        "languages": _choices(HERE, language),
        "templates": to_look_at(),
    }
    return render(request, "settings/texts.html", {**tabs("texts"), **shown}, status=422 if entered.errors else 200)


def _shown(request: Any, found: TextShown, entered: TextForm, *, preview: dict[str, Any] | None = None) -> HttpResponse:
    may_change = may(request.actor, "configuration.change") is None
    here = f"{HERE}/{found.audience}/{found.name}"
    shown = {
        "shown": found,
        "form": entered,
        "preview": preview,
        "may_change": may_change,
        "languages": _choices(here, found.language),
        "channels": [
            {"label": label or _("Mail and page"), "url": url, "current": label == LABELS.get(found.channel, "")}
            for label, url in found.channels
        ],
        "here": here,
    }
    if found.channel:
        entered.fields["text"].help_text = _limit(found.channel)
    return render(request, "settings/text.html", {**tabs("texts"), **shown}, status=422 if entered.errors else 200)


def _choices(address: str, language: str) -> list[dict[str, Any]]:
    return [
        {"label": each.own, "url": f"{address}?language={code}", "current": code == language}
        for code, each in LANGUAGES.items()
    ]


def _limit(channel: str) -> str:
    """What the channel holds, in a sentence or two."""
    if channel == "sms":
        held = _("An SMS holds two segments: 306 characters, or 134 where a sign lies outside its alphabet.")
    else:
        held = _("It holds %(most)s characters.") % {"most": f"{channel_words.LONGEST[channel]:,}"}
    return held + " " + _("There is no subject line. {{ name }} stands for a value, {% if name %} asks.")
