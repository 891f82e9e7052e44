"""Whether mail that comes back can get in: what is set up, and when something came last."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from antiphon.core.reactions import LOST, Kind
from antiphon.db import channel_settings
from antiphon.db.models import Integration, Reaction, StrayMail
from antiphon.db.secrets import WrongKey

BY_MAIL: Final = (*LOST, Kind.DELAYED, Kind.COMPLAINED, Kind.REPLIED, Kind.AUTO_REPLIED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """`return_address`: where mails say that what comes back goes, "" when they name the sender alone. `keys`: of the
    door for providers that are in use. `last_at`: when a mail came in last, by whatever way."""

    return_address: str
    keys: int
    last_at: datetime | None

    @property
    def set_up(self) -> bool:
        """Something leads here, or something came."""
        return bool(self.return_address or self.keys or self.last_at)


def standing(*, now: datetime) -> Standing:
    """As it is now. Four statements."""
    try:
        mail = channel_settings.load("mail") or {}
    except WrongKey:
        mail = {}
    came = Reaction.objects.filter(kind__in=BY_MAIL, at__lte=now).order_by("-at").values_list("at", flat=True).first()
    stray = StrayMail.objects.order_by("-id").values_list("at", flat=True).first()
    return Standing(
        return_address=str(mail.get("return_address", "")),
        keys=Integration.objects.filter(kind=Integration.Kind.MAIL, enabled=True).count(),
        last_at=max(filter(None, (came, stray)), default=None),
    )
