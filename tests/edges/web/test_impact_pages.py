"""The card and the map of what is hit, as people read and use them."""

import re
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client

from antiphon.db import revisions
from antiphon.db.models import Affected, Entity, Link
from tests.edges.web import house as houses
from tests.edges.web.conftest import NOW
from tests.edges.web.house import House, text

pytestmark = pytest.mark.patient

HX = {"HX-Request": "true"}
Browser = Callable[[str], Client]
HOSTILE = "<b onload=x>\"'&]]> payments"


def maps(page: str) -> list[ElementTree.Element]:
    """Every map of the page, read as XML."""
    return [ElementTree.fromstring(svg) for svg in re.findall(r'<svg class="impact-map.*?</svg>', page, re.DOTALL)]


def test_the_card_tells_money_customers_and_contracts(house: House, browser: Browser):
    houses.declare(house, now=NOW)
    page = text(browser("Ben"), "/incidents/1")
    for told in ("EUR 420", "EUR 1,680", "1 h 56 min left", "They are told as 3 business (3 untagged)", "1 strategic"):
        assert told in page
    (drawn,) = maps(page)
    links = list(drawn.iter("a"))
    assert "/catalog/mysql-cluster-03" in [each.get("href") for each in links]
    assert all(each.find("title") is not None for each in links)
    assert drawn.find("title") is not None
    assert drawn.find("desc") is not None


def test_the_whole_map_has_its_table(house: House, browser: Browser):
    Entity.objects.filter(name="checkout").update(title=HOSTILE)
    houses.declare(house, now=NOW)
    page = text(browser("Ben"), "/incidents/1/impact")
    assert len(maps(page)) == 2, "one for a page, one for a phone"
    assert "mysql-cluster-03 → payment-api" in page
    assert "Checkout for customer 0" in page
    assert "<b onload" not in page


def test_hundreds_of_customers_are_one_box_and_strategic_ones_are_named(house: House, browser: Browser):
    shop = Entity.objects.get(name="checkout")
    made = [Entity(kind="customer", name=f"c-{n}", title=f"Number {n}", updated_at=NOW) for n in range(300)]
    for customer in Entity.objects.bulk_create(made):
        Link.objects.create(source=customer, target=shop, kind="contracted_for")
    revisions.bump("catalog")
    houses.declare(house, now=NOW)
    wide, narrow = maps(text(browser("Ben"), "/incidents/1/impact"))
    words = [each.text for each in wide.iter("text")]
    assert "Customer 0" in words
    assert "292 customers" in words
    assert "301 customers" in [each.text for each in narrow.iter("text")]


def test_an_entity_tells_what_would_be_if_it_failed(house: House, browser: Browser):
    vic = browser("Vic")
    assert 'href="/catalog/payment-api/impact"' in text(vic, "/catalog/payment-api")
    page = text(vic, "/catalog/payment-api/impact?share=50")
    assert "If Payment API failed" in page
    assert "EUR 210" in page
    assert "payment-api 50 %" in page
    assert vic.get("/catalog/nothing/impact").status_code == 404


@pytest.mark.parametrize("share", ["0", "130", "-5", "nan", "much", "1e9", "inf", "५०%%"])
def test_a_share_that_cannot_be_is_refused_with_a_sentence(house: House, browser: Browser, share: str):
    houses.declare(house, now=NOW)
    ann = browser("Ann")
    page = ann.post("/incidents/1/entities", {"entity": "checkout", "share": share})
    assert page.status_code == 422
    assert "100" in page.content.decode()
    assert Affected.objects.count() == 1
    assert ann.get("/catalog/checkout/impact", {"share": share, "region": "x" * 200}).status_code == 200
    words = {"title": "x", "severity": "2", "incident_type": "disruption", "entities": "checkout", "share": share}
    declared = ann.post("/incidents/declare", words)
    assert declared.status_code == 422
    assert f'value="{share}"' in declared.content.decode()


def test_a_part_is_stated_in_the_room_and_at_the_declaration(house: House, browser: Browser):
    houses.declare(house, now=NOW)
    ann: Any = browser("Ann")
    said = {"entity": "mysql-cluster-03", "share": "12,5 %", "region": "eu-9", "reason": "one rack"}
    warned = ann.post("/incidents/1/entities", said, headers=HX)
    assert "Nothing in the catalog lies in “eu-9”" in warned.content.decode()
    assert Affected.objects.values_list("share", "region").get() == (0.125, "eu-9")
    assert "Stated as partial: mysql-cluster-03 12.5 % in eu-9" in text(ann, "/incidents/1")
    assert ann.post("/incidents/1/entities", {"entity": "mysql-cluster-03"}, headers=HX).status_code == 204
    assert Affected.objects.get().share == 0.125, "naming it again takes nothing back"
    words = {"title": "x", "severity": "3", "incident_type": "disruption", "entities": "checkout", "share": "30"}
    assert ann.post("/incidents/declare", words)["Location"] == "/incidents/2"
    assert Affected.objects.get(entity="checkout").share == 0.3
    assert ann.post("/incidents/1/entities", said | {"region": "x" * 61}).status_code == 422
