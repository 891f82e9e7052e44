"""The words of a mail: decoded, from its plain part or its HTML, and parted from what they quote. Pure."""

import codecs
import html
import re
from email.message import Message
from typing import Final

LONGEST: Final = 10_000
"""Characters of a reply that are kept."""
_LONGEST_PART: Final = 200_000
_CHARSETS: Final = re.compile(
    r"utf-8|ascii|iso8859-\d{1,2}|cp125\d|cp437|cp85\d|cp932|cp949|koi8-[ru]|mac-roman|big5|gb2312|gbk|gb18030"
    r"|euc_(?:jp|kr)|shift_jis|iso2022_(?:jp|kr)"
)
"""Those that mail is written in. Python knows more, some of which take for ever on long texts or are no charsets."""
_TAG: Final = re.compile(r"<(/?)([a-z!][a-z0-9]*)[^<>]*>", re.IGNORECASE)
_BREAKS: Final = frozenset({"br", "/p", "/div", "/li", "/tr", "/h1", "/h2", "/h3", "/blockquote"})
_UNSEEN: Final = frozenset({"script", "style", "head", "title", "xml"})
_SPACES: Final = re.compile(r"[ \t]{2,}")
_BLANK: Final = re.compile(r"\n[ \t]*(?:\n[ \t]*)+\n")
_INVISIBLE: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
"""Control characters, and marks that make text look other than it is."""

_QUOTE_BEGINS: Final = re.compile(
    r"^(?:[>|][^\n]*"
    r"|-{2,} ?(?:original message|forwarded message|ursprüngliche nachricht|message d.origine)[^\n]{0,40}"
    r"|_{10,}"
    r"|(?:on|am|le|el|op) [^\n]{4,200}(?:\n[^\n]{0,120})?(?:wrote|schrieb[^\n]{0,80}|écrit|escribió|schreef) ?:"
    r"|(?:\*?(?:from|von|de|van)\*?: )[^\n]{3,200}\n\*?(?:sent|gesendet|date|datum|envoyé|to|an|verzonden)\*?: )",
    re.IGNORECASE | re.MULTILINE,
)


def decoded(part: Message) -> str:
    """The text of a part, whatever it says of its charset."""
    payload = part.get_payload(decode=True)
    data = payload[:_LONGEST_PART] if isinstance(payload, bytes) else b""
    return data.decode(_charset(str(part.get_param("charset") or "utf-8")), "replace")


def plain(part: Message) -> str:
    """The words of a text part, without markup and what cannot be seen, at most `LONGEST` characters."""
    text = decoded(part)
    if part.get_content_subtype() == "html":
        text = _without_tags(text)
    return tidy(text)[:LONGEST]


def _without_tags(markup: str) -> str:
    """In one pass: building a tree of it takes long when somebody nests it deeply. What comes out is shown as text."""
    said, unseen, end = [], "", 0
    for tag in _TAG.finditer(markup):
        closes, name = tag[1], tag[2].lower()
        if not unseen:
            said.append(markup[end : tag.start()].replace("\n", " "))
            said.append("\n" if closes + name in _BREAKS else "")
        end = tag.end()
        if unseen and closes and name == unseen:
            unseen = ""
        elif not unseen and not closes and name in _UNSEEN:
            unseen = name
    said.append("" if unseen else markup[end:])
    return html.unescape(_SPACES.sub(" ", "".join(said)).replace("\n ", "\n"))


def tidy(text: str) -> str:
    """Without control characters, marks that turn the direction of writing, and long gaps."""
    return _BLANK.sub("\n\n", _INVISIBLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))).strip()


def split_quoted(text: str) -> tuple[str, str]:
    """What the writer wrote, and what they quote below it. A text that only quotes is taken as written."""
    found = _QUOTE_BEGINS.search(text)
    if found is None or not text[: found.start()].strip():
        return text.strip(), ""
    return text[: found.start()].strip(), text[found.start() :].strip()


def _charset(name: str) -> str:
    try:
        known = codecs.lookup(name[:40].strip().lower()).name if name.isascii() else ""
    except (LookupError, ValueError):
        return "latin-1"
    return known if _CHARSETS.fullmatch(known) else "latin-1"
