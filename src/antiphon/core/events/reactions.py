"""What comes back from readers outside. Their words stand beside the record, with the reaction that is named here."""

from typing import ClassVar

from antiphon.core.events.event import Event


class ReplyReceived(Event, frozen=True, tag="reply.received"):
    """`customer` is an organisation's title, or empty when they are not known any more."""

    track: ClassVar[str] = "business"
    reaction: str
    audience: str
    customer: str = ""

    def sentence(self) -> str:
        whom = f"from {self.customer}" if self.customer else "by mail"
        return f"Reply {whom} to the {self.audience} text"


class ReplyAnswered(Event, frozen=True, tag="reply.answered"):
    track: ClassVar[str] = "business"
    reaction: str
    customer: str = ""

    def sentence(self) -> str:
        return f"The reply from {self.customer or 'a reader'} is answered"


class VersionWished(Event, frozen=True, tag="reply.version_wished"):
    """A reader asked for another version, and gets it from then on. `sent`: that of this update was sent to them."""

    track: ClassVar[str] = "business"
    wished: str
    customer: str = ""
    sent: bool = False

    def sentence(self) -> str:
        sent = ", and was sent this one" if self.sent else ""
        return f"A reader at {self.customer or 'a customer'} asked for the {self.wished} version from now on{sent}"
