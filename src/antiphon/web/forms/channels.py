"""A form for any channel, made from what the channel declares of its settings."""

from collections.abc import Mapping
from typing import Any

from django import forms

from antiphon.channels.channel import registry
from antiphon.channels.settings import Option, Problem, options


def channel_form(channel: str) -> type[forms.Form]:
    """The form of a channel's settings; a secret is never shown, and stays as it was when left empty."""
    declared = options(registry()[channel].settings)
    return type(f"{channel.capitalize()}Form", (forms.Form,), {each.name: _field(each) for each in declared})


def initial(values: Mapping[str, Any] | None, channel: str) -> dict[str, Any]:
    """What the form shows at first: the values kept, without secrets, else the defaults."""
    declared = options(registry()[channel].settings)
    kept = values or {}
    shown = {each.name: kept.get(each.name, "" if each.required else each.default) for each in declared}
    return {each.name: "" if each.secret else _as_text(shown[each.name]) for each in declared}


def values_of(form: forms.Form, channel: str) -> dict[str, Any]:
    """What was entered, in the types that the channel reads."""
    declared = {each.name: each for each in options(registry()[channel].settings)}
    found = {name: value for name, value in form.cleaned_data.items() if value is not None}
    return {
        name: tuple(line.strip() for line in value.splitlines() if line.strip())
        if declared[name].type == tuple[str, ...]
        else value
        for name, value in found.items()
    }


def show(problems: list[Problem], form: forms.Form) -> None:
    """Put each problem beside its field."""
    for problem in problems:
        form.add_error(problem.field if problem.field in form.fields else None, problem.sentence)


def _field(option: Option) -> forms.Field:
    shared: dict[str, Any] = {"label": option.label, "help_text": option.hint, "required": option.required}
    if option.secret:
        widget = forms.PasswordInput(attrs={"autocomplete": "off", "placeholder": "unchanged when left empty"})
        return forms.CharField(widget=widget, strip=False, **{**shared, "required": False})
    if option.choices:
        return forms.ChoiceField(choices=[(each, each) for each in option.choices], **shared)
    if option.type is bool:
        return forms.BooleanField(**{**shared, "required": False})
    if option.type is int:
        return forms.IntegerField(**shared)
    if option.type == tuple[str, ...]:
        return forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), **shared)
    return forms.CharField(**shared)


def _as_text(value: Any) -> Any:
    return "\n".join(value) if isinstance(value, tuple | list) else value
