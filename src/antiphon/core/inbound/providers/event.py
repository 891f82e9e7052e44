"""What a provider's event comes to: a mail that came back, as if their server had written the report itself."""

from dataclasses import dataclass

from antiphon.core.inbound.reading import Failure, Nature, Received, digest_of, ours_in
from antiphon.core.inbound.words import tidy


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A provider asks whether it may post here: a person opens the address (`url`) to say yes."""

    provider: str
    topic: str
    url: str


@dataclass(frozen=True, slots=True)
class Mail:
    """Of which mail it is told: to whom, texts that may hold a Message-ID or a return address of ours, its subject."""

    address: str
    named: tuple[str, ...] = ()
    subject: str = ""


def bounce(provider: str, key: str, mail: Mail, *, status: str, diagnostic: str, action: str = "failed") -> Received:
    """A mail that did not arrive, or (`action` delayed) not yet. `key` is the event's own id, the same each time it is
    posted."""
    failure = Failure(_address(mail), action, _plain(status, 20), _plain(diagnostic, 300))
    return _received(provider, key, mail, Nature.BOUNCE, failures=(failure,))


def complaint(provider: str, key: str, mail: Mail, *, feedback: str = "") -> Received:
    """A reader reported the mail as unwanted."""
    return _received(provider, key, mail, Nature.COMPLAINT, feedback=_plain(feedback, 40).lower() or "abuse")


def automatic(provider: str, key: str, mail: Mail) -> Received:
    """A program answered, such as an out-of-office note."""
    return _received(provider, key, mail, Nature.AUTOMATIC)


def _received(
    provider: str, key: str, mail: Mail, nature: Nature, *, failures: tuple[Failure, ...] = (), feedback: str = ""
) -> Received:
    reader = _address(mail)
    return Received(
        nature=nature,
        digest=digest_of(f"{provider}\n{key}\n{reader}\n{nature}".encode("utf-8", "replace")),
        sender=provider,
        name="",
        subject=_plain(mail.subject, 300),
        words="\n".join(each.diagnostic for each in failures),
        ours=ours_in(mail.named),
        failures=failures,
        feedback=feedback,
        reader=reader,
    )


def _address(mail: Mail) -> str:
    return _plain(mail.address, 320).lower()


def _plain(text: str, longest: int) -> str:
    return " ".join(tidy(text[: 4 * longest]).split())[:longest]
