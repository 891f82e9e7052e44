"""From the bytes of a mail to what it is. Sizes are limited before anything is parsed."""

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from email.utils import parseaddr
from enum import StrEnum
from typing import Final

from antiphon.core.inbound.words import decoded, plain, tidy

LARGEST: Final = 30_000_000
"""Bytes of a mail that are taken at all; most providers carry no larger one."""
_LOOKED_AT: Final = 1_000_000
"""Bytes that are read of it: attachments come behind what people write, and are not kept."""
_HEADERS: Final = 200_000
_MOST_PARTS: Final = 50
_LONGEST_HEADER: Final = 2_000
_LONGEST_ID: Final = 5_000
_MOST_NAMED: Final = 20
_BLOCKS: Final = 20
_LONG_FIELD: Final = re.compile(
    rb"^content-(?:type|disposition)[ \t]*:(?:[^\n]|\n[ \t]){4000}", re.IGNORECASE | re.MULTILINE
)
_ID: Final = r"([a-z0-9]{12}|[0-9a-f]{32})"
"""A delivery's own, or that of several that went as one mail."""
_OURS: Final = re.compile(rf"<{_ID}@[^<>\s]{{1,255}}>")
_IN_ADDRESS: Final = re.compile(rf"\+{_ID}@")
_IN_HEADERS: Final = re.compile(rf"^message-id:\s{{0,20}}<{_ID}@", re.IGNORECASE | re.MULTILINE)
_ADDRESSED: Final = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "to")


class Nature(StrEnum):
    """What kind of mail it is."""

    BOUNCE = "bounce"
    COMPLAINT = "complaint"
    AUTOMATIC = "automatic"
    REPLY = "reply"


class Unreadable(ValueError):
    """The mail is not read; the text says why in a sentence."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A mail server's report on one address: `action` is failed, delayed or another word of RFC 3464."""

    address: str
    action: str
    status: str
    diagnostic: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A mail as it was understood.

    digest       the same for the same mail, however often it is handed over
    ours         ids of mails that it may belong to, the likeliest first
    failures     of a bounce, each address that it is about
    feedback     of a complaint, the word for it, such as “abuse”
    reader       of a provider's event, whose mail it is about: where it names none of ours, the newest of this subject
    attachments  their names alone
    """

    nature: Nature
    digest: str
    sender: str
    name: str
    subject: str
    words: str
    ours: tuple[str, ...]
    attachments: tuple[str, ...] = ()
    failures: tuple[Failure, ...] = ()
    feedback: str = ""
    reader: str = ""


def read(data: bytes, *, to: str = "") -> Received:
    """Read a mail (RFC 5322). `to`: the address that it came in for, where whoever hands it over knows it.

    Raises Unreadable for what is too large, nested too deeply, or no mail.
    """
    message = _parsed(data)
    parts = list(message.walk())
    failures = tuple(_failures(message, parts))
    feedback = _feedback(message)
    ours = [*_told_by_address(message, to), *_named(message, parts, report=bool(failures or feedback))]
    name, address = _sender(message)
    return Received(
        nature=_nature(message, failures, feedback),
        digest=_digest(message, data),
        sender=tidy(address)[:320].lower(),
        name=tidy(name)[:120],
        subject=" ".join(tidy(_header(message, "subject")).split())[:300],
        words=_words(parts),
        ours=tuple(dict.fromkeys(ours))[:_MOST_NAMED],
        attachments=tuple(_attachments(parts)),
        failures=failures,
        feedback=feedback,
    )


def _parsed(data: bytes) -> Message:
    if len(data) > LARGEST:
        raise Unreadable(f"It has {len(data):,} bytes, more than the {LARGEST:,} that are taken.")
    lines = data[:_LOOKED_AT].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    head = lines.partition(b"\n\n")[0]
    if len(head) > _HEADERS:
        raise Unreadable(f"Its headers are longer than {_HEADERS:,} bytes.")
    small = lines.lower()
    if small.count(b"multipart/") > _MOST_PARTS or small.count(b"message/") > _MOST_PARTS:
        raise Unreadable(f"It has more than {_MOST_PARTS} parts within parts.")
    if _LONG_FIELD.search(lines):
        raise Unreadable("A header that describes one of its parts is too long.")
    try:
        message = message_from_bytes(lines)
    except (RecursionError, ValueError, LookupError) as error:
        raise Unreadable("It is not a mail that can be read.") from error
    if not message.keys():
        raise Unreadable("It has no headers, so it is no mail.")
    return message


def _nature(message: Message, failures: tuple[Failure, ...], feedback: str) -> Nature:
    if feedback:
        return Nature.COMPLAINT
    if failures:
        return Nature.BOUNCE
    return Nature.AUTOMATIC if _automatic(message) else Nature.REPLY


def _automatic(message: Message) -> bool:
    """Written by a program: it is never answered and counts as nobody's word (RFC 3834, and what came before it)."""
    submitted = _header(message, "auto-submitted").strip().lower()
    if submitted and not submitted.startswith("no"):
        return True
    if _header(message, "precedence").strip().lower() in ("bulk", "junk", "list", "auto_reply"):
        return True
    if any(name in message for name in ("x-autoreply", "x-autorespond", "list-id")):
        return True
    return message.get_content_type() == "multipart/report" or _header(message, "return-path").strip() == "<>"


