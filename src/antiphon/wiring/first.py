"""The first run: nobody may sign in yet, so whoever started the program is given a link."""

from datetime import datetime

from antiphon.actions import people
from antiphon.db.models import Organisation, Person


def setup_link(url: str, *, now: datetime) -> str:
    """A one-time link to the set-up, or nothing once the organisation is set up or has an admin."""
    if Organisation.only().set_up_at or Person.objects.filter(is_active=True, role="admin").exists():
        return ""
    return link(url, people.setup_link(now=now))


def link(url: str, token: str) -> str:
    """The address that a one-time token opens."""
    return f"{url}/link/{token}"
