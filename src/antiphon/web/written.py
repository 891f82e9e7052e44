"""What was typed of a version: its words by channel, and in other languages."""

from collections.abc import Mapping

from antiphon.actions.texts import SAME
from antiphon.core.audiences import Translation
from antiphon.core.languages import LANGUAGES
from antiphon.core.sending import CHANNELS


def channels(sent: Mapping[str, str], before: str = "") -> dict[str, str] | None:
    """The words for each channel; None when the form had none. Fields: `channel.sms`, or `de.channel.sms`."""
    found = {kind: _text(sent, f"{before}channel.{kind}") for kind in CHANNELS if f"{before}channel.{kind}" in sent}
    return found or None


def translations(sent: Mapping[str, str]) -> dict[str, Translation] | None:
    """Every language of the form (`de.subject`, `de.body`, …); `de.same` says that it still means the same."""
    found = {
        language: Translation(
            subject=" ".join(_text(sent, f"{language}.subject").split()),
            body=_text(sent, f"{language}.body"),
            channels=channels(sent, f"{language}.") or {},
            of=SAME if sent.get(f"{language}.same") else "",
        )
        for language in LANGUAGES
        if f"{language}.body" in sent
    }
    return found or None


def _text(sent: Mapping[str, str], name: str) -> str:
    return sent.get(name, "").replace("\0", "").replace("\r\n", "\n")
