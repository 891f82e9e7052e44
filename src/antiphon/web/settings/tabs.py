"""The list of settings pages beside every one of them, grouped by what they are about."""

from typing import Any, Final

from django.utils.translation import gettext_lazy as _

GROUPS: Final = (
    (_("Incidents"), (("rules", _("Rules")), ("classification", _("Classification")), ("roles", _("Roles")))),
    (_("Words"), (("texts", _("Texts")), ("holding", _("Holding messages")), ("approvals", _("Approvals")))),
    (
        _("Readers"),
        (
            ("pages", _("Status pages")),
            ("branding", _("Branding")),
            ("segments", _("Segments")),
            ("posts", _("Calls and posts")),
        ),
    ),
    (_("Ways out"), (("mail", _("Mail")), ("channels", _("Channels")), ("returns", _("What comes back")))),
    (_("Access"), (("keys", _("Keys")), ("people", _("People")), ("tokens", _("Tokens")), ("me", _("You")))),
    (_("Installation"), (("file", _("File")), ("watch", _("Watch")))),
)
"""Each group with its pages: the name in the address, and what a reader calls it."""


def tabs(here: str) -> dict[str, Any]:
    """What every settings page shares: the groups, and the label of the page that is shown."""
    groups = [
        {
            "label": label,
            "tabs": [{"label": said, "url": f"/settings/{name}", "current": name == here} for name, said in pages],
        }
        for label, pages in GROUPS
    ]
    said_here = next(said for _label, pages in GROUPS for name, said in pages if name == here)
    return {"section": "settings", "groups": groups, "settings_page": said_here}
