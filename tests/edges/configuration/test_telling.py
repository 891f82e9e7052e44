"""Texts, status pages and branding from a file: applied once, and refused with their lines."""

import pytest

from antiphon import messages
from antiphon.db import own_texts
from antiphon.db.models import MessageTemplate
from antiphon.db.public import PublicBrand, PublicIncident, PublicPage, brand_of
from tests.edges.configuration.test_apply import apply, changed

pytestmark = pytest.mark.django_db(transaction=True)
FILE = """
catalog:
- {kind: service, name: checkout, title: Checkout}
customers:
- {name: Halden}
messages:
- audience: business
  name: first_word@sms
  language: de
  text: |
    {{ effect }}. Nächste Meldung bis {{ next_update }}. {{ status_page }}
  why: kürzer
branding: {name: Halden, accent: "#0B57B0", support_phone: +49 30 1234}
status_pages:
- name: For Halden
  slug: halden
  audience: technical
  private: yes
  reader: Halden
  components: [checkout]
  language: de
  branding: {accent: "#aa0000"}
"""


def test_a_file_says_what_readers_see_and_twice_is_once():
    told = changed(FILE)
    assert "+ text business, first_word@sms (de): version 1" in told
    assert any(line.startswith("+ status page halden") for line in told)
    assert own_texts.own("business", language="de")["first_word@sms"].startswith("{{ effect }}. Nächste")
    page = PublicPage.objects.get(slug="halden")
    assert (page.language, page.private, page.reader, page.audience) == ("de", True, "Halden", "technical")
    brand, _ = brand_of(page)
    assert (brand.accent, brand.name) == ("#aa0000", "Halden")
    assert list(page.components.values_list("name", flat=True)) == ["Checkout"]
    assert changed(FILE) == []
    assert changed(FILE.replace("bis {{ next", "um {{ next"))[0] == "~ text business, first_word@sms (de): version 2"
    assert changed("branding: {footer: Imprint}") == ["~ branding of the house: sets footer"]
    assert PublicBrand.objects.get(house=True).values["accent"] == "#0b57b0"


WRONG = "- audience: business\n  name: first_word\n  text: |\n    Subject: x\n\n    {{ hypothesis }}"


@pytest.mark.parametrize(
    ("text", "path", "line", "says"),
    [
        ("messages:\n- audience: business\n  name: first_word@fax\n  text: x", "messages[0].name", 3, "channel"),
        ("messages:\n- {audience: nobody, name: progress, text: x}", "messages[0].audience", 2, "nobody"),
        (f"messages:\n{WRONG}", None, 7, "not for business"),
        ("branding: {accent: red}", "branding.accent", 1, "#rrggbb"),
        ("branding:\n  support_url: javascript:alert(1)", "branding.support_url", 2, "https"),
        ("status_pages:\n- {name: P, slug: 'a/../b'}", "status_pages[0].slug", 2, "small letters"),
        ("status_pages:\n- {name: P, slug: p, reader: Nobody}", None, 2, "catalog"),
        ("status_pages:\n- {name: P, slug: p, branding: {accent: '#zzzzzz'}}", None, 2, "#rrggbb"),
        ("status_pages:\n- {name: P, slug: status}", None, 2, "own page"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_line(text, path, line, says):
    applied = apply(text)
    assert not applied.changes
    problems = [problem for problem in applied.problems if says in problem.sentence]
    assert problems, applied.problems
    assert line in {problem.line for problem in problems}
    assert path is None or path.split("[", maxsplit=1)[0] in problems[0].path
    assert not MessageTemplate.objects.exists()
    assert not PublicBrand.objects.exists()


def test_a_page_that_cannot_be_takes_the_whole_file_back():
    apply(FILE)
    page = PublicPage.objects.get(slug="halden")
    at = {"started_at": page.updated_at, "created_at": page.updated_at, "updated_at": page.updated_at}
    known = {"title": "x", "impact": "minor", "status": "resolved", "incident_number": 1}
    PublicIncident.objects.create(page=page, uid="incident0001", **known, **at)
    other = FILE.replace("audience: technical", "audience: business").replace("kürzer", "x").replace("bis {{", "um {{")
    applied = apply(other)
    assert [problem.path for problem in applied.problems] == ["status_pages.halden.audience"]
    assert MessageTemplate.objects.count() == 1


def test_every_shipped_text_can_stand_in_a_file():
    text = messages.shipped("public", language="de")["progress@social"]
    indented = text.replace("\n", "\n    ")
    assert not apply(
        f"messages:\n- audience: public\n  name: progress@social\n  language: de\n  text: |\n    {indented}"
    ).problems
