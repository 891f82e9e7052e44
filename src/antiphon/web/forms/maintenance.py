"""Planning work: what, when, and the words that readers get."""

from datetime import timedelta, tzinfo
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from antiphon.actions.maintenance import Words
from antiphon.core.maintenance import LONGEST_BODY, LONGEST_TITLE
from antiphon.web.forms.zoned import InstantField

REMINDERS = ((0, _("not at all")), (60, _("an hour before")), (1_440, _("a day before")), (10_080, _("a week before")))


class MaintenanceForm(forms.Form):
    """One planned work; instants in the reader's zone."""

    title = forms.CharField(label=_("Title"), max_length=LONGEST_TITLE, help_text=_("As readers of the page see it."))
    entity = forms.CharField(
        label=_("About"),
        max_length=120,
        required=False,
        help_text=_("A name from the catalog; its alerts open nothing meanwhile. Empty: everything."),
        widget=forms.TextInput(attrs={"list": "entity-names", "autocomplete": "off"}),
    )
    starts_at = InstantField(label=_("From"))
    ends_at = InstantField(label=_("Until"))
    body = forms.CharField(
        label=_("Announcement"),
        required=False,
        max_length=LONGEST_BODY,
        help_text=_("What readers will notice and need to do. Somebody else approves it. Empty: nothing is announced."),
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    remind = forms.TypedChoiceField(label=_("Remind subscribers"), choices=REMINDERS, coerce=int, initial=0)

    def __init__(self, *args: Any, zone: tzinfo, **words: Any) -> None:
        super().__init__(*args, **words)
        for name in ("starts_at", "ends_at"):
            field = self.fields[name]
            assert isinstance(field, InstantField)
            field.zone, field.help_text = zone, str(zone)

    def words(self) -> Words:
        """What was entered, once it is valid."""
        data = {**self.cleaned_data}
        return Words(remind=timedelta(minutes=data.pop("remind")), **data)
