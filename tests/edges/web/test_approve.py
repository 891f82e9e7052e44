"""The link that asks for approval: a look changes nothing, a button approves exactly what was shown, as one person."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from antiphon import clock
from antiphon.actions import asking, facts, updates
from antiphon.core.decision import Refusal
from antiphon.db import addresses, record
from antiphon.db.models import ApprovalAsk, ApprovalWait, Incident, Update, Version
from antiphon.engine import duties
from antiphon.engine.loop import Engine
from tests.edges.web import house as houses
from tests.edges.web.conftest import NOW
from tests.edges.web.test_settings_pages import text
from tests.world import FACTS

pytestmark = pytest.mark.patient


@pytest.fixture
def asked(house: Any) -> str:
    """Cora wrote the first word, and Ben was asked for his yes: the link in his message."""
    incident = houses.declare(house, now=NOW)
    cora = house.actor("Cora")
    for name, words in FACTS.items():
        assert facts.record(incident=incident.uid, name=name, text=words, actor=cora, now=NOW) is None
    uid = updates.draft(
        incident=incident.uid, moment="first_word", audiences=["business", "public"], actor=cora, now=NOW
    )
    assert not isinstance(uid, Refusal)
    assert asking.ask(update=uid, actor=cora, now=NOW) is None
    return addresses.approval_url("", ApprovalAsk.objects.get(person=house.people["Ben"]).uid)


def _digests() -> dict[str, str]:
    return {f"digest-{name}": digest for name, digest in Version.objects.values_list("audience", "digest")}


def _given() -> list[str]:
    return sorted(Version.objects.exclude(approved_digest="").values_list("audience", flat=True))


def test_scanners_that_fetch_the_link_change_nothing(asked: str) -> None:
    scanner, stream = Client(), record.incident_stream(Incident.objects.get().uid)
    before = [entry.event for entry in record.read(stream)]
    for _ in range(3):
        shown = scanner.get(asked)
        assert shown.status_code == 200
        assert (shown["Cache-Control"], shown["Referrer-Policy"]) == ("no-store", "no-referrer")
    scanner.head(asked)
    scanner.options(asked)
    for query in ("?text=now", "?said=yes", "?audience=all"):
        scanner.get(asked + query)
    assert [entry.event for entry in record.read(stream)] == before
    assert _given() == []
    assert ApprovalWait.objects.get().state == "waiting"


def test_it_shows_every_word_and_approves_exactly_those(asked: str, house: Any) -> None:
    page = text(Client().get(asked))
    for version in Version.objects.all():
        assert version.subject in page
    assert "Ben Miller" in page
    assert "Approve all 2" in page
    answer = Client().post(asked, {"audience": "business", **_digests()})
    assert answer.status_code == 302
    assert _given() == ["business"]
    assert Version.objects.get(audience="business").approved_by == house.people["Ben"]
    assert Client().post(asked, {"audience": "all", **_digests()}).status_code == 302
    assert _given() == ["business", "public"]
    assert "Approved, with your name" in text(Client().get(answer["Location"]))
    assert Update.objects.get().state == "approved", "nothing is sent by it"
    again = Client().post(asked, {"audience": "all", **_digests()})
    assert again.status_code == 422
    assert "approved already" in again.content.decode()


def test_an_edited_text_is_not_approved_unread(asked: str, house: Any) -> None:
    digests = _digests()
    version = Version.objects.get(audience="business")
    cora, known = house.actor("Cora"), {"update": version.update.uid, "audience": "business", "now": NOW}
    updates.edit(subject=version.subject, body=f"{version.body}\n\nOne more word.", actor=cora, **known)  # type: ignore[arg-type]
    page = text(Client().get(asked))
    assert "changed since you were asked" in page
    assert "?text=now" in page
    assert "One more word" not in page
    assert "<button" not in page
    refused = Client().post(asked, {"audience": "business", **digests})
    assert refused.status_code == 422
    assert "The text was changed since you read it" in refused.content.decode()
    assert _given() == []
    assert "One more word" in text(Client().get(f"{asked}?text=now"))
    assert Client().post(asked, {"audience": "business", **_digests()}).status_code == 302
    assert _given() == ["business"]


def test_a_link_is_one_person_s_and_is_not_made_up(asked: str, house: Any) -> None:
    for wrong in (asked[:-1], f"{asked}x", "/approve/nobody:x", "/approve/%00", "/approve/" + "a" * 3000, "/approve/é"):
        assert Client().get(wrong).status_code == 404
        assert Client().post(wrong, {"audience": "all"}).status_code == 404
    page = asked.rpartition(":")[0]
    other = addresses.unsubscribe_url("", page.rpartition("/")[2])
    assert Client().get(other.replace("/unsubscribe/", "/approve/")).status_code == 404, "signed for something else"
    assert not ApprovalAsk.objects.filter(person=house.people["Cora"]).exists(), "she may not, so she has none"


def test_who_left_or_may_no_more_reads_why(asked: str, house: Any) -> None:
    ben = house.people["Ben"]
    ben.role = "viewer"
    ben.save()
    Incident.objects.get().roles.filter(person=ben).delete()
    assert "technical track approves it" in text(Client().get(asked))
    assert Client().post(asked, {"audience": "all", **_digests()}).status_code == 422
    ben.is_active = False
    ben.save()
    page = text(Client().get(asked))
    assert "does not work here any more" in page
    assert Version.objects.first().body[:30] not in page  # type: ignore[union-attr]
    assert Client().post(asked, {"audience": "all", **_digests()}).status_code == 422
    assert _given() == []


def test_an_ended_update_and_an_old_link_say_so(asked: str, house: Any) -> None:
    clock.use(clock.Clock(read=lambda: NOW + timedelta(hours=25), rate=lambda: 1.0))
    assert "it holds for 24 hours" in text(Client().get(asked))
    assert Client().post(asked, {"audience": "all", **_digests()}).status_code == 422
    clock.use(clock.Clock(read=lambda: NOW, rate=lambda: 1.0))
    assert updates.discard(update=Update.objects.get().uid, actor=house.actor("Cora"), now=NOW) is None
    assert "put away" in text(Client().get(asked))
    assert Client().post(asked, {"note": "Too late."}).status_code == 422
    assert _given() == []


def test_it_can_be_sent_back_with_a_note(asked: str) -> None:
    assert Client().post(asked, {"note": "   "}).status_code == 422
    long = Client().post(asked, {"note": "x" * 1001})
    assert long.status_code == 422
    assert "x" * 1001 in long.content.decode(), "what was typed is kept"
    assert Client().post(asked, {"note": "<b>Name the region.</b>"}).status_code == 302
    wait = ApprovalWait.objects.get()
    assert (wait.state, wait.note) == ("returned", "<b>Name the region.</b>")
    page = text(Client().get(asked))
    assert "Ben Miller sent it back: &lt;b&gt;Name the region.&lt;/b&gt;" in page


def test_the_tell_page_asks_and_says_who_was_asked(asked: str, browser: Any) -> None:
    number, update = Incident.objects.get().number, Update.objects.get()
    page = text(browser("Cora").get(f"/incidents/{number}/tell"))
    assert "Asked for approval: Ben Miller." in page
    assert "Ask again" in page
    there = f"/incidents/{number}/updates/{update.uid}/asking"
    assert browser("Cora").post(there).status_code == 302
    assert browser("Vic").post(there).status_code == 403
    assert browser("Cora").post(f"/incidents/{number}/updates/nosuchupdate/asking").status_code == 404
    Engine(duties.registry()).settle(now=NOW)
    assert ApprovalAsk.objects.filter(person__name="Ben Miller").count() == 1
