"""How the house shows itself to readers: its name, colour, logo and small print, on status pages and in mails.

A page's own values go before the house's, one by one. Every value is text or a colour that was looked at when it was
saved; what stands in a style sheet or in a mail is made of them here.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from html import escape
from typing import Final
from urllib.parse import urlsplit

from antiphon.core.decision import Refusal

LIGHT: Final = ("#ffffff", "#f6f7f9")
DARK: Final = ("#171c23", "#0f1318")
"""The grounds that text stands on, on status pages and in mails."""
ENOUGH: Final = 4.5
"""The contrast of text that WCAG 2.2 asks for at level AA."""
FIELDS: Final = ("name", "accent", "support_url", "support_phone", "footer", "from_name")
_LONGEST: Final = {"name": 80, "accent": 7, "support_url": 300, "support_phone": 40, "footer": 1_000, "from_name": 80}
_COLOUR: Final = re.compile(r"#[0-9a-f]{6}")
_PHONE: Final = re.compile(r"\+?[0-9][0-9 ()/.-]{2,38}[0-9]")
_HOST: Final = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,250}[a-z0-9])?", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Brand:
    """What readers see of the house. An empty value: nothing of it is shown; `accent` is #rrggbb; `logo` the digest of
    a PNG picture, which names its file."""

    name: str = ""
    accent: str = ""
    support_url: str = ""
    support_phone: str = ""
    footer: str = ""
    from_name: str = ""
    logo: str = ""

    def over(self, house: "Brand") -> "Brand":
        """The brand with the house's values where it has none."""
        return replace(house, **{field: mine for field in (*FIELDS, "logo") if (mine := getattr(self, field))})

    @property
    def lines(self) -> tuple[str, ...]:
        """The footer as lines."""
        return tuple(line.strip() for line in self.footer.splitlines() if line.strip())

    @property
    def phone_link(self) -> str:
        """The telephone number as an address."""
        return "tel:" + re.sub(r"[^+0-9]", "", self.support_phone) if self.support_phone else ""


NO_BRAND: Final = Brand()


def checked(values: Mapping[str, str]) -> Brand | Refusal:
    """The brand of these values as they were typed, or the first that cannot be, with how to mend it."""
    unknown = next((name for name in values if name not in FIELDS), None)
    if unknown is not None:
        return Refusal(f"“{unknown[:40]}” is no part of a brand; there are: {', '.join(FIELDS)}.", "branding")
    said = {name: value.replace("\r\n", "\n").strip() for name, value in values.items()}
    said["accent"] = said.get("accent", "").lower()
    for name, value in said.items():
        refusal = _wrong(name, value) if value else None
        if refusal:
            return Refusal(refusal, name)
    return Brand(**said)


def _wrong(name: str, value: str) -> str:
    """What is wrong with one value; empty when nothing is."""
    if len(value) > _LONGEST[name]:
        return f"This has {len(value):,} characters, more than {_LONGEST[name]:,}: shorten it."
    lines = value.split("\n") if name == "footer" else [value]
    if not all(line.isprintable() for line in lines):
        return "This holds a character that cannot be seen: type it again."
    if name == "accent" and not _COLOUR.fullmatch(value):
        return "The colour must be written as #rrggbb, such as #0b57b0."
    if name == "support_phone" and not _PHONE.fullmatch(value):
        return "The telephone number may hold digits, spaces, + ( ) / . and - only."
    if name == "support_url" and not _web(value):
        return "The support address must begin with https:// and name a host, such as https://help.example.com."
    if name == "from_name" and re.search(r'[<>"\\@]', value):
        return "The sender's name may hold none of < > \" \\ @: it stands beside the address."
    return ""


def _web(value: str) -> bool:
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    plain = re.fullmatch(r"[\x21-\x7e]+", value) and not re.search(r"[\"'<>\\`{}()]", value)
    return bool(
        plain
        and parts.scheme == "https"
        and parts.hostname
        and _HOST.fullmatch(parts.hostname)
        and "@" not in parts.netloc
    )


# --- colours -----------------------------------------------------------------------------------------------------


def contrast(one: str, other: str) -> float:
    """The contrast of two colours (#rrggbb) by WCAG 2.2, from 1 to 21."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def legible(accent: str, *, dark: bool) -> str:
    """The colour, made darker on a light ground or lighter on a dark one just as far as text needs it."""
    grounds, towards = (DARK, 255) if dark else (LIGHT, 0)
    shade = accent
    for step in range(1, 41):
        if all(contrast(shade, ground) >= ENOUGH for ground in grounds):
            break
        parts = (round(part + (towards - part) * step / 40) for part in _parts(accent))
        shade = "#" + "".join(f"{part:02x}" for part in parts)
    return shade


def style_sheet(brand: Brand) -> str:
    """What the page's own style sheet does not know: the colour of links and of the line below the header."""
    if not brand.accent:
        return ""
    light, dark = legible(brand.accent, dark=False), legible(brand.accent, dark=True)
    return (
        f":root {{ --link: {light}; --brand: {brand.accent}; }}\n"
        f"@media (prefers-color-scheme: dark) {{ :root {{ --link: {dark}; }} }}\n"
        "header.site { border-bottom: 3px solid var(--brand); }\n"
    )


def _parts(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    linear = [part / 255 / 12.92 if part <= 10 else ((part / 255 + 0.055) / 1.055) ** 2.4 for part in _parts(colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


# --- mails -------------------------------------------------------------------------------------------------------


def letter(html: str, brand: Brand, *, language: str = "") -> str:
    """The HTML of a mail on the house's paper: its name above, its small print below. The words between stay as they
    were approved. Nothing is fetched from anywhere: the name stands in the place of a picture."""
    if brand == NO_BRAND:
        return html
    lang = f' lang="{escape(language)}"' if language else ""
    colour = legible(brand.accent, dark=False) if brand.accent else "#1b1f24"
    line = f"border-bottom:3px solid {brand.accent or '#d8dee4'};"
    head = (
        f'<p style="margin:0 0 16px;padding:0 0 8px;{line}color:{colour};font-weight:bold">{escape(brand.name)}</p>\n'
    )
    links = [f'<a href="{escape(brand.support_url)}" style="color:{colour}">{escape(brand.support_url)}</a>'] * bool(
        brand.support_url
    )
    links += [f'<a href="{brand.phone_link}" style="color:{colour}">{escape(brand.support_phone)}</a>'] * bool(
        brand.support_phone
    )
    small = [*([" · ".join(links)] if links else []), *(escape(line) for line in brand.lines)]
    foot = f'<p style="margin:24px 0 0;font-size:13px;color:#57606a">{"<br>".join(small)}</p>\n' if small else ""
    return f"<div{lang}>\n{head if brand.name else ''}{html}{foot}</div>\n"


def small_print(brand: Brand) -> str:
    """The same below a plain text; empty when there is nothing."""
    links = [each for each in (brand.support_url, brand.support_phone) if each]
    said = [*([" · ".join(links)] if links else []), *brand.lines]
    return "\n".join(["-- ", *([brand.name] if brand.name else []), *said]) + "\n" if said else ""
