"""Settings, texts: all may be read, an admin writes, and what is refused keeps what was typed."""

from antiphon import messages
from antiphon.db.models import MessageTemplate
from tests.edges.web import house as houses
from tests.edges.web.conftest import NOW
from tests.edges.web.test_settings_pages import text

WHERE = "/settings/texts/business/first_word"
SHIPPED = messages.shipped("business")["first_word"]


def test_every_text_is_listed_and_can_be_read(house, browser):
    page = text(browser("Cora").get("/settings/texts"))
    assert WHERE in page
    assert "holding" not in page.split("</p>", 1)[1]
    one = text(browser("Cora").get(WHERE))
    assert "symptoms | needed" in one
    assert "Payments in the checkout may fail" in one
    assert ">Save<" not in one
    assert browser("Cora").get("/settings/texts/business/holding").status_code == 404


def test_a_text_is_saved_previewed_and_given_back(house, browser):
    ann = browser("Ann")
    own = SHIPPED.replace("What you may notice", "What you may see")
    assert "What you may see" in text(ann.post(WHERE, {"text": own}))
    assert not MessageTemplate.objects.exists()
    assert ann.post(f"{WHERE}/change", {"text": own, "why": "plainer"}).status_code == 302
    page = text(ann.get(WHERE))
    assert "plainer" in page
    assert "What you may see" in page
    assert "Your own, version 1" in text(ann.get("/settings/texts"))
    assert ann.post(f"{WHERE}/versions/1/restore").status_code == 302
    assert ann.post(f"{WHERE}/shipped").status_code == 302
    assert ann.post(f"{WHERE}/shipped").status_code == 422
    assert "What you may see" not in text(ann.get(WHERE)).split("Versions")[0]


def test_what_is_refused_keeps_what_was_typed(house, browser):
    ann = browser("Ann")
    answer = ann.post(f"{WHERE}/change", {"text": SHIPPED + "\n{{ hypothesis }}", "why": "more"})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "not for business readers" in page
    assert f"Line {SHIPPED.strip().count(chr(10)) + 3}" in page or "Line " in page
    assert "{{ hypothesis }}" in page
    assert 'value="more"' in page
    assert ann.post(f"{WHERE}/change", {"text": "x" * 10_000_000, "why": "big"}).status_code in (400, 413, 422)
    assert ann.post(WHERE, {"text": SHIPPED, "number": "99999"}).status_code == 422
    assert (
        ann.post("/settings/texts/add", {"audience": "business", "moment": "progress", "area": "x y"}).status_code
        == 422
    )
    gone_on = ann.post("/settings/texts/add", {"audience": "business", "moment": "progress", "type": "security"})
    sms = {"audience": "public", "moment": "progress", "channel": "sms", "language": "de"}
    assert ann.post("/settings/texts/add", sms)["Location"] == "/settings/texts/public/progress@sms?language=de"
    assert gone_on["Location"] == "/settings/texts/business/progress.security?language=en"
    assert not MessageTemplate.objects.exists()


def test_a_preview_with_live_facts_shows_only_what_the_audience_may_know(house, browser):
    incident = houses.declare(house, now=NOW)
    page = text(browser("Ann").post(WHERE, {"text": SHIPPED, "number": str(incident.number)}))
    assert f"#{incident.number}" in page
    assert "Order store down" not in page
