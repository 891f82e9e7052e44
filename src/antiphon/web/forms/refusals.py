"""A rule's refusal beside the field it is about."""

from django import forms

from antiphon.core.decision import Refusal


def show(form: forms.Form, refusal: Refusal) -> None:
    """Put the sentence at the field that the refusal names, else above the form."""
    form.add_error(refusal.field if refusal.field in form.fields else None, refusal.sentence)
