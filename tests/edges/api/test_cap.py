"""An incident as CAP 1.2: a block for each audience and language, a drill as an exercise, nothing before it is told."""

from datetime import timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client

from antiphon.db.models import Incident, Update, Version
from antiphon.pages.cap import NAMESPACE
from tests.edges.api.house import NOW, declared

CAP = {"cap": NAMESPACE}
GERMAN = {"de": {"subject": "Zahlungen scheitern", "body": "Sie **scheitern**.", "channels": {}, "findings": []}}


def _told(*audiences: str, minutes: int = 0, **words: Any) -> None:
    at = NOW + timedelta(minutes=minutes)
    told = {"incident": Incident.objects.get(), "moment": "first_word", "state": "published", "created_at": at}
    update = Update.objects.create(**told, published_at=at, next_update_at=at + timedelta(hours=1))
    for audience in audiences:
        text = {"subject": f"For {audience}", "body": "They **fail**.", "digest": "d", "edited_at": at, **words}
        Version.objects.create(update=update, audience=audience, **text)


def _asked(query: str = "") -> Any:
    return Client(headers={"authorization": "Bearer viewer"}).get(f"/api/v1/incidents/1/cap{query}")


def _read(answer: Any) -> tuple[ElementTree.Element, list[tuple[str, str, str]]]:
    assert answer.status_code == 200, answer.content
    assert answer["Content-Type"].startswith("application/cap+xml")
    root = ElementTree.fromstring(answer.content)
    parts = ("audience", "language", "headline")
    blocks = root.iterfind("cap:info", CAP)
    return root, [tuple(block.findtext(f"cap:{part}", "", CAP) for part in parts) for block in blocks]  # type: ignore[misc]


def test_each_audience_has_a_block_in_each_of_its_languages():
    declared()
    assert _asked().status_code == 404
    _told("public", "business", translations=GERMAN)
    _told("technical", minutes=5)
    _told("executives", minutes=6)
    _told("business", minutes=7, part="x" * 12, part_name="bo-corp", subject="For one")
    root, blocks = _read(_asked())
    assert blocks == [
        ("public", "en", "For public"),
        ("public", "de", "Zahlungen scheitern"),
        ("business", "en", "For business"),
        ("business", "de", "Zahlungen scheitern"),
        ("technical", "en", "For technical"),
    ]
    assert root.findtext("cap:scope", "", CAP) == "Restricted"
    assert root.findtext("cap:msgType", "", CAP) == "Update"
    assert "fail" in root.findtext("cap:info/cap:description", "", CAP)
    root, blocks = _read(_asked("?audience=public"))
    assert {audience for audience, _, _ in blocks} == {"public"}
    assert (root.findtext("cap:scope", "", CAP), root.findtext("cap:msgType", "", CAP)) == ("Public", "Alert")


@pytest.mark.parametrize(("nature", "status"), [("real", "Actual"), ("drill", "Exercise"), ("test", "Test")])
def test_a_drill_is_never_taken_for_the_real_thing(nature: str, status: str):
    declared(nature=nature)
    _told("public")
    root, _ = _read(_asked())
    assert root.findtext("cap:status", "", CAP) == status


def test_an_audience_inside_is_none_of_it():
    declared()
    assert _asked("?audience=executives").status_code == 422
