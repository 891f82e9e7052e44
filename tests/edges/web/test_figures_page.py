"""The figures page and the question that feeds it."""

from typing import Any

from antiphon.db.models import Incident, Review
from tests.edges.web.conftest import NOW


def test_the_review_asks_and_the_page_counts(browser: Any, house: Any) -> None:
    from tests.edges.web.house import declare

    declare(house, now=NOW)
    incident = Incident.objects.get()
    ann = browser("Ann")
    assert "No review has said yet" in ann.get("/figures?days=soon").content.decode()
    Review.objects.create(incident=incident, opened_at=NOW, due_at=NOW)
    sent = {"business_needed": "no", "business_reason": ""}
    refused = ann.post(f"/incidents/{incident.number}/review/text", sent)
    assert refused.status_code == 422
    assert "Say in a sentence" in refused.content.decode()
    sent["business_reason"] = "A test account"
    assert ann.post(f"/incidents/{incident.number}/review/text", sent).status_code == 302
    assert "A test account" in ann.get(f"/incidents/{incident.number}/review").content.decode()
    page = ann.get("/figures").content.decode()
    assert "opened, not needed" in page
    assert "People disagreed with the program on 0 of 0 answers." in page
