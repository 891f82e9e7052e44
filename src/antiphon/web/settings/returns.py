"""What comes back by mail: how it gets in, addresses that are left alone, mail that belongs to nothing, what is
measured."""

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from antiphon.actions import settings, suppressions
from antiphon.actions.reactions import posting
from antiphon.core.access import may
from antiphon.core.inbound.providers import signing
from antiphon.db import provider_keys, reaction_links
from antiphon.queries.reactions import addresses, doors
from antiphon.web.answers import answer, done
from antiphon.web.forms import refusals
from antiphon.web.guard import act, form
from antiphon.web.settings.tabs import tabs
from antiphon.web.typed import typed

HERE = "/settings/returns"


class MeasureForm(forms.Form):
    """What is counted without a reader's doing."""

    opens = forms.BooleanField(
        label=gettext_lazy("Count who opens a mail"),
        required=False,
        help_text=gettext_lazy(
            "A picture of one pixel is fetched from here. Kept: that it was, to the minute; no address, no program. "
            "Many mail programs fetch it by themselves or not at all. Say so in your privacy notice."
        ),
    )
    clicks = forms.BooleanField(
        label=gettext_lazy("Count who follows a link"),
        required=False,
        help_text=gettext_lazy("Links in mails lead by way of this installation, and only to what stood in the mail."),
    )


class SigningForm(forms.Form):
    """With what providers sign; one of the keys is a secret, and neither is shown."""

    mailgun_signing_key = forms.CharField(
        label=gettext_lazy("HTTP webhook signing key of Mailgun"),
        required=False,
        max_length=signing.LONGEST,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "placeholder": "unchanged when left empty"}),
    )
    sendgrid_public_key = forms.CharField(
        label=gettext_lazy("Verification key of SendGrid"),
        required=False,
        max_length=signing.LONGEST,
        widget=forms.TextInput(attrs={"autocomplete": "off", "placeholder": "unchanged when left empty"}),
    )
    off = forms.BooleanField(
        label=gettext_lazy("Check no signatures"),
        required=False,
        help_text=gettext_lazy("Takes both keys away: the key in the address alone lets providers in."),
    )

    def given(self) -> dict[str, str]:
        """The keys that were entered, or with “off” none."""
        names = ("mailgun_signing_key", "sendgrid_public_key")
        if self.cleaned_data["off"]:
            return dict.fromkeys(names, "")
        return {name: key for name in names if (key := self.cleaned_data[name].strip())}


@never_cache
@form("configuration.see")
def listing(request: Any) -> HttpResponse:
    """Everything of it; POST finds one address, which then stands in no address bar."""
    return _shown(request, SigningForm(), like=typed(request, "address")[:320])


def _shown(request: Any, keys: SigningForm, *, like: str = "") -> HttpResponse:
    counted = reaction_links.measured()
    shown = {
        "doors": doors.standing(now=request.now),
        "like": like,
        "stopped": addresses.stopped(address=like),
        "how_many": addresses.how_many(),
        "strays": addresses.strays(),
        "form": MeasureForm(initial={"opens": counted.opens, "clicks": counted.clicks}),
        "signing": keys,
        "signed": provider_keys.are_set(),
        "may_lift": may(request.actor, "customer.change") is None,
        "may_measure": may(request.actor, "configuration.change") is None,
    }
    status = 422 if keys.errors else 200
    return render(request, "settings/returns.html", {**tabs("returns"), **shown}, status=status)


@act("customer.change")
def lift(request: Any, suppression: int) -> HttpResponse:
    """Write to an address again."""
    reason = typed(request, "reason")
    refusal = suppressions.lift(suppression=suppression, reason=reason, actor=request.actor, now=request.now)
    return answer(request, refusal, back=HERE, said=_("It is written to again from now on."))


@act("configuration.change")
def measure(request: Any) -> HttpResponse:
    """Whether opens and clicks are counted, from the next mail on."""
    wanted = MeasureForm(request.POST)
    wanted.full_clean()
    settings.measure(
        opens=wanted.cleaned_data["opens"],
        clicks=wanted.cleaned_data["clicks"],
        actor=request.actor,
        now=request.now,
    )
    return answer(request, None, back=HERE, said=_("Saved. It holds from the next mail on."))


@act("configuration.change")
def sign(request: Any) -> HttpResponse:
    """With what providers' posts are checked from now on."""
    entered = SigningForm(request.POST)
    if entered.is_valid():
        refusal = posting.sign_with(given=entered.given(), actor=request.actor, now=request.now)
        if refusal is None:
            return done(request, back=HERE, said=_("Saved."))
        refusals.show(entered, refusal)
    return _shown(request, entered)
