"""The row of tabs above every settings page."""

from typing import Any, Final

from django.utils.translation import gettext_lazy as _

TABS: Final = (
    ("keys", _("Keys")),
    ("rules", _("Rules")),
    ("classification", _("Classification")),
    ("roles", _("Roles")),
    ("texts", _("Texts")),
    ("approvals", _("Approvals")),
    ("holding", _("Holding messages")),
    ("pages", _("Status pages")),
    ("branding", _("Branding")),
    ("posts", _("Calls and posts")),
    ("segments", _("Segments")),
    ("people", _("People")),
    ("tokens", _("Tokens")),
    ("mail", _("Mail")),
    ("returns", _("What comes back")),
    ("channels", _("Channels")),
    ("watch", _("Watch")),
    ("file", _("File")),
    ("me", _("You")),
)


def tabs(here: str) -> dict[str, Any]:
    """What every settings page shares."""
    listed = [{"label": label, "url": f"/settings/{name}", "current": name == here} for name, label in TABS]
    return {"section": "settings", "tabs": listed}
