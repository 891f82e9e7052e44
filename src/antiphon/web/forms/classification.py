"""What classification goes by, as a form: the matrix as a table, lists as words parted by commas."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from antiphon.core.classification import DUTIES, STANDARD, Classification, word_of
from antiphon.core.decision import Refusal
from antiphon.core.questions import QUESTIONS
from antiphon.core.severity import LEVELS, Severity

WORDS: Final = ("contract_areas", "compliance_areas", "paperwork_areas", "not_production")
_LEVELS: Final = [(str(level), str(level)) for level in LEVELS]
_SEVERITIES: Final = [(str(int(severity)), str(severity)) for severity in Severity]
_PERCENT: Final = 100


class WordsField(forms.CharField):
    """Words parted by commas or lines, each once, in small letters."""

    def __init__(self, **words: Any) -> None:
        super().__init__(required=False, max_length=2_000, **words)

    def clean(self, value: Any) -> Any:
        """The words in alphabetical order."""
        return tuple(sorted({word_of(each) for each in re.split(r"[,\n]", super().clean(value)) if each.strip()}))


class RolesField(WordsField):
    """Roles in their order."""

    def clean(self, value: Any) -> Any:
        """The roles, each once; refused when one is not known."""
        found = forms.CharField.clean(self, value)
        roles = tuple(dict.fromkeys(word_of(each) for each in re.split(r"[,\n]", found) if each.strip()))
        if unknown := [role for role in roles if role not in DUTIES]:
            raise forms.ValidationError(_("“%(role)s” is not a role; choose of %(all)s.") % _known(unknown[0]))
        return roles


def _known(role: str) -> dict[str, str]:
    return {"role": role, "all": ", ".join(DUTIES)}


class PairsField(forms.CharField):
    """A line each, such as “patient: 5”."""

    def __init__(self, **words: Any) -> None:
        super().__init__(max_length=4_000, widget=forms.Textarea(attrs={"rows": 6, "class": "mono"}), **words)

    def clean(self, value: Any) -> Any:
        """What stands before and after each colon; refused for a line without one, or a word that stands twice."""
        pairs: dict[str, str] = {}
        for line in filter(str.strip, super().clean(value).splitlines()):
            word, colon, after = line.partition(":")
            if not colon or not word.strip() or not after.strip():
                raise forms.ValidationError(_("“%s” needs a word, a colon and a value.") % line.strip()[:60])
            if word_of(word) in pairs:
                raise forms.ValidationError(_("“%s” stands twice; keep one of the two.") % word_of(word)[:60])
            pairs[word_of(word)] = after.strip()
        return pairs


class ClassificationForm(forms.Form):
    """Everything about classification that may be changed."""

    near_share = forms.IntegerField(
        label=_("A contract is about to be breached when so much of what it allows is gone, in percent"),
        min_value=1,
        max_value=100,
    )
    contract_areas = WordsField(label=_("Areas that are about contracts, with nothing to restore"))
    access_lost = PairsField(
        label=_("Minutes that data of a class may be out of reach"),
        required=False,
        help_text=_("A line each, such as “patient: 5”. After that it is a matter for compliance."),
    )
    compliance_areas = WordsField(label=_("Areas that are a matter for compliance"))
    percentile = forms.IntegerField(
        label=_("It runs long when so many of 100 similar incidents were over by then"), min_value=1, max_value=99
    )
    enough = forms.IntegerField(
        label=_("Similar incidents that it takes to compare"),
        min_value=1,
        max_value=500,
        help_text=_("With fewer, the target of the priority counts."),
    )
    answer_within = forms.IntegerField(
        label=_("Minutes in which a person answers what the program cannot know"), min_value=1, max_value=1440
    )
    tells = forms.MultipleChoiceField(
        label=_("Severities of which stakeholders are told, whatever the answers are"),
        choices=_SEVERITIES,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    not_production = WordsField(label=_("Environments whose failures no customer feels"))
    paperwork_areas = WordsField(label=_("Areas of operational issues with nothing to restore"))
    alert_severities = PairsField(
        label=_("Severity by an alert's own word"),
        help_text=_("A line each, such as “critical: SEV2”; “none” opens nothing."),
    )
    must_match = forms.BooleanField(
        label=_("An incident's priority must be the one that its alert asks for"), required=False
    )

    def __init__(self, *args: Any, **words: Any) -> None:
        super().__init__(*args, **words)
        for impact in LEVELS:
            for urgency in LEVELS:
                label = _("Impact %(impact)s, urgency %(urgency)s") % {"impact": impact, "urgency": urgency}
                said = forms.Select(attrs={"aria-label": label})  # a hidden label would widen the page on a phone
                self.fields[f"matrix_{impact}_{urgency}"] = forms.ChoiceField(label=label, choices=_LEVELS, widget=said)
        for level in LEVELS:
            self.fields[f"target_{level}"] = forms.FloatField(
                label=_("Hours to resolve priority %s") % level, min_value=0.01, max_value=8760
            )
        for question in QUESTIONS:
            self.fields[f"pulls_in_{question.number}"] = RolesField(label=_("Whom a yes brings in"))
            self.fields[f"pulls_in_at_sev1_{question.number}"] = RolesField(label=_("And at SEV1 besides"))

    def clean_access_lost(self) -> dict[str, float]:
        """Minutes by data class."""
        return {name: _number(text) for name, text in self.cleaned_data["access_lost"].items()}

    def clean_alert_severities(self) -> dict[str, int | None]:
        """SEV by word, over the words that the product knows."""
        pairs = self.cleaned_data["alert_severities"]
        return {**STANDARD.alert_severities, **{word: _severity(text) for word, text in pairs.items()}}

    def rules(self) -> Classification:
        """The settings as entered; call when the form is valid."""
        data = self.cleaned_data
        same = ("percentile", "enough", "answer_within", "must_match", "access_lost", "alert_severities")
        return Classification(
            **{name: data[name] for name in (*same, *WORDS)},
            near_share=data["near_share"] / _PERCENT,
            tells=tuple(sorted(map(int, data["tells"]))),
            matrix={str(i): {str(u): data[f"matrix_{i}_{u}"] for u in LEVELS} for i in LEVELS},
            targets={str(level): data[f"target_{level}"] for level in LEVELS},
            pulls_in={q.number: r for q in QUESTIONS if (r := data[f"pulls_in_{q.number}"]) != q.pulls_in},
            pulls_in_at_sev1={
                q.number: r for q in QUESTIONS if (r := data[f"pulls_in_at_sev1_{q.number}"]) != q.pulls_in_at_sev1
            },
        )

    def refuse(self, refusals: Iterable[Refusal]) -> None:
        """Each refusal beside the field it is about; of the matrix, at its cell."""
        for refusal in refusals:
            field = refusal.field.replace("targets.", "target_").replace(".", "_")
            self.add_error(field if field in self.fields else refusal.field.partition(".")[0], refusal.sentence)

    def add_error(self, field: str | None, error: Any) -> None:
        """As Django does; above the form when the field is none of it."""
        super().add_error(field if field is None or field in self.fields else None, error)


def initial(rules: Classification) -> dict[str, Any]:
    """What the form shows of settings that hold."""
    same = ("percentile", "enough", "answer_within", "must_match")
    return {
        **{name: getattr(rules, name) for name in same},
        **{name: ", ".join(getattr(rules, name)) for name in WORDS},
        "near_share": round(rules.near_share * _PERCENT),
        "tells": [str(each) for each in rules.tells],
        "access_lost": _lines({name: f"{minutes:g}" for name, minutes in rules.access_lost.items()}),
        "alert_severities": _lines({word: f"SEV{s}" if s else "none" for word, s in rules.alert_severities.items()}),
        **{f"matrix_{i}_{u}": cell for i, row in rules.matrix.items() for u, cell in row.items()},
        **{f"target_{level}": f"{hours:g}" for level, hours in rules.targets.items()},
        **{f"pulls_in_{q.number}": ", ".join(rules.pulls_in.get(q.number, q.pulls_in)) for q in QUESTIONS},
        **{
            f"pulls_in_at_sev1_{q.number}": ", ".join(rules.pulls_in_at_sev1.get(q.number, q.pulls_in_at_sev1))
            for q in QUESTIONS
        },
    }


def _lines(pairs: Mapping[str, str]) -> str:
    return "\n".join(f"{word}: {value}" for word, value in pairs.items())


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise forms.ValidationError(_("“%s” is not a number of minutes.") % text[:20]) from None


def _severity(text: str) -> int | None:
    word = text.upper()
    if word == "NONE":
        return None
    if word not in Severity.__members__:
        raise forms.ValidationError(_("“%s” is not a severity; write SEV1 to SEV5, or none.") % text[:20])
    return int(Severity[word])
