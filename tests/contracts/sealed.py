"""Outside texts for tests of what comes after wording: made under wording's name, as only it may."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from antiphon.core.sending import NOTHING, OutsideText

_scope: dict[str, Any] = {"__name__": "antiphon.core.wording", "OutsideText": OutsideText}
exec("def seal(**parts): return OutsideText._seal(**parts)", _scope)


def outside(
    subject: str = "Checkout is slow",
    body_text: str = "[[greeting]]\n\nCheckout is slow. Next update 14:30.\n\n[[unsubscribe_url]]\n",
    body_html: str = "<p>[[greeting]]</p><p>Checkout is slow.</p><a href='[[unsubscribe_url]]'>Stop these mails</a>",
    audience: str = "business",
    channels: Mapping[str, str] = NOTHING,
) -> OutsideText:
    """A sealed text with both recipient slots, unless told otherwise."""
    text = _scope["seal"](
        subject=subject, body_text=body_text, body_html=body_html, audience=audience, channels=channels
    )
    assert isinstance(text, OutsideText)
    return text
