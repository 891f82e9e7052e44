"""A customer told us themselves: who, when, and the ticket's number."""

from datetime import datetime
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from antiphon.db.models import Entity
from antiphon.web.forms.instants import PastInstantField

OFFERED: Final = 200


class ReportForm(forms.Form):
    """The customer by its name in the catalog, which browsers complete."""

    customer = forms.CharField(
        label=_("Customer"),
        max_length=120,
        widget=forms.TextInput(attrs={"list": "customer-names", "autocomplete": "off"}),
        help_text=_("Its name in the catalog."),
    )
    at = PastInstantField(label=_("Told us at (UTC)"), help_text=_("Such as 14:05."))
    reference = forms.CharField(label=_("Ticket"), max_length=120, required=False)

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["at"].now = now  # type: ignore[attr-defined]

    def customers(self) -> list[str]:
        """Names to complete from."""
        return list(Entity.objects.filter(kind="customer").order_by("name").values_list("name", flat=True)[:OFFERED])
