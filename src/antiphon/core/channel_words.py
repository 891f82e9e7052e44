"""What a kind of channel can hold: the segments of an SMS, the characters of a post, the minutes of a script.

An SMS takes 160 characters of the GSM alphabet (153 each where it takes several), or 70 (67) where one character
lies outside of it (3GPP TS 23.038). Beyond two segments carriers drop or reorder them.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from antiphon.core.decision import Refusal
from antiphon.core.sending import CHANNELS

SEGMENTS: Final = 2
"""Segments that an SMS may take."""
LONGEST: Final[Mapping[str, int]] = MappingProxyType({"sms": 1_000, "chat": 3_000, "social": 280, "voice": 4_000})
"""Characters that a channel's words may have; an SMS is counted in segments beside."""
LABELS: Final[Mapping[str, str]] = MappingProxyType(
    {"sms": "SMS", "chat": "Chat", "social": "Social", "voice": "Voice script"}
)
_GSM: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_TWICE: Final = frozenset("\f^{}\\[~]|€")
_PLAINER: Final = str.maketrans(
    {"–": "-", "—": "-", "“": '"', "”": '"', "„": '"', "’": "'", "‘": "'", "…": "...", "\u00a0": " ", "\u202f": " "}
)


def spoken(channels: Mapping[str, str]) -> Mapping[str, str]:
    """The channels that have words at all, without the space around them."""
    return {kind: words.strip() for kind, words in channels.items() if words.strip()}


def fitted(kind: str, words: str) -> str:
    """The words with the signs that cost an SMS half of its room made plainer: dashes, quotation marks."""
    return words.translate(_PLAINER) if kind == "sms" else words


def segments(words: str) -> int:
    """How many segments an SMS of these words takes."""
    if all(letter in _GSM or letter in _GSM_TWICE for letter in words):
        septets = len(words) + sum(letter in _GSM_TWICE for letter in words)
        return 1 if septets <= 160 else -(-septets // 153)
    units = len(words.encode("utf-16-be")) // 2
    return 1 if units <= 70 else -(-units // 67)


def counted(kind: str, words: str) -> str:
    """How long the words are, as a person reads it: “201 characters, 2 segments of at most 2”."""
    characters = f"{len(words):,} {'character' if len(words) == 1 else 'characters'}"
    if kind == "sms":
        many = segments(words)
        return f"{characters}, {many} {'segment' if many == 1 else 'segments'} of at most {SEGMENTS}"
    return f"{characters} of at most {LONGEST[kind]:,}"


def too_long(kind: str, words: str) -> str:
    """Why the channel does not hold these words, in a sentence; empty when it does."""
    if len(words) > LONGEST[kind]:
        return f"It has {len(words):,} characters, more than {LONGEST[kind]:,}: shorten it, or leave it empty."
    if kind != "sms" or segments(words) <= SEGMENTS:
        return ""
    wide = sorted({letter for letter in words if letter not in _GSM and letter not in _GSM_TWICE})
    dear = f" The signs {' '.join(wide[:8])} make it twice as long: write them plainer." if wide else ""
    return f"It takes {segments(words)} segments, more than {SEGMENTS}: shorten it, or leave it empty.{dear}"


def unfit(channels: Mapping[str, str]) -> Refusal | None:
    """Why these cannot be kept at all: no such channel, or far too long."""
    for kind, words in channels.items():
        if kind not in CHANNELS:
            return Refusal(f"“{kind[:20]}” is no kind of channel; there are: {', '.join(CHANNELS)}.", "channels")
        if len(words) > 2 * LONGEST[kind]:
            return Refusal(f"{LABELS[kind]}: {too_long(kind, words)}", "channels")
    return None
