"""How the house shows itself: legible in light and dark, and nothing hostile gets into a page, a mail or a header."""

import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.core.branding import (
    DARK,
    ENOUGH,
    FIELDS,
    LIGHT,
    Brand,
    checked,
    contrast,
    legible,
    letter,
    small_print,
    style_sheet,
)
from antiphon.core.decision import Refusal
from antiphon.core.png import HIGHEST, MOST_BYTES, WIDEST, made_anew

COLOURS = st.from_regex(r"#[0-9a-f]{6}", fullmatch=True)


def picture(wide=3, high=2, *, pixels=None, more=(), colour=2, depth=8):
    """A PNG of one colour; `more`: chunks before its pixels."""
    rows = pixels if pixels is not None else (b"\0" + b"\x10\x20\x30" * wide) * high
    header = struct.pack(">IIBBBBB", wide, high, depth, colour, 0, 0, 0)
    chunks = [(b"IHDR", header), *more, (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    packed = (struct.pack(">I", len(b)) + k + b + struct.pack(">I", zlib.crc32(k + b)) for k, b in chunks)
    return b"\x89PNG\r\n\x1a\n" + b"".join(packed)


@given(COLOURS)
def test_every_accent_can_be_read_as_text_in_light_and_dark(accent):
    for dark, grounds in ((False, LIGHT), (True, DARK)):
        assert min(contrast(legible(accent, dark=dark), ground) for ground in grounds) >= ENOUGH
    assert legible("#0b57b0", dark=False) == "#0b57b0"
    assert round(contrast("#000000", "#ffffff")) == 21


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("accent", "red;} body{display:none"),
        ("accent", "#12345"),
        ("accent", "url(//x.example)"),
        ("accent", "#12345g"),
        ("support_url", "javascript:alert(1)"),
        ("support_url", "https://"),
        ("support_url", "http://help.example.com"),
        ("support_url", 'https://x.example/"onload=1'),
        ("support_url", "https://user:pw@x.example"),
        ("support_url", "https://x.example/\n"[:-1] + "\u202e"),
        ("support_url", "https://[::1"),
        ("support_url", "data:text/html,x"),
        ("support_phone", "call <b>me</b>"),
        ("support_phone", "12"),
        ("from_name", "Ann\r\nBcc: x@y.example"),
        ("from_name", 'Eve" <eve@evil.example>'),
        ("footer", "x" * 2_000),
        ("footer", "a\u202eb"),
        ("name", "x" * 81),
        ("name", "a\nb"),
        ("logo_url", "https://x.example/x.png"),
    ],
)
def test_hostile_values_are_refused_with_their_field(field, value):
    refused = checked({field: value})
    assert isinstance(refused, Refusal)
    assert refused.field == (field if field in FIELDS else "branding")


def test_what_may_be_is_kept_and_shown_as_text():
    brand = checked(
        {
            "name": "Halden & <Sons>",
            "accent": "#0B57B0",
            "support_url": "https://help.example.com/a?b=1",
            "support_phone": "+49 (30) 1234-5",
            "footer": "Halden Hosting\r\nHRB 123 <b>Berlin</b>",
            "from_name": "Halden Störung",
        }
    )
    assert isinstance(brand, Brand)
    html = letter("<p>Payments may fail.</p>\n", brand, language="de")
    assert "<p>Payments may fail.</p>" in html
    assert "&lt;Sons&gt;" in html
    assert "&lt;b&gt;" in html
    assert 'href="tel:+493012345"' in html
    assert "<img" not in html
    assert "HRB 123 <b>Berlin</b>" in small_print(brand)
    assert "--link: #0b57b0" in style_sheet(brand)
    assert letter("<p>x</p>", Brand()) == "<p>x</p>"
    assert style_sheet(Brand()) == small_print(Brand()) == ""


def test_a_pages_values_go_before_the_houses_one_by_one():
    house = Brand(name="Halden", accent="#0b57b0", logo="a" * 64)
    assert Brand(accent="#aa0000").over(house) == Brand(name="Halden", accent="#aa0000", logo="a" * 64)


def test_a_picture_keeps_what_draws_it_and_nothing_else():
    told = picture(more=[(b"tEXt", b"Author\0Ann at home"), (b"eXIf", b"51.5N")])
    assert made_anew(told) == picture()
    assert made_anew(picture() + b"<script>") == picture()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"\xff\xd8\xff",
        picture()[:-6],
        picture()[:20] + b"\xff" + picture()[21:],
        picture(wide=WIDEST + 1, pixels=b""),
        picture(high=HIGHEST + 1, pixels=b""),
        picture(pixels=b"\0" * 50_000_000),
        picture(pixels=b"\0"),
        picture(colour=3),
        picture(depth=7),
        picture(wide=0),
        picture()[:33] * 2,
        b"x" * (MOST_BYTES + 1),
    ],
    ids=range(14),
)
def test_a_broken_or_hostile_picture_is_refused(data):
    refused = made_anew(data)
    assert isinstance(refused, Refusal)
    assert refused.field == "logo"


@given(st.binary(max_size=400))
def test_no_bytes_break_it(noise):
    made_anew(b"\x89PNG\r\n\x1a\n" + noise)
    made_anew(picture()[:40] + noise)
