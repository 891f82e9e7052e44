"""The signals that suggest a segment: every word and weight to be seen and changed, and a box to try a text in."""

from collections.abc import Mapping
from typing import Any, Final

from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from antiphon.actions import segments as actions
from antiphon.actions import tickets
from antiphon.core import segments
from antiphon.core.access import may
from antiphon.core.segments import HEAVIEST, LONGEST_TEXT, Signal
from antiphon.web.answers import done
from antiphon.web.guard import act, page
from antiphon.web.settings.tabs import tabs

BOX: Final = 40_000
"""Characters of the box; of these, those are read that a ticket's text is read of."""


class TextForm(forms.Form):
    """A text to try: sent by POST, so that it stands in no address and no log."""

    text = forms.CharField(
        label=gettext_lazy("A ticket's text"),
        max_length=BOX,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=gettext_lazy("It is read once and kept nowhere."),
    )


class SignalsForm(forms.Form):
    """Words and weight of every signal, and for how long words are kept."""

    days = forms.IntegerField(
        label=gettext_lazy("Keep words for, in days"),
        min_value=actions.DAYS[0],
        max_value=actions.DAYS[1],
        help_text=gettext_lazy("Older tickets no longer count. A ticket's text itself is never kept."),
    )

    def __init__(self, *args: Any, signals: tuple[Signal, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.signals = signals
        for signal in signals:
            self.fields[f"{signal.name}_weight"] = forms.FloatField(
                label=_("Weight"), widget=forms.NumberInput(attrs={"step": "0.5", "min": 0, "max": HEAVIEST})
            )
            self.fields[f"{signal.name}_words"] = forms.CharField(
                label=_("Words, one a line"),
                max_length=30_000,
                widget=forms.Textarea(attrs={"rows": 4, "class": "mono", "spellcheck": "false"}),
            )

    def parts(self) -> list[dict[str, Any]]:
        """Each signal with its two fields, and whether one of them is wrong."""
        fields = [(signal, self[f"{signal.name}_weight"], self[f"{signal.name}_words"]) for signal in self.signals]
        return [
            {"signal": signal, "weight": weight, "words": words, "wrong": bool(weight.errors or words.errors)}
            for signal, weight, words in fields
        ]

    def wanted(self) -> dict[str, tuple[list[str], float]]:
        """What was entered, by the signal's name."""
        data = self.cleaned_data
        return {
            each.name: (
                [" ".join(line.split()) for line in data[f"{each.name}_words"].splitlines() if line.strip()],
                data[f"{each.name}_weight"],
            )
            for each in self.signals
        }


@page("configuration.see")
def listing(request: Any) -> HttpResponse:
    """Every signal as it holds."""
    return _shown(request, _form())


@never_cache
@act("configuration.see")
def try_out(request: Any) -> HttpResponse:
    """What the signals find in a text; nothing is changed or kept."""
    box = TextForm(request.POST)
    tried = _tried(box.cleaned_data["text"]) if box.is_valid() else None
    return _shown(request, _form(), box=box, tried=tried)


@act("configuration.change")
def change(request: Any) -> HttpResponse:
    """Set words and weights; all contacts are read anew by them."""
    entered = SignalsForm(request.POST, signals=actions.signals())
    if not entered.is_valid():
        return _shown(request, entered)
    refused = actions.save_signals(
        entered.wanted(), days=entered.cleaned_data["days"], actor=request.actor, now=request.now
    )
    if refused is not None:
        name, refusal = refused
        entered.add_error(f"{name}_{refusal.field}" if name else refusal.field, refusal.sentence)
        return _shown(request, entered)
    return done(request, back="/settings/segments", said=_("Saved. Suggestions are made anew in a moment."))


@act("configuration.change")
def defaults(request: Any) -> HttpResponse:
    """Everything as shipped."""
    shipped = {signal.name: (signal.words, signal.weight) for signal in segments.DEFAULTS}
    actions.save_signals(shipped, days=tickets.KEPT_DAYS, actor=request.actor, now=request.now)
    return HttpResponseRedirect("/settings/segments")


def _form() -> SignalsForm:
    known = actions.signals()
    initial: dict[str, Any] = {"days": tickets.kept_for().days}
    for signal in known:
        initial |= {f"{signal.name}_weight": f"{signal.weight:g}", f"{signal.name}_words": "\n".join(signal.words)}
    return SignalsForm(initial=initial, signals=known)


def _shown(
    request: Any, entered: SignalsForm, *, box: TextForm | None = None, tried: Mapping[str, Any] | None = None
) -> HttpResponse:
    shown = {
        "form": entered,
        "box": box or TextForm(),
        "tried": tried,
        "may_change": may(request.actor, "configuration.change") is None,
    }
    return render(request, "settings/segments.html", {**tabs("segments"), **shown})


def _tried(text: str) -> dict[str, Any]:
    known = actions.signals()
    evidence = segments.read(text, known)
    says = {signal.name: signal for signal in known}
    counted = {each.signal for each in evidence}
    pieces = segments.marked(text, known)
    near = {signal.name: signal for piece in pieces for signal in piece.signals if signal.name not in counted}
    return {
        "pieces": pieces,
        "found": [{"signal": says[each.signal], "words": each.words, "weight": each.weight} for each in evidence],
        "near": list(near.values()),
        "score": segments.score(evidence, known),
        "cut": len(text) > LONGEST_TEXT,
    }