# --- reports ------------------------------------------------------------------------------------------------------


def _reports(message: Message, kind: str) -> list[Message]:
    """The blocks of fields of a report of this kind. One that a person forwards is no report."""
    children = message.get_payload() if message.get_content_type() == "multipart/report" else []
    for child in children if isinstance(children, list) else []:
        if isinstance(child, Message) and child.get_content_type() == kind:
            blocks = child.get_payload()
            return [each for each in blocks[:_BLOCKS] if isinstance(each, Message)] if isinstance(blocks, list) else []
    return []


def _failures(message: Message, parts: Iterable[Message]) -> Iterator[Failure]:
    """What a report says of each address; of a server that only writes text, what its header and its words say."""
    reported = _reports(message, "message/delivery-status")
    for block in reported:
        if action := _header(block, "action").strip().lower():
            yield _failure(block, action)
    if not reported and (failed := _header(message, "x-failed-recipients")):
        said = " ".join(_words(parts)[:2_000].split())
        yield Failure(failed.split(",")[0].strip()[:320].lower(), "failed", "", said[:600])


def _failure(block: Message, action: str) -> Failure:
    address = _header(block, "final-recipient") or _header(block, "original-recipient")
    return Failure(
        address=address.partition(";")[2].strip()[:320].lower(),
        action=action[:20],
        status=_header(block, "status").strip().split(" ")[0][:20],
        diagnostic=" ".join(tidy(_header(block, "diagnostic-code").partition(";")[2]).split())[:300],
    )


def _feedback(message: Message) -> str:
    """The kind of a complaint (RFC 5965); "not-spam" is none."""
    for block in _reports(message, "message/feedback-report"):
        kind = tidy(_header(block, "feedback-type")).lower()[:40] or "abuse"
        return "" if kind == "not-spam" else kind
    return ""


# --- which of our mails -------------------------------------------------------------------------------------------


def ours_in(texts: Iterable[str]) -> tuple[str, ...]:
    """Ids of mails of ours that Message-IDs and return addresses in these texts name, the likeliest first."""
    found = (each for text in texts for each in (*_OURS.findall(text), *_IN_ADDRESS.findall(text)))
    return tuple(dict.fromkeys(found))[:_MOST_NAMED]


def _told_by_address(message: Message, to: str) -> Iterator[str]:
    for address in (to, *(_header(message, name) for name in _ADDRESSED)):
        yield from _IN_ADDRESS.findall(address)


def _named(message: Message, parts: Iterable[Message], *, report: bool) -> Iterator[str]:
    """Message-IDs of ours that it answers; those in the original that a report returns, whole or as headers."""
    for name in ("in-reply-to", "references"):
        found = _OURS.findall(str(message.get(name, ""))[-_LONGEST_ID:])
        yield from reversed(found)
    if not report:
        return
    for part in parts:
        if part is not message and "message-id" in part:
            yield from _OURS.findall(_header(part, "message-id"))
        elif part.get_content_maintype() == "text":
            yield from _IN_HEADERS.findall(decoded(part))


# --- what it says -------------------------------------------------------------------------------------------------


def _words(parts: Iterable[Message]) -> str:
    """Of the first plain part, else of the first HTML."""
    texts = [part for part in parts if part.get_content_maintype() == "text" and not _is_attached(part)]
    for wanted in ("plain", "html"):
        for part in texts:
            if part.get_content_subtype() == wanted and (said := plain(part)):
                return said
    return ""


def _attachments(parts: Iterable[Message]) -> Iterator[str]:
    named = (part for part in parts if _is_attached(part) and not part.is_multipart())
    for part, _ in zip(named, range(_MOST_NAMED), strict=False):
        name = _plain_words(str(part.get_filename() or ""))
        yield " ".join(tidy(name).split())[:120] or part.get_content_type()[:60]


def _is_attached(part: Message) -> bool:
    return part.get_content_disposition() == "attachment" or bool(part.get_filename())


def _sender(message: Message) -> tuple[str, str]:
    """Name and address of who wrote; both empty when comments are nested too deeply to be anybody's."""
    try:
        return parseaddr(_header(message, "from"))
    except RecursionError:
        return "", ""


def _header(message: Message, name: str) -> str:
    return _plain_words(str(message.get(name, ""))[:_LONGEST_HEADER])


def _plain_words(value: str) -> str:
    """A header's words, decoded where they say how (RFC 2047)."""
    try:
        return str(make_header(decode_header(value)))
    except (HeaderParseError, LookupError, ValueError):
        return value.encode("ascii", "replace").decode("ascii")


def _digest(message: Message, data: bytes) -> str:
    own = str(message.get("message-id", "")).strip()[:_LONGEST_HEADER]
    return digest_of(own.encode("utf-8", "replace") if own else data)


def digest_of(data: bytes) -> str:
    """SHA-256 (hex): the name of a mail that has none."""
    return hashlib.sha256(data).hexdigest()
