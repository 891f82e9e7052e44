"""Entering and correcting a fact."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from antiphon.core.audiences import Audience
from antiphon.core.facts import LONGEST, NAMES
from antiphon.core.languages import LANGUAGES

CONFIDENCE = (
    ("confirmed", _("Confirmed")),
    ("likely", _("Likely")),
    ("possible", _("Possible")),
)
AUDIENCES = tuple((str(each), each.capitalize()) for each in Audience)


class FactForm(forms.Form):
    """One fact. Nobody chosen means: whoever may know facts of this kind."""

    name = forms.ChoiceField(label=_("What it is about"), choices=[(key, each.label) for key, each in NAMES.items()])
    text = forms.CharField(label=_("What is known"), max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 3}))
    confidence = forms.ChoiceField(label=_("How sure"), choices=CONFIDENCE)
    audiences = forms.MultipleChoiceField(
        label=_("Who may know it"),
        choices=AUDIENCES,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen: those who usually may know facts of this kind."),
    )

    def __init__(self, *args: Any, languages: Iterable[str] = (), **words: Any) -> None:
        super().__init__(*args, **words)
        for language in languages:
            self.fields[f"text_{language}"] = forms.CharField(
                label=_("The same in %(language)s") % {"language": LANGUAGES[language].own},
                max_length=LONGEST,
                required=False,
                help_text=_("Readers of that language get it; without it they get it as entered above."),
                widget=forms.Textarea(attrs={"rows": 2, "lang": language}),
            )

    def translations(self) -> dict[str, str]:
        """The words in other languages, by language."""
        named = {name.removeprefix("text_"): words for name, words in self.cleaned_data.items()}
        return {language: words for language, words in named.items() if language in LANGUAGES and words.strip()}

    def audiences_or_usual(self) -> list[str] | None:
        """The audiences chosen, None when the kind of fact decides."""
        chosen: list[str] = self.cleaned_data["audiences"]
        return chosen or None


class CorrectionForm(FactForm):
    """Another text in the place of a fact, which stays on the record."""

    def __init__(self, *args: Any, **words: Any) -> None:
        super().__init__(*args, **words)
        del self.fields["name"]
