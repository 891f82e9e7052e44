"""Every template can be read, says what it is fed with, and works under the strict content policy."""

import re
from pathlib import Path

import pytest
from django.template.loader import get_template, render_to_string

import antiphon.web

TEMPLATES = Path(antiphon.web.__file__).parent / "templates"
NAMES = sorted(str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*.html"))
INLINE = re.compile(r"\sstyle=|\son[a-z]+=|hx-on|<style|<script(?![^>]*\ssrc=)|javascript:|https?://", re.IGNORECASE)
SELF_SPEAKING = {"400.html", "403.html", "404.html", "500.html"}


@pytest.mark.parametrize("name", NAMES)
def test_a_template_compiles_and_says_what_it_is_fed_with(name: str):
    get_template(name)
    source = (TEMPLATES / name).read_text(encoding="utf-8")
    assert name in SELF_SPEAKING or "context" in source, f"{name}: say in a comment at its top what context it needs"


@pytest.mark.parametrize("name", NAMES)
def test_a_template_keeps_to_the_content_policy(name: str):
    source = (TEMPLATES / name).read_text(encoding="utf-8")
    found = INLINE.findall(source)
    assert not found, f"{name}: {found} is blocked by the policy; use a class or antiphon.js"


@pytest.mark.parametrize("name", sorted(SELF_SPEAKING))
def test_an_error_page_needs_no_request(name: str):
    page = render_to_string(name)
    assert "<h1>" in page
    assert name.removesuffix(".html") in page
